//! What the end of a server leaves in history.

use std::collections::BTreeMap;

use chat_network::{Actor, ChannelId, Entry, Event, Network, SessionId, User};
use chat_store::{EventKind, Happening, Row};

use super::history::account;

/// Users of a lost server whose QUIT is in the history of one channel: a client asks for so many
/// lines, and these are one of them.
const LOST: usize = 50;

/// Those who leave with a server: one row for each channel, with a line for each of them. They are
/// many, and their entry has one position only.
pub(super) fn append(network: &Network, entry: &Entry, rows: &mut Vec<Row>) {
    let Event::ServerLost {
        server,
        incarnation,
        reason,
    } = &entry.event
    else {
        return;
    };
    let is_lost =
        |session: SessionId| (session.server(), session.incarnation()) == (*server, *incarnation);
    let leaves = |user: &&User| {
        let sessions = user.sessions();
        let all = sessions.iter().all(|session| is_lost(session.id));
        all && !sessions.is_empty() && !network.stays_on(user)
    };
    let mut places: BTreeMap<ChannelId, (Vec<&str>, Vec<String>)> = BTreeMap::new();
    for user in network.users().filter(leaves) {
        let channels = user.channels().iter();
        for channel in channels.filter_map(|channel| network.channel(*channel)) {
            let (senders, accounts) = places.entry(channel.id()).or_default();
            if senders.len() < LOST && !channel.hides(user.id()) {
                senders.push(user.prefix());
                accounts.push(account(network, Actor::User(user.id())).unwrap_or_default());
            }
        }
    }
    for (channel, (senders, accounts)) in places {
        let channel = network.channel(channel).filter(|_| !senders.is_empty());
        rows.extend(channel.map(|channel| {
            Row::Event(Happening {
                target_key: channel.place(),
                id: entry.stamp.position.0,
                time_ms: entry.stamp.time.0,
                kind: EventKind::Quit,
                sender: senders.join("\n"),
                account: Some(accounts.join("\n")),
                detail: reason.to_string(),
            })
        }));
    }
}
