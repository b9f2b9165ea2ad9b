//! What a model is told at its beginning, and what it tells of itself.

use jiff::Timestamp;

use super::BufferId;

/// How much a [`Model`](crate::Model) keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Lines of one buffer; the oldest are dropped.
    pub lines: usize,
    /// Buffers; messages for which none can be opened go to the server's.
    pub buffers: usize,
}

/// How it stands with the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionState {
    /// An attempt is under way.
    Connecting {
        /// 1 for the first since the client was last registered.
        attempt: u32,
    },
    /// The connection stands, the server has not yet accepted the client.
    Registering,
    /// All is well.
    Online,
    /// Between two attempts.
    Waiting {
        /// Why the last connection ended.
        reason: String,
        /// When the next attempt begins.
        until: Timestamp,
    },
    /// Over for good.
    Ended {
        /// Why.
        reason: String,
    },
}

/// What an update has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A line with this number was added to the buffer.
    Line(BufferId, u64),
    /// A buffer was opened; for a channel, it was joined.
    Opened(BufferId),
    /// A buffer is gone.
    Closed(BufferId),
    /// A person's buffer has another name since the person has.
    Renamed {
        /// The name it had.
        from: BufferId,
        /// The name it has.
        to: BufferId,
    },
    /// What was said before came into the buffer, among its other lines.
    Past(BufferId),
    /// How much of the buffer is unread.
    Read(BufferId),
    /// Lines from long ago are shown instead of the newest, as was asked for.
    Excerpt(BufferId),
    /// The lines from long ago have met the newest, which are shown again. With the number that
    /// their last line has now.
    Joined(BufferId, Option<u64>),
    /// Signs were put to lines, or lines were withdrawn.
    Signs(BufferId),
    /// Who is writing.
    Typing(BufferId),
    /// The members of a channel.
    Members(BufferId),
    /// The topic of a channel.
    Topic(BufferId),
    /// The connection, the lag, or who and where the user is.
    State,
}

// === impl Limits ===

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            lines: 5_000,
            buffers: 300,
        }
    }
}

// === impl ConnectionState ===

impl ConnectionState {
    /// Whether messages can be sent.
    #[must_use]
    pub fn is_online(&self) -> bool {
        *self == ConnectionState::Online
    }
}
