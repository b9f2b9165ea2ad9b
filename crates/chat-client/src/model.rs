//! Everything a client knows, as plain data: no sockets, no clocks, no screen.
//!
//! Feed it every [`Update`]; it answers what changed. The same updates always make the same model.

mod ask;
mod block;
mod buffer;
mod buffers;
mod change;
mod event;
mod goal;
mod incoming;
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

use std::collections::VecDeque;
use std::time::Duration;

use chat_proto::{CapabilitySet, CaseMapping};
use chat_transport::tls::Judgement;
use indexmap::IndexMap;
use jiff::Timestamp;
use smol_str::SmolStr;

pub use buffer::{Buffer, BufferId, BufferKind, Topic};
pub use change::{Change, ConnectionState, Limits};
pub use goal::Goal;
pub use line::{Line, LineKind, Reaction, Reply};
pub use member::{Member, Members};
pub use search::{Found, Listed, Listing, Search, SearchState};
pub use stretch::Edge;

use crate::{Command, Update};
use ask::Asked;
use block::Block;
use incoming::Incoming;
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
    /// How often the user has gone to another buffer.
    looks: u64,
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
    /// Messages of several lines on their way.
    blocks: Vec<Block>,
    /// Conversations that the user has closed, and when.
    closed: IndexMap<SmolStr, Timestamp>,
    search: Option<Search>,
    listing: Option<Listing>,
    /// When anything came last, by our own clock.
    heard: Timestamp,
    changes: Vec<Change>,
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
            looks: 0,
            attentive: true,
            capabilities: CapabilitySet::EMPTY,
            judgement: None,
            history_limit: 100,
            marks: true,
            wishes: VecDeque::new(),
            asked: VecDeque::new(),
            past: Vec::new(),
            blocks: Vec::new(),
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
            // Who can accept it is told by the update itself.
            Update::CertificateChanged { .. } => {}
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
        let told = match self.state {
            ConnectionState::Connecting { .. } => format!("No connection: {reason}"),
            _ => format!("Disconnected: {reason}"),
        };
        self.forget_asked();
        self.past.clear();
        self.blocks.clear();
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
            // Every attempt may fail alike.
            let last = self.buffer(&id).and_then(|b| b.lines().back());
            if last.is_none_or(|last| *last.text != *told) {
                self.put(&id, Draft::info(at, told.as_str()));
            }
        }
        self.set_state(match retry {
            Some(retry) => ConnectionState::Waiting {
                reason,
                until: at.saturating_add(retry).unwrap_or(at),
            },
            None => ConnectionState::Ended { reason },
        });
    }
}

#[cfg(test)]
mod tests;
