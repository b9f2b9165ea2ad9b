//! Someone becomes an operator of the chat, or does what only operators may.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Asker, Decision, channel_modes, cut_text, join, purge, user_modes};
use crate::{
    Actor, Event, Network, NetworkBan, Operator, OperatorAction, Rejection, ServerId, Stamp,
    Timestamp, User,
    restriction::{BANS, ban_mask},
};

/// The longest host that others can be shown is a limit of the network; these are its letters.
fn is_host(text: &str, max: usize) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b".-:/".contains(&byte);
    (1..=max).contains(&text.len()) && !text.starts_with(':') && text.bytes().all(letter)
}

pub(super) fn decide(
    network: &Network,
    user: &User,
    action: &OperatorAction,
    stamp: Stamp,
) -> Decision {
    if let OperatorAction::Enter(operator) = action {
        return enter(network, user, operator);
    }
    let operator = user.operator().ok_or(Rejection::NotAnOperator)?;
    if let Some(right) = action.right().filter(|right| !operator.rights.has(*right)) {
        return Err(Rejection::LacksRight(right));
    }
    let effect = effect(network, user, action, stamp)?;
    Ok(Event::Operated {
        by: user.id(),
        operator: operator.name.clone(),
        effect: Box::new(effect),
    })
}

fn enter(network: &Network, user: &User, operator: &Operator) -> Decision {
    if user.operator().is_some() {
        return Err(Rejection::AlreadyOperator);
    }
    if let Some(host) = operator.host.as_ref()
        && !is_host(host, network.limits.host)
    {
        return Err(Rejection::BadHost(host.clone()));
    }
    Ok(Event::Operated {
        by: user.id(),
        operator: operator.name.clone(),
        effect: Box::new(Event::OperatorEntered {
            user: user.id(),
            operator: Box::new(operator.clone()),
        }),
    })
}

fn effect(network: &Network, user: &User, action: &OperatorAction, stamp: Stamp) -> Decision {
    match action {
        OperatorAction::Enter(_) => Err(Rejection::AlreadyOperator),
        OperatorAction::Kill { nick, reason } => kill(network, user, nick, reason),
        OperatorAction::Manage(action) => network.decide_managed(action, stamp),
        OperatorAction::Wallops { text } => Ok(Event::Wallops {
            by: user.id(),
            text: Arc::clone(text),
        }),
        OperatorAction::Join { nick, channel } => {
            let who = match nick {
                Some(nick) => network.existing_user(nick)?,
                None => user,
            };
            join::unasked(network, who, channel, stamp)
        }
        OperatorAction::ChannelModes { channel, changes } => {
            let asker = Asker::Server(ServerId::HUB);
            let mut event = channel_modes::decide(network, asker, channel, changes)?;
            if let Event::ChannelModes { by, .. } = &mut event {
                *by = Actor::User(user.id());
            }
            Ok(event)
        }
        OperatorAction::UserModes { nick, changes } => {
            user_modes::decide(network.existing_user(nick)?, changes)
        }
        OperatorAction::Ban {
            mask,
            seconds,
            reason,
        } => ban(network, user, (mask, *seconds, reason), stamp),
        OperatorAction::Unban { mask } => unban(network, mask),
        OperatorAction::Purge { channel, reason } => {
            purge::decide(network, user, channel, reason.as_ref(), stamp)
        }
        OperatorAction::Defcon(defcon) if *defcon == network.defcon() => Err(Rejection::NoChange),
        OperatorAction::Defcon(defcon) => Ok(Event::DefconSet { defcon: *defcon }),
        OperatorAction::Rehash => Ok(Event::RehashAsked),
        OperatorAction::Host { nick, host } => {
            let target = network.existing_user(nick)?;
            if !is_host(host, network.limits.host) {
                return Err(Rejection::BadHost(host.clone()));
            }
            if target.host() == host {
                return Err(Rejection::NoChange);
            }
            Ok(Event::HostChanged {
                user: target.id(),
                host: host.clone(),
            })
        }
    }
}

fn ban(
    network: &Network,
    user: &User,
    (mask, seconds, reason): (&SmolStr, Option<u32>, &Arc<str>),
    stamp: Stamp,
) -> Decision {
    let limits = &network.limits;
    let full = ban_mask(mask, limits.mask).ok_or_else(|| Rejection::BadMask(mask.clone()))?;
    if network.network_bans().len() >= BANS {
        return Err(Rejection::TooMany("bans".into()));
    }
    let until = seconds.map(|seconds| Timestamp(stamp.time.0 + i64::from(seconds) * 1000));
    let by = user.operator();
    Ok(Event::NetworkBanned {
        ban: Box::new(NetworkBan {
            mask: full,
            reason: cut_text(reason, limits.kick),
            by: by.map_or_else(SmolStr::default, |own| own.name.clone()),
            at: stamp.time,
            until,
        }),
    })
}

fn unban(network: &Network, mask: &SmolStr) -> Decision {
    let full = ban_mask(mask, network.limits.mask);
    let found = network
        .network_bans()
        .iter()
        .find(|ban| Some(&ban.mask) == full.as_ref());
    let ban = found.ok_or_else(|| Rejection::NoSuchBan(mask.clone()))?;
    Ok(Event::NetworkUnbanned {
        mask: ban.mask.clone(),
    })
}

fn kill(network: &Network, user: &User, nick: &SmolStr, reason: &Arc<str>) -> Decision {
    let target = network.existing_user(nick)?;
    let by = user.nick();
    let reason = match &**reason {
        "" => format!("Killed by {by}"),
        reason => format!("Killed by {by}: {reason}"),
    };
    Ok(Event::Disconnected {
        by: Actor::User(user.id()),
        user: target.id(),
        reason: cut_text(&reason.into(), network.limits.kick),
    })
}
