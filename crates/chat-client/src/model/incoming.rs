//! Messages on their way into the model: what each is, and who takes it.

use std::borrow::Cow;

use chat_proto::{Capability, Message};
use jiff::Timestamp;
use smol_str::SmolStr;

use super::Model;
use super::block::Block;
use super::line::{Draft, LineKind};

/// A message on its way into the model, with what is needed of it everywhere.
pub(super) struct Incoming<'a> {
    pub(super) message: &'a Message,
    pub(super) at: Timestamp,
    pub(super) sender: &'a str,
    pub(super) own: bool,
    /// What is said, where the message is one of several lines; the message is then its beginning.
    pub(super) block: Option<&'a Block>,
}

impl Model {
    pub(super) fn received(&mut self, message: &Message, at: Timestamp) {
        self.heard = at;
        let incoming = self.incoming(message, at, None);
        if self.is_of_block(message) {
            self.block_goes_on(&incoming);
        } else if message.is("BATCH") && self.block_begins(message) {
            // Its lines follow.
        } else if let Some(block) = self.block_ended(message) {
            self.block_came(&block, at);
        } else {
            self.came(&incoming, &message.command_upper());
        }
    }

    /// `at`: when it came, for a server that does not tell when it was said.
    fn incoming<'a>(
        &self,
        message: &'a Message,
        at: Timestamp,
        block: Option<&'a Block>,
    ) -> Incoming<'a> {
        let told = message.tag("time").and_then(|time| time.parse().ok());
        let sender = message.source().map_or("", |source| source.name);
        Incoming {
            message,
            at: told.unwrap_or(at),
            sender,
            own: self.same(sender, &self.nick),
            block,
        }
    }

    /// A message of several lines is whole: it came when its last line came.
    fn block_came(&mut self, block: &Block, at: Timestamp) {
        let incoming = self.incoming(block.opening(), at, Some(block));
        if let Some(command) = block.command() {
            self.came(&incoming, command);
        }
    }

    /// A message, whole; `command` in capitals.
    fn came(&mut self, incoming: &Incoming<'_>, command: &str) {
        if self.is_past(incoming.message) {
            return self.past(incoming, command);
        }
        match command {
            "BATCH" => self.batch(incoming),
            "CAP" => self.capability(incoming),
            "TAGMSG" => self.tag_message(incoming),
            "REDACT" => self.redact(incoming),
            "MARKREAD" => self.mark_read(incoming),
            "PRIVMSG" | "NOTICE" => self.talk(incoming),
            "JOIN" => self.join(incoming),
            "PART" => self.part(incoming),
            "KICK" => self.kick(incoming),
            "QUIT" => self.quit(incoming),
            "NICK" => self.nick_change(incoming),
            "TOPIC" => self.topic(incoming),
            "MODE" => self.mode(incoming),
            "AWAY" => self.away_notice(incoming),
            "INVITE" => self.invite(incoming),
            "ERROR" => self.tell(incoming, LineKind::Error, 0),
            "FAIL" | "WARN" | "NOTE" => self.standard_reply(incoming, command),
            _ => {
                let is_numeric = command.len() == 3 && command.bytes().all(|b| b.is_ascii_digit());
                if let (true, Ok(numeric)) = (is_numeric, command.parse()) {
                    self.numeric(incoming, numeric);
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
}

impl Incoming<'_> {
    pub(super) fn param(&self, index: usize) -> Option<&str> {
        self.message.param(index)
    }

    /// To whom something is said.
    pub(super) fn target(&self) -> Option<&str> {
        match self.block {
            Some(block) => block.target(),
            None => self.param(0),
        }
    }

    /// What is said.
    pub(super) fn words(&self) -> Option<&str> {
        match self.block {
            Some(block) => Some(block.text()),
            None => self.param(1),
        }
    }

    /// Whether it is said as a notice.
    pub(super) fn is_notice(&self) -> bool {
        match self.block {
            Some(block) => block.command() == Some("NOTICE"),
            None => self.message.is("NOTICE"),
        }
    }

    pub(super) fn tag(&self, name: &str) -> Option<Cow<'_, str>> {
        self.message.tag(name)
    }

    /// The last parameter, which holds the text where there is one.
    pub(super) fn last(&self) -> &str {
        self.message.params().next_back().unwrap_or_default()
    }

    /// A line of that kind by the message's sender.
    pub(super) fn draft(&self, kind: LineKind, text: impl Into<String>) -> Draft {
        Draft {
            id: self.message.tag("msgid").map(SmolStr::from),
            own: self.own,
            ..Draft::info(self.at, text).of(kind).by(self.sender)
        }
    }
}
