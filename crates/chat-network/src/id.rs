//! Identifiers. All are small, `Copy`, and never used twice.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A server of the fleet: `ServerId(1)` is Server-1. The hub itself is `ServerId(0)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ServerId(pub u16);

impl ServerId {
    /// The sequencer's own side: not a server that has clients.
    pub const HUB: Self = Self(0);
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server-{}", self.0)
    }
}

/// One connection of a client to one server.
///
/// Made by the server that holds the connection: server (16 bits), the incarnation of that server
/// (16 bits, given by the sequencer when the server links, new each time), a counter (32 bits).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct SessionId(u64);

impl SessionId {
    /// The `serial`th connection of the given life of a server.
    #[must_use]
    pub fn new(server: ServerId, incarnation: u16, serial: u32) -> Self {
        Self((u64::from(server.0) << 48) | (u64::from(incarnation) << 32) | u64::from(serial))
    }

    /// The server that holds the connection.
    #[must_use]
    pub fn server(self) -> ServerId {
        ServerId((self.0 >> 48) as u16)
    }

    /// The life of that server.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "masked to 16 bits")]
    pub fn incarnation(self) -> u16 {
        (self.0 >> 32) as u16
    }

    /// The counter within that life.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low 32 bits are the counter"
    )]
    pub fn serial(self) -> u32 {
        self.0 as u32
    }

    /// The whole as one number, as storage keeps it.
    #[must_use]
    pub fn as_u64(self) -> u64 {
        self.0
    }
}

/// A person (or bot) in the chat; may have several sessions.
///
/// The position of the entry that registered the user, so never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct UserId(pub u64);

/// An account, from its registration until it is dropped.
///
/// The position of the entry that registered it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct AccountId(pub u64);

/// A channel, from its creation until the last member leaves or, where it is registered, until it is
/// dropped and empty.
///
/// The position of the entry that created it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ChannelId(pub u64);

/// The place of an entry in the one order. The first is 1; 0 is 'before everything'.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct Position(pub u64);

impl Position {
    /// The position after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Milliseconds since 1970-01-01 00:00 UTC.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct Timestamp(pub i64);

/// When and where in the order an entry happened; given by the sequencer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// Place in the order.
    pub position: Position,
    /// Wall-clock time of the sequencer; never goes back from one entry to the next.
    pub time: Timestamp,
}

/// The identity of a message as clients see it in the `msgid` tag: its position.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct MessageId(pub Position);

impl fmt::Display for MessageId {
    /// 13 lower-case base-32 digits, most significant first, so that ids sort as text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut text = [0_u8; 13];
        let mut rest = self.0.0;
        for digit in text.iter_mut().rev() {
            *digit = DIGITS[(rest & 31) as usize];
            rest >>= 5;
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl std::str::FromStr for MessageId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text.len() != 13 {
            return Err(());
        }
        text.bytes()
            .try_fold(0_u64, |value, byte| {
                let digit = match byte {
                    b'0'..=b'9' => byte - b'0',
                    b'a'..=b'h' => byte - b'a' + 10,
                    b'j' | b'k' => byte - b'j' + 18,
                    b'm' | b'n' => byte - b'm' + 20,
                    b'p'..=b't' => byte - b'p' + 22,
                    b'v'..=b'z' => byte - b'v' + 27,
                    _ => return None,
                };
                value.checked_mul(32).map(|value| value | u64::from(digit))
            })
            .map(|value| Self(Position(value)))
            .ok_or(())
    }
}
