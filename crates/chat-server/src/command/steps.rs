//! What a handler wants done, in order.

use chat_network::Action;
use smallvec::SmallVec;

use crate::history::Question;
use crate::render::Wire;
use crate::session::Pending;

/// One thing to do.
#[derive(Debug)]
pub(crate) enum Step {
    /// A line to the client, after everything asked before is answered.
    Line(Wire),
    /// A request to the network in the session's name.
    Request(Action, Pending),
    /// What comes after it waits until all servers have what was asked before.
    Barrier,
    /// A question to the database, after everything asked before is answered.
    Ask(Box<Question>),
    /// The end of a connection that is not a user's (yet), and why.
    Close(String),
}

/// What is to be done for one message.
#[derive(Default, Debug)]
pub(crate) struct Steps {
    steps: SmallVec<[Step; 2]>,
    bytes: usize,
}

impl Steps {
    /// Adds a step.
    pub(crate) fn push(&mut self, step: Step) {
        if let Step::Line(line) = &step {
            self.bytes += line.len();
        }
        self.steps.push(step);
    }

    /// Bytes of all lines so far.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes all steps out, oldest first.
    pub(crate) fn take(&mut self) -> SmallVec<[Step; 2]> {
        self.bytes = 0;
        std::mem::take(&mut self.steps)
    }
}
