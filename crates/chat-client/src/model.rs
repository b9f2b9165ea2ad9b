//! Everything a client knows, as plain data: no sockets, no clocks, no screen.
//!
//! Feed it every [`Update`]; it answers what changed. The same updates always make the same model.

mod ask;
mod buffer;
mod change;
mod event;
mod line;
mod mark;
mod member;
mod numeric;
mod past;
mod search;
mod stretch;
mod tags;
mod talk;
mod typing;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Duration;

use chat_proto::{Capability, CapabilitySet, CaseMapping, Message};
use chat_transport::tls::Judgement;
use indexmap::IndexMap;
use jiff::Timestamp;
use smol_str::SmolStr;

pub use buffer::{Buffer, BufferId, BufferKind, Topic};
pub use change::{Change, ConnectionState, Limits};
pub use line::{Line, LineKind, Reaction, Reply};
pub use member::{Member, Members};
pub use search::{Found, Listed, Listing, Search, SearchState};
pub use stretch::Edge;

use crate::{Command, Update};
use ask::Asked;
use line::Draft;
use member::Prefixes;
use past::Past;

/// See the module.
#[derive(Debug, Clone)]
pub struct Model {
    limits: Limits,
    nick: SmolStr,
    server: Option<SmolStr>,
    state: ConnectionState,
    lag: Option<Duration>,
    away: bool,
    casemapping: CaseMapping,
    prefixes: Prefixes,
    /// Channel modes by their kinds: lists, always with a parameter, with one when set, without.
    chanmodes: [String; 4],
    buffers: IndexMap<SmolStr, Buffer>,
    active: BufferId,
    attentive: bool,
    /// What was agreed upon with the server.
    capabilities: CapabilitySet,
    /// Why the server's certificate was trusted; `None` where there is none.
    judgement: Option<Judgement>,
    /// How many lines of history it gives at once.
    history_limit: u16,
    /// Whether the server keeps read markers for us: not for who has no account.
    marks: bool,
    /// What the server is to be asked.
    wishes: VecDeque<Command>,
    /// The parts of history that were asked for, in order.
    asked: VecDeque<Asked>,
    /// Batches on their way.
    past: Vec<Past>,
    /// Conversations that the user has closed, and when.
    closed: IndexMap<SmolStr, Timestamp>,
    search: Option<Search>,
    listing: Option<Listing>,
    /// When anything came last, by our own clock.
    heard: Timestamp,
    changes: Vec<Change>,
}

/// Conversations that are remembered to have been closed.
const MAX_CLOSED: usize = 256;

/// A message on its way into the model, with what is needed of it everywhere.
struct Incoming<'a> {
    message: &'a Message,
    at: Timestamp,
    sender: &'a str,
    own: bool,
}

// === impl Model ===

impl Model {
    /// A model of a client that wants `nick` and is not connected yet. `network` names the server's
    /// buffer until the server tells its network's name.
    #[must_use]
    pub fn new(nick: &str, network: &str, limits: Limits) -> Model {
        let id = BufferId::server();
        let server = Buffer::new(id.clone(), BufferKind::Server, network.into(), limits.lines);
        Model {
            limits,
            nick: nick.into(),
            server: None,
            state: ConnectionState::Connecting { attempt: 1 },
            lag: None,
            away: false,
            casemapping: CaseMapping::Ascii,
            prefixes: Prefixes::default(),
            chanmodes: ["beI", "k", "l", "imnst"].map(str::to_owned),
            buffers: IndexMap::from([(id.0.clone(), server)]),
            active: id,
            attentive: true,
            capabilities: CapabilitySet::EMPTY,
            judgement: None,
            history_limit: 100,
            marks: true,
            wishes: VecDeque::new(),
            asked: VecDeque::new(),
            past: Vec::new(),
            closed: IndexMap::new(),
            search: None,
            listing: None,
            heard: Timestamp::UNIX_EPOCH,
            changes: Vec::new(),
        }
    }

    /// The user's nickname.
    #[must_use]
    pub fn nick(&self) -> &str {
        &self.nick
    }

    /// Which of the network's servers the user is on ("Server-2"), once it told.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// How it stands with the connection.
    #[must_use]
    pub fn state(&self) -> &ConnectionState {
        &self.state
    }

    /// Why the server's certificate was trusted; `None` where the connection is not encrypted.
    #[must_use]
    pub fn judgement(&self) -> Option<Judgement> {
        self.judgement
    }

    /// How long the server took to answer last.
    #[must_use]
    pub fn lag(&self) -> Option<Duration> {
        self.lag
    }

    /// Whether the user is marked as away.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.away
    }

    /// The buffers: the server's, then channels, then persons, each in the order of opening.
    pub fn buffers(&self) -> impl Iterator<Item = &Buffer> {
        let of = |kind| self.buffers.values().filter(move |b| b.kind() == kind);
        of(BufferKind::Server)
            .chain(of(BufferKind::Channel))
            .chain(of(BufferKind::Query))
    }

    /// One buffer.
    #[must_use]
    pub fn buffer(&self, id: &BufferId) -> Option<&Buffer> {
        self.buffers.get(&id.0)
    }

    /// The buffer of a channel or person, by name in any case.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Buffer> {
        self.buffers.get(&self.fold(name))
    }

    /// A line by what [`Change::Line`] tells of it.
    #[must_use]
    pub fn line(&self, id: &BufferId, number: u64) -> Option<&Line> {
        let lines = self.buffer(id)?.lines();
        let first = lines.front()?.number;
        lines.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// The buffer the user looks at.
    #[must_use]
    pub fn active(&self) -> &Buffer {
        let active = self.buffers.get(&self.active.0);
        active.unwrap_or(&self.buffers[0])
    }

    /// The user looks at this buffer from now on; nothing in it is unread any more.
    pub fn look_at(&mut self, id: &BufferId) {
        if *id != self.active
            && let Some(old) = self.buffers.get_mut(&self.active.0)
        {
            old.left_alone();
        }
        if let Some(buffer) = self.buffers.get_mut(&id.0) {
            buffer.looked_at();
            self.active = id.clone();
            self.tell_mark(id);
        }
    }

    /// Shows the newest lines of a buffer again, where an excerpt from long ago was shown.
    pub fn show_newest(&mut self, id: &BufferId) {
        if let Some(buffer) = self.buffers.get_mut(&id.0) {
            buffer.close_excerpt();
        }
    }

    /// Whether the user is looking at all: while not, everything that comes is unread.
    pub fn set_attentive(&mut self, attentive: bool) {
        self.attentive = attentive;
        let id = self.active.clone();
        if let (Some(buffer), true) = (self.buffers.get_mut(&id.0), attentive) {
            buffer.looked_at();
            self.tell_mark(&id);
        }
    }

    fn is_seen(&self, id: &BufferId) -> bool {
        self.attentive && *id == self.active
    }

    /// Opens the buffer of a person to write to; the buffer that is there if there is one.
    pub fn open_query(&mut self, nick: &str) -> BufferId {
        let opened = self.open(nick, BufferKind::Query);
        self.changes.clear();
        opened
    }

    /// Closes a buffer. The server's stays.
    pub fn close(&mut self, id: &BufferId) {
        if *id != BufferId::server() {
            if let Some(buffer) = self.buffers.shift_remove(&id.0)
                && buffer.kind() == BufferKind::Query
                && self.closed.len() < MAX_CLOSED
            {
                let last = buffer.lines().iter().map(|line| line.at).max();
                self.closed.insert(id.0.clone(), last.unwrap_or(self.heard));
            }
            self.settle_active();
        }
    }

    /// Adds a line of the client's own, such as an explanation of what cannot be done.
    pub fn note(&mut self, id: &BufferId, kind: LineKind, at: Timestamp, text: &str) {
        self.put(id, Draft::info(at, text).of(kind));
        self.changes.clear();
    }

    /// Takes in what happened, and answers what is different now.
    pub fn apply(&mut self, update: &Update) -> Vec<Change> {
        match update {
            Update::Connecting { attempt } => {
                self.set_state(ConnectionState::Connecting { attempt: *attempt });
            }
            Update::Connected => {
                self.capabilities = CapabilitySet::EMPTY;
                self.marks = true;
                self.judgement = None;
                self.set_state(ConnectionState::Registering);
            }
            Update::Secured {
                at,
                judgement,
                fingerprint,
            } => {
                self.judgement = Some(*judgement);
                let text = crate::update::in_words(*judgement, *fingerprint);
                self.put(&BufferId::server(), Draft::info(*at, text));
            }
            Update::Upgrading { at, port } => {
                let text = format!(
                    "This server wants to be spoken to over TLS only: going to port {port}"
                );
                self.put(&BufferId::server(), Draft::info(*at, text));
            }
            Update::Registered { nick } => {
                self.nick = nick.clone();
                self.away = false;
                self.set_state(ConnectionState::Online);
            }
            Update::Line { at, message } => self.received(message, *at),
            Update::NotSent { at, reason } => {
                let id = self.active.clone();
                let draft = Draft::info(*at, reason.as_str());
                self.put(&id, draft.of(LineKind::Error));
            }
            Update::Lag(lag) => {
                self.lag = Some(*lag);
                self.changes.push(Change::State);
            }
            Update::Disconnected { at, reason, retry } => self.disconnected(*at, reason, *retry),
        }
        std::mem::take(&mut self.changes)
    }

    fn set_state(&mut self, state: ConnectionState) {
        self.state = state;
        self.changes.push(Change::State);
    }

    fn disconnected(&mut self, at: Timestamp, reason: &str, retry: Option<Duration>) {
        let reason = reason.to_owned();
        let told = format!("Disconnected: {reason}");
        self.forget_asked();
        self.past.clear();
        self.search_is(SearchState::Failed("The connection was lost.".to_owned()));
        self.lag = None;
        self.server = None;
        let joined = self.buffers.values().filter(|b| b.joined());
        let ids: Vec<BufferId> = joined.map(|b| b.id().clone()).collect();
        for id in ids {
            if let Some(buffer) = self.buffers.get_mut(&id.0)
                && buffer.kind() == BufferKind::Channel
            {
                buffer.joined = false;
                buffer.members.clear();
                self.changes.push(Change::Members(id.clone()));
            }
            self.put(&id, Draft::info(at, told.as_str()));
        }
        self.set_state(match retry {
            Some(retry) => ConnectionState::Waiting {
                reason,
                until: at.saturating_add(retry).unwrap_or(at),
            },
            None => ConnectionState::Ended { reason },
        });
    }

    fn received(&mut self, message: &Message, at: Timestamp) {
        self.heard = at;
        let told = message.tag("time").and_then(|time| time.parse().ok());
        let source = message.source();
        let sender = source.map_or("", |source| source.name);
        let incoming = Incoming {
            message,
            at: told.unwrap_or(at),
            sender,
            own: self.same(sender, &self.nick),
        };
        let command = message.command_upper();
        if self.is_past(message) {
            return self.past(&incoming, &command);
        }
        match &*command {
            "BATCH" => self.batch(&incoming),
            "CAP" => self.capability(&incoming),
            "TAGMSG" => self.tag_message(&incoming),
            "REDACT" => self.redact(&incoming),
            "MARKREAD" => self.mark_read(&incoming),
            "PRIVMSG" | "NOTICE" => self.talk(&incoming),
            "JOIN" => self.join(&incoming),
            "PART" => self.part(&incoming),
            "KICK" => self.kick(&incoming),
            "QUIT" => self.quit(&incoming),
            "NICK" => self.nick_change(&incoming),
            "TOPIC" => self.topic(&incoming),
            "MODE" => self.mode(&incoming),
            "AWAY" => self.away_notice(&incoming),
            "INVITE" => self.invite(&incoming),
            "ERROR" => self.tell(&incoming, LineKind::Error, 0),
            "FAIL" | "WARN" | "NOTE" => self.standard_reply(&incoming, &command),
            _ => {
                let is_numeric = command.len() == 3 && command.bytes().all(|b| b.is_ascii_digit());
                if let (true, Ok(numeric)) = (is_numeric, command.parse()) {
                    self.numeric(&incoming, numeric);
                }
            }
        }
    }

    /// `CAP client ACK|DEL :names`: what was agreed upon.
    fn capability(&mut self, incoming: &Incoming<'_>) {
        let acknowledged = match incoming.param(1) {
            Some("ACK") => true,
            Some("DEL") => false,
            _ => return,
        };
        for word in incoming.last().split_whitespace() {
            let (name, on) = match word.strip_prefix('-') {
                Some(name) => (name, false),
                None => (word, acknowledged),
            };
            match (Capability::parse(name), on) {
                (Some(capability), true) => self.capabilities.insert(capability),
                (Some(capability), false) => self.capabilities.remove(capability),
                (None, _) => {}
            }
        }
    }

    fn fold(&self, name: &str) -> SmolStr {
        self.casemapping.fold(name).into()
    }

    fn same(&self, one: &str, other: &str) -> bool {
        self.casemapping.eq(one, other)
    }

    /// The buffer of that name, opened if need be; the server's if there are too many.
    fn open(&mut self, name: &str, kind: BufferKind) -> BufferId {
        let folded = self.fold(name);
        if self.buffers.contains_key(&folded) {
            return BufferId(folded);
        }
        if self.buffers.len() >= self.limits.buffers.max(1) {
            return BufferId::server();
        }
        let id = BufferId(folded.clone());
        let buffer = Buffer::new(id.clone(), kind, name.into(), self.limits.lines);
        self.closed.shift_remove(&folded);
        self.buffers.insert(folded, buffer);
        self.changes.push(Change::Opened(id.clone()));
        if kind == BufferKind::Query {
            self.want_mark(&id);
            self.want_latest(&id);
        }
        id
    }

    /// Adds a line to a buffer that exists.
    fn put(&mut self, id: &BufferId, draft: Draft) {
        let seen = self.is_seen(id);
        if let Some(buffer) = self.buffers.get_mut(&id.0) {
            if draft.id.as_ref().is_some_and(|id| buffer.has_lately(id)) {
                return;
            }
            if draft.kind.is_talk() {
                buffer.typists.gone(&draft.sender);
            }
            let number = buffer.push(draft, seen);
            if seen {
                buffer.looked_at();
            }
            self.changes.push(Change::Line(id.clone(), number));
        }
    }

    /// A buffer that is no more cannot be the active one.
    fn settle_active(&mut self) {
        if !self.buffers.contains_key(&self.active.0) {
            self.active = BufferId::server();
            self.look_at(&BufferId::server());
        }
    }

    /// The casemapping is known late: names that were folded otherwise are folded again. Where two
    /// become one, the older buffer stays.
    fn set_casemapping(&mut self, casemapping: CaseMapping) {
        if casemapping == self.casemapping {
            return;
        }
        self.casemapping = casemapping;
        let mut stay = IndexMap::with_capacity(self.buffers.len());
        for (key, buffer) in std::mem::take(&mut self.buffers) {
            let server = buffer.kind() == BufferKind::Server;
            let folded = if server { key } else { self.fold(&buffer.name) };
            let from = buffer.id().clone();
            let to = BufferId(folded.clone());
            if from != to {
                let (from, to) = (from.clone(), to.clone());
                self.changes.push(Change::Renamed { from, to });
            }
            if self.active == from {
                self.active = to.clone();
            }
            stay.entry(folded).or_insert_with(|| buffer.renamed(to));
        }
        self.buffers = stay;
        self.settle_active();
    }
}

impl Incoming<'_> {
    fn param(&self, index: usize) -> Option<&str> {
        self.message.param(index)
    }

    fn tag(&self, name: &str) -> Option<Cow<'_, str>> {
        self.message.tag(name)
    }

    /// The last parameter, which holds the text where there is one.
    fn last(&self) -> &str {
        self.message.params().next_back().unwrap_or_default()
    }

    /// A line of that kind by the message's sender.
    fn draft(&self, kind: LineKind, text: impl Into<String>) -> Draft {
        Draft {
            id: self.message.tag("msgid").map(SmolStr::from),
            own: self.own,
            ..Draft::info(self.at, text).of(kind).by(self.sender)
        }
    }
}

#[cfg(test)]
mod tests;
