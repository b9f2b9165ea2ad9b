//! What a session has done to prove who it is.

use std::cell::{OnceCell, RefCell};
use std::time::Duration;

use chat_network::{AccountId, Rejection};
use chat_proto::sasl::Collector;
use chat_proto::sasl::scram::Challenge;

use crate::auth::{Attempts, Wait};

/// Tries to log in that one session has within [`SPAN`].
const ATTEMPTS: u32 = 3;
const SPAN: Duration = Duration::from_secs(60);

/// What a session has done to prove who it is. Most sessions do it once, early: what is needed is
/// only there from the first try on.
#[derive(Default)]
pub(crate) struct Login(OnceCell<Box<RefCell<Inner>>>);

#[derive(Default)]
struct Inner {
    attempts: Attempts,
    exchange: Option<Exchange>,
    refusal: Option<Rejection>,
}

/// An exchange of AUTHENTICATE lines.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Which mechanism, and how far it has come.
    pub(crate) stage: Stage,
    /// The pieces of the response so far.
    pub(crate) collector: Collector,
}

/// How far a SASL exchange has come: what is awaited.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Name and password.
    Plain,
    /// As whom to act, or nothing.
    External,
    /// The first message of SCRAM.
    ScramFirst,
    /// The proof; `None`: there is no such account, and no proof will do.
    ScramProof(Option<AccountId>, Box<Challenge>),
    /// Nothing more: the proof was right.
    ScramEnd(AccountId),
}

impl Login {
    /// One more try to log in, if there may be one.
    pub(crate) fn attempt(&self) -> Result<(), Wait> {
        self.with(|inner| inner.attempts.take(ATTEMPTS, SPAN))
    }

    /// An exchange begins, in the place of any other.
    pub(crate) fn begin(&self, stage: Stage) {
        let collector = Collector::default();
        self.with(|inner| inner.exchange = Some(Exchange { stage, collector }));
    }

    /// Takes the exchange out that is going on.
    pub(crate) fn take_exchange(&self) -> Option<Exchange> {
        self.0.get()?.borrow_mut().exchange.take()
    }

    /// The exchange goes on.
    pub(crate) fn put_back(&self, exchange: Exchange) {
        self.with(|inner| inner.exchange = Some(exchange));
    }

    /// The network refused the request that a command waits for.
    pub(crate) fn refused_with(&self, rejection: Rejection) {
        self.with(|inner| inner.refusal = Some(rejection));
    }

    /// Why the request that a command waits for was refused, if it was.
    pub(crate) fn take_refusal(&self) -> Option<Rejection> {
        self.0.get()?.borrow_mut().refusal.take()
    }

    fn with<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.0.get_or_init(Box::default).borrow_mut())
    }
}
