//! What goes over a hub's socket.
//!
//! A frame is a length (32 bits, most significant byte first), a byte that says what it is, and the
//! payload: items in postcard, one after the other until the frame ends. Neither side sends a frame
//! above [`MAX_FRAME`].
//!
//! ```text
//! server                                hub
//!   HELLO magic version role ─────────▶
//!          ◀───────── WELCOME incarnation position length, SNAPSHOT piece, SNAPSHOT piece, …
//!   REQUESTS, ACKNOWLEDGE, AWAIT, GATHER, TURNED ─────▶
//!          ◀──────────────── ENTRIES, REJECTIONS, REACHED, ASK, TURN, GATHERED, and at an
//!                            orderly end GOODBYE
//! ```

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use chat_network::{Entry, Position, Rejection, Request, SessionId};
use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::{Closed, Role, queue::Cost};

/// Bytes read at once at most.
const READ: usize = 16 * 1024;
/// The largest frame, in bytes without the length.
pub(crate) const MAX_FRAME: usize = 1024 * 1024;
/// A frame that has reached this is closed and another one is begun, so that with the largest
/// item still to come it stays below [`MAX_FRAME`].
pub(crate) const FRAME_TARGET: usize = 128 * 1024;
/// The largest snapshot, in bytes. A million users with a channel each need about a quarter of it.
pub(crate) const MAX_SNAPSHOT: usize = 1024 * 1024 * 1024;
/// Raised with every change of what a frame means, that of requests and entries included.
pub const VERSION: u16 = 6;

const MAGIC: [u8; 8] = *b"chatjrnl";
/// Bytes of a usual entry.
const USUAL: usize = 64;
/// Bytes of the length of a frame.
const LENGTH: usize = 4;
/// Bytes before the body of a frame: its length and its kind.
const HEAD: usize = LENGTH + 1;

/// What a frame is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    Hello = 1,
    Requests = 2,
    Acknowledge = 3,
    Await = 4,
    Gather = 5,
    Turned = 6,
    Welcome = 16,
    Snapshot = 17,
    Entries = 18,
    Rejections = 19,
    Goodbye = 20,
    Refused = 21,
    Reached = 22,
    Ask = 23,
    Turn = 24,
    Gathered = 25,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        const ALL: [Kind; 16] = [
            Kind::Hello,
            Kind::Requests,
            Kind::Acknowledge,
            Kind::Await,
            Kind::Gather,
            Kind::Turned,
            Kind::Welcome,
            Kind::Snapshot,
            Kind::Entries,
            Kind::Rejections,
            Kind::Goodbye,
            Kind::Refused,
            Kind::Reached,
            Kind::Ask,
            Kind::Turn,
            Kind::Gathered,
        ];
        ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// The hub's answer to a hello.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Welcome {
    pub(crate) incarnation: u16,
    pub(crate) position: Position,
    /// The length of the snapshot that follows, in bytes.
    pub(crate) snapshot: u64,
}

/// A frame ready to be written: its head, and a payload that other links may share.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) head: [u8; HEAD],
    pub(crate) body: Bytes,
}

impl Chunk {
    pub(crate) fn new(kind: Kind, body: Bytes) -> Self {
        Self {
            head: head(kind, body.len()),
            body,
        }
    }

    /// A frame with one item.
    pub(crate) fn item(kind: Kind, item: &impl Serialize) -> Self {
        let mut body = Vec::new();
        write_item(&mut body, item);
        Self::new(kind, body.into())
    }
}

impl Cost for Chunk {
    fn cost(&self) -> usize {
        size_of::<Self>() + self.body.len()
    }
}

fn head(kind: Kind, body: usize) -> [u8; HEAD] {
    let length = u32::try_from(body + 1).expect("frames are below MAX_FRAME");
    let [a, b, c, d] = length.to_be_bytes();
    [a, b, c, d, kind as u8]
}

fn write_item(out: &mut Vec<u8>, item: &impl Serialize) {
    postcard::serialize_with_flavor(item, Behind(out))
        .expect("a vector takes all, and our types know their lengths");
}

/// Puts what is serialised behind what is there already.
struct Behind<'a>(&'a mut Vec<u8>);

impl Flavor for Behind<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// The hello of a link.
pub(crate) fn hello(role: Role) -> Chunk {
    let mut body = MAGIC.to_vec();
    body.extend_from_slice(&VERSION.to_le_bytes());
    write_item(&mut body, &role);
    Chunk::new(Kind::Hello, body.into())
}

/// Reads a hello; the error is what the other side is told.
pub(crate) fn parse_hello(frame: &Frame<'_>) -> Result<Role, String> {
    let body = match frame.kind {
        Kind::Hello => frame.body.strip_prefix(&MAGIC),
        _ => None,
    };
    let (version, role) = body
        .and_then(<[u8]>::split_first_chunk)
        .ok_or("not a hello")?;
    let version = u16::from_le_bytes(*version);
    if version != VERSION {
        return Err(format!(
            "the hub speaks version {VERSION}, the link version {version}"
        ));
    }
    postcard::from_bytes(role).map_err(|_| "not a hello".into())
}

/// The entries of a batch, encoded once for all links.
#[derive(Debug)]
pub(crate) struct Encoded {
    bytes: Bytes,
    /// Where each entry ends.
    ends: Vec<usize>,
}

impl Encoded {
    pub(crate) fn new<'a>(entries: impl Iterator<Item = &'a Arc<Entry>>) -> Self {
        let (least, most) = entries.size_hint();
        let count = most.unwrap_or(least);
        let (mut bytes, mut ends) = (Vec::with_capacity(count * USUAL), Vec::with_capacity(count));
        for entry in entries {
            write_item(&mut bytes, &**entry);
            ends.push(bytes.len());
        }
        Self {
            bytes: bytes.into(),
            ends,
        }
    }

    /// Frames with the entries of the range, which share the bytes.
    pub(crate) fn frames(&self, range: Range<usize>, out: &mut Vec<Chunk>) {
        let mut start = range
            .start
            .checked_sub(1)
            .map_or(0, |before| self.ends[before]);
        let mut end = start;
        for &next in &self.ends[range] {
            end = next;
            if end - start >= FRAME_TARGET {
                out.push(Chunk::new(Kind::Entries, self.bytes.slice(start..end)));
                start = end;
            }
        }
        if end > start {
            out.push(Chunk::new(Kind::Entries, self.bytes.slice(start..end)));
        }
    }
}

/// A frame with rejections, as many as are given (they are small and a batch has few).
pub(crate) fn rejections<'a>(
    all: impl Iterator<Item = &'a (SessionId, Rejection)>,
    out: &mut Vec<Chunk>,
) {
    let mut body = Vec::new();
    for rejection in all {
        write_item(&mut body, rejection);
        if body.len() >= FRAME_TARGET {
            out.push(Chunk::new(
                Kind::Rejections,
                std::mem::take(&mut body).into(),
            ));
        }
    }
    if !body.is_empty() {
        out.push(Chunk::new(Kind::Rejections, body.into()));
    }
}

/// Appends frames with requests to `out`.
pub(crate) fn requests<'a>(all: impl Iterator<Item = &'a Request>, out: &mut Vec<u8>) {
    let mut all = all.peekable();
    while all.peek().is_some() {
        let start = out.len();
        out.extend_from_slice(&[0; HEAD]);
        while out.len() - start < FRAME_TARGET
            && let Some(request) = all.next()
        {
            write_item(out, request);
        }
        let head = head(Kind::Requests, out.len() - start - HEAD);
        out[start..start + HEAD].copy_from_slice(&head);
    }
}

/// Appends a frame to `out`.
pub(crate) fn append(chunk: &Chunk, out: &mut Vec<u8>) {
    out.extend_from_slice(&chunk.head);
    out.extend_from_slice(&chunk.body);
}

/// A frame that came in. It lies in the buffer of its reader.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) kind: Kind,
    pub(crate) body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The items of the frame, up to the first that is none.
    pub(crate) fn items<T: DeserializeOwned>(&self) -> Items<'a, T> {
        Items {
            rest: self.body,
            item: std::marker::PhantomData,
        }
    }

    /// The one item of the frame.
    pub(crate) fn item<T: DeserializeOwned>(&self) -> Result<T, Closed> {
        postcard::from_bytes(self.body).map_err(|_| Closed::Protocol("not what the frame says"))
    }
}

/// Reads items one by one.
#[derive(Debug)]
pub(crate) struct Items<'a, T> {
    rest: &'a [u8],
    item: std::marker::PhantomData<T>,
}

impl<T: DeserializeOwned> Iterator for Items<'_, T> {
    type Item = Result<T, Closed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        Some(match postcard::take_from_bytes(self.rest) {
            Ok((item, rest)) => {
                self.rest = rest;
                Ok(item)
            }
            Err(_) => {
                self.rest = &[];
                Err(Closed::Protocol("not what the frame says"))
            }
        })
    }
}

/// Reads frames. Dropping a call to [`next`](Self::next) loses nothing.
#[derive(Debug)]
pub(crate) struct FrameReader<R> {
    io: R,
    buffer: Vec<u8>,
    /// What of the buffer is filled and not handed out yet.
    filled: Range<usize>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub(crate) fn new(io: R) -> Self {
        Self {
            io,
            buffer: vec![0; READ],
            filled: 0..0,
        }
    }

    /// The next frame, waiting for it.
    pub(crate) async fn next(&mut self) -> Result<Frame<'_>, Closed> {
        let found = loop {
            if let Some(found) = self.find()? {
                break found;
            }
            self.make_room();
            let room = &mut self.buffer[self.filled.end..];
            match self.io.read(room).await {
                Ok(0) | Err(_) => return Err(Closed::Broken),
                Ok(count) => self.filled.end += count,
            }
        };
        Ok(self.frame(found))
    }

    /// The next frame, if it is here already.
    pub(crate) fn buffered(&mut self) -> Result<Option<Frame<'_>>, Closed> {
        Ok(self.find()?.map(|found| self.frame(found)))
    }

    /// The kind of the next frame and where its body lies, if all of it is here; it counts as handed
    /// out then.
    fn find(&mut self) -> Result<Option<(Kind, Range<usize>)>, Closed> {
        let Some(length) = self.length()? else {
            return Ok(None);
        };
        let body = self.filled.start + LENGTH + 1;
        let end = self.filled.start + LENGTH + length;
        if end > self.filled.end {
            return Ok(None);
        }
        let kind = Kind::from_byte(self.buffer[body - 1]);
        let kind = kind.ok_or(Closed::Protocol("an unknown frame"))?;
        self.filled.start = end;
        Ok(Some((kind, body..end)))
    }

    /// The length of the next frame, as far as that is known.
    fn length(&self) -> Result<Option<usize>, Closed> {
        let Some(length) = self.buffer[self.filled.clone()].first_chunk::<LENGTH>() else {
            return Ok(None);
        };
        match usize::try_from(u32::from_be_bytes(*length)) {
            Ok(0) => Err(Closed::Protocol("an unknown frame")),
            Ok(length) if length <= MAX_FRAME => Ok(Some(length)),
            _ => Err(Closed::Protocol("a frame too long")),
        }
    }

    fn frame(&self, (kind, body): (Kind, Range<usize>)) -> Frame<'_> {
        let body = &self.buffer[body];
        Frame { kind, body }
    }

    /// Room behind what is there, for the frame that has begun and for more. It grows with what
    /// comes, not with what is promised, and what a large frame needed is given back after it.
    fn make_room(&mut self) {
        self.buffer.copy_within(self.filled.clone(), 0);
        self.filled = 0..self.filled.len();
        if self.filled.is_empty() && self.buffer.len() > READ {
            self.buffer.truncate(READ);
            self.buffer.shrink_to_fit();
        }
        if self.filled.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    /// Frames of all sizes, from one byte to the largest, that come in pieces of any size.
    #[tokio::test]
    async fn frames_come_out_as_they_were_put_in_whatever_the_pieces() {
        let sizes = [
            0,
            1,
            5,
            READ - HEAD,
            READ,
            READ * 3 + 7,
            MAX_FRAME - 1,
            2,
            0,
        ];
        for piece in [1, 3, 1000, READ, 100_000, usize::MAX] {
            let mut all = Vec::new();
            let bodies: Vec<Vec<u8>> = sizes
                .iter()
                .filter(|size| piece > 3 || **size < MAX_FRAME / 4)
                .map(|size| (0..*size).map(|at: usize| at.to_le_bytes()[0]).collect())
                .collect();
            for body in &bodies {
                append(&Chunk::new(Kind::Snapshot, body.clone().into()), &mut all);
            }
            let (mut write, read) = tokio::io::duplex(piece.min(1 << 20));
            let writing = tokio::spawn(async move {
                for piece in all.chunks(piece) {
                    write.write_all(piece).await.unwrap();
                }
            });
            let mut reader = FrameReader::new(read);
            for body in &bodies {
                let frame = reader.next().await.unwrap();
                assert!(frame.kind == Kind::Snapshot && frame.body == body);
            }
            assert!(reader.next().await.is_err(), "the end");
            assert_eq!(reader.buffer.len(), READ, "what was needed is given back");
            writing.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_frame_that_is_none_ends_the_link() {
        let beyond = u32::try_from(MAX_FRAME + 1).unwrap().to_be_bytes();
        let cases: [&[u8]; 3] = [&[0, 0, 0, 0], &beyond, &[0, 0, 0, 1, 99]];
        for bytes in cases {
            let mut reader = FrameReader::new(bytes);
            assert!(matches!(reader.next().await, Err(Closed::Protocol(_))));
        }
        let mut reader = FrameReader::new(&[0, 0, 0, 9, Kind::Await as u8][..]);
        assert!(matches!(reader.next().await, Err(Closed::Broken)));
    }
}
