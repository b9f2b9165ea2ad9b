//! Something changes: a nick, a topic, modes, away, a rating.

use std::sync::Arc;

use chat_network::{
    Actor, AppliedChange, ChannelId, Entry, Event, Network, SessionId, User, UserId, UserModes,
};
use chat_proto::Capability;
use chat_proto::numeric::{RPL_AWAY, RPL_INVITING, RPL_NOWAWAY, RPL_UNAWAY};
use smol_str::SmolStr;

use crate::command::Context;
use crate::core::Core;
use crate::deliver::arrival::is;
use crate::deliver::departure::to_channel;
use crate::deliver::news::News;
use crate::deliver::{apply, from_actor, from_user, id_of, origin};
use crate::render::event;

/// The events of this file: what they look like is known before they are applied.
pub(super) fn deliver(core: &Core, entry: &Entry) {
    match &entry.event {
        Event::NickChanged { user, nick: new } => nick(core, entry, *user, new),
        Event::TopicSet {
            by,
            channel,
            topic: new,
        } => topic(core, entry, *by, *channel, new),
        Event::Invited {
            by, channel, user, ..
        } => invited(core, entry, *by, (*channel, *user)),
        Event::ChannelModes {
            by,
            channel,
            changes,
        } => {
            channel_modes(core, entry, *by, *channel, changes);
        }
        Event::UserModes {
            user,
            added,
            removed,
        } => {
            user_modes(core, entry, *user, (*added, *removed));
        }
        Event::AwayChanged { user, message, .. } => {
            return away(core, entry, *user, message.is_some());
        }
        Event::RealnameChanged {
            user,
            realname: new,
        } => realname(core, entry, *user, new),
        Event::Rated {
            session,
            stars,
            previous,
            ..
        } => {
            rated(core, entry, *session, (*stars, *previous));
        }
        _ => {}
    }
    apply(core, entry);
}

/// A user has a new nick.
fn nick(core: &Core, entry: &Entry, user: UserId, nick: &SmolStr) {
    let network = core.state.network.borrow();
    if let Some(user) = network.user(user) {
        let body = event::nick(user, nick);
        let mut line = from_user(&network, user, body, entry.stamp.time).identified(id_of(entry));
        let own = core.fanout.of_user(user);
        core.fanout
            .to_neighbours(&network, user, &mut line, |client| {
                !own.iter().any(|own| is(own, client))
            });
        core.fanout.to_clients(&own, &mut line);
        core.fanout.count(&line);
        for client in &own {
            client.session.set_nick(nick.clone());
        }
    }
}

/// A channel has a new topic.
fn topic(core: &Core, entry: &Entry, by: Actor, channel: ChannelId, topic: &str) {
    let network = core.state.network.borrow();
    if let Some(channel) = network.channel(channel) {
        let source = event::source(&network, &core.state.config.name, by);
        let body = event::topic(source, channel.name(), topic);
        let line = from_actor(&network, by, body, entry.stamp.time).identified(id_of(entry));
        to_channel(core, channel.id(), line);
    }
}

/// A channel's modes changed.
fn channel_modes(
    core: &Core,
    entry: &Entry,
    by: Actor,
    channel: ChannelId,
    changes: &[AppliedChange],
) {
    let network = core.state.network.borrow();
    if let Some(channel) = network.channel(channel) {
        let source = event::source(&network, &core.state.config.name, by);
        // Of several lines the first has the id.
        let mut id = Some(id_of(entry));
        for body in event::channel_modes(&network, source, channel, changes) {
            let line = from_actor(&network, by, body, entry.stamp.time).identified(id.take());
            to_channel(core, channel.id(), line);
        }
    }
}

/// A user's own modes changed: told to the user only.
fn user_modes(core: &Core, entry: &Entry, user: UserId, (added, removed): (UserModes, UserModes)) {
    let network = core.state.network.borrow();
    if let Some(user) = network.user(user) {
        let body = event::user_modes(user, added, removed);
        let mut line = from_user(&network, user, body, entry.stamp.time);
        core.fanout
            .to_clients(&core.fanout.of_user(user), &mut line);
        core.fanout.count(&line);
    }
}

/// A user was invited: told to that user, to who invited, and with invite-notify to the members.
fn invited(core: &Core, entry: &Entry, by: UserId, (channel, user): (ChannelId, UserId)) {
    let network = core.state.network.borrow();
    if let (Some(by), Some(channel), Some(user)) = (
        network.user(by),
        network.channel(channel),
        network.user(user),
    ) {
        let body = event::invite(by, user.nick(), channel.name());
        let mut line = from_user(&network, by, body, entry.stamp.time);
        core.fanout
            .to_clients(&core.fanout.of_user(user), &mut line);
        let own = core.fanout.of_user(by);
        core.fanout.to_channel(channel.id(), &mut line, |client| {
            client.session.has(Capability::InviteNotify) && !own.iter().any(|own| is(own, client))
        });
        core.fanout.count(&line);
        if let Some(client) = origin(core, entry) {
            core.tell(&client, |context| {
                context.numeric(RPL_INVITING, &[user.nick(), channel.name()]);
                if let Some(away) = user.away() {
                    context.numeric_text(RPL_AWAY, &[user.nick()], away);
                }
            });
        }
    }
}

/// Somebody went away from a session or came back to it: answered there, and told to the others
/// where it changes what they see of the user.
fn away(core: &Core, entry: &Entry, user: UserId, is_away: bool) {
    let before = Shown::of(core, user);
    apply(core, entry);
    before.tell(core, entry);
    if let Some(client) = origin(core, entry) {
        let code = if is_away { RPL_NOWAWAY } else { RPL_UNAWAY };
        core.tell(&client, |context| context.numeric(code, &[]));
    }
}

/// What the others saw of a user: whether it is away, and why.
pub(super) struct Shown {
    pub(super) user: UserId,
    away: Option<Arc<str>>,
}

impl Shown {
    /// Before an entry.
    pub(super) fn of(core: &Core, user: UserId) -> Self {
        let network = core.state.network.borrow();
        let away = network.user(user).and_then(User::away).cloned();
        Self { user, away }
    }

    /// After it: who wants to know is told, if it is another thing now. Of who has left there is no
    /// such news.
    pub(super) fn tell(&self, core: &Core, entry: &Entry) {
        let network = core.state.network.borrow();
        if let Some(user) = network.user(self.user)
            && user.away() != self.away.as_ref()
        {
            away_news(core, entry, &network, user);
        }
    }
}

/// Whether a user is away now, and why, to who shares a channel or monitors it, if they know
/// away-notify.
fn away_news(core: &Core, entry: &Entry, network: &Network, user: &User) {
    let news = News {
        core,
        network,
        user,
        capability: Capability::AwayNotify,
    };
    let body = event::away(user, user.away().map(|away| &**away));
    let line = from_user(network, user, body, entry.stamp.time);
    news.tell(line, |_| false);
}

/// A user has a new real name: told to the user and to who shares a channel, if they know SETNAME.
fn realname(core: &Core, entry: &Entry, user: UserId, realname: &str) {
    let network = core.state.network.borrow();
    if let Some(user) = network.user(user) {
        let news = News {
            core,
            network: &network,
            user,
            capability: Capability::Setname,
        };
        let body = event::realname(user, realname);
        let line = from_user(&network, user, body, entry.stamp.time);
        news.tell(line, |_| true);
    }
}

/// A server was rated; the rated server counts it, exactly once, and thanks.
fn rated(core: &Core, entry: &Entry, session: SessionId, (stars, previous): (u8, Option<u8>)) {
    if core.is_own(session) {
        core.slot().rated(stars, previous);
    }
    if let Some(client) = origin(core, entry) {
        core.tell(&client, |context| thank(context, stars));
    }
}

/// The answer to RATE.
fn thank(context: &mut Context<'_>, stars: u8) {
    let label = context.state.label.clone();
    context.notice(&format!(
        "Thank you for rating {label} with {stars} of 5 stars"
    ));
}
