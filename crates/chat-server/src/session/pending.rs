//! The requests of a session that are on their way.

use std::cell::RefCell;
use std::collections::VecDeque;

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
#[derive(Default)]
pub(crate) struct PendingQueue(RefCell<VecDeque<Pending>>);

impl PendingQueue {
    /// One more was sent.
    pub(crate) fn push(&self, pending: Pending) {
        self.0.borrow_mut().push_back(pending);
    }

    /// The newest was not sent after all.
    pub(crate) fn unpush(&self) {
        self.0.borrow_mut().pop_back();
    }

    /// The oldest was answered.
    pub(crate) fn pop(&self) -> Option<Pending> {
        self.0.borrow_mut().pop_front()
    }

    /// Whether a command waits for the answer that comes next, and tells it itself.
    pub(crate) fn is_told_by_command(&self) -> bool {
        self.0.borrow().front() == Some(&Pending::Outcome)
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
