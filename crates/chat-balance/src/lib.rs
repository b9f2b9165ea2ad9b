//! Balancing algorithms: from a snapshot of loads to a server.
//!
//! Pure: no clock, no I/O, no randomness. The caller reads the loads, asks for a server, and takes
//! a place there; when that place went to somebody else meanwhile it reads again and asks again.
//! Every algorithm skips servers that are full or not available (draining, dead, failed), and
//! weighs servers by their capacity, so that one with twice the places gets twice the clients.
//!
//! # Layout
//!
//! - [`Load`]: what an algorithm knows of one server.
//! - [`Algorithm`]: the trait; [`RoundRobin`] and [`LeastConnection`] implement it.
//! - [`AlgorithmKind`]: an algorithm's name on the command line and in configuration.
//!
//! # Example
//!
//! ```
//! use chat_balance::{AlgorithmKind, Load};
//!
//! let mut algorithm = "least-connection".parse::<AlgorithmKind>()?.build();
//! let loads = [
//!     Load { taken: 7, capacity: 100, available: true },
//!     Load { taken: 3, capacity: 100, available: true },
//!     Load { taken: 0, capacity: 100, available: false },
//! ];
//! assert_eq!(algorithm.pick(&loads), Some(1));
//! # Ok::<(), chat_balance::UnknownAlgorithm>(())
//! ```

mod kind;
mod least_connection;
mod round_robin;

pub use kind::{AlgorithmKind, UnknownAlgorithm};
pub use least_connection::LeastConnection;
pub use round_robin::RoundRobin;

/// A server's place in the list of loads, from 0: Server-1 is 0.
pub type ServerIndex = usize;

/// What an algorithm knows of one server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Load {
    /// Places taken now.
    pub taken: u32,
    /// Places in all; also the weight. A server of capacity 0 is always full.
    pub capacity: u32,
    /// Whether the server takes clients at all: false while it starts, drains, is dead or failed.
    pub available: bool,
}

/// A way to choose the server for the next client.
pub trait Algorithm: Send {
    /// The server for one more client, or `None` when none has room.
    ///
    /// The position in `loads` identifies a server, so the caller passes all servers each time,
    /// in the same order. What is returned is always [open](Load::is_open).
    fn pick(&mut self, loads: &[Load]) -> Option<ServerIndex>;
}

impl Load {
    /// Whether one more client may be sent there.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.available && self.taken < self.capacity
    }
}
