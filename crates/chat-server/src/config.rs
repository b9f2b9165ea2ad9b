//! What can be set.

use std::fmt;
use std::time::Duration;

mod accounts;
mod operator;

use chat_network::{Reconfiguration, Settings};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub use accounts::Accounts;
pub use operator::Operator;

/// What one server needs to know; the same for every server of a fleet but for
/// [`server`](Self::server) and [`label`](Self::label).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// The number of this server: 2 for Server-2. At least 1.
    pub server: u16,
    /// What this server is called in the greeting, 002, WHOIS and STATS; empty: `Server-<number>`.
    pub label: String,
    /// The one name of the whole fleet on the wire, such as `irc.example.org`.
    pub name: String,
    /// The name of the network (005 NETWORK).
    pub network: String,
    /// A line about the server (WHOIS 312).
    pub description: String,
    /// The channel that everyone is put into; empty: none.
    pub lobby: String,
    /// What clients must send with PASS; empty: nothing.
    pub password: String,
    /// The message of the day; empty: none.
    pub motd: String,
    /// Whether a client is told at once, before it registers, which server it is on.
    pub greeting: bool,
    /// Bounds.
    pub limits: Limits,
    /// How accounts come to be.
    pub accounts: Accounts,
    /// What ADMIN tells, one line each: at most three.
    pub admin: Vec<String>,
    /// The address of a picture of the network; empty: none.
    pub icon: String,
    /// What was said before.
    pub history: History,
    /// Who may become an operator.
    pub operators: Vec<Operator>,
    /// What clients are told about coming over TLS only; `None`: nothing.
    pub sts: Option<Sts>,
}

/// Strict transport security: the server wants to be reached over TLS alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sts {
    /// The port for TLS, told to who comes without.
    pub port: u16,
    /// The seconds for which a client then keeps to it, told to who comes with.
    pub seconds: u32,
}

impl fmt::Debug for Config {
    /// Without what is nobody's business: passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("server", &self.server)
            .field("label", &self.label)
            .field("name", &self.name)
            .field("network", &self.network)
            .field("operators", &self.operators)
            .finish_non_exhaustive()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: 1,
            label: String::new(),
            name: "chat.local".to_owned(),
            network: "Chat".to_owned(),
            description: "A chat of our own".to_owned(),
            lobby: "#lobby".to_owned(),
            password: String::new(),
            motd: String::new(),
            greeting: true,
            limits: Limits::default(),
            accounts: Accounts::default(),
            admin: Vec::new(),
            icon: String::new(),
            history: History::default(),
            operators: Vec::new(),
            sts: None,
        }
    }
}

impl Config {
    /// As what is to hold on all servers while they run, with the bounds of the chat; `None`: it is
    /// too long for that. A server keeps its [`server`](Self::server), [`label`](Self::label),
    /// [`name`](Self::name) and [`network`](Self::network) for as long as it runs.
    #[must_use]
    pub fn reconfiguration(&self, limits: chat_network::Limits) -> Option<Reconfiguration> {
        let written = postcard::to_allocvec(self);
        Some(Reconfiguration {
            limits,
            operators: self.operators.iter().map(Operator::to_network).collect(),
            settings: written.ok().and_then(Settings::new)?,
        })
    }

    /// From what [`reconfiguration`](Self::reconfiguration) has made.
    pub(crate) fn from_settings(written: &Settings) -> Result<Self, postcard::Error> {
        postcard::from_bytes(written.as_bytes())
    }

    /// What this server is called where it matters which one it is.
    #[must_use]
    pub fn label(&self) -> SmolStr {
        if self.label.is_empty() {
            smol_str::format_smolstr!("Server-{}", self.server)
        } else {
            SmolStr::new(&self.label)
        }
    }
}

/// The bounds of one server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// How fast a client may send before it is slowed down; `None`: as fast as it likes.
    pub flood: Option<Flood>,
    /// Bytes that may wait for a slow reader before it is cut off ("SendQ exceeded").
    pub sendq: usize,
    /// The time within which a client must have registered.
    pub registration: Duration,
    /// The silence after which a client is pinged.
    pub ping: Duration,
    /// The time within which it must then say something.
    pub pong: Duration,
    /// The time that a closing connection is given to take what is still queued for it.
    pub drain: Duration,
    /// Requests of one client that may be on their way at the same time; more wait unread.
    pub requests_in_flight: usize,
    /// Keys of metadata whose changes one client may want to know.
    pub metadata_subscriptions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            flood: Some(Flood::default()),
            sendq: 1 << 20,
            registration: Duration::from_secs(30),
            ping: Duration::from_secs(120),
            pong: Duration::from_secs(60),
            drain: Duration::from_secs(2),
            requests_in_flight: 256,
            metadata_subscriptions: 50,
        }
    }
}

/// What clients are told of what was said before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct History {
    /// How much one CHATHISTORY or SEARCH gives at most; who asks for more gets that much.
    pub page: u32,
    /// Whether messages can be searched: the database has an index of their words.
    pub search: bool,
    /// From when on somebody may read what was said in a channel.
    pub cutoff: Cutoff,
}

/// From when on somebody may read what was said in a channel.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cutoff {
    /// From the beginning.
    #[default]
    None,
    /// Since one's account was registered; who has none: since one came.
    RegistrationTime,
    /// Since one joined; operators and half-operators of the channel: from the beginning.
    JoinTime,
}

impl Default for History {
    fn default() -> Self {
        Self {
            page: 100,
            search: true,
            cutoff: Cutoff::None,
        }
    }
}

/// How fast a client may send: a bucket of lines.
///
/// Who sends faster is not punished but read more slowly, for `patience`; who then still has lines
/// waiting is closed ("Excess flood").
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Flood {
    /// Lines that may come at once.
    pub burst: u32,
    /// Lines a second after that.
    pub rate: u32,
    /// How long a client may stay slowed down without a pause.
    pub patience: Duration,
}

impl Default for Flood {
    fn default() -> Self {
        Self {
            burst: 20,
            rate: 5,
            patience: Duration::from_secs(300),
        }
    }
}

/// Whether a text can be the name of a channel, such as the lobby.
#[must_use]
pub fn is_channel_name(text: &str) -> bool {
    chat_proto::name::is_valid_channel(text, chat_proto::name::CHANNELLEN)
}

/// Whether a text can be a host that others see.
#[must_use]
pub fn is_host(text: &str) -> bool {
    (1..=chat_proto::name::HOSTLEN).contains(&text.len())
        && !text.starts_with(':')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'/'))
}
