//! Someone says something.

use chat_network::{
    Actor, Channel, Entry, Event, MemberPrefix, MessageId, MessageKind, Network, Origin, Recipient,
    SessionId, Tag, User,
};
use chat_proto::Capability;
use chat_proto::numeric::RPL_AWAY;

use crate::client::Client;
use crate::core::Core;
use crate::deliver::{apply, from_actor, origin};
use crate::fanout::Said;
use crate::render::{Block, Rendered, event};

/// The events of this file.
pub(super) fn deliver(core: &Core, entry: &Entry) {
    match &entry.event {
        Event::Message {
            from,
            to,
            kind,
            text,
            tags,
        } => message(core, entry, (*from, *to), (*kind, text), tags),
        Event::Redacted {
            by,
            to,
            message,
            reason,
        } => redacted(core, entry, (*by, *to), *message, reason.as_deref()),
        _ => apply(core, entry),
    }
}

/// A PRIVMSG, NOTICE or TAGMSG to a channel or a user.
fn message(
    core: &Core,
    entry: &Entry,
    (from, to): (Actor, Recipient),
    (kind, text): (MessageKind, &str),
    tags: &[Tag],
) {
    let network = core.state.network.borrow();
    let sender = match entry.origin {
        Origin::Session(session) => Some(session),
        Origin::Server(_) | Origin::Operator(_) => None,
    };
    let source = event::source(&network, &core.state.config.name, from);
    let line = |target: &str| {
        let body = event::message(source, kind, target, text);
        from_actor(&network, from, body, entry.stamp.time)
            .message(MessageId(entry.stamp.position), tags)
    };
    let line = |target: &str| match Block::of(source, kind, target, text) {
        Some(block) => line(target).block(block),
        None => line(target),
    };
    match to {
        Recipient::Channel(channel) => {
            let here = core.fanout.is_here(channel);
            if let Some(channel) = network.channel(channel).filter(|_| here) {
                let line = line(channel.name());
                let said = Said { line, sender, kind };
                core.fanout.say(channel.id(), said);
            }
        }
        Recipient::Ranked(channel, _) | Recipient::Moderated(channel) => {
            let here = core.fanout.is_here(channel);
            if let Some(channel) = network.channel(channel).filter(|_| here) {
                let target = match to {
                    Recipient::Ranked(_, rank) => format!("{}{}", rank.symbol(), channel.name()),
                    _ => channel.name().to_string(),
                };
                let rank = rank_of(to).unwrap_or(MemberPrefix::Voice);
                let mut line = line(&target);
                core.fanout.to_channel(channel.id(), &mut line, |client| {
                    wants(client, sender, kind)
                        && (is_from(client, from) || reaches(client, channel, rank))
                });
                core.fanout.count(&line);
            }
        }
        Recipient::User(user) => {
            if let Some(user) = network.user(user) {
                let mut line = line(user.nick());
                to_user(core, entry, &mut line, user, kind);
                to_other_devices(core, (&network, from), &mut line, (user, sender), kind);
                core.fanout.count(&line);
            }
        }
        // Nothing is said to who is not on.
        Recipient::Absent(_) => {}
    }
    drop(network);
    if sender.is_some_and(|sender| core.is_own(sender)) {
        core.slot().messages(1);
    }
    apply(core, entry);
}

/// A message is withdrawn: told to who got it and to who withdraws it, if they know REDACT.
fn redacted(
    core: &Core,
    entry: &Entry,
    (by, to): (Actor, Recipient),
    message: MessageId,
    reason: Option<&str>,
) {
    let network = core.state.network.borrow();
    let source = event::source(&network, &core.state.config.name, by);
    let line = |target: &str| {
        let body = event::redact(source, target, message, reason);
        Rendered::new(body, entry.stamp.time).identified(MessageId(entry.stamp.position))
    };
    let knows = |client: &Client| client.session.has(Capability::MessageRedaction);
    match to {
        Recipient::Channel(channel)
        | Recipient::Ranked(channel, _)
        | Recipient::Moderated(channel) => {
            let rank = rank_of(to);
            if let Some(channel) = network.channel(channel) {
                let mut line = line(channel.name());
                core.fanout.to_channel(channel.id(), &mut line, |client| {
                    let reached =
                        rank.is_none_or(|rank| is_of(client, by) || reaches(client, channel, rank));
                    reached && knows(client)
                });
                core.fanout.count(&line);
            }
        }
        Recipient::Absent(account) => {
            let by = match by {
                Actor::User(by) => network.user(by),
                Actor::Server(_) => None,
            };
            if let (Some(by), Some(account)) = (by, network.account(account)) {
                let mut line = line(account.name());
                let mut clients = core.fanout.of_user(by);
                clients.retain(|client| knows(client));
                core.fanout.to_clients(&clients, &mut line);
                core.fanout.count(&line);
            }
        }
        Recipient::User(user) => {
            if let Some(user) = network.user(user) {
                let mut line = line(user.nick());
                let mut clients = core.fanout.of_user(user);
                if let Actor::User(by) = by
                    && by != user.id()
                    && let Some(by) = network.user(by)
                {
                    clients.extend(core.fanout.of_user(by));
                }
                clients.retain(|client| knows(client));
                core.fanout.to_clients(&clients, &mut line);
                core.fanout.count(&line);
            }
        }
    }
    drop(network);
    apply(core, entry);
}

/// The rank that one needs to get a message.
fn rank_of(to: Recipient) -> Option<MemberPrefix> {
    match to {
        Recipient::Ranked(_, rank) => Some(rank),
        Recipient::Moderated(_) => Some(MemberPrefix::HalfOperator),
        Recipient::Channel(_) | Recipient::User(_) | Recipient::Absent(_) => None,
    }
}

/// Whether a client is one of who did something.
fn is_of(client: &Client, by: Actor) -> bool {
    client.session.user().map(Actor::User) == Some(by)
}

/// Whether a client in the channel gets a message: the sender only with echo-message, a TAGMSG
/// only who knows tags.
fn wants(client: &Client, sender: Option<SessionId>, kind: MessageKind) -> bool {
    (sender != Some(client.session.id) || client.session.has(Capability::EchoMessage))
        && understands(client, kind)
}

/// Whether the client's user has a rank in a channel, or a higher one.
fn reaches(client: &Client, channel: &Channel, prefix: MemberPrefix) -> bool {
    let ranks = client.session.user().and_then(|user| channel.member(user));
    ranks.is_some_and(|ranks| ranks.reaches(prefix))
}

/// All clients here of a user, and the sender's where it wants an echo.
fn to_user(core: &Core, entry: &Entry, line: &mut Rendered, user: &User, kind: MessageKind) {
    let mut clients = core.fanout.of_user(user);
    clients.retain(|client| understands(client, kind));
    if let Some(sender) = origin(core, entry) {
        if let (MessageKind::Privmsg, Some(away)) = (kind, user.away()) {
            core.tell(&sender, |context| {
                context.numeric_text(RPL_AWAY, &[user.nick()], away);
            });
        }
        if sender.session.has(Capability::EchoMessage) && understands(&sender, kind) {
            core.fanout.to_clients(std::slice::from_ref(&sender), line);
        }
        // Who writes to itself gets the message too, and that is no answer.
        sender.answering.set(false);
    }
    core.fanout.to_clients(&clients, line);
}

/// What was sent to someone is shown to the sender's other sessions too.
fn to_other_devices(
    core: &Core,
    (network, from): (&Network, Actor),
    line: &mut Rendered,
    (to, origin): (&User, Option<SessionId>),
    kind: MessageKind,
) {
    let Actor::User(from) = from else { return };
    let Some(from) = network
        .user(from)
        .filter(|from| from.sessions().len() > 1 && from.id() != to.id())
    else {
        return;
    };
    let mut clients = core.fanout.of_user(from);
    clients.retain(|client| origin != Some(client.session.id) && understands(client, kind));
    core.fanout.to_clients(&clients, line);
}

/// A TAGMSG is only for who knows tags.
fn understands(client: &Client, kind: MessageKind) -> bool {
    kind != MessageKind::Tagmsg || client.session.has(Capability::MessageTags)
}

/// Whether a client is one of the sender's.
fn is_from(client: &Client, from: Actor) -> bool {
    client.session.user().map(Actor::User) == Some(from)
}
