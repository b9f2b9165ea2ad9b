//! What people say: PRIVMSG and NOTICE.

use chat_proto::name::is_channel_like;

use super::line::{Draft, LineKind};
use super::{BufferId, BufferKind, Incoming, Model};
use crate::text::{mentions, plain};

impl Model {
    pub(super) fn talk(&mut self, incoming: &Incoming<'_>) {
        if let Some((id, draft)) = self.said(incoming) {
            self.put(&id, draft);
        }
    }

    /// What was said, and where it belongs.
    pub(super) fn said(&mut self, incoming: &Incoming<'_>) -> Option<(BufferId, Draft)> {
        let (target, text) = (incoming.target()?, incoming.words()?);
        let notice = incoming.is_notice();
        if notice && is_from_server(incoming) {
            self.greeting(text);
        }
        let id = self.place(incoming, target, notice);
        self.said_in(incoming, &id)
    }

    /// What was said, where the place is known.
    pub(super) fn said_in(
        &self,
        incoming: &Incoming<'_>,
        id: &BufferId,
    ) -> Option<(BufferId, Draft)> {
        let (kind, text) = content(incoming.is_notice(), incoming.words()?);
        let private = self
            .buffer(id)
            .is_some_and(|b| b.kind() == BufferKind::Query);
        let for_me = private || mentions(&text, &self.nick);
        let draft = incoming.draft(kind, text);
        let highlight = for_me && !incoming.own && !is_from_server(incoming);
        let reply = self.reply_of(incoming, id);
        let draft = Draft {
            highlight,
            reply,
            ..draft
        };
        Some((id.clone(), draft))
    }

    /// The buffer in which something said to `target` belongs.
    fn place(&mut self, incoming: &Incoming<'_>, target: &str, notice: bool) -> BufferId {
        let (_signs, bare) = self.prefixes.split(target);
        if is_channel_like(bare) {
            let known = self.find(bare).map(|buffer| buffer.id().clone());
            return known.unwrap_or_default();
        }
        if is_from_server(incoming) {
            return BufferId::server();
        }
        let other = if incoming.own {
            target
        } else {
            incoming.sender
        };
        match self.find(other) {
            Some(buffer) => buffer.id().clone(),
            // Notices are often automatic: they do not open a conversation.
            None if notice || other.is_empty() => BufferId::server(),
            None => self.open(other, BufferKind::Query),
        }
    }

    /// A server of a fleet introduces itself: `*** You are on Server-2`.
    fn greeting(&mut self, text: &str) {
        let after = text.split_once("You are on ").map(|(_, name)| name);
        if let Some(name) = after.and_then(|rest| rest.split_whitespace().next()) {
            self.set_server(name.trim_end_matches(['.', ',']));
        }
    }
}

fn is_from_server(incoming: &Incoming<'_>) -> bool {
    let source = incoming.message.source();
    source.is_none_or(|source| source.host.is_none() && !incoming.own && source.name.contains('.'))
}

/// Tells an action from words, and takes the codes out.
fn content(notice: bool, text: &str) -> (LineKind, String) {
    let kind = match notice {
        true => LineKind::Notice,
        false => LineKind::Message,
    };
    let Some(ctcp) = text.strip_prefix('\u{1}') else {
        return (kind, plain(text));
    };
    let ctcp = ctcp.strip_suffix('\u{1}').unwrap_or(ctcp);
    match ctcp.split_once(' ').unwrap_or((ctcp, "")) {
        ("ACTION", action) => (LineKind::Action, plain(action)),
        (query, rest) => {
            let text = format!("asks for CTCP {query} {rest}");
            (LineKind::Info, plain(text.trim_end()))
        }
    }
}
