//! What of an entry is kept in the database.

mod history;
mod lost;
pub(crate) mod operator;

use chat_network::{
    Action, Entry, Event, Identity, MessageKind, Network, SessionId, Tag, User, folded,
};
use chat_store::Row;
use smol_str::SmolStr;

/// What of the chat is kept for later readers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keep {
    /// What is said in channels.
    pub channels: bool,
    /// What one person writes to another.
    pub direct: bool,
    /// Who comes and goes, topics, modes.
    pub events: bool,
    /// A TAGMSG with one of these tags.
    pub tags: Vec<SmolStr>,
}

impl Keep {
    /// The tags that a TAGMSG is kept for unless said otherwise: reactions, and what asks for it.
    pub const TAGS: [&str; 5] = [
        "+draft/react",
        "+draft/unreact",
        "+react",
        "+unreact",
        "+draft/persist",
    ];

    /// Whether a request leads, if it is granted, to a message that is stored.
    pub(crate) fn stores(&self, action: &Action) -> bool {
        matches!(action, Action::Relay(_))
            || matches!(action, Action::Message { kind, tags, .. } if self.stores_kind(*kind, tags))
    }

    fn stores_kind(&self, kind: MessageKind, tags: &[Tag]) -> bool {
        let listed = |tag: &Tag| self.tags.contains(&tag.name);
        kind != MessageKind::Tagmsg || tags.iter().any(listed)
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            channels: true,
            direct: true,
            events: true,
            tags: Self::TAGS.map(SmolStr::new_static).into(),
        }
    }
}

/// Appends the rows of an entry. `network` is the state before it.
pub(crate) fn append(keep: &Keep, network: &Network, entry: &Entry, rows: &mut Vec<Row>) {
    if let Event::Operated { .. } = entry.event {
        operator::append(network, entry, rows);
        return append(keep, network, &entry.effect(), rows);
    }
    let time_ms = entry.stamp.time.0;
    let closed = |session: SessionId| Row::SessionClosed {
        session: session.as_u64(),
        time_ms,
    };
    let opened = |session: SessionId, nick: &str| Row::SessionOpened {
        session: session.as_u64(),
        user: nick.to_owned(),
        time_ms,
    };
    match &entry.event {
        Event::Registered { session, user } => rows.push(opened(*session, &user.nick)),
        Event::SessionAttached { session, user, .. } => {
            let user = network.user(*user).map(User::nick).unwrap_or_default();
            rows.push(opened(*session, user));
        }
        Event::AccountSuspended { account, .. } => {
            let users = network.users_of_account(*account);
            rows.extend(
                users
                    .flat_map(User::sessions)
                    .map(|session| closed(session.id)),
            );
        }
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
        Event::ReadMarked { .. } | Event::PersonForgotten { .. } => {
            rows.extend(of_owner(network, entry));
        }
        Event::ChannelForgotten { channel } => forgotten_channel(network, entry, channel, rows),
        Event::Redacted { .. } => rows.extend(history::redacted(network, entry)),
        Event::Message { .. } => rows.extend(history::message(keep, network, entry)),
        Event::Relayed(said) => rows.extend(history::relayed(keep, network, entry, said)),
        Event::Rated { .. } => rows.extend(rating(network, entry)),
        // What these change of what is kept is in `records`.
        _ => {}
    }
    if keep.events {
        history::events(network, entry, rows);
    }
}

fn rating(network: &Network, entry: &Entry) -> Option<Row> {
    let Event::Rated {
        user,
        session,
        stars,
        ..
    } = entry.event
    else {
        return None;
    };
    let user = network.user(user).map(User::nick).unwrap_or_default();
    Some(Row::Rating {
        session: session.as_u64(),
        user: user.to_owned(),
        server: session.server().to_string(),
        stars,
        time_ms: entry.stamp.time.0,
    })
}

/// What the owner of an account, or an operator, wants of what is kept.
fn of_owner(network: &Network, entry: &Entry) -> Option<Row> {
    Some(match &entry.event {
        Event::ReadMarked {
            account,
            target,
            time,
            ..
        } => Row::ReadMarker {
            account: account.0,
            target_key: network.place_of(target),
            time_ms: time.0,
        },
        Event::PersonForgotten { person } => Row::Forget {
            sender_key: Some(person.to_string()),
            account: name_of(network, *person),
            target_key: None,
            until: entry.stamp.position.0,
        },
        _ => return None,
    })
}

/// The name of somebody's account.
fn name_of(network: &Network, person: Identity) -> Option<String> {
    match person {
        Identity::Account(account) => Some(network.account(account)?.name().to_string()),
        Identity::Stay(_) => None,
    }
}

/// All that was said in a channel is forgotten: of the one that has the name, wherever its history
/// is kept, and of those that had it and are gone.
fn forgotten_channel(network: &Network, entry: &Entry, name: &str, rows: &mut Vec<Row>) {
    let now = entry.stamp.position.0;
    let mut forget = |place: String, until| {
        rows.push(Row::Forget {
            sender_key: None,
            account: None,
            target_key: Some(place),
            until,
        });
    };
    let (of_name, folded) = (network.place_of(name), folded(name));
    let elsewhere = of_name != folded;
    forget(of_name, now);
    if elsewhere {
        // There may be the history of a channel that had the name before.
        let other = network.channel_of_place(&folded);
        forget(
            folded,
            other.map_or(now, |other| other.id().0.saturating_sub(1)),
        );
    }
}
