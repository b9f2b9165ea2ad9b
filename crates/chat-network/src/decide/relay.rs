//! Somebody speaks in a channel for somebody from elsewhere (RELAYMSG).

use chat_proto::name::is_valid_relayed_nick;
use smol_str::SmolStr;

use super::Decision;
use crate::{
    ChannelFlag, Event, MemberPrefix, Network, Rejection, Relay, RelayRefusal, Relayed, Tag, User,
};

/// The tag that tells who relays.
const MARK: &str = "draft/relaymsg";

/// Operators of the channel may, and those of the chat. Their own host stands behind the nick, so that
/// it is known from whom it comes.
pub(super) fn decide(network: &Network, by: &User, wanted: &Relay) -> Decision {
    let channel = network.existing_channel(&wanted.channel)?;
    let ranks = channel.member(by.id()).unwrap_or_default();
    if !ranks.reaches(MemberPrefix::Operator) && !by.modes().operator {
        if channel.is(ChannelFlag::Secret) && !channel.has_member(by.id()) {
            return Err(Rejection::NoSuchChannel(wanted.channel.clone()));
        }
        return Err(Rejection::Relay(RelayRefusal::NotPermitted));
    }
    if !is_valid_relayed_nick(&wanted.nick, network.limits.nick) {
        return Err(Rejection::Relay(RelayRefusal::Nick));
    }
    if channel.mutes_relayed(&wanted.nick) {
        return Err(Rejection::Relay(RelayRefusal::Muted));
    }
    let prefix = format!("{}!{}@{}", wanted.nick, by.username(), by.host());
    let mark = Tag {
        name: SmolStr::new_static(MARK),
        value: by.nick().into(),
    };
    let tags = std::iter::once(mark).chain(wanted.tags.iter().cloned());
    let tags = tags.collect();
    Ok(Event::Relayed(Box::new(Relayed {
        by: by.id(),
        channel: channel.id(),
        prefix: SmolStr::from(prefix),
        text: wanted.text.clone(),
        tags,
    })))
}
