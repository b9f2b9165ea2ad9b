//! What everyone is told on arrival, formatted once and not once per client.

use bytes::{Bytes, BytesMut};

use crate::render::Wire;

/// Numerics whose only difference between clients is the nick.
pub(crate) struct Burst {
    /// Each line up to the nick, and from behind it.
    lines: Vec<(Bytes, Bytes)>,
    length: usize,
}

impl Burst {
    /// From numerics to a nick of the greatest length, `:<server> <digits> <nick> …`, so that none
    /// becomes longer than a line may be.
    ///
    /// Lines that are not of that form are left out; there are none.
    pub(crate) fn new(lines: &[Wire], server: &str, nick: &str) -> Self {
        let before = 1 + server.len() + 1 + 3 + 1;
        let after = before + nick.len();
        let lines: Vec<_> = lines
            .iter()
            .map(Wire::as_bytes)
            .filter(|line| line.get(before..after) == Some(nick.as_bytes()))
            .map(|line| (line.slice(..before), line.slice(after..)))
            .collect();
        let length = lines
            .iter()
            .map(|(head, tail)| head.len() + tail.len())
            .sum();
        Self { lines, length }
    }

    /// All lines for one nick.
    pub(crate) fn to(&self, nick: &str) -> Wire {
        let mut whole = BytesMut::with_capacity(self.length + self.lines.len() * nick.len());
        for (head, tail) in &self.lines {
            whole.extend_from_slice(head);
            whole.extend_from_slice(nick.as_bytes());
            whole.extend_from_slice(tail);
        }
        Wire(whole.freeze())
    }
}
