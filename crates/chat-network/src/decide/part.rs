//! A user leaves a channel.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Asker, Decision, require_member};
use crate::{Event, Network, User};

pub(super) fn decide(
    network: &Network,
    user: &User,
    name: &SmolStr,
    reason: Option<&Arc<str>>,
) -> Decision {
    let channel = network.existing_channel(name)?;
    require_member(Asker::User(user), channel, name)?;
    let reason = reason.map(|reason| network.reason(reason));
    Ok(Event::Parted {
        user: user.id(),
        channel: channel.id(),
        reason,
    })
}
