//! The handle of a running sequencer.

use std::{path::PathBuf, sync::Arc, sync::atomic::Ordering};

use chat_network::{Configuration, Limits, Network, Position, ServerId, SessionId};
use chat_store::{Reader, Writer};
use tokio::sync::{oneshot, watch};

use crate::{
    Clock, Closed, Deliveries, Gate, Link, Requests, RestoreError, Role, StartError,
    hub::{Hub, Socket},
    link::Way,
    port::Port,
    queue::Queue,
    records,
    rows::Keep,
    sequencer::Sequencer,
    shared::{Command, Guard, Shared, Sink},
};

/// What a journal is started with.
#[derive(Debug)]
pub struct Setup {
    /// The chat to begin with: with nobody on but who stays on.
    pub network: Network,
    /// Where the entries that last are stored.
    pub writer: Writer,
    /// The first position to give out: the first that the store knows to be free.
    pub first: Position,
    /// Where the hub listens for the links of other processes; `None`: nowhere.
    pub hub_socket: Option<PathBuf>,
    /// What may wait for one link, in bytes; a link that lets more wait is cut.
    pub link_bytes: usize,
    /// The time of the entries.
    pub clock: Clock,
    /// What of the chat is kept for later readers.
    pub keep: Keep,
    /// Whether somebody reads the configuration again when operators ask for it
    /// ([`Journal::rehash_wanted`]); else they are told that it is not possible.
    pub rereads: bool,
    /// Where bytes of clients may lie before a server can read them.
    pub gate: Option<Gate>,
}

impl Setup {
    /// What may wait for one link unless said otherwise, in bytes.
    pub const LINK_BYTES: usize = 64 * 1024 * 1024;

    /// A journal for links in this process only, that goes on with what the database has kept:
    /// accounts, registered channels, users that stay on.
    ///
    /// # Errors
    ///
    /// The database cannot be read, or holds what makes no sense.
    pub fn restore(
        limits: Limits,
        writer: Writer,
        reader: &Reader,
        first: Position,
    ) -> Result<Self, RestoreError> {
        let network = records::restore(reader, limits, first)?;
        Ok(Self {
            network,
            ..Self::new(Limits::default(), writer, first)
        })
    }

    /// A journal for links in this process only, of a chat that begins anew.
    #[must_use]
    pub fn new(limits: Limits, writer: Writer, first: Position) -> Self {
        Self {
            network: Network::new(limits),
            writer,
            first,
            hub_socket: None,
            link_bytes: Self::LINK_BYTES,
            clock: Clock::system(),
            keep: Keep::default(),
            rereads: false,
            gate: None,
        }
    }

    /// Also listens for the links of other processes.
    #[must_use]
    pub fn hub_socket(mut self, path: impl Into<PathBuf>) -> Self {
        self.hub_socket = Some(path.into());
        self
    }
}

/// A running sequencer. Clones are handles of the same one.
///
/// It runs as a task of the runtime that it was started on, until [`shutdown`](Self::shutdown) or
/// until the last handle and the last link of this process are dropped.
#[derive(Clone, Debug)]
pub struct Journal {
    guard: Arc<Guard>,
    finished: watch::Receiver<()>,
}

/// How far a link has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lag {
    /// Whose link.
    pub role: Role,
    /// The last position that it has acknowledged. Over a socket it may be some further: it tells so
    /// when it has something to ask, is asked, or has come far.
    pub acknowledged: Position,
    /// What waits in its queue, in bytes (about).
    pub waiting: usize,
}

/// What the sequencer has done so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Entries released.
    pub entries: u64,
    /// Requests of sessions refused.
    pub rejections: u64,
    /// Batches decided.
    pub batches: u64,
    /// Those of them that the store was given.
    pub commits: u64,
    /// Rows in them.
    pub rows: u64,
    /// Those that the store holds in memory, or held when it answered.
    pub held: u64,
    /// Those that the store refused; their sessions and ratings are in no database.
    pub lost: u64,
    /// Links that were cut.
    pub cut: u64,
}

impl Journal {
    /// Starts a sequencer, and the hub if there is to be one, on the current runtime.
    ///
    /// # Errors
    ///
    /// If the hub's socket cannot be made.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn start(setup: Setup) -> Result<Self, StartError> {
        let Setup {
            network,
            writer,
            first,
            hub_socket,
            link_bytes,
            clock,
            keep,
            rereads,
            gate,
        } = setup;
        let last = Position(first.0.saturating_sub(1));
        let shared = Arc::new(Shared::new(link_bytes, last, rereads, gate));
        let hub = match hub_socket {
            Some(path) => Some(Hub::start(Socket::bind(path)?, Arc::clone(&shared))),
            None => None,
        };
        let sequencer = Sequencer::new(Arc::clone(&shared), writer, keep, clock, network, last);
        let (running, finished) = watch::channel(());
        tokio::spawn(async move {
            sequencer.run().await;
            if let Some(hub) = hub {
                hub.stop().await;
            }
            drop(running);
        });
        Ok(Self {
            guard: Arc::new(Guard(shared)),
            finished,
        })
    }

    /// Links a server or an observer of this process.
    ///
    /// # Errors
    ///
    /// If the sequencer has ended.
    pub async fn attach(&self, role: Role) -> Result<Link, Closed> {
        let shared = &self.guard.0;
        let port = Arc::new(Port::new(shared.next_link(), role));
        let queue = Arc::new(Queue::new(shared.link_bytes));
        let guard = Arc::clone(&self.guard);
        // Made first: from here on the link is taken back if this call is dropped.
        let deliveries = Deliveries::local(Arc::clone(&queue), Arc::clone(&port), guard);
        let (reply, attached) = oneshot::channel();
        let sink = Sink::Local(queue);
        self.guard.command(Command::Attach {
            port: Arc::clone(&port),
            sink,
            reply,
        })?;
        let ended = || {
            shared
                .inbox
                .closed()
                .or(port.ended())
                .unwrap_or(Closed::Broken)
        };
        let attached = attached.await.map_err(|_| ended())?;
        Ok(Link {
            incarnation: attached.incarnation,
            position: attached.position,
            network: attached.network,
            requests: Requests::new(Way::Local {
                port,
                guard: Arc::clone(&self.guard),
            }),
            deliveries,
        })
    }

    /// The last position that was released: what is stored (or held, while storage fails).
    #[must_use]
    pub fn position(&self) -> Position {
        self.guard.0.released()
    }

    /// How far each link has come.
    #[must_use]
    pub fn lag(&self) -> Vec<Lag> {
        let links = self.guard.0.links.lock();
        let lag = links.iter().map(|(port, sink)| Lag {
            role: port.role,
            acknowledged: port.acknowledged(),
            waiting: sink.bytes(),
        });
        lag.collect()
    }

    /// How many entries each server has not rendered of those that were there when this was asked
    /// last, a while ago: one that has stood still since shows here. For one caller, who asks again
    /// and again.
    #[must_use]
    pub fn behind(&self) -> Vec<(ServerId, u64)> {
        self.guard.0.behind()
    }

    /// Waits until operators want the configuration read again; who has asked so far. They are told
    /// what came of it by [`configure`](Self::configure). For one task at a time.
    pub async fn rehash_wanted(&self) -> Vec<SessionId> {
        self.guard.0.rehash.wanted().await
    }

    /// Tells all servers, in order with everything else, what came of reading the configuration
    /// again.
    ///
    /// # Errors
    ///
    /// If the sequencer has ended.
    pub fn configure(&self, read: Configuration) -> Result<(), Closed> {
        self.guard.command(Command::Configure(Box::new(read)))
    }

    /// What the sequencer has done so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let counts = &self.guard.0.counts;
        Figures {
            entries: counts.entries.load(Ordering::Relaxed),
            rejections: counts.rejections.load(Ordering::Relaxed),
            batches: counts.batches.load(Ordering::Relaxed),
            commits: counts.commits.load(Ordering::Relaxed),
            rows: counts.rows.load(Ordering::Relaxed),
            held: counts.held.load(Ordering::Relaxed),
            lost: counts.lost.load(Ordering::Relaxed),
            cut: counts.cut.load(Ordering::Relaxed),
        }
    }

    /// Takes no more requests, commits and releases what was asked before, takes leave of all links
    /// and waits until that is done. May be called more than once.
    pub async fn shutdown(&self) {
        self.guard.0.inbox.finish(Closed::Goodbye);
        self.ended().await;
    }

    /// Waits until the sequencer has ended, whatever the reason: besides
    /// [`shutdown`](Self::shutdown) that is only a store that is gone.
    pub async fn ended(&self) {
        let mut finished = self.finished.clone();
        // Nothing is ever sent: an error means that the sender is gone, and with it the task.
        while finished.changed().await.is_ok() {}
    }
}
