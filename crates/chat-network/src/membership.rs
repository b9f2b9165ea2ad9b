//! A user in a channel.

use serde::{Deserialize, Serialize};

use crate::dense::Keyed;
use crate::{MemberModes, Position, UserId};

/// A user in a channel: its ranks there, and since when it is in it.
///
/// There are many of them, so the position is kept in seven bytes: two words in all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) user: UserId,
    pub(crate) ranks: MemberModes,
    since: [u8; 7],
}

impl Membership {
    pub(crate) fn new(user: UserId, ranks: MemberModes, since: Position) -> Self {
        let [bytes @ .., highest] = since.0.to_le_bytes();
        // No journal gets there: that would be 70 million billions of entries.
        let since = if highest == 0 { bytes } else { [u8::MAX; 7] };
        Self { user, ranks, since }
    }

    /// The entry with which it came.
    pub(crate) fn since(self) -> Position {
        let [a, b, c, d, e, f, g] = self.since;
        Position(u64::from_le_bytes([a, b, c, d, e, f, g, 0]))
    }
}

impl Keyed for Membership {
    fn key(&self) -> u64 {
        self.user.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_kept_as_it_is() {
        for position in [0, 1, 255, 256, 1 << 32, (1 << 56) - 1] {
            let since = Membership::new(UserId(1), MemberModes::NONE, Position(position)).since();
            assert_eq!(since, Position(position));
        }
        let beyond = Membership::new(UserId(1), MemberModes::NONE, Position(u64::MAX));
        assert_eq!(beyond.since(), Position((1 << 56) - 1));
        assert_eq!(size_of::<Membership>(), 16);
    }
}
