//! What of an entry is kept in the database.

use std::sync::Arc;

use chat_network::{
    Actor, Entry, Event, MessageKind, Network, Origin, Recipient, ServerId, SessionId, User,
};
use chat_store::{Message, Row};

/// Appends the rows of an entry. `network` is the state before it.
pub(crate) fn append(network: &Network, entry: &Entry, rows: &mut Vec<Row>) {
    let time_ms = entry.stamp.time.0;
    let closed = |session: SessionId| Row::SessionClosed {
        session: session.as_u64(),
        time_ms,
    };
    match &entry.event {
        Event::Registered { session, user } => rows.push(Row::SessionOpened {
            session: session.as_u64(),
            user: user.nick.to_string(),
            time_ms,
        }),
        Event::Quit(departure) => rows.push(closed(departure.session)),
        Event::Disconnected { user, .. } => {
            let sessions = network.user(*user).map_or(&[][..], User::sessions);
            rows.extend(sessions.iter().map(|session| closed(session.id)));
        }
        Event::ServerLost {
            server,
            incarnation,
            ..
        } => {
            rows.extend(network.sessions_of(*server, *incarnation).map(closed));
        }
        Event::Message {
            from,
            to,
            kind,
            text,
            ..
        } => {
            rows.extend(message(network, entry, *from, *to, *kind, text));
        }
        Event::Rated {
            user,
            session,
            stars,
            ..
        } => {
            let user = network.user(*user).map(User::nick).unwrap_or_default();
            rows.push(Row::Rating {
                session: session.as_u64(),
                user: user.to_owned(),
                server: session.server().to_string(),
                stars: *stars,
                time_ms,
            });
        }
        Event::NickChanged { .. }
        | Event::Joined { .. }
        | Event::Parted { .. }
        | Event::TopicSet { .. }
        | Event::Kicked { .. }
        | Event::Invited { .. }
        | Event::ChannelModes { .. }
        | Event::UserModes { .. }
        | Event::AwayChanged { .. }
        | Event::RealnameChanged { .. } => {}
    }
}

fn message(
    network: &Network,
    entry: &Entry,
    from: Actor,
    to: Recipient,
    kind: MessageKind,
    text: &Arc<str>,
) -> Option<Row> {
    let kind = stored_kind(kind)?;
    let sender = match from {
        Actor::User(user) => network.user(user)?.prefix().to_string(),
        Actor::Server(server) => server.to_string(),
    };
    let target = match to {
        Recipient::Channel(channel) => network.channel(channel)?.name().to_string(),
        Recipient::Ranked(channel, prefix) => {
            format!("{}{}", prefix.symbol(), network.channel(channel)?.name())
        }
        Recipient::User(user) => network.user(user)?.nick().to_owned(),
    };
    Some(Row::Message(Message {
        id: entry.stamp.position.0,
        time_ms: entry.stamp.time.0,
        sender,
        account: None,
        server: server_of(entry.origin).0,
        // The network compares names without regard to the case of ASCII letters.
        target_key: target.to_ascii_lowercase(),
        target,
        kind,
        text: Arc::clone(text),
    }))
}

/// How a kind of message is stored; TAGMSG never is.
pub(crate) fn stored_kind(kind: MessageKind) -> Option<chat_store::MessageKind> {
    match kind {
        MessageKind::Privmsg => Some(chat_store::MessageKind::Privmsg),
        MessageKind::Notice => Some(chat_store::MessageKind::Notice),
        MessageKind::Tagmsg => None,
    }
}

/// The server that a request came from.
fn server_of(origin: Origin) -> ServerId {
    match origin {
        Origin::Session(session) => session.server(),
        Origin::Server(server) => server,
    }
}
