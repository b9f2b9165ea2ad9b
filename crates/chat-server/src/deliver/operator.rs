//! What operators of the chat do, as far as it is no event of another kind.

use chat_network::{ChannelId, Entry, Event, Operator, User, UserId, UserModes};
use chat_proto::Capability;
use chat_proto::numeric::RPL_YOUREOPER;

use crate::core::Core;
use crate::deliver::news::News;
use crate::deliver::{apply, configured, origin};
use crate::render::{Rendered, event};

/// The events of this file: what they look like is known before they are applied.
pub(super) fn deliver(core: &Core, entry: &Entry) {
    match &entry.event {
        Event::OperatorEntered { user, operator } => entered(core, entry, *user, operator),
        Event::Wallops { by, text } => wallops(core, entry, *by, text),
        Event::NetworkBanned { ban } => {
            let text = match &*ban.reason {
                "" => format!("{} is banned", ban.mask),
                reason => format!("{} is banned: {reason}", ban.mask),
            };
            done(core, entry, &text);
        }
        Event::ChannelPurged {
            channel: Some(channel),
            ban,
        } => purged(core, entry, *channel, &ban.reason),
        Event::NetworkUnbanned { mask } if mask.starts_with('#') => {}
        Event::NetworkUnbanned { mask } => done(core, entry, &format!("{mask} is banned no more")),
        Event::RehashAsked => configured::asked(core, entry),
        Event::DefconSet { defcon } => {
            done(core, entry, &format!("DEFCON is {} now", defcon.level()));
        }
        Event::HostChanged { user, host } => {
            let network = core.state.network.borrow();
            if let Some(user) = network.user(*user) {
                chghost(core, entry, user, host);
            }
        }
        _ => {}
    }
    apply(core, entry);
}

/// A channel is closed: each of its members is told that it is out.
fn purged(core: &Core, entry: &Entry, channel: ChannelId, reason: &str) {
    let network = core.state.network.borrow();
    let Some(channel) = network.channel(channel) else {
        return;
    };
    let reason = match reason {
        "" => "This channel is closed".to_owned(),
        reason => format!("This channel is closed: {reason}"),
    };
    for (user, _) in channel.members() {
        let Some(user) = network.user(user) else {
            continue;
        };
        let source = &core.state.config.name;
        let body = event::kick(source, channel.name(), user.nick(), &reason);
        let mut line = Rendered::new(body, entry.stamp.time);
        core.fanout
            .to_clients(&core.fanout.of_user(user), &mut line);
        core.fanout.count(&line);
        for session in user.sessions() {
            core.fanout.leave(channel.id(), session.id);
        }
    }
}

/// The operator who asked is told that it is done.
fn done(core: &Core, entry: &Entry, text: &str) {
    if let Some(client) = origin(core, entry) {
        core.tell(&client, |context| context.notice(text));
    }
}

/// A user became an operator: its clients are told the mode, and the one that asked that it is one.
fn entered(core: &Core, entry: &Entry, user: UserId, operator: &Operator) {
    let network = core.state.network.borrow();
    let Some(user) = network.user(user) else {
        return;
    };
    let added = UserModes {
        operator: true,
        ..UserModes::default()
    };
    let body = event::user_modes(user, added, UserModes::default());
    let mut line = Rendered::new(body, entry.stamp.time);
    let own = core.fanout.of_user(user);
    core.fanout.to_clients(&own, &mut line);
    core.fanout.count(&line);
    if let Some(client) = origin(core, entry) {
        core.tell(&client, |context| context.numeric(RPL_YOUREOPER, &[]));
    }
    if let Some(host) = operator.host.as_ref().filter(|host| *host != user.host()) {
        chghost(core, entry, user, host);
    }
}

/// An operator tells something: to everyone here who wants to hear it.
fn wallops(core: &Core, entry: &Entry, by: UserId, text: &str) {
    let network = core.state.network.borrow();
    if let Some(by) = network.user(by) {
        let mut line = Rendered::new(event::wallops(by, text), entry.stamp.time);
        let mut clients = core.fanout.all();
        clients.retain(|client| {
            let user = network.user_of(client.session.id);
            user.is_some_and(|user| user.modes().wallops)
        });
        core.fanout.to_clients(&clients, &mut line);
        core.fanout.count(&line);
    }
}

/// Others see another host: told to the user and to who shares a channel, if they know CHGHOST.
fn chghost(core: &Core, entry: &Entry, user: &User, host: &str) {
    let news = News {
        core,
        network: &core.state.network.borrow(),
        user,
        capability: Capability::Chghost,
    };
    let line = Rendered::new(event::chghost(user, host), entry.stamp.time);
    news.tell(line, |_| true);
}
