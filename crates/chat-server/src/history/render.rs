//! History as lines: a batch where the client knows batches, each line with its time and id.

use chat_network::{Identity, MessageId, MessageKind, Network, Position, Timestamp, User, folded};
use chat_proto::{Capability, LineBody, TagSection, WireLine};
use chat_store::{EventKind, Happening, Latest, Message, Page, Record};
use smol_str::{SmolStr, format_smolstr};

use crate::history::{Answer, TargetsOf};
use crate::render::{Block, Wire, event, server_time};
use crate::session::Session;
use crate::state::State;

/// Tells that there is nothing more.
const END: &str = "draft/chathistory-end";

/// The lines of an answer. `reference` names the batch.
pub(crate) fn answer(
    state: &State,
    session: &Session,
    reference: u32,
    answer: Answer,
) -> Vec<Wire> {
    let mut batch = Batch::new(state, session, format_smolstr!("{reference}"));
    match answer {
        Answer::Missed(pages) => {
            let pages = pages.iter().enumerate().map(|(number, (page, name))| {
                let reference = format_smolstr!("{reference}-{number}");
                let mut batch = Batch::new(state, session, reference);
                batch.begin(&["chathistory", name], false);
                batch.page(page, name);
                batch.end()
            });
            return pages.flatten().collect();
        }
        Answer::Page(page, name) => {
            batch.begin(&["chathistory", &name], page.is_end);
            batch.page(&page, &name);
        }
        Answer::Targets(latest, asked) => {
            let targets = reachable(state, latest, &asked);
            let is_end = targets.len() < asked.limit as usize;
            batch.begin(&["draft/chathistory-targets"], is_end);
            for (name, time_ms) in targets {
                batch.target(&name, time_ms);
            }
        }
        Answer::Search(found) => {
            batch.begin(&["soju.im/search"], false);
            for message in &found {
                batch.message(message);
            }
        }
        // That is no answer to a client.
        Answer::Redact(_) => return Vec::new(),
    }
    batch.end()
}

/// The names by which targets can be asked for, once each, counted from where the question begins.
fn reachable(state: &State, mut latest: Vec<Latest>, asked: &TargetsOf) -> Vec<(String, i64)> {
    let network = state.network.borrow();
    let backwards = asked.to < asked.from;
    if backwards {
        latest.reverse();
    }
    let mut found: Vec<(String, i64)> = Vec::new();
    for target in latest {
        if found.len() >= asked.limit as usize {
            break;
        }
        if let Some(name) = name_of(&network, &target) {
            let new = !found
                .iter()
                .any(|(known, _)| folded(known) == folded(&name));
            found.extend(new.then_some((name, target.time_ms)));
        }
    }
    if backwards {
        found.reverse();
    }
    found
}

/// The name by which somebody can ask for a target: that of a channel or an account; the nick of whoever
/// is on; else the last one, unless it is somebody else's by now.
fn name_of(network: &Network, target: &Latest) -> Option<String> {
    let Some(peer) = &target.peer else {
        return Some(target.name.clone());
    };
    let known = match peer.parse() {
        Ok(Identity::Account(account)) => network.account(account).map(|account| &**account.name()),
        Ok(Identity::Stay(user)) => network.user(user).map(User::nick),
        Err(()) => None,
    };
    match known {
        Some(name) => Some(name.to_owned()),
        None if network.user_by_nick(&target.name).is_some() => None,
        None => Some(target.name.clone()),
    }
}

/// A batch in the making.
struct Batch<'a> {
    state: &'a State,
    session: &'a Session,
    /// Its reference; `None` where the client knows no batches.
    reference: Option<SmolStr>,
    lines: Vec<Wire>,
}

impl<'a> Batch<'a> {
    fn new(state: &'a State, session: &'a Session, reference: SmolStr) -> Self {
        let batches = session.has(Capability::Batch);
        Self {
            state,
            session,
            reference: batches.then_some(reference),
            lines: Vec::new(),
        }
    }

    fn begin(&mut self, params: &[&str], is_end: bool) {
        let Some(reference) = &self.reference else {
            return;
        };
        let body = WireLine::builder()
            .source(&self.state.config.name)
            .command("BATCH")
            .param(&format!("+{reference}"))
            .params(params.iter().copied())
            .finish_body();
        let mut tags = TagSection::new();
        if is_end && self.session.has(Capability::MessageTags) {
            tags.push(END, "");
        }
        self.lines.push(WireLine::with_tags(&tags, &body).into());
    }

    fn end(mut self) -> Vec<Wire> {
        if let Some(reference) = &self.reference {
            let line = WireLine::builder()
                .source(&self.state.config.name)
                .command("BATCH")
                .param(&format!("-{reference}"))
                .finish();
            self.lines.push(line.into());
        }
        self.lines
    }

    fn target(&mut self, name: &str, time_ms: i64) {
        let body = WireLine::builder()
            .source(&self.state.config.name)
            .command("CHATHISTORY")
            .param("TARGETS")
            .param(name)
            .param(server_time(Timestamp(time_ms)).as_str())
            .finish_body();
        let mut tags = TagSection::new();
        if let Some(reference) = &self.reference {
            tags.push("batch", reference);
        }
        self.lines.push(WireLine::with_tags(&tags, &body).into());
    }

    fn page(&mut self, page: &Page, name: &str) {
        for record in &page.records {
            match record {
                Record::Message(message) => self.message(message),
                Record::Event(event) => self.event(event, name),
            }
        }
    }

    fn message(&mut self, message: &Message) {
        let kind = match message.kind {
            chat_store::MessageKind::Privmsg => MessageKind::Privmsg,
            chat_store::MessageKind::Notice => MessageKind::Notice,
            chat_store::MessageKind::Tagmsg => MessageKind::Tagmsg,
        };
        let source = self.source(&message.sender);
        let tags = self.tags_of(message, Some(message.id));
        if let Some(block) = Block::of(source, kind, &message.target, &message.text) {
            let id = MessageId(Position(message.id));
            let wire = if self.session.variant().multiline() {
                block.batch(Some(id), &tags)
            } else {
                block.plain(&tags, &self.tags_of(message, None))
            };
            return self.lines.push(wire);
        }
        let body = event::message(source, kind, &message.target, &message.text);
        self.lines.push(WireLine::with_tags(&tags, &body).into());
    }

    fn tags_of(&self, message: &Message, id: Option<u64>) -> TagSection {
        let mut tags = self.tags(message.time_ms, id, message.account.as_deref());
        if self.session.has(Capability::MessageTags) {
            for (name, value) in &message.tags {
                tags.push(name, value);
            }
        }
        tags
    }

    fn event(&mut self, event: &Happening, name: &str) {
        // Of several lines the first has the id.
        let mut id = Some(event.id);
        if event.sender.contains('\n') {
            return self.lost(event, id);
        }
        for body in self.event_bodies(event, name) {
            let account = event
                .account
                .as_deref()
                .filter(|account| !account.is_empty());
            let tags = self.tags(event.time_ms, id.take(), account);
            self.lines.push(WireLine::with_tags(&tags, &body).into());
        }
    }

    /// Those who left with a server: one row, and a QUIT for each.
    fn lost(&mut self, event: &Happening, mut id: Option<u64>) {
        let mut accounts = event.account.as_deref().unwrap_or_default().split('\n');
        for sender in event.sender.split('\n') {
            let account = accounts.next().filter(|account| !account.is_empty());
            let body = WireLine::builder()
                .source(sender)
                .command("QUIT")
                .trailing(&event.detail)
                .finish_body();
            let tags = self.tags(event.time_ms, id.take(), account);
            self.lines.push(WireLine::with_tags(&tags, &body).into());
        }
    }

    fn event_bodies(&self, event: &Happening, name: &str) -> Vec<LineBody> {
        let begin = |command| {
            let source = self.source(&event.sender);
            WireLine::builder().source(source).command(command)
        };
        let detail = event.detail.as_str();
        let (first, rest) = detail.split_once(' ').unwrap_or((detail, ""));
        let body = match event.kind {
            EventKind::Join if self.session.has(Capability::ExtendedJoin) => begin("JOIN")
                .param(name)
                .param(event.account.as_deref().unwrap_or("*"))
                .trailing(detail),
            EventKind::Join => begin("JOIN").param(name),
            EventKind::Part if detail.is_empty() => begin("PART").param(name),
            EventKind::Part => begin("PART").param(name).trailing(detail),
            EventKind::Quit => begin("QUIT").trailing(detail),
            EventKind::Nick => begin("NICK").param(detail),
            EventKind::Topic => begin("TOPIC").param(name).trailing(detail),
            EventKind::Kick => begin("KICK").param(name).param(first).trailing(rest),
            EventKind::Mode => {
                let line = |line: &str| begin("MODE").param(name).params(line.split(' '));
                return detail
                    .split('\n')
                    .map(|text| line(text).finish_body())
                    .collect();
            }
            EventKind::Redact => {
                if !self.session.has(Capability::MessageRedaction) {
                    return Vec::new();
                }
                let id = first.parse().map(|id| MessageId(Position(id)));
                let Ok(id) = id else { return Vec::new() };
                let line = begin("REDACT").param(name).param(&format_smolstr!("{id}"));
                if rest.is_empty() {
                    line
                } else {
                    line.trailing(rest)
                }
            }
        };
        vec![body.finish_body()]
    }

    /// Who a line comes from: all servers have one name.
    fn source<'b>(&'b self, sender: &'b str) -> &'b str {
        if sender.contains('!') {
            sender
        } else {
            &self.state.config.name
        }
    }

    fn tags(&self, time_ms: i64, id: Option<u64>, account: Option<&str>) -> TagSection {
        let mut tags = TagSection::new();
        if let Some(reference) = &self.reference {
            tags.push("batch", reference);
        }
        if self.session.has(Capability::ServerTime) {
            tags.push("time", server_time(Timestamp(time_ms)).as_str());
        }
        if let Some(id) = id
            && self.session.has(Capability::MessageTags)
        {
            tags.push("msgid", &format_smolstr!("{}", MessageId(Position(id))));
        }
        if let Some(account) = account
            && self.session.has(Capability::AccountTag)
        {
            tags.push("account", account);
        }
        tags
    }
}
