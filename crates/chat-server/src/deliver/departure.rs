//! Someone goes: from a channel, from the network, or with a whole server.

use chat_network::{
    Actor, ChannelId, Departure, Entry, Event, MessageId, ServerId, SessionId, User, UserId,
};

use crate::core::Core;
use crate::deliver::arrival::is;
use crate::deliver::{apply, id_of};
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
        Event::Quit(departure) => quit(core, entry, departure),
        Event::Disconnected { user, reason, .. } => disconnected(core, entry, *user, reason),
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
            server_lost(core, entry, (*server, *incarnation), reason);
        }
        _ => {}
    }
    apply(core, entry);
}

/// A user left a channel.
fn parted(core: &Core, entry: &Entry, user: UserId, channel: ChannelId, reason: Option<&str>) {
    let network = core.state.network.borrow();
    if let (Some(user), Some(channel)) = (network.user(user), network.channel(channel)) {
        let body = event::part(user, channel.name(), reason);
        let line = Rendered::new(body, entry.stamp.time).identified(id_of(entry));
        to_channel(core, channel.id(), line);
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
    let network = core.state.network.borrow();
    if let (Some(user), Some(channel)) = (network.user(user), network.channel(channel)) {
        let source = event::source(&network, &core.state.config.name, by);
        let body = event::kick(&source, channel.name(), user.nick(), reason);
        let line = Rendered::new(body, entry.stamp.time).identified(id_of(entry));
        to_channel(core, channel.id(), line);
        leave(core, user, channel.id());
    }
}

/// A session ended, and perhaps with it its user left.
fn quit(core: &Core, entry: &Entry, departure: &Departure) {
    let network = core.state.network.borrow();
    if let Some(user) = network.user(departure.user) {
        end_session(core, user, departure.session, &departure.reason);
        if user
            .sessions()
            .iter()
            .all(|session| session.id == departure.session)
        {
            let id = Some(id_of(entry));
            to_neighbours(core, entry, id, user, &departure.reason);
        }
    }
}

/// A server ended all sessions of a user.
fn disconnected(core: &Core, entry: &Entry, user: UserId, reason: &str) {
    let network = core.state.network.borrow();
    if let Some(user) = network.user(user) {
        for session in user.sessions() {
            end_session(core, user, session.id, reason);
        }
        to_neighbours(core, entry, Some(id_of(entry)), user, reason);
    }
}

/// A life of a server is over, with all its sessions.
fn server_lost(core: &Core, entry: &Entry, (server, incarnation): (ServerId, u16), reason: &str) {
    let network = core.state.network.borrow();
    for session in network.sessions_of(server, incarnation) {
        if let Some(user) = network.user_of(session) {
            end_session(core, user, session, reason);
            if leaves_with(user, session, server, incarnation) {
                // The entry is about many, so none of them can have its id.
                to_neighbours(core, entry, None, user, reason);
            }
        }
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
fn end_session(core: &Core, user: &User, session: SessionId, reason: &str) {
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
fn to_neighbours(core: &Core, entry: &Entry, id: Option<MessageId>, user: &User, reason: &str) {
    let mut line = Rendered::new(event::quit(user, reason), entry.stamp.time).identified(id);
    let own = core.fanout.of_user(user);
    core.fanout
        .to_channels(user.channels(), &mut line, |client| {
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
