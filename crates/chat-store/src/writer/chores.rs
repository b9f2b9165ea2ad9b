//! What the store's thread does behind the writing, in small transactions of its own: it takes
//! messages into the index of the search.
//!
//! A step is short, and after each the thread rests for several times as long as it took, so that
//! whoever has something to commit hardly meets one. How far the index is stands in the database: a
//! crash costs nothing but the step.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::engine::Engine;

/// Messages in one step.
const ROWS: u32 = 64;

/// How long after a message its words are looked for: others may join it.
const DELAY: Duration = Duration::from_millis(20);

/// How much longer than a step the rest after it is.
const RESTS: u32 = 3;

/// When a step failed, the next is tried after this.
const RETRY: Duration = Duration::from_secs(5);

pub(super) struct Chores {
    search: bool,
    /// When the next step is to be made, if there is something to do.
    index_at: Option<Instant>,
}

impl Chores {
    /// What an earlier life left undone is done first.
    pub(super) fn new(search: bool) -> Self {
        Self {
            search,
            index_at: search.then(Instant::now),
        }
    }

    /// When there is something to do.
    pub(super) fn due(&self) -> Option<Instant> {
        self.index_at
    }

    /// Something was written.
    pub(super) fn written(&mut self, now: Instant) {
        if self.search {
            self.index_at.get_or_insert(now + DELAY);
        }
    }

    /// Makes a step of what is due.
    pub(super) fn run(&mut self, core: &Mutex<Engine>, now: Instant) {
        if self.index_at.is_none_or(|at| now < at) {
            return;
        }
        let outcome = core.lock().index(ROWS);
        let end = Instant::now();
        self.index_at = match outcome {
            Ok(0) => None,
            Ok(_) => Some(end + (end - now) * RESTS),
            Err(error) => {
                tracing::debug!(%error, "messages are not taken into the index now");
                Some(end + RETRY)
            }
        };
    }
}
