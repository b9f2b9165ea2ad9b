//! What a fleet tells whoever started it.

use std::time::Duration;

use smol_str::SmolStr;

/// Something happened to a server of the fleet, or to the fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FleetEvent {
    /// A server takes clients.
    ServerUp {
        /// Which, from 0.
        index: usize,
        /// Its name, such as `Server-1`.
        name: SmolStr,
        /// Its process.
        pid: u32,
        /// How often it has been started.
        attempt: u32,
    },
    /// A server's process has ended, asked or not; its slot is cleared.
    ServerDown {
        /// Which, from 0.
        index: usize,
        /// Its name.
        name: SmolStr,
        /// How it ended, for people.
        reason: String,
    },
    /// It will be started again.
    Restarting {
        /// Which, from 0.
        index: usize,
        /// After this pause.
        after: Duration,
    },
    /// It crashed too often and stays down until it is restarted by hand.
    Failed {
        /// Which, from 0.
        index: usize,
    },
    /// The forker has died: the servers go on, and new ones are started as programs.
    ForkerLost,
    /// The addresses of the fleet no longer accept; the servers go on.
    ListenerLost {
        /// What the system said.
        reason: String,
    },
}
