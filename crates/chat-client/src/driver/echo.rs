//! Own messages, reported where the server does not send them back.

use bytes::{BufMut, BytesMut};
use chat_proto::{Message, WireLine};

/// What is reported as if the server had sent it back.
const ECHOED: [&str; 3] = ["PRIVMSG", "NOTICE", "BATCH"];

/// A line as it would come back, if it would: with its sender, behind the tags.
pub(super) fn of(line: &WireLine, nick: &str) -> Option<Message> {
    let line = line.as_bytes();
    let line = line.strip_suffix(b"\r\n").unwrap_or(line);
    let tags = match line.strip_prefix(b"@") {
        Some(rest) => rest.iter().position(|byte| *byte == b' ')? + 2,
        None => 0,
    };
    let mut text = BytesMut::with_capacity(line.len() + nick.len() + 2);
    text.put_slice(&line[..tags]);
    text.put_slice(b":");
    text.put_slice(nick.as_bytes());
    text.put_slice(b" ");
    text.put_slice(&line[tags..]);
    let message = Message::parse(text.freeze()).ok()?;
    ECHOED.iter().any(|c| message.is(c)).then_some(message)
}
