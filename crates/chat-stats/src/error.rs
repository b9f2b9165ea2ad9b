//! What can go wrong with a board.

use std::io;

use thiserror::Error;

/// Why a board could not be made, opened or changed.
#[derive(Error, Debug)]
pub enum Error {
    /// The name cannot be one of a segment.
    #[error("a segment name is 1 to 200 ASCII letters, digits and . _ -, not {0:?}")]
    Name(String),
    /// Too few or too many servers.
    #[error("a board has 1 to {max} slots, not {0}", max = crate::MAX_SLOTS)]
    SlotCount(usize),
    /// The board of that name belongs to a process that is running.
    #[error("the shared memory '{name}' is in use by process {pid}")]
    InUse {
        /// The segment.
        name: String,
        /// The process that created it.
        pid: u32,
    },
    /// There is no board of that name.
    #[error("there is no shared memory '{0}': is the server running?")]
    Missing(String),
    /// What has that name is not a board that this program can use.
    #[error("the shared memory '{name}' is no usable board: {reason}")]
    Refused {
        /// The segment.
        name: String,
        /// What is wrong with it.
        reason: Refusal,
    },
    /// The system refused.
    #[error("cannot {doing} the shared memory '{name}'")]
    System {
        /// The segment.
        name: String,
        /// What was tried.
        doing: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// A process that is alive has held the board's lock for longer than two seconds.
    #[error("the board's lock is held by process {0}, which is alive")]
    LockBusy(u32),
}

/// Why a segment is not accepted as a board.
#[derive(Error, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Another user's.
    #[error("it belongs to another user")]
    Owner,
    /// Smaller than any board.
    #[error("its size of {0} bytes is too small")]
    TooSmall(usize),
    /// Does not begin with the mark of a board.
    #[error("it holds something else")]
    Foreign,
    /// Made by another version of the program.
    #[error("its layout is version {found:#x}, this program has {expected:#x}")]
    Layout {
        /// In the segment.
        found: u32,
        /// In this program.
        expected: u32,
    },
    /// Its creator has not finished, or died before it could.
    #[error("it was never completed")]
    NotReady,
    /// The numbers in its header contradict each other.
    #[error("its header is damaged")]
    Damaged,
}
