//! What the sequencer and the near end of a link share.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering},
};

use chat_network::Position;
use tokio::sync::{Notify, Semaphore};

use crate::{Closed, Role, link::REQUEST_BYTES};

/// Names a link within one sequencer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct LinkId(pub(crate) u64);

#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) id: LinkId,
    pub(crate) role: Role,
    /// What may still wait of this link's requests, in bytes. The sequencer gives back what it has
    /// decided.
    pub(crate) budget: Semaphore,
    acknowledged: AtomicU64,
    /// The last round that it has answered.
    round: AtomicU64,
    /// How often it wished for one, where it is in this process.
    wishes: AtomicU64,
    /// The last position that was released when it was measured last.
    due: AtomicU64,
    ended: OnceLock<Closed>,
    ending: Notify,
}

impl Port {
    pub(crate) fn new(id: LinkId, role: Role) -> Self {
        Self {
            id,
            role,
            budget: Semaphore::new(REQUEST_BYTES),
            acknowledged: AtomicU64::new(0),
            round: AtomicU64::new(0),
            wishes: AtomicU64::new(0),
            due: AtomicU64::new(0),
            ended: OnceLock::new(),
            ending: Notify::new(),
        }
    }

    pub(crate) fn acknowledge(&self, position: Position) {
        // In one order with what the barrier reads and writes.
        self.acknowledged.fetch_max(position.0, Ordering::SeqCst);
    }

    pub(crate) fn acknowledged(&self) -> Position {
        Position(self.acknowledged.load(Ordering::SeqCst))
    }

    /// It has handed in what had come to it before this round.
    pub(crate) fn answer(&self, round: u64) {
        self.round.fetch_max(round, Ordering::SeqCst);
    }

    /// The number of its next wish.
    pub(crate) fn wish(&self) -> u64 {
        self.wishes.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn round(&self) -> u64 {
        self.round.load(Ordering::SeqCst)
    }

    /// How many positions it lacks of those that were released when this was asked last.
    pub(crate) fn behind(&self, released: Position) -> u64 {
        let due = self.due.swap(released.0, Ordering::Relaxed);
        due.saturating_sub(self.acknowledged().0)
    }

    /// Ends the link on this side: no more requests. The first reason stays.
    pub(crate) fn end(&self, reason: Closed) {
        let _ = self.ended.set(reason);
        self.budget.close();
    }

    /// Ends the link, and whatever carries it at once, without what still waits.
    pub(crate) fn cut(&self, reason: Closed) {
        self.end(reason);
        self.ending.notify_one();
    }

    pub(crate) fn ended(&self) -> Option<Closed> {
        self.ended.get().cloned()
    }

    /// Waits for [`cut`](Self::cut). For the one task that carries the link.
    pub(crate) async fn cut_off(&self) {
        self.ending.notified().await;
    }
}
