//! What names are valid and when two are the same.

/// Whether two names are the same.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Whether this is a nick of at most `max` bytes (RFC 2812, section 2.3.1).
pub(crate) fn is_valid_nick(nick: &str, max: usize) -> bool {
    let special = |byte: u8| {
        matches!(
            byte,
            b'[' | b']' | b'\\' | b'`' | b'_' | b'^' | b'{' | b'|' | b'}'
        )
    };
    let first = |byte: u8| byte.is_ascii_alphabetic() || special(byte);
    nick.len() <= max
        && nick.bytes().next().is_some_and(first)
        && nick
            .bytes()
            .all(|byte| first(byte) || byte.is_ascii_digit() || byte == b'-')
}

/// Whether this is a channel's name of at most `max` bytes.
pub(crate) fn is_valid_channel(name: &str, max: usize) -> bool {
    name.len() <= max
        && name.len() > 1
        && is_channel(name)
        && !name
            .bytes()
            .any(|byte| matches!(byte, 0..=b' ' | b',' | b':' | 0x7f))
}

/// Whether a target is meant to be a channel.
pub(crate) fn is_channel(name: &str) -> bool {
    name.starts_with('#')
}

/// The longest start of `text` that is at most `max` bytes and whole characters.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}
