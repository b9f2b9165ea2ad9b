//! The state of one connection: registration, nickname, capabilities, channels to come back to.
//!
//! Messages go in, lines to send come out; no socket and no clock, so all of it can be tested by
//! hand.

use std::time::Duration;

use chat_proto::{CapabilitySet, CaseMapping, Message, WireLine, isupport};
use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::Config;
use crate::command::block::Bounds;
use crate::command::line;
use crate::login::Login;

mod negotiation;

/// How many nicknames are tried before giving up for this connection.
const NICK_ATTEMPTS: u32 = 20;

/// No nickname that is made up here is longer than this.
const NICK_ROOM: usize = 30;

/// How many channels are remembered to be joined again.
const MAX_CHANNELS: usize = 200;

/// What follows from a message beyond the lines to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing.
    Go,
    /// The server has accepted us.
    Registered,
    /// The server is to be spoken to over TLS only, at this port.
    Upgrade { port: u16 },
    /// This connection is over. `again`: another one may do better.
    Over { reason: String, again: bool },
}

/// How private a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// Everybody on the way can read along.
    None,
    /// It is encrypted, but nobody knows for sure with whom.
    Unsure,
    /// It is encrypted, and it is the server.
    Sure,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Session {
    config: Config,
    nick: SmolStr,
    nick_attempts: u32,
    registered: bool,
    negotiating: bool,
    offered: CapabilitySet,
    enabled: CapabilitySet,
    /// The mechanisms to log in with, where the server names them.
    mechanisms: Option<String>,
    /// Logging in, as long as it takes.
    login: Option<Login>,
    /// How much is one message of several lines, where the server tells.
    bounds: Option<Bounds>,
    secrecy: Secrecy,
    /// How long the server wants to be spoken to over TLS only, where it has just told.
    policy: Option<Duration>,
    casemapping: CaseMapping,
    /// Folded name to name and key.
    channels: IndexMap<SmolStr, (SmolStr, Option<SmolStr>)>,
    /// Keys of channels that were asked for and not joined yet.
    keys: IndexMap<SmolStr, SmolStr>,
}

// === impl Session ===

impl Session {
    pub(crate) fn new(config: Config) -> Session {
        let mut session = Session {
            nick: config.nick.clone(),
            nick_attempts: 0,
            registered: false,
            negotiating: false,
            offered: CapabilitySet::EMPTY,
            enabled: CapabilitySet::EMPTY,
            mechanisms: None,
            bounds: None,
            login: None,
            secrecy: Secrecy::None,
            policy: None,
            casemapping: CaseMapping::Ascii,
            channels: IndexMap::new(),
            keys: IndexMap::new(),
            config,
        };
        for (channel, key) in session.config.channels.clone() {
            session.want(channel, key);
        }
        session
    }

    /// The nickname we have, or are asking for.
    pub(crate) fn nick(&self) -> &SmolStr {
        &self.nick
    }

    /// Whether one's own messages come back from the server.
    pub(crate) fn echoes(&self) -> bool {
        self.enabled.contains(chat_proto::Capability::EchoMessage)
    }

    /// A new connection stands: the lines that ask for registration.
    pub(crate) fn open(&mut self, secrecy: Secrecy) -> Vec<WireLine> {
        self.secrecy = secrecy;
        self.policy = None;
        self.nick = self.config.nick.clone();
        self.nick_attempts = 0;
        self.registered = false;
        self.negotiating = true;
        self.offered = CapabilitySet::EMPTY;
        self.enabled = CapabilitySet::EMPTY;
        self.mechanisms = None;
        self.bounds = None;
        self.login = None;
        let mut lines = Vec::new();
        if let Some(password) = &self.config.password {
            lines.push(line("PASS", &[], Some(password)));
        }
        let user = self.config.username.as_ref().unwrap_or(&self.config.nick);
        let realname = self.config.realname.as_deref();
        let realname = realname.filter(|name| !name.is_empty());
        lines.push(line("CAP", &["LS", "302"], None));
        lines.push(line("NICK", &[&self.nick], None));
        let realname = realname.unwrap_or(&self.config.nick);
        lines.push(line("USER", &[user, "0", "*"], Some(realname)));
        lines
    }

    /// A channel is to be joined after the next registration.
    pub(crate) fn want(&mut self, channel: SmolStr, key: Option<SmolStr>) {
        if self.channels.len() < MAX_CHANNELS {
            self.channels.insert(self.fold(&channel), (channel, key));
        }
    }

    /// A JOIN was sent: the key is needed again after a reconnection.
    pub(crate) fn joining(&mut self, channel: &str, key: Option<&SmolStr>) {
        if let (Some(key), true) = (key, self.keys.len() < MAX_CHANNELS) {
            self.keys.insert(self.fold(channel), key.clone());
        }
    }

    /// Takes in a message; what is to be answered is added to `out`.
    pub(crate) fn receive(&mut self, message: &Message, out: &mut Vec<WireLine>) -> Step {
        let command = message.command_upper();
        match &*command {
            "PING" => {
                let token = message.param(0).unwrap_or_default();
                out.push(line("PONG", &[], Some(token)));
            }
            "CAP" => return self.capability(message, out),
            "AUTHENTICATE" => return self.authenticate(message, out),
            "903" if self.login.is_some() => return self.logged_in(out),
            "902" | "904" | "905" | "906" | "907" if self.login.is_some() => {
                let told = message.params().next_back().unwrap_or_default();
                return over(told.to_owned(), false);
            }
            "001" => return self.welcome(message, out),
            "005" => self.isupport(message),
            "433" | "436" | "437" if !self.registered => return self.next_nick(out),
            "432" if !self.registered => {
                let reason = format!("{} is not allowed as a nickname", self.nick);
                return over(reason, false);
            }
            "464" | "465" => {
                let told = message.params().next_back().unwrap_or_default();
                return over(told.to_owned(), false);
            }
            "ERROR" => {
                let told = message.param(0).unwrap_or("closed by the server");
                return over(told.to_owned(), true);
            }
            "NICK" if self.is_me(message) => {
                if let Some(nick) = message.param(0) {
                    self.nick = nick.into();
                    // The next connection asks for the name that was chosen last.
                    self.config.nick = nick.into();
                }
            }
            "JOIN" if self.is_me(message) => self.joined(message),
            "PART" if self.is_me(message) => self.left(message.param(0)),
            "KICK" if message.param(1).is_some_and(|n| self.same(n, &self.nick)) => {
                self.left(message.param(0));
            }
            _ => {}
        }
        Step::Go
    }

    fn welcome(&mut self, message: &Message, out: &mut Vec<WireLine>) -> Step {
        if self.registered {
            return Step::Go;
        }
        if let Some(nick) = message.param(0) {
            self.nick = nick.into();
        }
        if self.config.logs_in() && self.negotiating {
            return over("the server has no accounts".to_owned(), false);
        }
        self.registered = true;
        self.negotiating = false;
        self.join_all(out);
        Step::Registered
    }

    fn join_all(&self, out: &mut Vec<WireLine>) {
        let mut plain = String::new();
        for (channel, key) in self.channels.values() {
            match key {
                Some(key) => out.push(line("JOIN", &[channel, key], None)),
                None => {
                    if plain.len() + channel.len() > 400 {
                        out.push(line("JOIN", &[&plain], None));
                        plain.clear();
                    }
                    if !plain.is_empty() {
                        plain.push(',');
                    }
                    plain.push_str(channel);
                }
            }
        }
        if !plain.is_empty() {
            out.push(line("JOIN", &[&plain], None));
        }
    }

    fn next_nick(&mut self, out: &mut Vec<WireLine>) -> Step {
        self.nick_attempts += 1;
        if self.nick_attempts > NICK_ATTEMPTS {
            return over(
                format!("{} and its variations are taken", self.config.nick),
                true,
            );
        }
        self.nick = variation(&self.config.nick, self.nick_attempts);
        out.push(line("NICK", &[&self.nick], None));
        Step::Go
    }

    fn isupport(&mut self, message: &Message) {
        for param in message.params().skip(1) {
            let token = isupport::Token::parse(param);
            if token.name == "CASEMAPPING" {
                self.casemapping = CaseMapping::parse(&token.value).unwrap_or(CaseMapping::Ascii);
            }
        }
    }

    fn joined(&mut self, message: &Message) {
        let Some(channel) = message.param(0) else {
            return;
        };
        let folded = self.fold(channel);
        let known = self.channels.get(&folded).and_then(|(_, key)| key.clone());
        let key = self.keys.swap_remove(&folded).or(known);
        self.want(channel.into(), key);
    }

    fn left(&mut self, channel: Option<&str>) {
        if let Some(channel) = channel {
            self.channels.shift_remove(&self.fold(channel));
        }
    }

    fn is_me(&self, message: &Message) -> bool {
        let source = message.source();
        source.is_some_and(|source| self.same(source.name, &self.nick))
    }

    fn same(&self, one: &str, other: &str) -> bool {
        self.casemapping.eq(one, other)
    }

    fn fold(&self, name: &str) -> SmolStr {
        self.casemapping.fold(name).into()
    }
}

fn over(reason: String, again: bool) -> Step {
    Step::Over { reason, again }
}

/// The nickname to try after `attempt` were taken: `ana_`, `ana__`, then `ana3`, `ana4`…
fn variation(nick: &str, attempt: u32) -> SmolStr {
    let suffix = match attempt {
        1 => "_".to_owned(),
        2 => "__".to_owned(),
        n => n.to_string(),
    };
    let room = NICK_ROOM - suffix.len();
    let stem = chat_proto::limit::truncate(nick, room);
    format!("{stem}{suffix}").into()
}

#[cfg(test)]
mod tests;
