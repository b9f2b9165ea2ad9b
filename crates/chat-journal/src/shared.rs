//! What everything around one sequencer shares.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chat_network::{Configuration, Network, Position, Request, ServerId};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{
    Closed, Delivery, Role,
    barrier::{Barrier, is_reached},
    port::{LinkId, Port},
    queue::{Cost, PushError, Queue},
    rehash::Rehash,
    round::{Gate, Rounds},
    wire::{Chunk, Kind},
};

/// What reaches the sequencer. Its queue needs no bound of its own: requests are bounded by the
/// budgets of their links, and of the rest there is at most one each per link, and what the program itself asks.
#[derive(Debug)]
pub(crate) enum Command {
    /// A link wants to stand.
    Attach {
        port: Arc<Port>,
        sink: Sink,
        reply: oneshot::Sender<Attached>,
    },
    /// A request; `weight` goes back into the budget of the link.
    Request {
        link: LinkId,
        weight: u32,
        request: Request,
    },
    /// A link is over.
    Gone { link: LinkId, reason: Closed },
    /// The configuration was read again.
    Configure(Box<Configuration>),
}

impl Cost for Command {
    fn cost(&self) -> usize {
        0
    }
}

/// Where the deliveries of a link go.
#[derive(Clone, Debug)]
pub(crate) enum Sink {
    Local(Arc<Queue<Delivery>>),
    Remote(Arc<Queue<Chunk>>),
}

impl Sink {
    pub(crate) fn finish(&self, reason: Closed) {
        match self {
            Self::Local(queue) => queue.finish(reason),
            Self::Remote(queue) => queue.finish(reason),
        }
    }

    pub(crate) fn cut(&self, reason: Closed) {
        match self {
            Self::Local(queue) => queue.cut(reason),
            Self::Remote(queue) => queue.cut(reason),
        }
    }

    /// All servers have rendered up to a position. A queue that does not take this belongs to a link
    /// that is ending.
    pub(crate) fn tell_reached(&self, position: Position) {
        let _ = match self {
            Self::Local(queue) => queue.push(Delivery::Reached(position)),
            Self::Remote(queue) => queue.push(Chunk::item(Kind::Reached, &position)),
        };
    }

    /// All servers have handed in; see [`tell_reached`](Self::tell_reached).
    pub(crate) fn tell_gathered(&self, wish: u64) {
        let _ = match self {
            Self::Local(queue) => queue.push(Delivery::Gathered(wish)),
            Self::Remote(queue) => queue.push(Chunk::item(Kind::Gathered, &wish)),
        };
    }

    /// Asks for what has come to a server before this round.
    fn tell_turn(&self, round: u64) {
        let _ = match self {
            Self::Local(queue) => queue.push(Delivery::Turn(round)),
            Self::Remote(queue) => queue.push(Chunk::item(Kind::Turn, &round)),
        };
    }

    /// Asks to be told when a position is rendered; who is in this process always tells.
    fn ask(&self, position: Position) {
        if let Self::Remote(queue) = self {
            let _ = queue.push(Chunk::item(Kind::Ask, &position));
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Local(queue) => queue.bytes(),
            Self::Remote(queue) => queue.bytes(),
        }
    }
}

/// Where a link begins.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) incarnation: u16,
    pub(crate) position: Position,
    pub(crate) network: Network,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) inbox: Queue<Command>,
    /// The bound on what may wait for a link, in bytes.
    pub(crate) link_bytes: usize,
    /// The links that stand, for [`Journal::lag`](crate::Journal::lag).
    pub(crate) links: Mutex<Vec<(Arc<Port>, Sink)>>,
    /// Who waits for the other links.
    pub(crate) barrier: Barrier,
    /// Who waits for what has come to all servers.
    rounds: Rounds,
    /// Where bytes of clients may lie before.
    gate: Option<Gate>,
    pub(crate) counts: Counts,
    /// Who wants the configuration read again.
    pub(crate) rehash: Rehash,
    /// Whether somebody does that.
    pub(crate) rereads: bool,
    released: AtomicU64,
    next_link: AtomicU64,
}

/// What [`Figures`](crate::Figures) are read from.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) entries: AtomicU64,
    pub(crate) rejections: AtomicU64,
    pub(crate) batches: AtomicU64,
    pub(crate) commits: AtomicU64,
    pub(crate) rows: AtomicU64,
    pub(crate) held: AtomicU64,
    pub(crate) lost: AtomicU64,
    pub(crate) cut: AtomicU64,
}

/// Adds to a count that has one writer or needs no order.
pub(crate) fn count(counter: &AtomicU64, more: usize) {
    counter.fetch_add(more as u64, Ordering::Relaxed);
}

impl Shared {
    pub(crate) fn new(
        link_bytes: usize,
        released: Position,
        rereads: bool,
        gate: Option<Gate>,
    ) -> Self {
        Self {
            inbox: Queue::new(usize::MAX),
            link_bytes,
            links: Mutex::new(Vec::new()),
            barrier: Barrier::default(),
            rounds: Rounds::default(),
            gate,
            counts: Counts::default(),
            rehash: Rehash::default(),
            rereads,
            released: AtomicU64::new(released.0),
            next_link: AtomicU64::new(1),
        }
    }

    pub(crate) fn next_link(&self) -> LinkId {
        LinkId(self.next_link.fetch_add(1, Ordering::Relaxed))
    }

    /// The last position that links may know of.
    pub(crate) fn released(&self) -> Position {
        Position(self.released.load(Ordering::Acquire))
    }

    pub(crate) fn set_released(&self, position: Position) {
        self.released.store(position.0, Ordering::Release);
    }

    /// A link has rendered up to a position.
    pub(crate) fn acknowledge(&self, port: &Port, position: Position) {
        port.acknowledge(position);
        if self.barrier.concerns(position) {
            self.barrier.settle(&self.links.lock());
        }
    }

    /// Whether all servers but that of a link have rendered up to a position; if not, the link is
    /// told when they have.
    pub(crate) fn reached(&self, link: LinkId, position: Position) -> bool {
        let links = self.links.lock();
        if is_reached(&links, link, position) {
            return true;
        }
        let own = links.iter().find(|(port, _)| port.id == link);
        if let Some((_, sink)) = own {
            self.barrier.wait(link, position, sink.clone());
            for (port, sink) in links.iter() {
                let server = port.id != link && matches!(port.role, Role::Server(_));
                if server && port.acknowledged() < position {
                    sink.ask(position);
                }
            }
            self.barrier.settle(&links);
        }
        false
    }

    /// Tells a link when all servers have handed in what had come to them by now: at once, if no
    /// bytes lie where they cannot be read.
    pub(crate) fn gather(self: &Arc<Self>, link: LinkId, wish: u64) {
        let Some(passing) = self.gate.as_ref().and_then(Gate::pass) else {
            let links = self.links.lock();
            if let Some((_, sink)) = links.iter().find(|(port, _)| port.id == link) {
                sink.tell_gathered(wish);
            }
            return;
        };
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            passing.await;
            shared.ask_round(link, wish);
        });
    }

    fn ask_round(&self, link: LinkId, wish: u64) {
        let links = self.links.lock();
        let Some((_, sink)) = links.iter().find(|(port, _)| port.id == link) else {
            return; // Over meanwhile.
        };
        let round = self.rounds.begin(link, wish, sink.clone());
        for (_, sink) in links.iter().filter(|(port, _)| port.is_server()) {
            sink.tell_turn(round);
        }
        self.rounds.settle(&links);
    }

    /// A server has handed in what had come to it before a round.
    pub(crate) fn turned(&self, port: &Port, round: u64) {
        port.answer(round);
        self.rounds.settle(&self.links.lock());
    }

    /// How far each server is behind what was released when this was called last. They are asked to
    /// tell, so that one that has nothing to do is known to be there.
    pub(crate) fn behind(&self) -> Vec<(ServerId, u64)> {
        let released = self.released();
        let links = self.links.lock();
        let servers = links.iter().filter_map(|(port, sink)| match port.role {
            Role::Server(server) => Some((server, port, sink)),
            Role::Observer | Role::Operator => None,
        });
        let behind = servers.map(|(server, port, sink)| {
            if port.acknowledged() < released {
                sink.ask(released);
            }
            (server, port.behind(released))
        });
        behind.collect()
    }

    /// Tells a link that all servers have rendered up to a position.
    pub(crate) fn tell_reached(&self, link: LinkId, position: Position) {
        let links = self.links.lock();
        if let Some((_, sink)) = links.iter().find(|(port, _)| port.id == link) {
            sink.tell_reached(position);
        }
    }

    /// A link is over: nobody waits for it any more.
    pub(crate) fn unlink(&self, link: LinkId) {
        let mut links = self.links.lock();
        links.retain(|(port, _)| port.id != link);
        self.barrier.forget(link);
        self.barrier.settle(&links);
        self.rounds.forget(link);
        self.rounds.settle(&links);
    }

    /// Hands commands over.
    pub(crate) fn command(
        &self,
        commands: impl IntoIterator<Item = Command>,
    ) -> Result<(), Closed> {
        match self.inbox.extend(commands) {
            Ok(()) => Ok(()),
            Err(PushError::Closed(reason)) => Err(reason),
            Err(PushError::Full) => unreachable!("commands weigh nothing"),
        }
    }
}

/// Keeps the sequencer running: when the last one is gone, it ends in order.
#[derive(Debug)]
pub(crate) struct Guard(pub(crate) Arc<Shared>);

impl Guard {
    pub(crate) fn command(&self, command: Command) -> Result<(), Closed> {
        self.0.command([command])
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.inbox.finish(Closed::Goodbye);
    }
}
