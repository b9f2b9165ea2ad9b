//! Someone comes: to the network, with one more device, or into a channel.

use std::rc::Rc;

use bytes::BytesMut;
use chat_network::{
    Action, Channel, Entry, Event, MetadataWish, Network, SessionId, User, UserId, UserModes,
};
use chat_proto::Capability;
use chat_proto::numeric::{ERR_LINKCHANNEL, RPL_WELCOME};
use smol_str::SmolStr;

use crate::client::Client;
use crate::command::{Context, isupport, lusers, markread, metadata, mode, names, topic};
use crate::core::Core;
use crate::deliver::change::Shown;
use crate::deliver::{apply, from_user, id_of, origin};
use crate::render::{self, Rendered, Wire, event};
use crate::session::{Pending, Rare};

/// A session became a user; if it is here, it is welcomed and put into the lobby.
pub(super) fn registered(core: &Core, entry: &Entry, session: SessionId) {
    apply(core, entry);
    let network = core.state.network.borrow();
    core.state
        .most_users
        .set(core.state.most_users.get().max(network.user_count()));
    let Some(client) = own(core, session) else {
        return;
    };
    let Some(user) = network.user_of(session) else {
        return;
    };
    admit(core, &client, user);
    let welcome = welcome(core, user);
    core.tell(&client, |context| welcome_burst(context, &welcome, user));
    drop(network);
    early_metadata(core, &client);
    let settings = core.state.settings();
    let lobby = &settings.config.lobby;
    if !lobby.is_empty() {
        let action = Action::Join {
            channel: SmolStr::new(lobby),
            key: None,
        };
        if !core.request_now(&client, action, Pending::Plain) {
            // Its own turn can wait until there is room.
            client.lobby_due.set(true);
            client.wake();
        }
    }
}

/// One more session of a user; if it is here, it is welcomed and shown where it is. The others learn
/// nothing, unless the user was away until now.
pub(super) fn attached(core: &Core, entry: &Entry, session: SessionId, user: UserId) {
    let shown = Shown::of(core, user);
    let left = {
        let network = core.state.network.borrow();
        network.user(user).and_then(User::left)
    };
    apply(core, entry);
    shown.tell(core, entry);
    let network = core.state.network.borrow();
    let Some(user) = network.user(user) else {
        return;
    };
    let Some(client) = own(core, session) else {
        return;
    };
    admit(core, &client, user);
    let welcome = welcome(core, user);
    core.tell(&client, |context| {
        welcome_burst(context, &welcome, user);
        if user.modes() != UserModes::default() {
            mode::own(context, user);
        }
    });
    for channel in user
        .channels()
        .iter()
        .filter_map(|own| network.channel(*own))
    {
        core.fanout.enter(channel.id(), user);
        let mut line = join_line(&network, user, channel, entry);
        core.fanout
            .to_clients(std::slice::from_ref(&client), &mut line);
        core.fanout.count(&line);
        show(core, &network, &client, channel);
    }
    // Who knows how asks for it.
    if let Some(left) = left
        && !client.session.has(Capability::Chathistory)
    {
        core.missed.borrow_mut().insert(session, left);
        client.missed_due.set(true);
        client.wake();
    }
    drop(network);
    early_metadata(core, &client);
}

/// A client is a user's now.
fn admit(core: &Core, client: &Client, user: &User) {
    client.session.registered(user.id(), user.nick().into());
    client.admitted();
    core.count_unregistered(false);
}

fn welcome(core: &Core, user: &User) -> String {
    let network = &core.state.config.network;
    format!("Welcome to the {network} Network, {}", user.prefix())
}

/// What the client has set before it was a user becomes the user's.
fn early_metadata(core: &Core, client: &Rc<Client>) {
    let Some(changes) = client.session.rare(Rare::take_early) else {
        return;
    };
    let action = Action::Metadata(Box::new(MetadataWish {
        target: None,
        changes: Some(changes),
    }));
    if !core.request_now(client, action, Pending::Plain) {
        client.session.rare(|rare| rare.arriving = false);
        tracing::warn!("what a client told of itself early was lost: too much is on its way");
    }
}

/// 001 to 005, LUSERS, one's own metadata and the message of the day: in one piece, unless something
/// of it is a batch.
fn welcome_burst(context: &mut Context<'_>, welcome: &str, user: &User) {
    let (state, nick) = (context.state, context.session.nick().clone());
    let settings = state.settings();
    let first = render::numeric(state, &nick, RPL_WELCOME, &[], welcome);
    let parts = [
        &state.welcome,
        &settings.isupport,
        &state.lusers,
        &settings.motd,
    ];
    let room = parts.iter().map(|part| part.room(&nick)).sum::<usize>();
    let mut out = BytesMut::with_capacity(first.len() + room);
    out.extend_from_slice(first.as_bytes());
    state.welcome.append(&nick, &[], &mut out);
    if isupport::is_batched(context) {
        context.line(Wire::of_lines(out.split()));
        isupport::reply(context);
    } else {
        settings.isupport.append(&nick, &[], &mut out);
    }
    lusers::append(state, &nick, &mut out);
    if context.session.has(Capability::Metadata) {
        context.line(Wire::of_lines(out.split()));
        metadata::arrival(context, user);
    }
    settings.motd.append(&nick, &[], &mut out);
    context.line(Wire::of_lines(out));
}

/// A user entered a channel; the user's own clients get the topic and the names.
pub(super) fn joined(core: &Core, entry: &Entry) {
    apply(core, entry);
    let Event::Joined {
        user,
        channel,
        forwarded,
        ..
    } = &entry.event
    else {
        return;
    };
    let network = core.state.network.borrow();
    let (Some(user), Some(channel)) = (network.user(*user), network.channel(*channel)) else {
        return;
    };
    if let (Some(wanted), Some(client)) = (
        forwarded.and_then(|wanted| network.channel(wanted)),
        origin(core, entry),
    ) {
        core.tell(&client, |context| {
            context.numeric(ERR_LINKCHANNEL, &[wanted.name(), channel.name()]);
        });
    }
    core.fanout.enter(channel.id(), user);
    if !core.fanout.is_here(channel.id()) {
        return;
    }
    let mut line = join_line(&network, user, channel, entry).identified(id_of(entry));
    let sees = |client: &Client| channel.shows(user.id(), client.session.user());
    core.fanout.to_channel(channel.id(), &mut line, sees);
    core.fanout.count(&line);
    let own = core.fanout.of_user(user);
    if let Some(away) = user.away() {
        let body = event::away(user, Some(away));
        let mut line = from_user(&network, user, body, entry.stamp.time);
        core.fanout.to_channel(channel.id(), &mut line, |client| {
            sees(client)
                && client.session.has(Capability::AwayNotify)
                && !own.iter().any(|own| is(own, client))
        });
        core.fanout.count(&line);
    }
    for client in &own {
        show(core, &network, client, channel);
    }
}

pub(super) fn join_line(
    network: &Network,
    user: &User,
    channel: &Channel,
    entry: &Entry,
) -> Rendered {
    let account = network.account_of(user);
    let account = account.map_or("*", |account| account.name());
    let body = event::join(user, channel.name());
    from_user(network, user, body, entry.stamp.time).extended(event::extended_join(
        user,
        account,
        channel.name(),
    ))
}

/// The topic and the names of a channel, for who has just entered it.
pub(super) fn show(core: &Core, network: &Network, client: &Rc<Client>, channel: &Channel) {
    core.tell(client, |context| {
        topic::reply(context, channel);
        if context.session.has(Capability::ReadMarker) {
            markread::reply(context, channel.name());
        }
        if !context.session.has(Capability::NoImplicitNames) {
            names::reply(context, network, channel);
        }
        metadata::joined(context, network, channel);
    });
}

/// A client of this life of this server.
fn own(core: &Core, session: SessionId) -> Option<Rc<Client>> {
    core.is_own(session)
        .then(|| core.fanout.get(session))
        .flatten()
}

/// Whether these are the same connection.
pub(super) fn is(one: &Client, other: &Client) -> bool {
    one.session.id == other.session.id
}
