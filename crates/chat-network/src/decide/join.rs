//! A user enters a channel.

use chat_proto::name::is_valid_channel;
use smol_str::SmolStr;

use super::Decision;
use crate::{Channel, ChannelFlag, ChannelId, Event, ListKind, Network, Rejection, Stamp, User};

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
    {
        may_enter(channel, user, key)?;
    }
    unasked(network, user, name, stamp)
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
        });
    };
    Ok(Event::Joined {
        user: user.id(),
        channel: channel.id(),
        created: None,
    })
}

/// Whether the bans and modes b, i, k and l let someone in who was not invited.
fn may_enter(channel: &Channel, user: &User, key: Option<&SmolStr>) -> Result<(), Rejection> {
    let name = || channel.name().clone();
    if channel.is_banned(user) {
        return Err(Rejection::Banned(name()));
    }
    if channel.is(ChannelFlag::InviteOnly) && !channel.matches(ListKind::InviteException, user) {
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
