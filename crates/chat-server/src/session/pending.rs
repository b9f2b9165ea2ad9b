//! The requests of a session that are on their way.

use std::cell::RefCell;

use smallvec::SmallVec;

/// What was asked, as far as it matters to the answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pending {
    /// To become a user.
    Register,
    /// Something whose refusal is told.
    Plain,
    /// A NOTICE or TAGMSG, whose refusal is not told.
    Silent,
    /// Something whose answer its command goes on with; see `Login::take_refusal`.
    Outcome,
    /// To leave.
    Quit,
}

/// The requests of a session that are on their way, in the order in which they are answered.
///
/// A few take no memory beside it. They are a byte each and at most some hundreds, so taking the
/// first away moves the others.
#[derive(Default)]
pub(crate) struct PendingQueue(RefCell<SmallVec<[Pending; 16]>>);

impl PendingQueue {
    /// One more was sent.
    pub(crate) fn push(&self, pending: Pending) {
        self.0.borrow_mut().push(pending);
    }

    /// The newest was not sent after all.
    pub(crate) fn unpush(&self) {
        self.0.borrow_mut().pop();
    }

    /// The oldest was answered.
    pub(crate) fn pop(&self) -> Option<Pending> {
        let mut all = self.0.borrow_mut();
        if all.is_empty() {
            return None;
        }
        let oldest = all.remove(0);
        if all.is_empty() {
            all.shrink_to_fit();
        }
        Some(oldest)
    }

    /// Whether a command waits for the answer that comes next, and tells it itself.
    pub(crate) fn is_told_by_command(&self) -> bool {
        self.0.borrow().first() == Some(&Pending::Outcome)
    }

    /// How many are on their way.
    pub(crate) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Whether none is.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}
