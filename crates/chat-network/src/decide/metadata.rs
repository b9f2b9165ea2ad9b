//! Metadata is changed: by a user its own, by operators of a channel the channel's, and by operators
//! of the chat that may.

use chat_proto::name::is_channel_like;

use super::Decision;
use crate::{
    ChannelFlag, Event, MemberPrefix, Metadata, MetadataChanges, MetadataOwner, MetadataRefusal,
    MetadataWish, Network, Rejection, Right, User, is_metadata_key,
};

pub(super) fn decide(network: &Network, user: &User, wish: &MetadataWish) -> Decision {
    let (owner, metadata) = target(network, user, wish)?;
    let changes = match &wish.changes {
        None => metadata
            .iter()
            .map(|(key, _)| (key.clone(), None))
            .collect(),
        Some(changes) => {
            check(network, wish, metadata, changes)?;
            changes.clone()
        }
    };
    Ok(Event::MetadataChanged {
        by: user.id(),
        owner,
        changes,
        cleared: wish.changes.is_none(),
    })
}

/// Whose metadata it is and what is set, if the asker may change it.
fn target<'a>(
    network: &'a Network,
    user: &'a User,
    wish: &MetadataWish,
) -> Result<(MetadataOwner, &'a Metadata), Rejection> {
    let refuse = |why| refusal(wish, None, why);
    let may_all = user
        .operator()
        .is_some_and(|operator| operator.rights.has(Right::Metadata));
    let Some(name) = &wish.target else {
        return Ok((MetadataOwner::User(user.id()), user.metadata()));
    };
    if !is_channel_like(name) {
        let other = network.user_by_nick(name);
        let other = other.ok_or_else(|| refuse(MetadataRefusal::Target))?;
        if other.id() != user.id() && !may_all {
            return Err(refuse(MetadataRefusal::Permission));
        }
        return Ok((MetadataOwner::User(other.id()), other.metadata()));
    }
    let channel = network.channel_by_name(name);
    let channel = channel.ok_or_else(|| refuse(MetadataRefusal::Target))?;
    let ranks = channel.member(user.id());
    if ranks.is_none() && !may_all && channel.is(ChannelFlag::Secret) {
        return Err(refuse(MetadataRefusal::Target));
    }
    if !may_all && !ranks.is_some_and(|ranks| ranks.reaches(MemberPrefix::Operator)) {
        return Err(refuse(MetadataRefusal::Permission));
    }
    Ok((MetadataOwner::Channel(channel.id()), channel.metadata()))
}

/// Keys, values and their number.
fn check(
    network: &Network,
    wish: &MetadataWish,
    metadata: &Metadata,
    changes: &MetadataChanges,
) -> Result<(), Rejection> {
    let limits = &network.limits;
    let mut after = metadata.clone();
    for (key, value) in changes {
        let refuse = |why| refusal(wish, Some(key), why);
        if !is_metadata_key(key) {
            return Err(refuse(MetadataRefusal::Key));
        }
        match value {
            None if after.get(key).is_none() => return Err(refuse(MetadataRefusal::NotSet)),
            Some(value) if value.len() > limits.metadata_value => {
                return Err(refuse(MetadataRefusal::Value));
            }
            _ => {}
        }
        let mut one = MetadataChanges::new();
        one.push((key.clone(), value.clone()));
        after.change(&one);
        if after.len() > limits.metadata_keys.max(metadata.len()) {
            return Err(refuse(MetadataRefusal::Limit));
        }
    }
    Ok(())
}

/// A refusal about a key; `None`: about the first that was asked for, or all.
fn refusal(wish: &MetadataWish, key: Option<&str>, why: MetadataRefusal) -> Rejection {
    let first = wish.changes.as_ref().and_then(|changes| changes.first());
    let key = key.or(first.map(|(key, _)| key.as_str())).unwrap_or("*");
    Rejection::Metadata {
        target: wish.target.clone().unwrap_or_else(|| "*".into()),
        key: key.into(),
        why,
    }
}
