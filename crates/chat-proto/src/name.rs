//! What may be a name, and how long names and texts may be (in bytes).

use std::borrow::Cow;

use crate::limit::truncate;

/// The longest nick.
pub const NICKLEN: usize = 30;
/// The longest channel name, its prefix counted.
pub const CHANNELLEN: usize = 64;
/// The longest topic.
pub const TOPICLEN: usize = 390;
/// The longest reason of a kick.
pub const KICKLEN: usize = 255;
/// The longest away text.
pub const AWAYLEN: usize = 200;
/// The longest user name.
pub const USERLEN: usize = 10;
/// The longest host name.
pub const HOSTLEN: usize = 63;
/// The longest real name.
pub const NAMELEN: usize = 150;
/// The longest channel key.
pub const KEYLEN: usize = 32;

/// The letters that may begin a channel name (`CHANTYPES`).
pub const CHANTYPES: &str = "#";

/// Whether `name` may be a nick: letters, digits, `-` and ``[ ] \ ` _ ^ { | }``, neither a digit nor
/// `-` in front (RFC 2812, 2.3.1).
#[must_use]
pub fn is_valid_nick(name: &str, max_len: usize) -> bool {
    let bytes = name.as_bytes();
    bytes.len() <= max_len
        && bytes.first().is_some_and(|first| is_nick_start(*first))
        && bytes
            .iter()
            .all(|byte| is_nick_start(*byte) || byte.is_ascii_digit() || *byte == b'-')
}

/// Whether `name` may be a channel: `#` and at least one more character, no space, comma, colon or
/// control character.
#[must_use]
pub fn is_valid_channel(name: &str, max_len: usize) -> bool {
    is_channel_like(name)
        && name.len() > 1
        && name.len() <= max_len
        && name
            .bytes()
            .all(|byte| !byte.is_ascii_control() && !matches!(byte, b' ' | b',' | b':'))
}

/// Whether `target` is meant as a channel: it begins as one.
#[must_use]
pub fn is_channel_like(target: &str) -> bool {
    target.starts_with('#')
}

/// Whether `key` may be a channel key: visible ASCII characters without comma and not beginning with
/// a colon.
#[must_use]
pub fn is_valid_key(key: &str, max_len: usize) -> bool {
    !key.is_empty()
        && key.len() <= max_len
        && !key.starts_with(':')
        && key
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b',')
}

/// What can be kept of the user name that a client gives: letters, digits, `-`, `.`, `_`, cut to
/// `max_len`; `user` where nothing is left.
#[must_use]
pub fn clean_username(name: &str, max_len: usize) -> Cow<'_, str> {
    let keep = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let kept = if name.chars().all(|c| keep(&c)) {
        Cow::Borrowed(truncate(name, max_len))
    } else {
        Cow::Owned(name.chars().filter(keep).take(max_len).collect())
    };
    if kept.is_empty() {
        Cow::Borrowed(truncate("user", max_len))
    } else {
        kept
    }
}

const fn is_nick_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
        || matches!(
            byte,
            b'[' | b']' | b'\\' | b'`' | b'_' | b'^' | b'{' | b'|' | b'}'
        )
}
