//! Someone says something.

use chat_network::{
    Actor, Channel, Entry, MemberPrefix, MessageId, MessageKind, Origin, Recipient, SessionId, Tag,
    User,
};
use chat_proto::Capability;
use chat_proto::numeric::RPL_AWAY;

use crate::client::Client;
use crate::core::Core;
use crate::deliver::{apply, origin};
use crate::render::{Rendered, event};

/// A PRIVMSG, NOTICE or TAGMSG to a channel or a user.
pub(super) fn message(
    core: &Core,
    entry: &Entry,
    (from, to): (Actor, Recipient),
    (kind, text): (MessageKind, &str),
    tags: &[Tag],
) {
    let network = core.state.network.borrow();
    let sender = match entry.origin {
        Origin::Session(session) => Some(session),
        Origin::Server(_) => None,
    };
    let source = event::source(&network, &core.state.config.name, from);
    let bot = match from {
        Actor::User(user) => network.user(user).is_some_and(|user| user.modes().bot),
        Actor::Server(_) => false,
    };
    let line = |target: &str| {
        Rendered::new(
            event::message(&source, kind, target, text),
            entry.stamp.time,
        )
        .message(MessageId(entry.stamp.position), tags)
        .bot(bot)
    };
    match to {
        Recipient::Channel(channel) => {
            if let Some(channel) = network.channel(channel) {
                let mut line = line(channel.name());
                core.fanout.to_channel(channel.id(), &mut line, |client| {
                    wants(client, sender, kind)
                });
                core.fanout.count(&line);
            }
        }
        Recipient::Ranked(channel, prefix) => {
            if let Some(channel) = network.channel(channel) {
                let target = format!("{}{}", prefix.symbol(), channel.name());
                let mut line = line(&target);
                core.fanout.to_channel(channel.id(), &mut line, |client| {
                    wants(client, sender, kind)
                        && (sender == Some(client.session.id) || reaches(client, channel, prefix))
                });
                core.fanout.count(&line);
            }
        }
        Recipient::User(user) => {
            if let Some(user) = network.user(user) {
                to_user(core, entry, &mut line(user.nick()), user, kind);
            }
        }
    }
    drop(network);
    if sender.is_some_and(|sender| core.is_own(sender)) {
        core.slot.messages(1);
    }
    apply(core, entry);
}

/// Whether a client in the channel gets a message: the sender only with echo-message, a TAGMSG
/// only who knows tags.
fn wants(client: &Client, sender: Option<SessionId>, kind: MessageKind) -> bool {
    (sender != Some(client.session.id) || client.session.has(Capability::EchoMessage))
        && (kind != MessageKind::Tagmsg || client.session.has(Capability::MessageTags))
}

/// Whether the client's user has a rank in a channel, or a higher one.
fn reaches(client: &Client, channel: &Channel, prefix: MemberPrefix) -> bool {
    let ranks = client.session.user().and_then(|user| channel.member(user));
    ranks.is_some_and(|ranks| ranks.reaches(prefix))
}

/// All clients here of a user, and the sender's where it wants an echo.
fn to_user(core: &Core, entry: &Entry, line: &mut Rendered, user: &User, kind: MessageKind) {
    let understands = |client: &Client| {
        kind != MessageKind::Tagmsg || client.session.has(Capability::MessageTags)
    };
    let mut clients = core.fanout.of_user(user);
    clients.retain(|client| understands(client));
    if let Some(sender) = origin(core, entry) {
        if let (MessageKind::Privmsg, Some(away)) = (kind, user.away()) {
            core.tell(&sender, |context| {
                context.numeric_text(RPL_AWAY, &[user.nick()], away);
            });
        }
        if sender.session.has(Capability::EchoMessage) && understands(&sender) {
            core.fanout.to_clients(std::slice::from_ref(&sender), line);
        }
        // Who writes to itself gets the message too, and that is no answer.
        sender.answering.set(false);
    }
    core.fanout.to_clients(&clients, line);
    core.fanout.count(line);
}
