//! Someone is asked into a channel.

use smol_str::SmolStr;

use super::{Asker, Decision, require_member};
use crate::{ChannelFlag, Event, MemberPrefix, Network, Rejection, User};

pub(super) fn decide(network: &Network, by: &User, name: &SmolStr, nick: &SmolStr) -> Decision {
    let channel = network.existing_channel(name)?;
    let ranks = require_member(Asker::User(by), channel, name)?;
    let opens = ranks.reaches(MemberPrefix::Operator);
    if channel.is(ChannelFlag::InviteOnly) && !opens {
        return Err(Rejection::NotOperator(channel.name().clone()));
    }
    let user = network.existing_user(nick)?;
    if channel.has_member(user.id()) {
        let (nick, channel) = (user.nick().into(), channel.name().clone());
        return Err(Rejection::UserOnChannel { nick, channel });
    }
    Ok(Event::Invited {
        by: by.id(),
        channel: channel.id(),
        user: user.id(),
        opens,
    })
}
