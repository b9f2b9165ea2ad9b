//! The task that makes the one order.
//!
//! It takes what waits, decides it in one go, and gives the rows of that batch to the store. While
//! the store commits, it decides the next ones; a batch is released to the links when the store has
//! answered for it, in order. With [`IN_FLIGHT`] batches on their way it lets requests gather, so
//! batches grow with the load and an idle sequencer commits at once; there is no timer.

mod links;
mod release;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use chat_network::{
    Action, Configuration, Entry, Event, Network, Origin, Position, Rejection, Request, ServerId,
    SessionId, Stamp, Timestamp,
};
use chat_store::{Row, Writer};
use tracing::{debug, info};

use crate::{
    Clock, Closed, Role,
    commits::Commits,
    fanout::Item,
    port::{LinkId, Port},
    records::Touched,
    rows::{self, Keep},
    shared::{Command, Shared, Sink},
};
use release::Pending;

/// Batches that may be decided and not yet released.
const IN_FLIGHT: usize = 3;
/// Commands in one batch at most: what one pass may take before others have their turn.
const BATCH: usize = 1024;
/// Rows in one batch, after which no further command is decided into it. One command may bring
/// more: the end of a server ends all its sessions at once.
const BATCH_ROWS: usize = 4096;
/// Requests in one batch in bytes (about), after which no further command is decided into it. With
/// all batches in flight far below what a store holds beyond its limit by default.
const BATCH_BYTES: usize = 1024 * 1024;
pub(crate) struct Sequencer {
    shared: Arc<Shared>,
    writer: Writer,
    keep: Keep,
    clock: Clock,
    network: Network,
    /// The last position that was given out.
    position: Position,
    /// The last position that the store was told.
    told: Position,
    links: Vec<LinkState>,
    /// The life that each server was given last.
    lives: HashMap<ServerId, u16>,
    first_life: u16,
    /// Commands that were taken and not yet decided.
    taken: VecDeque<Command>,
    /// Requests of the sequencer itself; they come before all others.
    own: VecDeque<Request>,
    pending: VecDeque<Pending>,
    commits: Arc<Commits>,
}

/// A link as the sequencer sees it.
pub(crate) struct LinkState {
    pub(crate) port: Arc<Port>,
    pub(crate) sink: Sink,
    incarnation: u16,
    /// Its snapshot has been handed over; from here on it gets everything.
    pub(crate) live: bool,
    /// What is to be given back to its budget at the end of the batch.
    decided: usize,
}

/// A batch in the making.
struct Draft {
    items: Vec<Item>,
    rows: Vec<Row>,
    /// The weight of its requests.
    bytes: usize,
    now: Timestamp,
    /// The store takes messages.
    accepting: bool,
    /// Who wants the configuration read again.
    rehash: Vec<SessionId>,
}

impl Sequencer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        writer: Writer,
        keep: Keep,
        mut clock: Clock,
        network: Network,
        position: Position,
    ) -> Self {
        // Lives count on from the second of the start, so that two runs of the sequencer on the
        // same database hardly share one; within a run they differ by counting.
        let first_life = (clock.now().0 / 1000).rem_euclid(1 << 16);
        Self {
            shared,
            writer,
            keep,
            clock,
            network,
            position,
            told: position,
            links: Vec::new(),
            lives: HashMap::new(),
            first_life: u16::try_from(first_life).unwrap_or_default(),
            taken: VecDeque::new(),
            own: VecDeque::new(),
            pending: VecDeque::new(),
            commits: Arc::default(),
        }
    }

    /// Runs until nobody needs it any more, then takes leave of all links.
    pub(crate) async fn run(mut self) {
        let reason = loop {
            self.release();
            if self.commits.broken() {
                break Closed::StoreGone;
            }
            if self.pending.len() < IN_FLIGHT {
                if self.has_work() {
                    // Others have their turn, and what they have to ask joins the batch.
                    self.let_servers_go_first();
                    tokio::task::yield_now().await;
                }
                let more = self.take();
                if !self.own.is_empty() || !self.taken.is_empty() {
                    // What it commits where it stands is released at once.
                    self.decide_batch();
                    continue;
                }
                if let Err(reason) = more
                    && self.pending.is_empty()
                {
                    if self.told == self.position {
                        break reason;
                    }
                    self.tell_position();
                }
            }
            self.wait().await;
        };
        info!(position = self.position.0, %reason, "sequencer ends");
        self.end(reason);
    }

    /// Waits for commands, if more can be taken, and for the store.
    async fn wait(&mut self) {
        let full = self.pending.len() >= IN_FLIGHT;
        let closed = self.shared.inbox.closed().is_some();
        tokio::select! {
            () = self.shared.inbox.ready(), if !full && !closed => {}
            () = self.commits.answered() => {}
        }
    }

    /// Servers of other processes have their turn as well, where several requests wait already: under
    /// load the others have some too, and where they share a processor each would otherwise wake this
    /// one for a batch of its own. Who asks alone does not wait for that.
    fn let_servers_go_first(&self) {
        let remote = |link: &LinkState| matches!(link.sink, Sink::Remote(_));
        if self.shared.inbox.len() > 1 && self.links.iter().any(remote) {
            std::thread::yield_now();
        }
    }

    fn has_work(&self) -> bool {
        !self.own.is_empty() || !self.taken.is_empty() || !self.shared.inbox.is_empty()
    }

    fn take(&mut self) -> Result<(), Closed> {
        if self.taken.is_empty() {
            return self.shared.inbox.take(&mut self.taken, BATCH, usize::MAX);
        }
        Ok(())
    }

    /// Decides what was taken, up to the bounds of a batch, and sends it on its way.
    fn decide_batch(&mut self) {
        let mut draft = Draft {
            items: Vec::with_capacity(self.taken.len()),
            rows: Vec::with_capacity(self.taken.len()),
            bytes: 0,
            now: self.clock.now(),
            accepting: self.writer.accepting(),
            rehash: Vec::new(),
        };
        let mut attach = None;
        while draft.has_room() && attach.is_none() {
            if let Some(request) = self.own.pop_front() {
                self.decide(&mut draft, None, request);
                continue;
            }
            match self.taken.pop_front() {
                Some(Command::Request {
                    link,
                    weight,
                    request,
                }) => {
                    self.decide_of_link(&mut draft, link, weight, request);
                }
                Some(Command::Gone { link, reason }) => self.drop_link(link, reason),
                Some(Command::Configure(read)) => {
                    self.decide(&mut draft, None, configure(*read));
                }
                Some(Command::Attach { port, sink, reply }) => {
                    attach = self.admit(&mut draft, port, sink, reply);
                }
                None => break,
            }
        }
        for link in &mut self.links {
            link.port
                .budget
                .add_permits(std::mem::take(&mut link.decided));
        }
        self.submit(draft, attach);
    }

    /// A request that came over a link: only the link that holds a session may ask for it.
    fn decide_of_link(&mut self, draft: &mut Draft, id: LinkId, weight: u32, request: Request) {
        let Some(link) = self.links.iter_mut().find(|link| link.port.id == id) else {
            return; // Asked before the link was cut.
        };
        link.decided += weight as usize;
        draft.bytes += weight as usize;
        let own = match (link.port.role, request.origin) {
            (Role::Server(server), Origin::Session(session)) => {
                session.server() == server && session.incarnation() == link.incarnation
            }
            (Role::Server(server), Origin::Server(origin)) => server == origin,
            (Role::Operator, Origin::Operator(session)) => {
                session.server() == ServerId::HUB && session.incarnation() == link.incarnation
            }
            (Role::Server(_) | Role::Operator | Role::Observer, _) => false,
        };
        if own {
            self.decide(draft, Some(id), request);
        } else {
            self.cut(id, Closed::Protocol("a request for somebody else"));
        }
    }

    fn decide(&mut self, draft: &mut Draft, link: Option<LinkId>, request: Request) {
        let stamp = Stamp {
            position: self.position.next(),
            time: draft.now,
        };
        let decision = if !draft.accepting && self.keep.stores(&request.action) {
            Err(Rejection::StorageFull)
        } else {
            self.network.decide(&request, stamp)
        };
        match decision {
            Ok(event) => {
                let entry = Entry {
                    stamp,
                    origin: request.origin,
                    event,
                };
                rows::append(&self.keep, &self.network, &entry, &mut draft.rows);
                let touched = Touched::by(&self.network, &entry);
                self.network.apply(&entry);
                self.position = stamp.position;
                let entry = match touched {
                    None => entry,
                    Some(touched) => {
                        touched.append(&self.network, &entry, &mut draft.rows);
                        entry.without_secrets()
                    }
                };
                if let Event::Operated { effect, .. } = &entry.event {
                    self.follow(draft, entry.origin, effect);
                }
                draft.items.push(Item::Entry(Arc::new(entry)));
            }
            Err(rejection) => match (link, request.origin) {
                (Some(link), Origin::Session(session) | Origin::Operator(session)) => {
                    draft.items.push(Item::Rejected {
                        link,
                        refused: (session, rejection),
                    });
                }
                _ => debug!(origin = ?request.origin, %rejection, "a server's request refused"),
            },
        }
    }

    /// What follows from an operator's act: who is banned and on leaves at once, and the
    /// configuration is read once the entry is released.
    fn follow(&mut self, draft: &mut Draft, origin: Origin, effect: &Event) {
        match (effect, origin) {
            (Event::RehashAsked, Origin::Session(asker)) => draft.rehash.push(asker),
            (Event::NetworkBanned { ban }, _) => {
                let reason: Arc<str> = match &*ban.reason {
                    "" => "Banned".into(),
                    reason => format!("Banned: {reason}").into(),
                };
                let banned = self.network.banned_users(ban);
                self.own.extend(banned.map(|user| Request {
                    origin: Origin::Server(ServerId::HUB),
                    action: Action::Disconnect {
                        nick: user.nick().into(),
                        reason: Arc::clone(&reason),
                    },
                }));
            }
            _ => {}
        }
    }
}

impl Drop for Sequencer {
    /// After an orderly end there is nothing left to do. If the task was dropped or has panicked,
    /// nobody must wait for it.
    fn drop(&mut self) {
        self.end(Closed::Broken);
    }
}

impl Draft {
    fn has_room(&self) -> bool {
        self.rows.len() < BATCH_ROWS && self.bytes < BATCH_BYTES
    }
}

/// The sequencer's own request.
fn configure(read: Configuration) -> Request {
    Request {
        origin: Origin::Server(ServerId::HUB),
        action: Action::Configure(Box::new(read)),
    }
}
/// For [`Item::Rejected`].
pub(crate) type Refused = (SessionId, Rejection);
