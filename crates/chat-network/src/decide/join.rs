//! A user enters a channel.

use chat_proto::name::is_valid_channel;
use smol_str::SmolStr;

use super::Decision;
use crate::{
    Channel, ChannelFlag, ChannelId, Event, MemberPrefix, Network, Rejection, Stamp, User,
};

pub(super) fn decide(
    network: &Network,
    user: &User,
    name: &SmolStr,
    key: Option<&SmolStr>,
    stamp: Stamp,
) -> Decision {
    if let Some(channel) = network.channel_by_name(name)
        && !channel.has_member(user.id())
        && user.channels().len() < network.limits.channels_per_user
        && !user.is_invited_to(channel.id())
        && let Err(refused) = may_enter(network, channel, user, key)
    {
        return forward(network, channel, user, refused);
    }
    unasked(network, user, name, stamp)
}

/// Into the channel that one sends to who cannot enter, if that lets the user in. Who is banned is
/// sent nowhere.
fn forward(network: &Network, from: &Channel, user: &User, refused: Rejection) -> Decision {
    let to = from
        .forward()
        .and_then(|name| network.channel_by_name(name));
    let lets_in = |to: &&Channel| {
        !to.has_member(user.id())
            && (user.is_invited_to(to.id()) || may_enter(network, to, user, None).is_ok())
    };
    match to.filter(lets_in) {
        Some(to) if !matches!(refused, Rejection::Banned(_)) => Ok(Event::Joined {
            user: user.id(),
            channel: to.id(),
            created: None,
            forwarded: Some(from.id()),
        }),
        _ => Err(refused),
    }
}

/// Into a channel whatever its bans and modes: as one who was invited, or whom an operator of the
/// chat puts there.
pub(super) fn unasked(network: &Network, user: &User, name: &SmolStr, stamp: Stamp) -> Decision {
    let existing = network.channel_by_name(name);
    if existing.is_some_and(|channel| channel.has_member(user.id())) {
        return Err(Rejection::NoChange);
    }
    if existing.is_none() && !is_valid_channel(name, network.limits.channel) {
        return Err(Rejection::BadChannelName(name.clone()));
    }
    if existing.is_none() && network.purged(name).is_some() {
        return Err(Rejection::ChannelPurged(name.clone()));
    }
    if existing.is_none()
        && let Some(channel) = network.renamed_for(user, name, stamp.time)
    {
        return Err(Rejection::ChannelRenamed {
            channel: name.clone(),
            to: channel.name().clone(),
        });
    }
    if existing.is_none() && network.channel_like_name(name, None).is_some() {
        return Err(Rejection::ConfusableChannelName(name.clone()));
    }
    if user.channels().len() >= network.limits.channels_per_user {
        return Err(Rejection::TooManyChannels(name.clone()));
    }
    let Some(channel) = existing else {
        let channel = ChannelId(stamp.position.0);
        return Ok(Event::Joined {
            user: user.id(),
            channel,
            created: Some(name.clone()),
            forwarded: None,
        });
    };
    Ok(Event::Joined {
        user: user.id(),
        channel: channel.id(),
        created: None,
        forwarded: None,
    })
}

/// Whether the bans and modes b, R, i, k and l let someone in who was not invited. Who gets the rank of
/// a half-operator or a higher one by entering is always let in; whoever gets any, past i.
fn may_enter(
    network: &Network,
    channel: &Channel,
    user: &User,
    key: Option<&SmolStr>,
) -> Result<(), Rejection> {
    let name = || channel.name().clone();
    let ranks = channel.ranks_of_account(user.account());
    if ranks.reaches(MemberPrefix::HalfOperator) {
        return Ok(());
    }
    let expected = || channel.expects(network, user);
    if channel.is_banned(network, user) && !expected() {
        return Err(Rejection::Banned(name()));
    }
    if channel.is(ChannelFlag::AccountsJoin) && user.account().is_none() && !expected() {
        return Err(Rejection::AccountNeeded(name()));
    }
    if channel.is(ChannelFlag::InviteOnly) && ranks.is_empty() && !expected() {
        return Err(Rejection::InviteOnly(name()));
    }
    if channel.key().is_some() && channel.key() != key {
        return Err(Rejection::BadChannelKey(name()));
    }
    if channel
        .limit()
        .is_some_and(|limit| channel.member_count() >= limit as usize)
    {
        return Err(Rejection::ChannelIsFull(name()));
    }
    Ok(())
}
