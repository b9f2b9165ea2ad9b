//! A channel is registered, or another's, or no longer kept.

use chat_network::{
    AccountId, Actor, AppliedChange, ChannelId, Entry, Event, MemberModes, MemberPrefix, Network,
    ServerId, UserId,
};

use crate::command::services;
use crate::core::Core;
use crate::deliver::departure::to_channel;
use crate::deliver::{apply, from_actor};
use crate::render::event;

/// The events of this file: who is offered a channel is told, and who has another rank with it is told as a change of modes.
pub(super) fn deliver(core: &Core, entry: &Entry) {
    if let Event::ChannelOffered {
        channel,
        to: Some(to),
    } = &entry.event
    {
        apply(core, entry);
        return offered(core, *channel, *to);
    }
    let (Event::ChannelRegistered { channel, founder }
    | Event::ChannelTransferred { channel, founder }) = &entry.event
    else {
        return apply(core, entry);
    };
    let before = ranks(&core.state.network.borrow(), *channel, *founder);
    apply(core, entry);
    let network = core.state.network.borrow();
    let after = ranks(&network, *channel, *founder);
    let changes: Vec<AppliedChange> = before
        .into_iter()
        .zip(after)
        .flat_map(|((user, before), (_, after))| {
            let new = MemberPrefix::ALL.into_iter();
            new.filter(move |rank| after.has(*rank) && !before.has(*rank))
                .map(move |rank| AppliedChange::Member(true, rank, user))
        })
        .collect();
    if let Some(channel) = network.channel(*channel) {
        let by = Actor::Server(ServerId::HUB);
        let source = event::source(&network, &core.state.config.name, by);
        for body in event::channel_modes(&network, source, channel, &changes) {
            let line = from_actor(&network, by, body, entry.stamp.time);
            to_channel(core, channel.id(), line);
        }
    }
}

/// Who is on with an account is told that a channel is offered to it.
fn offered(core: &Core, channel: ChannelId, to: AccountId) {
    let network = core.state.network.borrow();
    let Some(channel) = network.channel(channel) else {
        return;
    };
    let founder = channel.registration().map(|own| own.founder);
    let founder = founder.and_then(|founder| network.account(founder));
    let by = founder.map_or("*", |founder| founder.name().as_str());
    for client in network
        .users_of_account(to)
        .flat_map(|user| core.fanout.of_user(user))
    {
        core.tell(&client, |context| services::offered(context, channel, by));
    }
}

/// The ranks of who is in a channel with an account.
fn ranks(network: &Network, channel: ChannelId, account: AccountId) -> Vec<(UserId, MemberModes)> {
    let Some(channel) = network.channel(channel) else {
        return Vec::new();
    };
    network
        .users_of_account(account)
        .filter_map(|user| Some((user.id(), channel.member(user.id())?)))
        .collect()
}
