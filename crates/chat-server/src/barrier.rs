//! Who waits until the other servers have what was asked here, or until all have handed in what has
//! come to them.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use chat_network::{Position, SessionId};
use smallvec::SmallVec;

/// How long a client waits for the other servers at most.
pub(crate) const BOUND: Duration = Duration::from_millis(50);

/// How far all other servers are known to be, and the sessions that wait for them.
#[derive(Default)]
pub(crate) struct Barrier {
    reached: Cell<Position>,
    gathered: Cell<u64>,
    waiting: RefCell<Vec<SessionId>>,
}

impl Barrier {
    /// Whether all other servers are known to have rendered up to a position.
    pub(crate) fn has_reached(&self, position: Position) -> bool {
        self.reached.get() >= position
    }

    /// Whether all servers have handed in what had come to them when that was wished.
    pub(crate) fn has_gathered(&self, wish: u64) -> bool {
        self.gathered.get() >= wish
    }

    /// All servers have handed in: who is to look again.
    pub(crate) fn gather(&self, wish: u64) -> SmallVec<[SessionId; 4]> {
        self.gathered.set(self.gathered.get().max(wish));
        self.waiting.borrow().iter().copied().collect()
    }

    /// A session begins to wait.
    pub(crate) fn enter(&self, session: SessionId) {
        self.waiting.borrow_mut().push(session);
    }

    /// A session waits no longer.
    pub(crate) fn leave(&self, session: SessionId) {
        self.waiting.borrow_mut().retain(|other| *other != session);
    }

    /// All other servers have come to a position: who is to look again.
    pub(crate) fn advance(&self, position: Position) -> SmallVec<[SessionId; 4]> {
        self.reached.set(self.reached.get().max(position));
        self.waiting.borrow().iter().copied().collect()
    }
}
