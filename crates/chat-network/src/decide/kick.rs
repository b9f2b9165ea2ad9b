//! Someone is removed from a channel.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Asker, Decision, require_operator};
use crate::{Event, Network, Rejection};

pub(super) fn decide(
    network: &Network,
    asker: Asker<'_>,
    name: &SmolStr,
    nick: &SmolStr,
    reason: &Arc<str>,
) -> Decision {
    let channel = network.existing_channel(name)?;
    require_operator(asker, channel, name)?;
    let user = network.existing_user(nick)?;
    if !channel.has_member(user.id()) {
        let (nick, channel) = (user.nick().into(), channel.name().clone());
        return Err(Rejection::UserNotInChannel { nick, channel });
    }
    let reason = network.reason(reason);
    Ok(Event::Kicked {
        by: asker.actor(),
        channel: channel.id(),
        user: user.id(),
        reason,
    })
}
