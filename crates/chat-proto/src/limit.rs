//! Lengths of lines and their parts, in bytes.

/// A line without its tags: source, command, parameters and the closing CR LF (RFC 1459, 2.3).
pub const BODY: usize = 512;

/// The tag section that a client may send, with its `@` and the space after it (message-tags).
pub const CLIENT_TAGS: usize = 4096;

/// The tag section that a server may send, with its `@` and the space after it (message-tags).
pub const SERVER_TAGS: usize = 8191;

/// What a client takes as a body: servers that send longer ones than [`BODY`] exist.
pub const LENIENT_BODY: usize = 8192;

/// Bytes without a newline after which a connection counts as broken.
pub const UNTERMINATED: usize = 16 * 1024;

/// The longest source that is sent; the rest of a line needs its room too.
pub const SOURCE: usize = 256;

/// The longest command that is sent.
pub const COMMAND: usize = 64;

/// The beginning of `text` that has at most `max` bytes, cut between two characters.
///
/// ```
/// assert_eq!(chat_proto::limit::truncate("schön", 4), "sch");
/// ```
#[must_use]
pub fn truncate(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// How many of a line's bytes are its tag section, the space after it counted; 0 without tags.
pub(crate) fn tags_length(line: &[u8]) -> usize {
    if line.first() != Some(&b'@') {
        return 0;
    }
    memchr::memchr(b' ', line).map_or(line.len(), |space| space + 1)
}
