//! A message to a channel or a user.

use std::sync::Arc;

use chat_proto::name::is_channel_like;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::{Asker, Decision};
use crate::{Event, MessageKind, Network, Recipient, Rejection, Tag};

/// Reached once per message: copies references only.
pub(super) fn decide(
    network: &Network,
    asker: Asker<'_>,
    kind: MessageKind,
    target: &SmolStr,
    text: &Arc<str>,
    tags: &SmallVec<[Tag; 2]>,
) -> Decision {
    let to = recipient(network, asker, target)?;
    let (from, text, tags) = (asker.actor(), Arc::clone(text), tags.clone());
    Ok(Event::Message {
        from,
        to,
        kind,
        text,
        tags,
    })
}

fn recipient(
    network: &Network,
    asker: Asker<'_>,
    target: &SmolStr,
) -> Result<Recipient, Rejection> {
    if !is_channel_like(target) {
        return network
            .existing_user(target)
            .map(|user| Recipient::User(user.id()));
    }
    let channel = network.existing_channel(target)?;
    match asker {
        Asker::User(user) if !channel.may_speak(user) => {
            Err(Rejection::CannotSendToChannel(channel.name().clone()))
        }
        _ => Ok(Recipient::Channel(channel.id())),
    }
}
