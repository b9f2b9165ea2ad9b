//! One received line.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use smallvec::SmallVec;

use crate::tag;

/// One parsed line: tags, source, command and parameters are views into one shared `Bytes`.
///
/// Cloning counts a reference. A message keeps the buffer that it was read into alive, so copy what
/// has to outlive it.
#[derive(Clone)]
pub struct Message {
    line: Bytes,
    tags: Span,
    source: Span,
    command: Span,
    params: SmallVec<[Span; 8]>,
}

/// Why a line is not a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParseError {
    /// There is no command.
    #[error("no command")]
    NoCommand,
    /// The bytes are not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// CR, LF or NUL inside the line.
    #[error("CR, LF or NUL inside the line")]
    ForbiddenByte,
    /// Longer than any line of the protocol.
    #[error("line too long")]
    TooLong,
}

/// Who sent a message: `nick!user@host` or a server's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source<'a> {
    text: &'a str,
    /// The nick, or the server's name.
    pub name: &'a str,
    /// What stands after `!`.
    pub user: Option<&'a str>,
    /// What stands after `@`.
    pub host: Option<&'a str>,
}

/// Where a part begins and ends; 16 bits each keep a message small.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Span {
    start: u16,
    end: u16,
}

impl Message {
    /// Parses a line without its CR LF.
    ///
    /// Lenient where the specifications advise it: several spaces count as one, spaces in front are
    /// skipped, an empty source counts as none. The command is any word.
    ///
    /// # Errors
    ///
    /// See [`ParseError`].
    pub fn parse(line: Bytes) -> Result<Self, ParseError> {
        if line.len() > usize::from(u16::MAX) {
            return Err(ParseError::TooLong);
        }
        if std::str::from_utf8(&line).is_err() {
            return Err(ParseError::NotUtf8);
        }
        if memchr::memchr3(b'\r', b'\n', 0, &line).is_some() {
            return Err(ParseError::ForbiddenByte);
        }
        let mut scanner = Scanner {
            bytes: &line,
            at: 0,
        };
        scanner.skip_spaces();
        let tags = scanner.prefixed_word(b'@');
        let source = scanner.prefixed_word(b':');
        let command = scanner.word();
        if command.start == command.end {
            return Err(ParseError::NoCommand);
        }
        let mut params = SmallVec::new();
        while let Some(param) = scanner.param() {
            params.push(param);
        }
        Ok(Self {
            tags,
            source,
            command,
            params,
            line,
        })
    }

    /// The tags in their order, as name and escaped value (empty where there is none).
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        tag::all(self.view(self.tags))
    }

    /// The value of a tag; of several tags of that name the last one's.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<Cow<'_, str>> {
        tag::last(self.view(self.tags), name)
    }

    /// Who sent it, if the line says so.
    #[must_use]
    pub fn source(&self) -> Option<Source<'_>> {
        let text = self.view(self.source);
        (!text.is_empty()).then(|| Source::parse(text))
    }

    /// The command as it was sent; compare it with [`is`](Self::is).
    #[must_use]
    pub fn command(&self) -> &str {
        self.view(self.command)
    }

    /// The command in capitals.
    #[must_use]
    pub fn command_upper(&self) -> Cow<'_, str> {
        let command = self.command();
        if command.bytes().any(|byte| byte.is_ascii_lowercase()) {
            Cow::Owned(command.to_ascii_uppercase())
        } else {
            Cow::Borrowed(command)
        }
    }

    /// Whether this is the command, in whatever case.
    #[must_use]
    pub fn is(&self, command: &str) -> bool {
        self.bytes_of(self.command)
            .eq_ignore_ascii_case(command.as_bytes())
    }

    /// The parameters; whether the last one had a colon makes no difference.
    pub fn params(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator {
        self.params.iter().map(|span| self.view(*span))
    }

    /// The parameter at `index`, counted from 0.
    #[must_use]
    pub fn param(&self, index: usize) -> Option<&str> {
        self.params.get(index).map(|span| self.view(*span))
    }

    /// How many parameters there are.
    #[must_use]
    pub fn param_count(&self) -> usize {
        self.params.len()
    }

    /// The whole line, without CR LF.
    #[must_use]
    pub fn as_bytes(&self) -> &Bytes {
        &self.line
    }

    fn bytes_of(&self, span: Span) -> &[u8] {
        &self.line[usize::from(span.start)..usize::from(span.end)]
    }

    fn view(&self, span: Span) -> &str {
        // Parts end at ASCII bytes, so a part of valid UTF-8 is valid UTF-8. Checking a short part
        // again costs a few nanoseconds, which is the price of having no unsafe code here.
        std::str::from_utf8(self.bytes_of(span)).unwrap_or_default()
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.line == other.line
    }
}

impl Eq for Message {}

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Message")
            .field(&String::from_utf8_lossy(&self.line))
            .finish()
    }
}

impl<'a> Source<'a> {
    /// Splits `name`, `name!user`, `name@host` or `name!user@host`.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let (before_host, host) = match text.split_once('@') {
            Some((before, host)) => (before, Some(host)),
            None => (text, None),
        };
        let (name, user) = match before_host.split_once('!') {
            Some((name, user)) => (name, Some(user)),
            None => (before_host, None),
        };
        Self {
            text,
            name,
            user,
            host,
        }
    }

    /// The whole, as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.text
    }
}

/// Walks over a line that is no longer than 65,535 bytes.
struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn skip_spaces(&mut self) {
        while self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
    }

    /// A word after `prefix`, without it; an empty span where the prefix is missing.
    fn prefixed_word(&mut self, prefix: u8) -> Span {
        if self.bytes.get(self.at) != Some(&prefix) {
            return Span::default();
        }
        self.at += 1;
        self.word()
    }

    /// Everything up to the next space, and past the spaces.
    fn word(&mut self) -> Span {
        let start = self.at;
        let rest = &self.bytes[start..];
        let end = memchr::memchr(b' ', rest).map_or(self.bytes.len(), |length| start + length);
        self.at = end;
        self.skip_spaces();
        span(start, end)
    }

    /// The next parameter, if there is one.
    fn param(&mut self) -> Option<Span> {
        match self.bytes.get(self.at)? {
            b':' => {
                let start = self.at + 1;
                self.at = self.bytes.len();
                Some(span(start, self.at))
            }
            _ => Some(self.word()),
        }
    }
}

/// A span; offsets were checked to fit when the line's length was.
fn span(start: usize, end: usize) -> Span {
    let narrow = |offset: usize| u16::try_from(offset).unwrap_or(u16::MAX);
    Span {
        start: narrow(start),
        end: narrow(end),
    }
}
