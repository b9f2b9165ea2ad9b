//! One line to send.
//!
//! What all recipients of an event have in common, `:source COMMAND params`, is a [`LineBody`]; what
//! differs by their capabilities is a [`TagSection`]. [`WireLine::with_tags`] joins the two with one
//! copy, and a recipient without tags shares the body itself.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::limit;
use crate::message::{Message, ParseError};
use crate::numeric::Numeric;
use crate::tag::{is_raw_value, is_valid_tag_name, push_escaped};

/// A line as it goes out: it ends in CR LF, has no other CR, no other LF and no NUL, is valid UTF-8
/// and within the limits of the protocol. Cloning counts a reference.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WireLine(Bytes);

/// `:source COMMAND params` with CR LF: a line without its tags, at most [`limit::BODY`] bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LineBody(Bytes);

/// The tags of a line, in the order in which they were added; may be empty.
///
/// A tag that does not fit any more, has an impossible name or is there already is left out, so add
/// the server's own tags before those of a client.
#[derive(Clone, PartialEq, Eq)]
pub struct TagSection {
    /// `@name=value;name`, without the space that follows; empty without tags.
    text: String,
    limit: usize,
}

/// Room for the body of a usual message, so that it is not moved while it grows.
const USUAL_BODY: usize = 128;

/// Room for the tags of a usual message.
const USUAL_TAGS: usize = 96;

/// A line that has no command yet; see [`WireLine::builder`].
#[derive(Debug)]
pub struct LineStart {
    tags: TagSection,
    body: String,
}

/// A line with a command, taking parameters.
#[derive(Debug)]
pub struct LineBuilder {
    tags: TagSection,
    body: String,
    /// The trailing parameter was written: nothing can follow it.
    ended: bool,
}

impl WireLine {
    /// Begins a line.
    ///
    /// Whatever is given stays one well-formed line: CR, LF and NUL become spaces, and where a space
    /// cannot stand, `_`. What does not fit is cut between two characters.
    #[must_use]
    pub fn builder() -> LineStart {
        LineStart {
            tags: TagSection::new(),
            body: String::with_capacity(USUAL_BODY),
        }
    }

    /// A body behind its tags; shares the body where there are none.
    #[must_use]
    pub fn with_tags(tags: &TagSection, body: &LineBody) -> Self {
        if tags.is_empty() {
            return Self::untagged(body);
        }
        let mut line = BytesMut::with_capacity(tags.text.len() + 1 + body.0.len());
        line.extend_from_slice(tags.text.as_bytes());
        line.extend_from_slice(b" ");
        line.extend_from_slice(&body.0);
        Self(line.freeze())
    }

    /// A body alone: counts a reference, copies nothing.
    #[must_use]
    pub fn untagged(body: &LineBody) -> Self {
        Self(body.0.clone())
    }

    /// A whole line as somebody typed it, without CR LF.
    ///
    /// # Errors
    ///
    /// The line is not a message, or longer than a client may send.
    pub fn from_raw(line: &str) -> Result<Self, ParseError> {
        let line = line.trim_start_matches(' ');
        let mut bytes = BytesMut::with_capacity(line.len() + 2);
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(b"\r\n");
        let bytes = bytes.freeze();
        Message::parse(bytes.slice(..line.len()))?;
        let tags = limit::tags_length(line.as_bytes());
        if tags > limit::CLIENT_TAGS || bytes.len() - tags > limit::BODY {
            return Err(ParseError::TooLong);
        }
        Ok(Self(bytes))
    }

    /// The line with its CR LF.
    #[must_use]
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// The line with its CR LF.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// Length in bytes, CR LF counted.
    #[expect(clippy::len_without_is_empty, reason = "a line is never empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl LineBody {
    /// The body with its CR LF.
    #[must_use]
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }
}

impl TagSection {
    /// No tags yet, with room for what a server may send.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(limit::SERVER_TAGS)
    }

    /// No tags yet, with room for what a client may send.
    #[must_use]
    pub fn of_client() -> Self {
        Self::with_limit(limit::CLIENT_TAGS)
    }

    fn with_limit(limit: usize) -> Self {
        Self {
            text: String::new(),
            limit,
        }
    }

    /// Adds a tag; an empty value is written as none. Says whether it was taken.
    pub fn push(&mut self, name: &str, value: &str) -> bool {
        self.add(name, |text| {
            if !value.is_empty() {
                text.push('=');
                push_escaped(text, value);
            }
        })
    }

    /// Adds a tag whose value is escaped already, as [`Message::tags`] gives it. Says whether it was
    /// taken.
    pub fn push_raw(&mut self, name: &str, raw: &str) -> bool {
        is_raw_value(raw)
            && self.add(name, |text| {
                if !raw.is_empty() {
                    text.push('=');
                    text.push_str(raw);
                }
            })
    }

    /// Whether there is no tag.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether there is a tag of that name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.text.get(1..).is_some_and(|tags| {
            tags.split(';')
                .any(|tag| tag.split('=').next() == Some(name))
        })
    }

    /// Forgets the tags and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
    }

    /// `@name=value;name`, or nothing.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn add(&mut self, name: &str, write_value: impl FnOnce(&mut String)) -> bool {
        if !is_valid_tag_name(name) || self.contains(name) {
            return false;
        }
        let before = self.text.len();
        if before == 0 {
            self.text.reserve(USUAL_TAGS);
        }
        self.text.push(if before == 0 { '@' } else { ';' });
        self.text.push_str(name);
        write_value(&mut self.text);
        // One more for the space that separates it from the body.
        let fits = self.text.len() < self.limit;
        if !fits {
            self.text.truncate(before);
        }
        fits
    }
}

impl LineStart {
    /// Adds a tag; see [`TagSection::push`].
    #[must_use]
    pub fn tag(mut self, name: &str, value: &str) -> Self {
        self.tags.push(name, value);
        self
    }

    /// Sets the source, at most [`limit::SOURCE`] bytes of it; an empty one counts as none.
    #[must_use]
    pub fn source(mut self, source: &str) -> Self {
        self.body.clear();
        if !source.is_empty() {
            self.body.push(':');
            push_word(&mut self.body, limit::truncate(source, limit::SOURCE));
            self.body.push(' ');
        }
        self
    }

    /// Sets the command, at most [`limit::COMMAND`] bytes of it.
    #[must_use]
    pub fn command(self, command: &str) -> LineBuilder {
        let Self { tags, mut body } = self;
        let start = body.len();
        push_middle(&mut body, limit::truncate(command, limit::COMMAND));
        if body.as_bytes()[start] == b'@' {
            // Without a source it would read as tags.
            body.replace_range(start..=start, "_");
        }
        LineBuilder {
            tags,
            body,
            ended: false,
        }
    }

    /// Sets a numeric as the command.
    #[must_use]
    pub fn numeric(self, numeric: Numeric) -> LineBuilder {
        let Self { tags, mut body } = self;
        body.push_str(numeric.digits().as_str());
        LineBuilder {
            tags,
            body,
            ended: false,
        }
    }
}

impl LineBuilder {
    /// Adds a tag; see [`TagSection::push`].
    #[must_use]
    pub fn tag(mut self, name: &str, value: &str) -> Self {
        self.tags.push(name, value);
        self
    }

    /// Adds a parameter that has no space in it: an empty one becomes `*`, a colon in front and
    /// spaces become `_`. Without effect after [`trailing`](Self::trailing).
    #[must_use]
    pub fn param(mut self, param: &str) -> Self {
        if !self.ended && self.has_room() {
            self.body.push(' ');
            push_middle(&mut self.body, limit::truncate(param, limit::BODY));
        }
        self
    }

    /// Adds parameters as [`param`](Self::param) does.
    #[must_use]
    pub fn params<'a>(self, params: impl IntoIterator<Item = &'a str>) -> Self {
        params.into_iter().fold(self, Self::param)
    }

    /// Adds the last parameter, which may hold anything. Without effect if there is one already.
    #[must_use]
    pub fn trailing(mut self, text: &str) -> Self {
        if !self.ended && self.has_room() {
            self.ended = true;
            self.body.push_str(" :");
            push_clean(&mut self.body, limit::truncate(text, limit::BODY), ' ');
        }
        self
    }

    /// The line.
    #[must_use]
    pub fn finish(mut self) -> WireLine {
        let tags = std::mem::take(&mut self.tags);
        WireLine::with_tags(&tags, &self.finish_body())
    }

    /// The line without its tags, to be joined with several tag sections.
    #[must_use]
    pub fn finish_body(self) -> LineBody {
        let mut body = self.body;
        body.truncate(limit::truncate(&body, limit::BODY - 2).len());
        body.push_str("\r\n");
        LineBody(Bytes::from(body))
    }

    /// Whether anything that follows could still be seen; keeps what is built bounded.
    fn has_room(&self) -> bool {
        self.body.len() < limit::BODY
    }
}

impl Default for TagSection {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TagSection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("TagSection")
            .field(&self.text)
            .finish()
    }
}

impl fmt::Debug for WireLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("WireLine")
            .field(&String::from_utf8_lossy(&self.0))
            .finish()
    }
}

impl fmt::Debug for LineBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("LineBody")
            .field(&String::from_utf8_lossy(&self.0))
            .finish()
    }
}

/// Appends a parameter that has to stand without a colon.
fn push_middle(out: &mut String, text: &str) {
    match text.strip_prefix(':') {
        Some(rest) => {
            out.push('_');
            push_word(out, rest);
        }
        None if text.is_empty() => out.push('*'),
        None => push_word(out, text),
    }
}

/// Appends text that must stay one word.
fn push_word(out: &mut String, text: &str) {
    if all_above(b' ', text) {
        return out.push_str(text);
    }
    let start = out.len();
    push_clean(out, text, '_');
    if memchr::memchr(b' ', &out.as_bytes()[start..]).is_some() {
        let word = out[start..].replace(' ', "_");
        out.truncate(start);
        out.push_str(&word);
    }
}

/// Appends text with `instead` for CR, LF and NUL.
fn push_clean(out: &mut String, text: &str, instead: char) {
    if all_above(b'\r', text) {
        return out.push_str(text);
    }
    let mut rest = text;
    while let Some(at) = memchr::memchr3(b'\r', b'\n', 0, rest.as_bytes()) {
        out.push_str(&rest[..at]);
        out.push(instead);
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// Whether all bytes are greater than `low`, which is ASCII. Looks at eight at a time: most texts
/// are short, and nearly all are clean.
fn all_above(low: u8, text: &str) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let least = u64::from(low + 1) * ONES;
    // A byte that is too small borrows, and has its highest bit set then; the first that does was not
    // borrowed from, and one whose highest bit was set before does not count.
    let any_below = |eight: u64| eight.wrapping_sub(least) & !eight & HIGH != 0;
    let (eights, rest) = text.as_bytes().as_chunks::<8>();
    let clean = eights
        .iter()
        .all(|eight| !any_below(u64::from_le_bytes(*eight)));
    clean && rest.iter().all(|byte| *byte > low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_that_is_too_small_is_found_wherever_it_is() {
        for low in [b'\r', b' '] {
            for length in 0..20 {
                let clean = "~".repeat(length);
                assert!(all_above(low, &clean), "{clean}");
                for at in 0..length {
                    for byte in 0..=127 {
                        let mut text = clean.clone().into_bytes();
                        text[at] = byte;
                        let text = String::from_utf8(text).expect("ASCII");
                        assert_eq!(all_above(low, &text), byte > low, "{text:?}");
                    }
                }
                assert!(all_above(low, &"é愛".repeat(length)));
            }
        }
    }
}
