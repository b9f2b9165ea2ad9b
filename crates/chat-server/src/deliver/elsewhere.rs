//! A channel is elsewhere now (RENAME), or somebody from elsewhere speaks in one (RELAYMSG).

use std::rc::Rc;

use chat_network::{
    Action, Actor, ChannelId, Entry, Event, MessageId, MessageKind, Network, Relayed, User,
};
use chat_proto::Capability;
use chat_proto::numeric::ERR_LINKCHANNEL;
use smol_str::SmolStr;

use crate::client::Client;
use crate::core::Core;
use crate::deliver::arrival::{join_line, show};
use crate::deliver::{apply, from_user, origin};
use crate::render::{Rendered, event};
use crate::session::Pending;

/// The events of this file.
pub(super) fn deliver(core: &Core, entry: &Entry) {
    match &entry.event {
        Event::Renamed {
            by,
            channel,
            name,
            reason,
        } => renamed(core, entry, (*by, *channel), (name, reason.as_deref())),
        Event::Relayed(said) => relayed(core, entry, said),
        _ => apply(core, entry),
    }
}

/// Who knows RENAME is told so; the others leave the one channel and enter the other.
fn renamed(
    core: &Core,
    entry: &Entry,
    (by, channel): (Actor, ChannelId),
    (name, reason): (&SmolStr, Option<&str>),
) {
    let network = core.state.network.borrow();
    let old = network
        .channel(channel)
        .map(|channel| channel.name().clone());
    let source = SmolStr::new(event::source(&network, &core.state.config.name, by));
    drop(network);
    apply(core, entry);
    let network = core.state.network.borrow();
    let (Some(old), Some(channel)) = (old, network.channel(channel)) else {
        return;
    };
    let body = event::rename(&source, &old, name, reason.unwrap_or_default());
    let mut line = Rendered::new(body, entry.stamp.time);
    let knows = |client: &Client| client.session.has(Capability::ChannelRename);
    core.fanout.to_channel(channel.id(), &mut line, knows);
    core.fanout.count(&line);
    let why = match reason {
        Some(reason) => format!("Channel renamed: {reason}"),
        None => "Channel renamed".to_owned(),
    };
    for (user, _) in channel.members() {
        let Some(user) = network.user(user) else {
            continue;
        };
        let mut clients = core.fanout.of_user(user);
        clients.retain(|client| !knows(client));
        if !clients.is_empty() {
            leaves_and_enters(
                core,
                entry,
                (&network, user),
                (channel, &old, &why),
                &clients,
            );
        }
    }
}

/// Who asks for a channel by an earlier name and does not know RENAME is told so, and put into it.
pub(super) fn follow(core: &Core, client: &Rc<Client>, (old, name): (&SmolStr, &SmolStr)) {
    client.answering.set(true);
    core.tell(client, |context| {
        let text = "The channel has been renamed";
        context.numeric_text(ERR_LINKCHANNEL, &[old, name], text);
    });
    client.answering.set(false);
    let action = Action::Join {
        channel: name.clone(),
        key: None,
    };
    if !core.request_now(client, action, Pending::Plain) {
        tracing::debug!("who asked for an earlier name has too much on its way to follow");
    }
}

fn leaves_and_enters(
    core: &Core,
    entry: &Entry,
    (network, user): (&Network, &User),
    (channel, old, why): (&chat_network::Channel, &str, &str),
    clients: &[Rc<Client>],
) {
    let body = event::part(user, old, Some(why));
    let mut part = from_user(network, user, body, entry.stamp.time);
    let mut join = join_line(network, user, channel, entry);
    core.fanout.to_clients(clients, &mut part);
    core.fanout.to_clients(clients, &mut join);
    core.fanout.count(&part);
    core.fanout.count(&join);
    for client in clients {
        show(core, network, client, channel);
    }
}

/// A message from elsewhere, with the nick of who relays it for those who understand tags.
fn relayed(core: &Core, entry: &Entry, said: &Relayed) {
    let network = core.state.network.borrow();
    if let (Some(by), Some(channel)) = (network.user(said.by), network.channel(said.channel)) {
        let (kind, name) = (MessageKind::Privmsg, channel.name());
        let body = event::message(&said.prefix, kind, name, &said.text);
        let id = MessageId(entry.stamp.position);
        let mut plain = Rendered::new(body.clone(), entry.stamp.time).message(id, &said.tags);
        let mut marked = Rendered::new(body, entry.stamp.time).relayed(by.nick());
        let marks = |client: &Client| {
            client.session.has(Capability::Relaymsg) && !client.session.has(Capability::MessageTags)
        };
        core.fanout
            .to_channel(channel.id(), &mut plain, |client| !marks(client));
        core.fanout.to_channel(channel.id(), &mut marked, marks);
        let outside = |client: &Rc<Client>| {
            let user = client.session.user();
            !user.is_some_and(|user| channel.has_member(user))
        };
        if let Some(client) = origin(core, entry).filter(outside) {
            core.fanout.to_clients(&[client], &mut plain);
        }
        core.fanout.count(&plain);
        core.fanout.count(&marked);
    }
    drop(network);
    core.slot()
        .messages(u64::from(origin(core, entry).is_some()));
    apply(core, entry);
}
