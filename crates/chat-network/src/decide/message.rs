//! A message to a channel or a user.

use std::sync::Arc;

use chat_proto::name::is_channel_like;
use smol_str::SmolStr;

use super::{Asker, Decision};
use crate::{ChannelFlag, Event, MemberPrefix, MessageKind, Network, Recipient, Rejection, Tag};

/// Reached once per message: copies references only.
pub(super) fn decide(
    network: &Network,
    asker: Asker<'_>,
    kind: MessageKind,
    target: &SmolStr,
    text: &Arc<str>,
    tags: &[Tag],
) -> Decision {
    let to = recipient(network, asker, target, text)?;
    let (from, text, tags) = (asker.actor(), Arc::clone(text), tags.to_vec());
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
    text: &str,
) -> Result<Recipient, Rejection> {
    let (prefix, name) = match ranked(target) {
        Some((prefix, name)) => (Some(prefix), SmolStr::new(name)),
        None => (None, target.clone()),
    };
    if !is_channel_like(&name) {
        return to_user(network, asker, target, text);
    }
    let channel = network.existing_channel(&name)?;
    let refused = match asker {
        Asker::User(user) => {
            !channel.may_speak(network, user) || (channel.is(ChannelFlag::NoCtcp) && is_ctcp(text))
        }
        Asker::Server(_) | Asker::Operator => false,
    };
    if refused {
        return Err(Rejection::CannotSendToChannel(channel.name().clone()));
    }
    let heard_by_all = || {
        let Asker::User(user) = asker else {
            return true;
        };
        channel
            .member(user.id())
            .is_some_and(|ranks| !ranks.is_empty())
    };
    Ok(match prefix {
        None | Some(MemberPrefix::Voice)
            if channel.is(ChannelFlag::OpModerated) && !heard_by_all() =>
        {
            Recipient::Moderated(channel.id())
        }
        Some(prefix) => Recipient::Ranked(channel.id(), prefix),
        None => Recipient::Channel(channel.id()),
    })
}

/// Some hear only those with an account, and some no requests between programs.
fn to_user(
    network: &Network,
    asker: Asker<'_>,
    target: &SmolStr,
    text: &str,
) -> Result<Recipient, Rejection> {
    let user = network.existing_user(target)?;
    let modes = user.modes();
    if (modes.accounts_only || modes.no_ctcp)
        && let Asker::User(from) = asker
        && from.id() != user.id()
    {
        let stranger = from.account().is_none() && !user.accepts(from.id());
        if modes.accounts_only && stranger {
            return Err(Rejection::AccountNeeded(user.nick().into()));
        }
        if modes.no_ctcp && is_ctcp(text) {
            return Err(Rejection::CannotSendToUser(user.nick().into()));
        }
    }
    Ok(Recipient::User(user.id()))
}

/// The rank and the channel of a target such as `@#channel`; of several marks the lowest counts,
/// because who has it is among those with the higher ones.
fn ranked(target: &str) -> Option<(MemberPrefix, &str)> {
    let name = target.trim_start_matches(|mark| MemberPrefix::of_symbol(mark).is_some());
    let marks = &target[..target.len() - name.len()];
    let lowest = marks.chars().filter_map(MemberPrefix::of_symbol).min()?;
    is_channel_like(name).then_some((lowest, name))
}

/// A request or an answer between two programs; an action is none.
fn is_ctcp(text: &str) -> bool {
    text.strip_prefix('\u{1}')
        .is_some_and(|rest| !rest.starts_with("ACTION "))
}
