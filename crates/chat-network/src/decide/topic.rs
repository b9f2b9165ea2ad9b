//! A channel's topic.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Asker, Decision, cut_text, require_member};
use crate::{ChannelFlag, Event, MemberPrefix, Network, Rejection};

pub(super) fn decide(
    network: &Network,
    asker: Asker<'_>,
    name: &SmolStr,
    topic: &Arc<str>,
) -> Decision {
    let channel = network.existing_channel(name)?;
    let ranks = require_member(asker, channel, name)?;
    if channel.is(ChannelFlag::TopicLock) && !ranks.reaches(MemberPrefix::HalfOperator) {
        return Err(Rejection::NotOperator(channel.name().clone()));
    }
    let topic = cut_text(topic, network.limits.topic);
    if channel.topic().map_or("", |topic| &topic.text) == &*topic {
        return Err(Rejection::NoChange);
    }
    Ok(Event::TopicSet {
        by: asker.actor(),
        channel: channel.id(),
        topic,
    })
}
