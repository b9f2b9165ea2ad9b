//! What a server supports: the tokens of `RPL_ISUPPORT` (005).

use std::fmt::{Display, Write as _};

use crate::limit;
use crate::numeric::RPL_ISUPPORT;
use crate::wire::{LineBody, WireLine};

/// The most tokens in one line: with the nick and the text there are then 15 parameters.
pub const TOKENS_PER_LINE: usize = 13;

/// Tokens to advertise, in their order.
///
/// ```
/// use chat_proto::Isupport;
/// let mut isupport = Isupport::new();
/// isupport.set("NICKLEN", 30).flag("SAFELIST");
/// let lines = isupport.lines("irc.example.org", "ann");
/// assert_eq!(
///     &lines[0].as_bytes()[..],
///     b":irc.example.org 005 ann NICKLEN=30 SAFELIST :are supported by this server\r\n",
/// );
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Isupport {
    tokens: Vec<String>,
}

/// A token as a client reads it: `NAME`, `NAME=value` or `-NAME`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token<'a> {
    /// The name, without the minus.
    pub name: &'a str,
    /// The value, unescaped; empty where there is none.
    pub value: String,
    /// `-NAME`: what was said of it before no longer holds.
    pub negated: bool,
}

impl Isupport {
    /// No tokens.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a token with a value; what cannot stand in a line is escaped as `\xHH`.
    pub fn set(&mut self, name: &str, value: impl Display) -> &mut Self {
        let mut token = format!("{name}=");
        for character in value.to_string().chars() {
            match character {
                '\0'..=' ' | '\\' | '=' | '\x7f' => {
                    // Writing to a string does not fail.
                    let _ = write!(token, "\\x{:02X}", u32::from(character));
                }
                _ => token.push(character),
            }
        }
        self.tokens.push(token);
        self
    }

    /// Adds a token without a value.
    pub fn flag(&mut self, name: &str) -> &mut Self {
        self.tokens.push(name.to_owned());
        self
    }

    /// What has to be said to who knows the tokens of `before`: those that are new or have another
    /// value, and `-NAME` for those that are gone.
    ///
    /// ```
    /// use chat_proto::Isupport;
    /// let (mut before, mut now) = (Isupport::new(), Isupport::new());
    /// before.set("NICKLEN", 30).set("ICON", "x").flag("WHOX");
    /// now.set("NICKLEN", 31).flag("WHOX");
    /// assert!(now.since(&before).tokens().eq(["NICKLEN=31", "-ICON"]));
    /// ```
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let name = |token: &String| token.split('=').next().map(str::to_owned);
        let new = self
            .tokens
            .iter()
            .filter(|token| !before.tokens.contains(token));
        let gone = before.tokens.iter().filter_map(name).filter(|gone| {
            let mut names = self.tokens.iter().filter_map(name);
            names.all(|known| known != *gone)
        });
        let gone = gone.map(|name| format!("-{name}"));
        Self {
            tokens: new.cloned().chain(gone).collect(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The tokens, as they are written.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(String::as_str)
    }

    /// The lines for `nick` from `source`, each at most [`TOKENS_PER_LINE`] tokens and 512 bytes.
    #[must_use]
    pub fn lines(&self, source: &str, nick: &str) -> Vec<WireLine> {
        let bodies = self.bodies(source, nick);
        bodies.iter().map(WireLine::untagged).collect()
    }

    /// The same lines, to be joined with tags.
    #[must_use]
    pub fn bodies(&self, source: &str, nick: &str) -> Vec<LineBody> {
        let mut lines = Vec::new();
        let mut rest = self.tokens.as_slice();
        while !rest.is_empty() {
            let empty = render(source, nick, &[]).as_bytes().len();
            let mut room = limit::BODY.saturating_sub(empty);
            let mut count = 0;
            while count < rest.len().min(TOKENS_PER_LINE) && rest[count].len() < room {
                room -= rest[count].len() + 1;
                count += 1;
            }
            // A token that fits no line goes alone and is cut, so that this comes to an end.
            let (now, later) = rest.split_at(count.max(1));
            lines.push(render(source, nick, now));
            rest = later;
        }
        lines
    }
}

impl<'a> Token<'a> {
    /// Reads one parameter of a 005 line.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let (negated, text) = match text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text),
        };
        let (name, raw) = text.split_once('=').unwrap_or((text, ""));
        Self {
            name,
            value: unescape(raw),
            negated,
        }
    }
}

fn render(source: &str, nick: &str, tokens: &[String]) -> LineBody {
    WireLine::builder()
        .source(source)
        .numeric(RPL_ISUPPORT)
        .param(nick)
        .params(tokens.iter().map(String::as_str))
        .trailing(RPL_ISUPPORT.text())
        .finish_body()
}

/// Reads `\xHH` of ASCII characters; anything else stays as it is.
fn unescape(raw: &str) -> String {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find("\\x") {
        value.push_str(&rest[..at]);
        let code = rest
            .get(at + 2..at + 4)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(u8::is_ascii);
        match code {
            Some(code) => {
                value.push(char::from(code));
                rest = &rest[at + 4..];
            }
            None => {
                value.push_str("\\x");
                rest = &rest[at + 2..];
            }
        }
    }
    value.push_str(rest);
    value
}
