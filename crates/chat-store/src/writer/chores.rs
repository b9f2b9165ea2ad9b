//! What the store's thread does behind the writing, in small transactions of its own: it takes
//! messages into the index of the search, and deletes what is to be forgotten or old enough.
//!
//! A step is short, and after each the thread rests for several times as long as it took, so that
//! whoever has something to commit hardly meets one. How far the index is stands in the database: a
//! crash costs nothing but the step.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::engine::Engine;
use crate::sweep::{Retention, Round, Swept};

/// Messages in one step. In steps of 16 one costs three times as much as in these; whoever commits
/// meanwhile waits for the step.
const ROWS: u32 = 1024;

/// How long after a message its words are looked for: others join it. A search looks through what is
/// not in the index yet.
const DELAY: Duration = Duration::from_millis(400);

/// Deleted in one step at most.
const GONE: u32 = 256;

/// How long after something was written it is looked for what is to be forgotten.
const LOOK: Duration = Duration::from_millis(500);

/// How much longer than a step the rest after it is.
const RESTS: u32 = 3;

/// When a step failed, the next is tried after this.
const RETRY: Duration = Duration::from_secs(5);

/// From the end of one round through all places to the beginning of the next.
const ROUND: Duration = Duration::from_secs(600);

pub(super) struct Chores {
    search: bool,
    /// When the next step is to be made, if there is something to do.
    index_at: Option<Instant>,
    /// When to look for what is to be forgotten.
    forget_at: Option<Instant>,
    retention: Retention,
    round: Round,
    /// When to go on deleting, if something is ever deleted.
    sweep_at: Option<Instant>,
}

impl Chores {
    /// What an earlier life left undone is done first.
    pub(super) fn new(search: bool, retention: Retention) -> Self {
        Self {
            search,
            index_at: search.then(Instant::now),
            forget_at: Some(Instant::now()),
            retention,
            round: Round::default(),
            sweep_at: (!retention.is_endless()).then(Instant::now),
        }
    }

    /// When there is something to do.
    pub(super) fn due(&self) -> Option<Instant> {
        [self.index_at, self.forget_at, self.sweep_at]
            .into_iter()
            .flatten()
            .min()
    }

    /// Something was written.
    pub(super) fn written(&mut self, now: Instant) {
        if self.search {
            self.index_at.get_or_insert(now + DELAY);
        }
        self.forget_at.get_or_insert(now + LOOK);
    }

    /// Makes a step of what is due.
    pub(super) fn run(&mut self, core: &Mutex<Engine>, now: Instant) {
        if self.index_at.is_some_and(|at| now >= at) {
            self.index(core, now);
        } else if self.forget_at.is_some_and(|at| now >= at) {
            self.forget(core, now);
        } else if self.sweep_at.is_some_and(|at| now >= at) {
            self.sweep(core, now);
        }
    }

    fn index(&mut self, core: &Mutex<Engine>, begin: Instant) {
        let outcome = core.lock().index(ROWS);
        self.index_at = match outcome {
            // All were taken: what comes is told by `written`, and gathers again.
            Ok(taken) if taken < ROWS as usize => None,
            Ok(_) => Some(rested(begin)),
            Err(error) => {
                tracing::debug!(%error, "messages are not taken into the index now");
                Some(Instant::now() + RETRY)
            }
        };
    }

    fn forget(&mut self, core: &Mutex<Engine>, begin: Instant) {
        let outcome = core.lock().forget(GONE);
        self.forget_at = match outcome {
            Ok(false) => None,
            Ok(true) => Some(rested(begin)),
            Err(error) => {
                tracing::debug!(%error, "nothing is forgotten now");
                Some(Instant::now() + RETRY)
            }
        };
    }

    fn sweep(&mut self, core: &Mutex<Engine>, begin: Instant) {
        let outcome = core.lock().sweep(&mut self.round, self.retention, GONE);
        self.sweep_at = Some(match outcome {
            Ok(Swept::Some) => rested(begin),
            Ok(Swept::All) => Instant::now() + ROUND,
            Err(error) => {
                tracing::debug!(%error, "what is old is not deleted now");
                Instant::now() + RETRY
            }
        });
    }
}

/// When a step may follow one that has just ended.
fn rested(begin: Instant) -> Instant {
    let end = Instant::now();
    end + (end - begin) * RESTS
}
