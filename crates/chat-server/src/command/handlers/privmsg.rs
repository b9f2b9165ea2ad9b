//! `PRIVMSG`, `NOTICE` and `TAGMSG`: `<target>{,<target>} <text>`.

use std::sync::Arc;

use chat_network::{Action, MessageKind, Tag};
use chat_proto::numeric::{
    ERR_NEEDMOREPARAMS, ERR_NORECIPIENT, ERR_NOTEXTTOSEND, ERR_TOOMANYTARGETS,
};
use chat_proto::{Capability, Message, unescape_tag_value};

use crate::command::handlers::targets;
use crate::command::{Context, Refusal, services};
use crate::session::Pending;
use crate::state::TARGETS;

pub(crate) fn privmsg(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let Some(list) = message.param(0).filter(|list| !list.is_empty()) else {
        context.numeric_text(ERR_NORECIPIENT, &[], "No recipient given (PRIVMSG)");
        return Ok(());
    };
    let text = message.param(1).unwrap_or_default();
    if text.is_empty() {
        return Err(Refusal::numeric(ERR_NOTEXTTOSEND));
    }
    if let Some(target) = targets(list).nth(TARGETS) {
        return Err(Refusal::about(ERR_TOOMANYTARGETS, target));
    }
    send(context, message, MessageKind::Privmsg, list, text);
    Ok(())
}

/// Nothing that a NOTICE does is answered, so that two programs never answer each other for ever.
pub(crate) fn notice(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let list = message.param(0).unwrap_or_default();
    let text = message.param(1).unwrap_or_default();
    if !text.is_empty() && targets(list).nth(TARGETS).is_none() {
        send(context, message, MessageKind::Notice, list, text);
    }
    Ok(())
}

/// Tags without a text, for those who have message-tags.
pub(crate) fn tagmsg(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let Some(list) = message.param(0).filter(|list| !list.is_empty()) else {
        return Err(Refusal::about(ERR_NEEDMOREPARAMS, "TAGMSG"));
    };
    if targets(list).nth(TARGETS).is_none() {
        send(context, message, MessageKind::Tagmsg, list, "");
    }
    Ok(())
}

fn send(context: &mut Context<'_>, message: &Message, kind: MessageKind, list: &str, text: &str) {
    let tags = client_only_tags(context, message);
    if kind == MessageKind::Tagmsg && tags.is_empty() {
        return;
    }
    let text: Arc<str> = text.into();
    let pending = match kind {
        MessageKind::Privmsg => Pending::Plain,
        MessageKind::Notice | MessageKind::Tagmsg => Pending::Silent,
    };
    for target in targets(list) {
        if let Some(service) = services::of(target) {
            if kind == MessageKind::Privmsg {
                services::say(context, service, &text);
            }
            continue;
        }
        let action = Action::Message {
            kind,
            target: target.into(),
            text: Arc::clone(&text),
            tags: tags.clone(),
        };
        context.request_as(action, pending);
    }
}

/// The tags that are relayed: those with a `+`, of a client that has message-tags.
pub(super) fn client_only_tags(context: &Context<'_>, message: &Message) -> Vec<Tag> {
    if !context.session.has(Capability::MessageTags) {
        return Vec::new();
    }
    message
        .tags()
        .filter(|(name, _)| name.starts_with('+'))
        .map(|(name, raw)| Tag {
            name: name.into(),
            value: unescape_tag_value(raw).into(),
        })
        .collect()
}
