//! Someone goes: from a channel, from the network, or with a whole server.

use chat_network::{
    Actor, ChannelId, Departure, Entry, Event, MessageId, Network, ServerId, SessionId, User,
    UserId,
};

use crate::core::Core;
use crate::deliver::arrival::is;
use crate::deliver::change::Shown;
use crate::deliver::split::Split;
use crate::deliver::{apply, from_actor, from_user, id_of};
use crate::render::{Rendered, event};

/// The events of this file: what they look like is known before they are applied.
pub(super) fn deliver(core: &Core, entry: &Entry) {
    match &entry.event {
        Event::Parted {
            user,
            channel,
            reason,
        } => {
            parted(core, entry, *user, *channel, reason.as_deref());
        }
        Event::Quit(departure) => return quit(core, entry, departure),
        Event::Disconnected { user, reason, .. } => {
            return disconnected(core, entry, *user, reason);
        }
        Event::Kicked {
            by,
            channel,
            user,
            reason,
        } => {
            kicked(core, entry, *by, (*channel, *user), reason);
        }
        Event::ServerLost {
            server,
            incarnation,
            reason,
        } => {
            return server_lost(core, entry, (*server, *incarnation), reason);
        }
        _ => {}
    }
    apply(core, entry);
}

/// A user left a channel.
fn parted(core: &Core, entry: &Entry, user: UserId, channel: ChannelId, reason: Option<&str>) {
    if !core.fanout.is_here(channel) {
        return;
    }
    let network = core.state.network.borrow();
    if let (Some(user), Some(channel)) = (network.user(user), network.channel(channel)) {
        let body = event::part(user, channel.name(), reason);
        let mut line = from_user(&network, user, body, entry.stamp.time).identified(id_of(entry));
        core.fanout.to_channel(channel.id(), &mut line, |client| {
            channel.shows(user.id(), client.session.user())
        });
        core.fanout.count(&line);
        leave(core, user, channel.id());
    }
}

/// A user was removed from a channel.
fn kicked(
    core: &Core,
    entry: &Entry,
    by: Actor,
    (channel, user): (ChannelId, UserId),
    reason: &str,
) {
    if !core.fanout.is_here(channel) {
        return;
    }
    let network = core.state.network.borrow();
    if let (Some(user), Some(channel)) = (network.user(user), network.channel(channel)) {
        let source = event::source(&network, &core.state.config.name, by);
        let body = event::kick(source, channel.name(), user.nick(), reason);
        let line = from_actor(&network, by, body, entry.stamp.time).identified(id_of(entry));
        to_channel(core, channel.id(), line);
        leave(core, user, channel.id());
    }
}

/// A session ended, and perhaps with it its user left.
fn quit(core: &Core, entry: &Entry, departure: &Departure) {
    let shown = Shown::of(core, departure.user);
    let network = core.state.network.borrow();
    if let Some(user) = network.user(departure.user) {
        farewell(core, entry, &network, (user, departure));
        end_session(core, user, departure.session, &departure.reason);
        let mut others = user.sessions().iter();
        if others.all(|session| session.id == departure.session) {
            let id = Some(id_of(entry));
            leaves_or_stays(core, entry, id, (&network, user), &departure.reason);
        }
    }
    drop(network);
    apply(core, entry);
    shown.tell(core, entry);
}

/// Who has said QUIT sees it too, before the connection ends.
fn farewell(core: &Core, entry: &Entry, network: &Network, (user, departure): (&User, &Departure)) {
    let client = core.fanout.get(departure.session);
    if let Some(client) = client.filter(|client| client.has_quit.get()) {
        let body = event::quit(user, &departure.reason);
        let mut line = from_user(network, user, body, entry.stamp.time);
        // The answer is the ERROR that follows.
        let answering = client.answering.replace(false);
        core.fanout
            .push(&client, line.line(client.session.variant()));
        client.answering.set(answering);
    }
}

/// All sessions of a user were ended.
fn disconnected(core: &Core, entry: &Entry, user: UserId, reason: &str) {
    let shown = Shown::of(core, user);
    let network = core.state.network.borrow();
    if let Some(user) = network.user(user) {
        for session in user.sessions() {
            end_session(core, user, session.id, reason);
        }
        let id = Some(id_of(entry));
        leaves_or_stays(core, entry, id, (&network, user), reason);
    }
    drop(network);
    apply(core, entry);
    shown.tell(core, entry);
}

/// A life of a server is over, with all its sessions.
fn server_lost(core: &Core, entry: &Entry, (server, incarnation): (ServerId, u16), reason: &str) {
    let network = core.state.network.borrow();
    let mut shown = Vec::new();
    let split = Split::new(entry);
    for session in network.sessions_of(server, incarnation) {
        let Some(user) = network.user_of(session) else {
            continue;
        };
        end_session(core, user, session, reason);
        let leaves = leaves_with(user, session, server, incarnation);
        if leaves && !network.stays_on(user) {
            split.quit(core, entry, (&network, user), reason);
        } else {
            shown.push(Shown::of(core, user.id()));
        }
    }
    split.end(core);
    drop(network);
    apply(core, entry);
    // Who had two sessions there is told of once.
    shown.dedup_by_key(|shown| shown.user);
    shown.iter().for_each(|shown| shown.tell(core, entry));
}

/// The last session of a user ends: the others are told that it leaves, unless it stays on.
fn leaves_or_stays(
    core: &Core,
    entry: &Entry,
    id: Option<MessageId>,
    (network, user): (&Network, &User),
    reason: &str,
) {
    if !network.stays_on(user) {
        to_neighbours(core, entry, id, user, reason);
    }
}

/// Whether a user has sessions of that life only; true for the first of them, so that it is told
/// once.
fn leaves_with(user: &User, session: SessionId, server: ServerId, incarnation: u16) -> bool {
    user.sessions()
        .first()
        .is_some_and(|first| first.id == session)
        && user
            .sessions()
            .iter()
            .all(|other| other.id.server() == server && other.id.incarnation() == incarnation)
}

/// The client of a session that has ended is told, if it is here, and gets nothing more.
pub(super) fn end_session(core: &Core, user: &User, session: SessionId, reason: &str) {
    let Some(client) = core.fanout.get(session) else {
        return;
    };
    for channel in user.channels() {
        core.fanout.leave(*channel, session);
    }
    client.session.departed();
    client.close(reason);
}

/// QUIT to everyone here who shares a channel with a user.
pub(super) fn to_neighbours(
    core: &Core,
    entry: &Entry,
    id: Option<MessageId>,
    user: &User,
    reason: &str,
) {
    let mut channels = user.channels().iter();
    if !channels.any(|channel| core.fanout.is_here(*channel)) {
        return;
    }
    let network = core.state.network.borrow();
    let body = event::quit(user, reason);
    let mut line = from_user(&network, user, body, entry.stamp.time).identified(id);
    let own = core.fanout.of_user(user);
    core.fanout
        .to_neighbours(&network, user, &mut line, |client| {
            !own.iter().any(|own| is(own, client))
        });
    core.fanout.count(&line);
}

/// Queues a line for everyone here in a channel.
pub(super) fn to_channel(core: &Core, channel: ChannelId, mut line: Rendered) {
    core.fanout.to_channel(channel, &mut line, |_| true);
    core.fanout.count(&line);
}

fn leave(core: &Core, user: &User, channel: ChannelId) {
    for session in user.sessions() {
        core.fanout.leave(channel, session.id);
    }
}
