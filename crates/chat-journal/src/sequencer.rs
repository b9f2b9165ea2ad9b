//! The task that makes the one order.
//!
//! It takes what waits, decides it in one go, and gives the rows of that batch to the store. While
//! the store commits, it decides the next ones; a batch is released to the links when the store has
//! answered for it, in order. With [`IN_FLIGHT`] batches on their way it lets requests gather, so
//! batches grow with the load and an idle sequencer commits at once; there is no timer.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use chat_network::{
    Action, Configuration, Entry, Event, Network, Origin, Position, Rejection, Request, ServerId,
    SessionId, Stamp, Timestamp,
};
use chat_store::{Batch, Outcome, Row, Writer};
use tokio::sync::oneshot;
use tracing::{debug, info, warn};

use crate::{
    Clock, Closed, Role,
    commits::{Commits, Ticket},
    fanout::{self, Item},
    port::{LinkId, Port},
    records::Touched,
    rows::{self, Keep},
    shared::{Attached, Command, Counts, Shared, Sink, count},
};

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
/// Positions that may become visible without a word to the store, which has reserved some ahead.
const UNSTORED: u64 = 100_000;

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

/// A batch that is decided and waits for its turn.
#[derive(Default)]
struct Pending {
    items: Vec<Item>,
    /// The number of its commit, if it has one.
    commit: Option<u64>,
    /// The last position when it was decided.
    position: Position,
    /// A link that begins after it.
    attach: Option<Attaching>,
    /// Who wants the configuration read again.
    rehash: Vec<SessionId>,
}

struct Attaching {
    link: LinkId,
    attached: Attached,
    reply: oneshot::Sender<Attached>,
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

    /// Takes a link in: it gets the state as it is now, and what comes after this batch.
    fn admit(
        &mut self,
        draft: &mut Draft,
        port: Arc<Port>,
        sink: Sink,
        reply: oneshot::Sender<Attached>,
    ) -> Option<Attaching> {
        if reply.is_closed() {
            return None;
        }
        if let Role::Server(_) = port.role {
            let same = self.links.iter().find(|link| link.port.role == port.role);
            if let Some(old) = same.map(|link| link.port.id) {
                self.cut(old, Closed::Replaced);
            }
        }
        // What was lost with an earlier life comes before the snapshot of the new one.
        while let Some(request) = self.own.pop_front() {
            self.decide(draft, None, request);
        }
        let incarnation = self.next_life(port.role);
        let (link, role) = (port.id, port.role);
        self.links.push(LinkState {
            port,
            sink,
            incarnation,
            live: false,
            decided: 0,
        });
        info!(?role, incarnation, position = self.position.0, "link");
        let (position, network) = (self.position, self.network.clone());
        Some(Attaching {
            link,
            attached: Attached {
                incarnation,
                position,
                network,
            },
            reply,
        })
    }

    fn next_life(&mut self, role: Role) -> u16 {
        let server = match role {
            Role::Observer => return 0,
            Role::Server(server) => server,
            Role::Operator => ServerId::HUB,
        };
        let first = self.first_life;
        *self
            .lives
            .entry(server)
            .and_modify(|life| *life = life.wrapping_add(1))
            .or_insert(first)
    }

    /// Gives the rows of a batch to the store, and queues it for release.
    fn submit(&mut self, draft: Draft, attach: Option<Attaching>) {
        let far = self.position.0 - self.told.0 >= UNSTORED;
        let commit = (!draft.rows.is_empty() || far).then(|| self.commit(draft.rows));
        if draft.items.is_empty() && commit.is_none() && attach.is_none() {
            return;
        }
        count(&self.shared.counts.batches, 1);
        let position = self.position;
        self.pending.push_back(Pending {
            items: draft.items,
            commit,
            position,
            attach,
            rehash: draft.rehash,
        });
    }

    fn commit(&mut self, rows: Vec<Row>) -> u64 {
        count(&self.shared.counts.commits, 1);
        count(&self.shared.counts.rows, rows.len());
        self.told = self.position;
        let (number, ticket) = Commits::ticket(&self.commits);
        let shared = Arc::clone(&self.shared);
        let messages = rows.iter().any(|row| matches!(row, Row::Message(_)));
        let done = move |outcome| settle(outcome, messages, ticket, &shared.counts);
        self.writer.commit_soon(
            Batch {
                rows,
                position: self.position.0,
            },
            done,
        );
        number
    }

    /// Tells the store the last position, so that the next run begins after it.
    fn tell_position(&mut self) {
        let commit = Some(self.commit(Vec::new()));
        self.pending.push_back(Pending {
            commit,
            position: self.position,
            ..Pending::default()
        });
    }

    /// Hands out what is stored, in order.
    fn release(&mut self) {
        let stored = self.commits.stored();
        while let Some(batch) = self
            .pending
            .pop_front_if(|batch| batch.commit.is_none_or(|commit| commit <= stored))
        {
            self.shared.set_released(batch.position);
            fanout::count_items(&self.shared.counts, &batch.items);
            for slow in fanout::deliver(&batch.items, &self.links) {
                self.cut(slow, Closed::TooSlow);
            }
            if let Some(attaching) = batch.attach {
                self.begin(attaching);
            }
            for asker in batch.rehash {
                self.rehash(asker);
            }
        }
    }

    /// Somebody wants the configuration read again.
    fn rehash(&mut self, asker: SessionId) {
        if self.shared.rereads {
            self.shared.rehash.ask(asker);
        } else {
            self.own.push_back(configure(Configuration {
                askers: vec![asker],
                notes: vec!["This program has no configuration file".into()],
                ..Configuration::default()
            }));
        }
    }

    /// Lets a link begin, if it is still wanted.
    fn begin(&mut self, attaching: Attaching) {
        let id = attaching.link;
        let Some(link) = self.links.iter_mut().find(|link| link.port.id == id) else {
            return;
        };
        link.live = true;
        link.port.acknowledge(attaching.attached.position);
        self.shared
            .links
            .lock()
            .push((Arc::clone(&link.port), link.sink.clone()));
        if attaching.reply.send(attaching.attached).is_err() {
            self.drop_link(id, Closed::Broken);
        }
    }

    /// Ends a link from this side.
    fn cut(&mut self, id: LinkId, reason: Closed) {
        if let Some(link) = self.links.iter().find(|link| link.port.id == id) {
            warn!(role = ?link.port.role, %reason, "link cut");
            count(&self.shared.counts.cut, 1);
        }
        self.drop_link(id, reason);
    }

    /// Forgets a link; the sessions of a server's end with it.
    fn drop_link(&mut self, id: LinkId, reason: Closed) {
        let Some(index) = self.links.iter().position(|link| link.port.id == id) else {
            return;
        };
        let link = self.links.swap_remove(index);
        info!(role = ?link.port.role, incarnation = link.incarnation, %reason, "link ends");
        self.shared.unlink(id);
        if let Role::Server(server) = link.port.role {
            self.own.push_back(Request {
                origin: Origin::Server(ServerId::HUB),
                action: Action::ServerLost {
                    server,
                    incarnation: link.incarnation,
                    reason: format!("{server} is gone").into(),
                },
            });
        }
        link.sink.cut(reason.clone());
        link.port.cut(reason);
    }

    /// Takes leave of all links.
    fn end(&mut self, reason: Closed) {
        self.shared.inbox.cut(reason.clone());
        self.shared.links.lock().clear();
        for link in self.links.drain(..) {
            link.port.end(reason.clone());
            link.sink.finish(reason.clone());
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

/// What the store's answer means for a batch that waits for it.
fn settle(outcome: Outcome, messages: bool, ticket: Ticket, counts: &Counts) {
    match outcome {
        Outcome::Stored => ticket.answer(),
        Outcome::Held => {
            count(&counts.held, 1);
            ticket.answer();
        }
        // Nobody may see a message that is not kept: the sequencer ends.
        Outcome::Refused if messages => drop(ticket),
        // What else there is to keep must not stop a chat that has lost its disk for long.
        Outcome::Refused => {
            count(&counts.lost, 1);
            ticket.answer();
        }
    }
}

/// For [`Item::Rejected`].
pub(crate) type Refused = (SessionId, Rejection);

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    #[test]
    fn what_is_held_is_released_and_a_message_that_is_refused_never() {
        let cases = [
            (Outcome::Stored, true, false, (0, 0)),
            (Outcome::Held, true, false, (1, 0)),
            (Outcome::Refused, false, false, (0, 1)),
            (Outcome::Refused, true, true, (0, 0)),
        ];
        for (outcome, messages, broken, counted) in cases {
            let commits = Arc::default();
            let counts = Counts::default();
            let (number, ticket) = Commits::ticket(&commits);
            settle(outcome, messages, ticket, &counts);
            assert_eq!(commits.broken(), broken, "{outcome:?}");
            assert_eq!(commits.stored() == number, !broken, "{outcome:?}");
            let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
            assert_eq!(
                (count(&counts.held), count(&counts.lost)),
                counted,
                "{outcome:?}"
            );
        }
    }
}
