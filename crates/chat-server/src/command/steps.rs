//! What a handler wants done, in order.

use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll};

use chat_network::{Action, Rejection};
use smallvec::SmallVec;

use crate::command::Context;
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
    /// A request whose answer the command goes on with.
    RequestThen(Box<Action>, Then<Result<(), Rejection>>),
    /// Something that takes its time elsewhere, and that the command goes on with. Nothing is read
    /// from the client meanwhile.
    Work(Work),
    /// The end of a connection that is not a user's (yet), and why.
    Close(String),
}

/// How a command goes on.
pub(crate) struct Then<T>(Continuation<T>);

type Continuation<T> = Box<dyn FnOnce(&mut Context<'_>, T)>;

impl<T> Then<T> {
    /// Goes on like this.
    pub(crate) fn new(then: impl FnOnce(&mut Context<'_>, T) + 'static) -> Self {
        Self(Box::new(then))
    }

    /// Goes on.
    pub(crate) fn run(self, context: &mut Context<'_>, outcome: T) {
        (self.0)(context, outcome);
    }
}

impl<T> fmt::Debug for Then<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Then(..)")
    }
}

/// Something that takes its time elsewhere.
pub(crate) struct Work(Pin<Box<dyn Future<Output = Then<()>>>>);

impl Work {
    /// Work, and how the command goes on with what comes of it.
    pub(crate) fn new<T: 'static>(
        work: impl Future<Output = T> + 'static,
        then: impl FnOnce(&mut Context<'_>, T) + 'static,
    ) -> Self {
        Self(Box::pin(async move {
            let outcome = work.await;
            Then::new(move |context, ()| then(context, outcome))
        }))
    }

    /// Whether it is done, and how to go on.
    pub(crate) fn poll(&mut self, task: &mut task::Context<'_>) -> Poll<Then<()>> {
        self.0.as_mut().poll(task)
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Work(..)")
    }
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
