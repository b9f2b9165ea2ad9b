//! A channel takes another name.

use std::sync::Arc;

use chat_proto::{fold, name::is_valid_channel};
use smol_str::SmolStr;

use super::{Asker, Decision, require_member};
use crate::{Event, MemberPrefix, Network, Rejection, Timestamp};

/// An operator of the channel may; where it is registered, its founder only. What belongs to everyone
/// keeps its name.
pub(super) fn decide(
    network: &Network,
    asker: Asker<'_>,
    (name, wanted): (&SmolStr, &SmolStr),
    reason: Option<&Arc<str>>,
    now: Timestamp,
) -> Decision {
    let channel = network.existing_channel(name)?;
    let ranks = require_member(asker, channel, name)?;
    if !ranks.reaches(MemberPrefix::Operator) {
        return Err(Rejection::NotOperator(channel.name().clone()));
    }
    if !is_valid_channel(wanted, network.limits.channel) {
        return Err(Rejection::BadChannelName(wanted.clone()));
    }
    if channel.name() == wanted {
        return Err(Rejection::NoChange);
    }
    let refused = |in_use| Rejection::Rename {
        channel: channel.name().clone(),
        wanted: wanted.clone(),
        in_use,
    };
    let founded = channel
        .registration()
        .is_none_or(|registration| match asker {
            Asker::User(user) => user.account() == Some(registration.founder),
            Asker::Server(_) | Asker::Operator => true,
        });
    let commons = [channel.name(), wanted]
        .into_iter()
        .any(|name| network.limits.is_commons(name));
    let spelling = fold::same(channel.name(), wanted);
    if !founded || (commons && !spelling) {
        return Err(refused(false));
    }
    let id = channel.id();
    let other = network.channel_by_name(wanted).map(crate::Channel::id);
    let alike = network.channel_like_name(wanted, Some(id)).is_some();
    let had = network.recent_holder(wanted, now).map(crate::Channel::id);
    let others = [other, had].into_iter().flatten().any(|other| other != id);
    if alike || others || network.purged(wanted).is_some() {
        return Err(refused(true));
    }
    Ok(Event::Renamed {
        by: asker.actor(),
        channel: id,
        name: wanted.clone(),
        reason: reason.map(|reason| network.reason(reason)),
    })
}
