//! Who waits until all servers have handed in what has come to them.
//!
//! A server knows what its own clients have said, and not what lies unread at another server, or at
//! a door whose bytes another thread hands on. A *round* asks everyone: the hub lets through what
//! lies at its [`Gate`], then asks each server to read what can be read and to say so. What they
//! asked for before that is before the round's end in the one order. Nothing is paid while nobody
//! wants to know.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use parking_lot::Mutex;

use crate::{
    Role,
    port::{LinkId, Port},
    shared::Sink,
};

/// Rounds that one link may wait for; with more, the last of them is begun again for all.
const WAITING: usize = 8;

type Passing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where bytes of clients may lie before any server can read them.
#[derive(Clone)]
pub struct Gate(Arc<dyn Fn() -> Option<Passing> + Send + Sync>);

impl Gate {
    /// A gate. `pass` is called for each round: a future that is ready when what lay there is handed
    /// on, or `None` if nothing can lie there.
    pub fn new<P>(pass: impl Fn() -> Option<P> + Send + Sync + 'static) -> Self
    where
        P: Future<Output = ()> + Send + 'static,
    {
        Self(Arc::new(move || {
            pass().map(|passing| Box::pin(passing) as Passing)
        }))
    }

    /// What waits until all has passed; `None`: there is nothing.
    pub(crate) fn pass(&self) -> Option<Passing> {
        (self.0)()
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Gate")
    }
}

/// The rounds that are not over.
#[derive(Debug, Default)]
pub(crate) struct Rounds(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: u64,
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    round: u64,
    link: LinkId,
    /// What the link calls it.
    wish: u64,
    sink: Sink,
}

impl Rounds {
    /// A link wants to know; the number of its round. Whoever calls this asks the servers afterwards.
    pub(crate) fn begin(&self, link: LinkId, wish: u64, sink: Sink) -> u64 {
        let mut state = self.0.lock();
        state.last += 1;
        let round = state.last;
        let own = state.waiting.iter().filter(|wait| wait.link == link);
        if own.count() >= WAITING
            && let Some(last) = state.waiting.iter_mut().rfind(|wait| wait.link == link)
        {
            (last.round, last.wish) = (round, wish);
        } else {
            state.waiting.push(Waiting {
                round,
                link,
                wish,
                sink,
            });
        }
        round
    }

    /// Answers those for whom all servers have handed in. Who has answered a round has answered all
    /// before it.
    pub(crate) fn settle(&self, links: &[(Arc<Port>, Sink)]) {
        let servers = links.iter().filter(|(port, _)| port.is_server());
        let reached = servers.map(|(port, _)| port.round()).min();
        let mut state = self.0.lock();
        state.waiting.retain(|wait| {
            let over = reached.is_none_or(|reached| wait.round <= reached);
            if over {
                wait.sink.tell_gathered(wait.wish);
            }
            !over
        });
    }

    /// A link is over and waits for nothing.
    pub(crate) fn forget(&self, link: LinkId) {
        self.0.lock().waiting.retain(|wait| wait.link != link);
    }
}

impl Port {
    /// Whether it is the link of a server.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self.role, Role::Server(_))
    }
}
