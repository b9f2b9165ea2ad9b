//! Capabilities, logging in, and transport security: what is agreed upon before all else.

use std::time::Duration;

use chat_proto::{Capability, CapabilitySet, Message, WireLine};

use super::{Secrecy, Session, Step, over};
use crate::command::block::Bounds;
use crate::command::line;
use crate::login::Login;
use crate::sts;

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
    Capability::Multiline,
]);

/// What messages of several lines need.
const BLOCKS: CapabilitySet = CapabilitySet::of(&[Capability::Multiline, Capability::Batch]);

impl Session {
    /// How long the server wants to be spoken to over TLS only, if it has told since this was asked
    /// last; nothing at all lifts its wish.
    pub(crate) fn take_policy(&mut self) -> Option<Duration> {
        self.policy.take()
    }

    /// `sts=…` in a list: who comes in the open has to go where it is secure, who is there is told for
    /// how long.
    fn transport_security(&mut self, list: &str) -> Option<Step> {
        let value = list.split(' ').find_map(|one| one.strip_prefix("sts="))?;
        let told = sts::Told::parse(value);
        match (self.secrecy, told.port, told.duration) {
            (Secrecy::None, Some(port), _) => Some(Step::Upgrade { port }),
            (Secrecy::Sure, _, Some(duration)) => {
                self.policy = Some(duration);
                None
            }
            _ => None,
        }
    }

    /// `draft/multiline=…` in a list: how much is one message of several lines.
    fn several_lines(&mut self, list: &str) {
        let value = |one: &'_ str| one.strip_prefix("draft/multiline=").map(Bounds::parse);
        if let Some(bounds) = list.split(' ').find_map(value) {
            self.bounds = bounds;
        }
    }

    /// How much the server takes as one message of several lines, if it takes such.
    pub(crate) fn bounds(&self) -> Option<Bounds> {
        self.bounds.filter(|_| self.enabled.contains_all(BLOCKS))
    }

    /// `CAP …`: what is offered, and what was agreed upon.
    pub(super) fn capability(&mut self, message: &Message, out: &mut Vec<WireLine>) -> Step {
        let list = message.params().next_back().unwrap_or_default();
        match message.param(1) {
            Some("LS") => {
                if let Some(step) = self.transport_security(list) {
                    return step;
                }
                self.offered = self.offered.union(capabilities(list));
                if let Some(value) = list.split(' ').find_map(|one| one.strip_prefix("sasl=")) {
                    self.mechanisms = Some(value.to_owned());
                }
                self.several_lines(list);
                let more_to_come = message.param_count() > 3 && message.param(2) == Some("*");
                if self.negotiating && !more_to_come {
                    self.request(self.offered, out);
                    if self.offered.intersection(self.wanted()).is_empty() {
                        return self.end_negotiation(out);
                    }
                }
            }
            Some("NEW") => {
                if let Some(step) = self.transport_security(list) {
                    return step;
                }
                self.several_lines(list);
                self.request(capabilities(list), out);
            }
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
        if self.config.logs_in() {
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
        if !self.config.logs_in() {
            self.negotiating = false;
            out.push(line("CAP", &["END"], None));
            return Step::Go;
        }
        let possible = self.enabled.contains(Capability::Sasl);
        let mechanisms = self.mechanisms.as_deref();
        let login = match &self.config.account {
            Some(account) => Login::new(account, mechanisms),
            None => Login::by_certificate(self.config.certificate_account.as_deref(), mechanisms),
        };
        match login.filter(|_| possible) {
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

    pub(super) fn authenticate(&mut self, message: &Message, out: &mut Vec<WireLine>) -> Step {
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

    pub(super) fn logged_in(&mut self, out: &mut Vec<WireLine>) -> Step {
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
