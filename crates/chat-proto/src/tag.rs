//! Values and names of message tags (the message-tags specification).

use std::borrow::Cow;

/// `value` as it is written in a line.
///
/// `;`, space, backslash, CR and LF become escapes. NUL has none and becomes an escaped space.
///
/// ```
/// assert_eq!(chat_proto::escape_tag_value("a; b"), r"a\:\sb");
/// ```
#[must_use]
pub fn escape_tag_value(value: &str) -> Cow<'_, str> {
    if value.bytes().any(|byte| escape_of(byte).is_some()) {
        let mut escaped = String::with_capacity(value.len() + 8);
        push_escaped(&mut escaped, value);
        Cow::Owned(escaped)
    } else {
        Cow::Borrowed(value)
    }
}

/// The meaning of a value as it is written in a line.
///
/// A backslash before a letter without meaning disappears, and so does one at the end.
///
/// ```
/// assert_eq!(chat_proto::unescape_tag_value(r"a\:\sb\x\"), "a; bx");
/// ```
#[must_use]
pub fn unescape_tag_value(raw: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut value = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        match characters.next() {
            Some(':') => value.push(';'),
            Some('s') => value.push(' '),
            Some('r') => value.push('\r'),
            Some('n') => value.push('\n'),
            Some(other) => value.push(other),
            None => {}
        }
    }
    Cow::Owned(value)
}

/// Whether `name` may name a tag: an optional `+`, then letters, digits, `-`, and `.` and `/` of a
/// vendor's prefix.
#[must_use]
pub fn is_valid_tag_name(name: &str) -> bool {
    let name = name.strip_prefix('+').unwrap_or(name);
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/'))
}

/// The tags of a section (without its `@` and space) in their order, as name and escaped value (empty
/// where there is none).
pub(crate) fn all(section: &str) -> impl Iterator<Item = (&str, &str)> {
    section
        .split(';')
        .filter(|tag| !tag.is_empty())
        .map(|tag| tag.split_once('=').unwrap_or((tag, "")))
}

/// The value of a tag of a section; of several tags of that name the last one's.
pub(crate) fn last<'a>(section: &'a str, name: &str) -> Option<Cow<'a, str>> {
    all(section)
        .filter(|(other, _)| *other == name)
        .last()
        .map(|(_, raw)| unescape_tag_value(raw))
}

/// Whether `raw` can stand as a value in a line as it is.
pub(crate) fn is_raw_value(raw: &str) -> bool {
    raw.bytes()
        .all(|byte| !matches!(byte, b';' | b' ' | b'\r' | b'\n' | 0))
}

/// Appends `value`, escaped.
pub(crate) fn push_escaped(out: &mut String, value: &str) {
    let mut rest = value;
    while let Some(at) = rest.bytes().position(|byte| escape_of(byte).is_some()) {
        out.push_str(&rest[..at]);
        out.push_str(escape_of(rest.as_bytes()[at]).unwrap_or_default());
        // What is escaped is one ASCII byte, so this stays between characters.
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

const fn escape_of(byte: u8) -> Option<&'static str> {
    match byte {
        b';' => Some(r"\:"),
        b' ' | 0 => Some(r"\s"),
        b'\\' => Some(r"\\"),
        b'\r' => Some(r"\r"),
        b'\n' => Some(r"\n"),
        _ => None,
    }
}
