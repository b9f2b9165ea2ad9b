//! Someone is removed from a channel.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Asker, Decision, require_member};
use crate::{Event, MemberPrefix, Network, Rejection};

pub(super) fn decide(
    network: &Network,
    asker: Asker<'_>,
    name: &SmolStr,
    nick: &SmolStr,
    reason: &Arc<str>,
) -> Decision {
    let channel = network.existing_channel(name)?;
    let ranks = require_member(asker, channel, name)?;
    if !ranks.reaches(MemberPrefix::HalfOperator) {
        return Err(Rejection::NotOperator(channel.name().clone()));
    }
    let user = network.existing_user(nick)?;
    let Some(theirs) = channel.member(user.id()) else {
        let (nick, channel) = (user.nick().into(), channel.name().clone());
        return Err(Rejection::UserNotInChannel { nick, channel });
    };
    if !ranks.rules(theirs.highest()) {
        return Err(Rejection::NotOperator(channel.name().clone()));
    }
    let reason = network.reason(reason);
    Ok(Event::Kicked {
        by: asker.actor(),
        channel: channel.id(),
        user: user.id(),
        reason,
    })
}
