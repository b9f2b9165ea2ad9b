//! What all clients of a server have in common: the board that counts them, what watches their
//! sockets, and who of them has something to do although there is no news of its socket.

use std::cell::{Cell, RefCell};
use std::io;
use std::task::{Context, Waker};

use chat_network::SessionId;
use chat_stats::Slot;
use chat_transport::Watch;

/// What all clients of a server have in common.
pub(crate) struct Home {
    /// What this server counts, and its places.
    pub(crate) slot: Slot,
    /// Tells of their sockets.
    pub(crate) watch: Watch,
    roused: RefCell<Vec<SessionId>>,
    waker: Cell<Option<Waker>>,
}

impl Home {
    /// A server without clients.
    ///
    /// # Errors
    ///
    /// As [`Watch::new`].
    pub(crate) fn new(slot: Slot) -> io::Result<Self> {
        Ok(Self {
            slot,
            watch: Watch::new()?,
            roused: RefCell::default(),
            waker: Cell::new(None),
        })
    }

    /// A client that rests has something to do.
    pub(crate) fn rouse(&self, session: SessionId) {
        self.roused.borrow_mut().push(session);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Who was roused since the last time; if nobody was, the task is woken when somebody is.
    pub(crate) fn take_roused(&self, task: &Context<'_>) -> Vec<SessionId> {
        let roused = self.roused.take();
        if roused.is_empty() {
            self.waker.set(Some(task.waker().clone()));
        }
        roused
    }
}
