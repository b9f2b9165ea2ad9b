//! The state of one connection: registration, nickname, capabilities, channels to come back to.
//!
//! Messages go in, lines to send come out; no socket and no clock, so all of it can be tested by
//! hand.

use chat_proto::{Capability, CapabilitySet, CaseMapping, Message, WireLine, isupport};
use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::Config;
use crate::command::line;
use crate::login::Login;

/// What is asked for where the server offers it.
const WANTED: CapabilitySet = CapabilitySet::of(&[
    Capability::MessageTags,
    Capability::ServerTime,
    Capability::EchoMessage,
    Capability::MultiPrefix,
    Capability::CapNotify,
    Capability::AwayNotify,
    Capability::InviteNotify,
    Capability::Batch,
    Capability::StandardReplies,
    Capability::Chathistory,
    Capability::EventPlayback,
    Capability::ReadMarker,
    Capability::MessageRedaction,
    Capability::Search,
]);

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
    /// This connection is over. `again`: another one may do better.
    Over { reason: String, again: bool },
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
            login: None,
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
        self.enabled.contains(Capability::EchoMessage)
    }

    /// A new connection stands: the lines that ask for registration.
    pub(crate) fn open(&mut self) -> Vec<WireLine> {
        self.nick = self.config.nick.clone();
        self.nick_attempts = 0;
        self.registered = false;
        self.negotiating = true;
        self.offered = CapabilitySet::EMPTY;
        self.enabled = CapabilitySet::EMPTY;
        self.mechanisms = None;
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
        if self.config.account.is_some() && self.negotiating {
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

    fn capability(&mut self, message: &Message, out: &mut Vec<WireLine>) -> Step {
        let list = message.params().next_back().unwrap_or_default();
        match message.param(1) {
            Some("LS") => {
                self.offered = self.offered.union(capabilities(list));
                if let Some(value) = list.split(' ').find_map(|one| one.strip_prefix("sasl=")) {
                    self.mechanisms = Some(value.to_owned());
                }
                let more_to_come = message.param_count() > 3 && message.param(2) == Some("*");
                if self.negotiating && !more_to_come {
                    self.request(self.offered, out);
                    if self.offered.intersection(self.wanted()).is_empty() {
                        return self.end_negotiation(out);
                    }
                }
            }
            Some("NEW") => self.request(capabilities(list), out),
            Some("DEL") => self.enabled = self.enabled.difference(capabilities(list)),
            Some("ACK") => {
                for name in list.split(' ').filter(|name| !name.is_empty()) {
                    match name.strip_prefix('-') {
                        Some(name) => self.enabled = self.enabled.difference(capabilities(name)),
                        None => self.enabled = self.enabled.union(capabilities(name)),
                    }
                }
                return self.end_negotiation(out);
            }
            Some("NAK") => return self.end_negotiation(out),
            _ => {}
        }
        Step::Go
    }

    /// What is asked for where the server offers it.
    fn wanted(&self) -> CapabilitySet {
        let mut wanted = WANTED;
        if self.config.account.is_some() {
            wanted.insert(Capability::Sasl);
        }
        wanted
    }

    fn request(&self, offered: CapabilitySet, out: &mut Vec<WireLine>) {
        let wanted = offered.intersection(self.wanted()).difference(self.enabled);
        if !wanted.is_empty() {
            let names: Vec<&str> = wanted.iter().map(Capability::name).collect();
            out.push(line("CAP", &["REQ"], Some(&names.join(" "))));
        }
    }

    /// Nothing more is to be agreed upon; who has an account logs in before anything else.
    fn end_negotiation(&mut self, out: &mut Vec<WireLine>) -> Step {
        if !self.negotiating || self.login.is_some() {
            return Step::Go;
        }
        let Some(account) = &self.config.account else {
            self.negotiating = false;
            out.push(line("CAP", &["END"], None));
            return Step::Go;
        };
        let possible = self.enabled.contains(Capability::Sasl);
        match Login::new(account, self.mechanisms.as_deref()).filter(|_| possible) {
            Some((mechanism, login)) => {
                self.login = Some(login);
                out.push(line("AUTHENTICATE", &[mechanism], None));
                Step::Go
            }
            None => over(
                "the server has no way to log in that is known here".to_owned(),
                false,
            ),
        }
    }

    fn authenticate(&mut self, message: &Message, out: &mut Vec<WireLine>) -> Step {
        let (Some(login), Some(piece)) = (self.login.as_mut(), message.param(0)) else {
            return Step::Go;
        };
        match login.answer(piece) {
            Ok(pieces) => {
                let lines = pieces
                    .iter()
                    .map(|piece| line("AUTHENTICATE", &[piece], None));
                out.extend(lines);
                Step::Go
            }
            Err(reason) => over(reason, false),
        }
    }

    fn logged_in(&mut self, out: &mut Vec<WireLine>) -> Step {
        if !self.login.take().is_some_and(|login| login.is_done()) {
            return over(
                "the server did not prove that it knows the account".to_owned(),
                false,
            );
        }
        self.negotiating = false;
        out.push(line("CAP", &["END"], None));
        Step::Go
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

/// The capabilities of a list, their values left aside.
fn capabilities(list: &str) -> CapabilitySet {
    let mut set = CapabilitySet::EMPTY;
    for token in list.split(' ') {
        let name = token.split_once('=').map_or(token, |(name, _)| name);
        if let Some(capability) = Capability::parse(name) {
            set.insert(capability);
        }
    }
    set
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
mod tests {
    use super::*;
    use chat_transport::Endpoint;

    fn session() -> Session {
        let endpoint = Endpoint::parse("localhost").unwrap();
        let mut config = Config::new(endpoint, "ana");
        config.password = Some("open sesame".to_owned());
        config.channels = vec![("#rust".into(), None), ("#keyed".into(), Some("k".into()))];
        Session::new(config)
    }

    /// One with an account.
    fn owner() -> Session {
        let mut session = session();
        session.config.account = Some(crate::Account {
            name: "ana".into(),
            password: "sesame".to_owned(),
        });
        session.open();
        session
    }

    fn text(lines: &[WireLine]) -> Vec<String> {
        let text = |l: &WireLine| String::from_utf8(l.as_bytes().to_vec()).unwrap();
        lines
            .iter()
            .map(|l| text(l).trim_end().to_owned())
            .collect()
    }

    /// Feeds one line; returns what is answered and what follows.
    fn feed(session: &mut Session, line: &str) -> (Vec<String>, Step) {
        let message = Message::parse(line.to_owned().into()).unwrap();
        let mut out = Vec::new();
        let step = session.receive(&message, &mut out);
        (text(&out), step)
    }

    #[test]
    fn registration_negotiates_what_is_offered_and_wanted() {
        let mut session = session();
        let opening = text(&session.open());
        assert_eq!(
            opening,
            [
                "PASS :open sesame",
                "CAP LS 302",
                "NICK ana",
                "USER ana 0 * :ana"
            ]
        );
        let (lines, _) = feed(&mut session, ":s CAP * LS * :sasl=PLAIN message-tags");
        assert!(lines.is_empty(), "the list goes on: {lines:?}");
        let (lines, _) = feed(&mut session, ":s CAP * LS :echo-message unknown/cap");
        assert_eq!(lines, ["CAP REQ :message-tags echo-message"]);
        let (lines, _) = feed(&mut session, ":s CAP * ACK :message-tags echo-message");
        assert_eq!(lines, ["CAP END"]);
        assert!(session.echoes());
        let (lines, step) = feed(&mut session, ":s 001 ana :Welcome");
        assert_eq!(step, Step::Registered);
        assert_eq!(lines, ["JOIN #keyed k", "JOIN #rust"]);
    }

    #[test]
    fn who_has_an_account_logs_in_before_the_end_of_the_negotiation() {
        let mut session = owner();
        let (lines, _) = feed(
            &mut session,
            ":s CAP * LS :sasl=EXTERNAL,PLAIN echo-message",
        );
        assert_eq!(lines, ["CAP REQ :echo-message sasl"]);
        let (lines, _) = feed(&mut session, ":s CAP * ACK :echo-message sasl");
        assert_eq!(lines, ["AUTHENTICATE PLAIN"]);
        let (lines, _) = feed(&mut session, "AUTHENTICATE +");
        assert_eq!(lines, ["AUTHENTICATE AGFuYQBzZXNhbWU="]);
        let (lines, _) = feed(
            &mut session,
            ":s 900 ana ana!a@h ana :You are now logged in",
        );
        assert!(lines.is_empty());
        let (lines, _) = feed(&mut session, ":s 903 ana :SASL authentication successful");
        assert_eq!(lines, ["CAP END"]);
        let (_, step) = feed(&mut session, ":s 001 ana :Welcome");
        assert_eq!(step, Step::Registered);
    }

    #[test]
    fn a_server_that_does_not_let_the_account_in_is_left_for_good() {
        for (lines, reason) in [
            (
                vec![":s CAP * LS :echo-message", ":s CAP * ACK :echo-message"],
                "no way to log in",
            ),
            (vec![":s CAP * LS :"], "no way to log in"),
            (
                vec![":s CAP * LS :sasl=EXTERNAL", ":s CAP * ACK :sasl"],
                "no way to log in",
            ),
            (vec![":s 001 ana :Welcome"], "has no accounts"),
            (
                vec![
                    ":s CAP * LS :sasl",
                    ":s CAP * ACK :sasl",
                    ":s 904 ana :Wrong password",
                ],
                "Wrong password",
            ),
            (
                vec![
                    ":s CAP * LS :sasl=SCRAM-SHA-256",
                    ":s CAP * ACK :sasl",
                    ":s 903 ana :Yes",
                ],
                "did not prove",
            ),
        ] {
            let mut session = owner();
            let steps: Vec<Step> = lines
                .iter()
                .map(|line| feed(&mut session, line).1)
                .collect();
            match steps.last() {
                Some(Step::Over {
                    reason: told,
                    again: false,
                }) => {
                    assert!(told.contains(reason), "{told}");
                }
                other => panic!("{lines:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_server_that_offers_nothing_or_refuses_is_not_waited_for() {
        let mut session = session();
        session.open();
        let (lines, _) = feed(&mut session, ":s CAP * LS :");
        assert_eq!(lines, ["CAP END"]);
        session.open();
        feed(&mut session, ":s CAP * LS :echo-message");
        let (lines, _) = feed(&mut session, ":s CAP * NAK :echo-message");
        assert_eq!(lines, ["CAP END"]);
        assert!(!session.echoes());
    }

    #[test]
    fn a_taken_nickname_is_varied_a_bounded_number_of_times() {
        let mut session = session();
        session.open();
        let mut tried = Vec::new();
        let reason = loop {
            let (lines, step) = feed(&mut session, ":s 433 * ana :Nickname is already in use");
            if let Step::Over { reason, again } = step {
                assert!(again);
                break reason;
            }
            tried.extend(lines);
        };
        assert_eq!(
            tried[..4],
            ["NICK ana_", "NICK ana__", "NICK ana3", "NICK ana4"]
        );
        assert_eq!(tried.len(), NICK_ATTEMPTS as usize);
        assert!(reason.contains("taken"));
        assert_eq!(variation(&"n".repeat(40), 12).len(), NICK_ROOM);
    }

    #[test]
    fn what_cannot_get_better_is_not_tried_again() {
        let mut session = session();
        session.open();
        let (_, step) = feed(&mut session, ":s 432 * ana :Erroneous nickname");
        assert!(matches!(step, Step::Over { again: false, .. }));
        let (_, step) = feed(&mut session, ":s 464 * :Password incorrect");
        assert_eq!(step, over("Password incorrect".to_owned(), false));
        let (_, step) = feed(&mut session, "ERROR :All servers are full");
        assert_eq!(step, over("All servers are full".to_owned(), true));
    }

    #[test]
    fn channels_are_remembered_with_their_keys_until_they_are_left() {
        let mut session = session();
        session.open();
        feed(&mut session, ":s 001 ana :Welcome");
        session.joining("#Secret", Some(&"word".into()));
        feed(&mut session, ":ana!a@h JOIN #secret");
        feed(&mut session, ":ana!a@h PART #RUST :bye");
        feed(&mut session, ":op!o@h KICK #keyed Ana :out");
        feed(&mut session, ":bob!b@h PART #secret");
        feed(&mut session, ":ana!a@h NICK anna");
        let opening = text(&session.open());
        assert_eq!(opening[2], "NICK anna");
        let (lines, _) = feed(&mut session, ":s 001 anna :Welcome");
        assert_eq!(lines, ["JOIN #secret word"]);
    }

    #[test]
    fn pings_are_answered_with_their_token() {
        let (lines, _) = feed(&mut session(), "PING :some token");
        assert_eq!(lines, ["PONG :some token"]);
    }
}
