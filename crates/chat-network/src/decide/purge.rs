//! An operator of the chat closes a channel, or lets it be made again.

use std::sync::Arc;

use chat_proto::name::is_valid_channel;
use smol_str::SmolStr;

use super::{Decision, cut_text};
use crate::{
    Channel, Event, Network, NetworkBan, Rejection, Stamp, User, folded, restriction::BANS,
};

/// What keeps a channel closed is kept among the bans of the chat. The channel of everyone stays.
pub(super) fn decide(
    network: &Network,
    user: &User,
    name: &SmolStr,
    reason: Option<&Arc<str>>,
    stamp: Stamp,
) -> Decision {
    let purged = network.purged(name);
    let Some(reason) = reason else {
        let ban = purged.ok_or_else(|| Rejection::NoSuchBan(name.clone()))?;
        return Ok(Event::NetworkUnbanned {
            mask: ban.mask.clone(),
        });
    };
    if purged.is_some() {
        return Err(Rejection::NoChange);
    }
    if !is_valid_channel(name, network.limits.channel) || network.limits.is_commons(name) {
        return Err(Rejection::BadChannelName(name.clone()));
    }
    if network.network_bans().len() >= BANS {
        return Err(Rejection::TooMany("bans".into()));
    }
    let by = user.operator();
    Ok(Event::ChannelPurged {
        channel: network.channel_by_name(name).map(Channel::id),
        ban: Box::new(NetworkBan {
            mask: folded(name).into(),
            reason: cut_text(reason, network.limits.kick),
            by: by.map_or_else(SmolStr::default, |own| own.name.clone()),
            at: stamp.time,
            until: None,
        }),
    })
}
