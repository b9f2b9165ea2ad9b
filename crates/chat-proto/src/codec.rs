//! Lines out of a stream of bytes, and into one.

use std::borrow::Cow;
use std::io;

use bytes::{Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use crate::wire::WireLine;
use crate::{limit, tag};

/// Cuts a byte stream into lines, and writes lines into one.
///
/// Decoding has three outcomes that stay apart:
///
/// - `Ok(None)`: more bytes are needed;
/// - `Ok(Some(Err(BadLine)))`: a bad line was taken out; answer it, and go on;
/// - `Err(CodecError)`: the stream is broken; close it.
///
/// A line ends in LF or CR LF and is given without them, as UTF-8 without CR, LF and NUL; empty
/// lines are skipped. No byte is looked at twice for its newline, however the stream is cut. Bytes
/// after the last newline of a stream that has ended are dropped.
#[derive(Clone, Debug)]
pub struct LineCodec {
    /// The longest tag section, with `@` and space.
    tags: u16,
    /// The longest rest of a line, with CR LF.
    body: u16,
    /// So many bytes of the buffer are known to hold no newline.
    scanned: usize,
    broken: bool,
}

/// A line that was refused; the stream goes on with the next.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{why}")]
pub struct BadLine {
    /// Why.
    #[source]
    pub why: LineError,
    /// Its tags, with the `@` and the space; empty where there are none that can be read.
    tags: Bytes,
}

impl BadLine {
    /// The value of a tag, such as the label that the answer is to have; of several tags of that name
    /// the last one's.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<Cow<'_, str>> {
        let section = std::str::from_utf8(&self.tags).ok()?;
        tag::last(section.trim_start_matches('@').trim_end(), name)
    }
}

/// Why a line was refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LineError {
    /// Command and parameters are too long (`ERR_INPUTTOOLONG`).
    #[error("line too long")]
    TooLong,
    /// The tags are too long (`ERR_INPUTTOOLONG`).
    #[error("tags too long")]
    TagsTooLong,
    /// The bytes are not UTF-8.
    #[error("not UTF-8")]
    NotUtf8 {
        /// The command in capitals, `*` where that cannot be read either.
        command: Box<str>,
    },
    /// NUL inside the line.
    #[error("NUL inside the line")]
    Nul,
    /// A CR that no LF follows.
    #[error("CR inside the line")]
    BareCarriageReturn,
}

/// Why a stream cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// No newline within [`limit::UNTERMINATED`] bytes.
    #[error("no newline within {} bytes", limit::UNTERMINATED)]
    NoNewline,
    /// The stream itself failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl LineCodec {
    /// For a server, which reads what clients may send: 512 bytes and 4,096 of tags.
    #[must_use]
    pub const fn server() -> Self {
        Self::with_limits(limit::CLIENT_TAGS, limit::BODY)
    }

    /// For a client, which reads what servers may send: 8,191 bytes of tags, and a body longer than
    /// allowed, because there are such servers.
    #[must_use]
    pub const fn client() -> Self {
        Self::with_limits(limit::SERVER_TAGS, limit::LENIENT_BODY)
    }

    /// Small, because each connection has one.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the limits are below 16 KiB"
    )]
    const fn with_limits(tags: usize, body: usize) -> Self {
        Self {
            tags: tags as u16,
            body: body as u16,
            scanned: 0,
            broken: false,
        }
    }

    /// The position of the next newline, or `None` if more bytes are needed.
    fn newline(&mut self, buffer: &BytesMut) -> Result<Option<usize>, CodecError> {
        // A caller that gave its buffer up begins again at the front.
        if self.scanned > buffer.len() {
            self.scanned = 0;
        }
        let found = memchr::memchr(b'\n', &buffer[self.scanned..]).map(|at| self.scanned + at);
        let length = found.unwrap_or(buffer.len());
        // A line beyond the limit is refused whether its newline has come yet or not, so that the
        // way in which the stream is cut into reads makes no difference.
        if self.broken || length > limit::UNTERMINATED {
            self.broken = true;
            return Err(CodecError::NoNewline);
        }
        self.scanned = if found.is_some() { 0 } else { length };
        Ok(found)
    }

    fn check(&self, line: Bytes) -> Result<Bytes, BadLine> {
        match self.fault(&line) {
            None => Ok(line),
            Some(why) => Err(BadLine {
                why,
                tags: self.readable_tags(&line),
            }),
        }
    }

    /// What is wrong with a line.
    fn fault(&self, line: &[u8]) -> Option<LineError> {
        let tags = limit::tags_length(line);
        if tags > usize::from(self.tags) {
            return Some(LineError::TagsTooLong);
        }
        if line.len() - tags + 2 > usize::from(self.body) {
            return Some(LineError::TooLong);
        }
        match memchr::memchr2(b'\r', 0, line) {
            Some(at) if line[at] == 0 => return Some(LineError::Nul),
            Some(_) => return Some(LineError::BareCarriageReturn),
            None => {}
        }
        std::str::from_utf8(line)
            .is_err()
            .then(|| LineError::NotUtf8 {
                command: readable_command(line),
            })
    }

    /// The tags of a line that as a whole cannot be read; a copy, so that nothing else of it stays.
    fn readable_tags(&self, line: &[u8]) -> Bytes {
        let section = &line[..limit::tags_length(line)];
        let readable = section.len() <= usize::from(self.tags)
            && section.ends_with(b" ")
            && memchr::memchr2(b'\r', 0, section).is_none()
            && std::str::from_utf8(section).is_ok();
        Bytes::copy_from_slice(if readable { section } else { b"" })
    }
}

/// The command of a line that as a whole cannot be read.
fn readable_command(line: &[u8]) -> Box<str> {
    let words = line[limit::tags_length(line)..].split(|byte| *byte == b' ');
    let command = words
        .filter(|word| !word.is_empty())
        .find(|word| !word.starts_with(b":"))
        .filter(|word| word.len() <= 32 && word.iter().all(u8::is_ascii_alphanumeric))
        .and_then(|word| std::str::from_utf8(word).ok());
    command.unwrap_or("*").to_ascii_uppercase().into()
}

impl Decoder for LineCodec {
    type Item = Result<Bytes, BadLine>;
    type Error = CodecError;

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Self::Item>, CodecError> {
        while let Some(at) = self.newline(buffer)? {
            let mut line = buffer.split_to(at + 1);
            let end = match line[..at].last() {
                Some(b'\r') => at - 1,
                _ => at,
            };
            if end > 0 {
                line.truncate(end);
                return Ok(Some(self.check(line.freeze())));
            }
        }
        Ok(None)
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<Self::Item>, CodecError> {
        let line = self.decode(buffer)?;
        if line.is_none() {
            buffer.clear();
            self.scanned = 0;
        }
        Ok(line)
    }
}

impl Encoder<WireLine> for LineCodec {
    type Error = CodecError;

    fn encode(&mut self, line: WireLine, buffer: &mut BytesMut) -> Result<(), CodecError> {
        buffer.extend_from_slice(line.as_bytes());
        Ok(())
    }
}

impl Encoder<&WireLine> for LineCodec {
    type Error = CodecError;

    fn encode(&mut self, line: &WireLine, buffer: &mut BytesMut) -> Result<(), CodecError> {
        buffer.extend_from_slice(line.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_searched_is_not_searched_again() {
        let mut codec = LineCodec::server();
        let mut buffer = BytesMut::from(&b"PING"[..]);
        assert!(matches!(codec.decode(&mut buffer), Ok(None)));
        assert_eq!(codec.scanned, 4);
        buffer.extend_from_slice(b" a");
        assert!(matches!(codec.decode(&mut buffer), Ok(None)));
        assert_eq!(codec.scanned, 6);
        buffer.extend_from_slice(b"\r\nPO");
        assert!(matches!(codec.decode(&mut buffer), Ok(Some(Ok(_)))));
        assert_eq!(codec.scanned, 0);
        assert!(matches!(codec.decode(&mut buffer), Ok(None)));
        assert_eq!(codec.scanned, 2);
    }
}
