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

use std::{io, ops::Range, sync::Arc};

use bytes::{Buf, Bytes, BytesMut};
use chat_network::{Entry, Position, Rejection, Request, SessionId};
use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::codec::{Decoder, LengthDelimitedCodec};

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
const HEAD: usize = 5;

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
pub(crate) fn parse_hello(frame: &Frame) -> Result<Role, String> {
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
        let mut bytes = Vec::new();
        let ends = entries.map(|entry| {
            write_item(&mut bytes, &**entry);
            bytes.len()
        });
        let ends = ends.collect();
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

/// A frame that came in.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) body: BytesMut,
}

impl Frame {
    /// The items of the frame, up to the first that is none.
    pub(crate) fn items<T: DeserializeOwned>(&self) -> Items<'_, T> {
        Items {
            rest: &self.body,
            item: std::marker::PhantomData,
        }
    }

    /// The one item of the frame.
    pub(crate) fn item<T: DeserializeOwned>(&self) -> Result<T, Closed> {
        postcard::from_bytes(&self.body).map_err(|_| Closed::Protocol("not what the frame says"))
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
    /// What one read may bring.
    scratch: Box<[u8]>,
    buffer: BytesMut,
    codec: LengthDelimitedCodec,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub(crate) fn new(io: R) -> Self {
        let codec = LengthDelimitedCodec::builder()
            .max_frame_length(MAX_FRAME)
            .new_codec();
        Self {
            io,
            scratch: vec![0; READ].into(),
            buffer: BytesMut::new(),
            codec,
        }
    }

    /// The next frame, waiting for it.
    pub(crate) async fn next(&mut self) -> Result<Frame, Closed> {
        loop {
            if let Some(frame) = self.buffered()? {
                return Ok(frame);
            }
            match self.io.read(&mut self.scratch).await {
                Ok(0) | Err(_) => return Err(Closed::Broken),
                Ok(count) => self.buffer.extend_from_slice(&self.scratch[..count]),
            }
        }
    }

    /// The next frame, if it is here already.
    pub(crate) fn buffered(&mut self) -> Result<Option<Frame>, Closed> {
        let too_long = |_: io::Error| Closed::Protocol("a frame too long");
        let Some(mut body) = self.codec.decode(&mut self.buffer).map_err(too_long)? else {
            return Ok(None);
        };
        let kind = body.first().copied().and_then(Kind::from_byte);
        let kind = kind.ok_or(Closed::Protocol("an unknown frame"))?;
        body.advance(1);
        Ok(Some(Frame { kind, body }))
    }
}
