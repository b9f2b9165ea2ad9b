//! Someone comes: to the network, or into a channel.

use std::rc::Rc;

use chat_network::{Action, ChannelId, Entry, SessionId, UserId};
use chat_proto::Capability;
use chat_proto::numeric::RPL_WELCOME;
use smol_str::SmolStr;

use crate::client::Client;
use crate::command::{Context, lusers, names, topic};
use crate::core::Core;
use crate::deliver::{apply, id_of};
use crate::render::{Rendered, event};
use crate::session::Pending;

/// A session became a user; if it is here, it is welcomed and put into the lobby.
pub(super) fn registered(core: &Core, entry: &Entry, session: SessionId) {
    apply(core, entry);
    let network = core.state.network.borrow();
    core.state
        .most_users
        .set(core.state.most_users.get().max(network.user_count()));
    let (Some(client), Some(user)) = (own(core, session), network.user_of(session)) else {
        return;
    };
    client.session.registered(user.id(), user.nick().into());
    client.admitted();
    core.state
        .unregistered
        .set(core.state.unregistered.get().saturating_sub(1));
    let welcome = format!(
        "Welcome to the {} Network, {}",
        core.state.config.network,
        user.prefix()
    );
    drop(network);
    core.tell(&client, |context| welcome_burst(context, &welcome));
    let lobby = &core.state.config.lobby;
    if !lobby.is_empty() {
        let action = Action::Join {
            channel: SmolStr::new(lobby),
            key: None,
        };
        if !core.request_now(&client, action, Pending::Plain) {
            // Its own task can wait until there is room.
            client.lobby_due.set(true);
            client.wake();
        }
    }
}

/// 001 to 005, LUSERS and the message of the day.
fn welcome_burst(context: &mut Context<'_>, welcome: &str) {
    context.numeric_text(RPL_WELCOME, &[], welcome);
    let lines = context.state.welcome.to(&context.session.nick());
    context.line(lines);
    lusers::reply(context);
    let lines = context.state.motd.to(&context.session.nick());
    context.line(lines);
}

/// A user entered a channel; the user's own clients get the topic and the names.
pub(super) fn joined(core: &Core, entry: &Entry, user: UserId, channel: ChannelId) {
    apply(core, entry);
    let network = core.state.network.borrow();
    let (Some(user), Some(channel)) = (network.user(user), network.channel(channel)) else {
        return;
    };
    core.fanout.enter(channel.id(), user);
    let mut line = Rendered::new(event::join(user, channel.name()), entry.stamp.time)
        .extended(event::extended_join(user, channel.name()))
        .identified(id_of(entry));
    core.fanout.to_channel(channel.id(), &mut line, |_| true);
    core.fanout.count(&line);
    let own = core.fanout.of_user(user);
    if let Some(away) = user.away() {
        let mut line = Rendered::new(event::away(user, Some(away)), entry.stamp.time);
        core.fanout.to_channel(channel.id(), &mut line, |client| {
            client.session.has(Capability::AwayNotify) && !own.iter().any(|own| is(own, client))
        });
        core.fanout.count(&line);
    }
    for client in &own {
        core.tell(client, |context| {
            topic::reply(context, channel);
            if !context.session.has(Capability::NoImplicitNames) {
                names::reply(context, &network, channel);
            }
        });
    }
}

/// A client of this life of this server.
fn own(core: &Core, session: SessionId) -> Option<Rc<Client>> {
    core.fanout.get(session).filter(|_| core.is_own(session))
}

/// Whether these are the same connection.
pub(super) fn is(one: &Client, other: &Client) -> bool {
    one.session.id == other.session.id
}
