//! Everything a client knows, as plain data: no sockets, no clocks, no screen.
//!
//! Feed it every [`Update`]; it answers what changed. The same updates always make the same model.

mod buffer;
mod event;
mod line;
mod member;
mod numeric;
mod past;
mod talk;

use std::time::Duration;

use chat_proto::{CaseMapping, Message};
use indexmap::IndexMap;
use jiff::Timestamp;
use smol_str::SmolStr;

pub use buffer::{Buffer, BufferId, BufferKind, Topic};
pub use line::{Line, LineKind};
pub use member::{Member, Members};

use crate::Update;
use line::Draft;
use member::Prefixes;
use past::Past;

/// How much a [`Model`] keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Lines of one buffer; the oldest are dropped.
    pub lines: usize,
    /// Buffers; messages for which none can be opened go to the server's.
    pub buffers: usize,
}

/// How it stands with the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionState {
    /// An attempt is under way.
    Connecting {
        /// 1 for the first since the client was last registered.
        attempt: u32,
    },
    /// The connection stands, the server has not yet accepted the client.
    Registering,
    /// All is well.
    Online,
    /// Between two attempts.
    Waiting {
        /// Why the last connection ended.
        reason: String,
        /// When the next attempt begins.
        until: Timestamp,
    },
    /// Over for good.
    Ended {
        /// Why.
        reason: String,
    },
}

/// What an update has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A line with this number was added to the buffer.
    Line(BufferId, u64),
    /// A buffer was opened; for a channel, it was joined.
    Opened(BufferId),
    /// A buffer is gone.
    Closed(BufferId),
    /// A person's buffer has another name since the person has.
    Renamed {
        /// The name it had.
        from: BufferId,
        /// The name it has.
        to: BufferId,
    },
    /// What was said before came into the buffer, above its other lines.
    Past(BufferId),
    /// The members of a channel.
    Members(BufferId),
    /// The topic of a channel.
    Topic(BufferId),
    /// The connection, the lag, or who and where the user is.
    State,
}

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
    /// A part of history on its way.
    past: Option<Past>,
    changes: Vec<Change>,
}

/// A message on its way into the model, with what is needed of it everywhere.
struct Incoming<'a> {
    message: &'a Message,
    at: Timestamp,
    sender: &'a str,
    own: bool,
}

// === impl Limits ===

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            lines: 5_000,
            buffers: 300,
        }
    }
}

// === impl ConnectionState ===

impl ConnectionState {
    /// Whether messages can be sent.
    #[must_use]
    pub fn is_online(&self) -> bool {
        *self == ConnectionState::Online
    }
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
            past: None,
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
        }
    }

    /// Whether the user is looking at all: while not, everything that comes is unread.
    pub fn set_attentive(&mut self, attentive: bool) {
        if let (Some(buffer), true) = (self.buffers.get_mut(&self.active.0), attentive) {
            buffer.looked_at();
        }
        self.attentive = attentive;
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
            self.buffers.shift_remove(&id.0);
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
            Update::Connected => self.set_state(ConnectionState::Registering),
            Update::Secured {
                at,
                judgement,
                fingerprint,
            } => {
                let text = crate::update::in_words(*judgement, *fingerprint);
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
        self.buffers.insert(folded, buffer);
        self.changes.push(Change::Opened(id.clone()));
        id
    }

    /// Adds a line to a buffer that exists.
    fn put(&mut self, id: &BufferId, draft: Draft) {
        let seen = self.attentive && *id == self.active;
        if let Some(buffer) = self.buffers.get_mut(&id.0) {
            let number = buffer.push(draft, seen).number;
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
