//! What travels as tags: who is writing, signs put to messages, replies; and messages withdrawn.

use std::sync::Arc;

use smol_str::SmolStr;

use super::line::{Draft, Reply};
use super::{BufferId, Change, Incoming, Model};
use crate::query::Typing;
use crate::text::plain;

/// A sign is short; what is longer is somebody's joke.
const SIGN: usize = 32;

/// So much of a message is quoted above its reply.
const QUOTE: usize = 120;

/// A sign that somebody puts to a message, or takes away.
#[derive(Debug, Clone)]
pub(super) struct Reacted {
    id: SmolStr,
    sign: SmolStr,
    who: SmolStr,
    own: bool,
    on: bool,
}

impl Model {
    /// `TAGMSG target`: all that matters is in the tags.
    pub(super) fn tag_message(&mut self, incoming: &Incoming<'_>) {
        let Some(id) = self.known_place(incoming) else {
            return;
        };
        if let Some(reacted) = reacted(incoming) {
            self.react(&id, &reacted);
        }
        let state = incoming
            .tag("+typing")
            .and_then(|word| Typing::parse(&word));
        let Some(state) = state.filter(|_| !incoming.own) else {
            return;
        };
        if let Some(buffer) = self.buffers.get_mut(&id.0) {
            buffer.typists.told(incoming.sender, state, self.heard);
            self.changes.push(Change::Typing(id));
        }
    }

    pub(super) fn react(&mut self, id: &BufferId, reacted: &Reacted) {
        let Some(buffer) = self.buffers.get_mut(&id.0) else {
            return;
        };
        let found = buffer.change(&reacted.id, |line| {
            line.react(&reacted.sign, &reacted.who, reacted.own, reacted.on);
        });
        if found {
            self.changes.push(Change::Signs(id.clone()));
        }
    }

    /// `REDACT target msgid`: the message is taken back.
    pub(super) fn redact(&mut self, incoming: &Incoming<'_>) {
        if let (Some(id), Some(message)) = (self.known_place(incoming), incoming.param(1)) {
            self.withdraw(&id, message);
        }
    }

    pub(super) fn withdraw(&mut self, id: &BufferId, message: &str) {
        let Some(buffer) = self.buffers.get_mut(&id.0) else {
            return;
        };
        if buffer.change(message, super::Line::withdraw) {
            self.changes.push(Change::Signs(id.clone()));
        }
    }

    /// What a message replies to, by its tags.
    pub(super) fn reply_of(&self, incoming: &Incoming<'_>, id: &BufferId) -> Option<Reply> {
        let to = incoming.tag("+draft/reply").or(incoming.tag("+reply"))?;
        let line = self.buffer(id).and_then(|buffer| buffer.by_id(&to));
        let quote = line.map(|line| {
            let words: Arc<str> = match chat_proto::limit::truncate(&line.text, QUOTE) {
                whole if whole.len() == line.text.len() => Arc::clone(&line.text),
                part => format!("{part}…").into(),
            };
            (line.sender.clone(), words)
        });
        let id = SmolStr::from(&*to);
        Some(Reply { id, quote })
    }

    /// Quotes that were not there when a reply came with its page of history.
    pub(super) fn quoted(&self, id: &BufferId, drafts: &mut [Draft]) {
        let Some(buffer) = self.buffer(id) else {
            return;
        };
        for at in 0..drafts.len() {
            let Some(to) = drafts[at].reply.as_ref().filter(|r| r.quote.is_none()) else {
                continue;
            };
            let among = drafts.iter().find(|d| d.id.as_ref() == Some(&to.id));
            let quote = among.map(|d| (d.sender.clone(), Arc::from(d.text.as_str())));
            let quote = quote.or_else(|| {
                let line = buffer.by_id(&to.id)?;
                Some((line.sender.clone(), Arc::clone(&line.text)))
            });
            if let Some(reply) = drafts[at].reply.as_mut() {
                reply.quote = quote;
            }
        }
    }

    /// The buffer that a message to its first parameter belongs to, if it is open.
    fn known_place(&self, incoming: &Incoming<'_>) -> Option<BufferId> {
        let target = incoming.param(0)?;
        let (_signs, bare) = self.prefixes.split(target);
        let name = match chat_proto::name::is_channel_like(bare) {
            true => bare,
            false if incoming.own => target,
            false => incoming.sender,
        };
        self.find(name).map(|buffer| buffer.id().clone())
    }
}

/// The sign that a TAGMSG carries.
pub(super) fn reacted(incoming: &Incoming<'_>) -> Option<Reacted> {
    let id = incoming.tag("+draft/reply").or(incoming.tag("+reply"))?;
    let tag = |one, other| incoming.tag(one).or(incoming.tag(other));
    let (sign, on) = match tag("+draft/react", "+react") {
        Some(sign) => (sign, true),
        None => (tag("+draft/unreact", "+unreact")?, false),
    };
    let sign = plain(&sign);
    let fits = !sign.is_empty() && sign.len() <= SIGN;
    fits.then(|| Reacted {
        id: SmolStr::from(&*id),
        sign: sign.into(),
        who: incoming.sender.into(),
        own: incoming.own,
        on,
    })
}
