//! Registered channels: whose they are, and who has which rank in them.

use smol_str::SmolStr;

use super::{Asker, Decision, require_member};
use crate::{
    Account, AccountId, AppliedChange, Channel, ChannelFlag, Event, MemberModes, MemberPrefix,
    Network, Registration, Rejection, User,
};

/// Kept for the asker's own account, where the asker is an operator of the channel; from an operator for
/// the named one.
pub(super) fn register(
    network: &Network,
    asker: Asker<'_>,
    name: &SmolStr,
    founder: Option<&SmolStr>,
) -> Decision {
    let channel = network.existing_channel(name)?;
    let founder = match asker {
        Asker::User(user) => {
            let ranks = require_member(asker, channel, name)?;
            let own = user.account().ok_or(Rejection::NotLoggedIn)?;
            if !ranks.reaches(MemberPrefix::Operator) {
                return Err(Rejection::NotOperator(channel.name().clone()));
            }
            own
        }
        Asker::Server(_) => return Err(Rejection::NotPermitted),
        Asker::Operator => {
            let founder = founder.ok_or(Rejection::NotLoggedIn)?;
            network.named_account(founder)?.id()
        }
    };
    if channel.registration().is_some() {
        return Err(Rejection::ChannelRegistered(channel.name().clone()));
    }
    network.require_room_for_channel(founder)?;
    let channel = channel.id();
    Ok(Event::ChannelRegistered { channel, founder })
}

pub(super) fn drop_channel(network: &Network, asker: Asker<'_>, name: &SmolStr) -> Decision {
    let (channel, _) = founded(network, asker, name)?;
    let channel = channel.id();
    Ok(Event::ChannelDropped { channel })
}

/// A founder offers its channel, because nobody gets what they do not want; an operator gives it.
pub(super) fn transfer(
    network: &Network,
    asker: Asker<'_>,
    name: &SmolStr,
    to: &SmolStr,
) -> Decision {
    let (channel, registration) = founded(network, asker, name)?;
    let founder = network.named_account(to)?.id();
    let own = registration.founder == founder;
    let offered = Some(founder).filter(|_| !own);
    let is_so = match asker {
        Asker::User(_) => registration.offered == offered,
        Asker::Server(_) | Asker::Operator => own,
    };
    if is_so {
        return Err(Rejection::NoChange);
    }
    if !own {
        network.require_room_for_channel(founder)?;
    }
    let channel = channel.id();
    Ok(match asker {
        Asker::User(_) => Event::ChannelOffered {
            channel,
            to: offered,
        },
        Asker::Server(_) | Asker::Operator => Event::ChannelTransferred { channel, founder },
    })
}

/// By who is offered a channel. Others learn nothing of one that is secret.
pub(super) fn accept(network: &Network, user: &User, name: &SmolStr) -> Decision {
    let founder = user.account().ok_or(Rejection::NotLoggedIn)?;
    let channel = network.existing_channel(name)?;
    let registration = channel.registration();
    if registration.is_none_or(|registration| registration.offered != Some(founder)) {
        let known = registered(network, Asker::User(user), name);
        return Err(known
            .err()
            .unwrap_or_else(|| Rejection::NotOffered(channel.name().clone())));
    }
    network.require_room_for_channel(founder)?;
    let channel = channel.id();
    Ok(Event::ChannelTransferred { channel, founder })
}

/// The founder and operators give any rank; who has a rank by the list itself, those below it to
/// accounts below it.
pub(super) fn set_access(
    network: &Network,
    asker: Asker<'_>,
    name: &SmolStr,
    (account, prefix): (&SmolStr, Option<MemberPrefix>),
) -> Decision {
    let (channel, registration) = registered(network, asker, name)?;
    let account = network.named_account(account).map(Account::id)?;
    let before = registration.access.get(&account).copied();
    let may = match asker {
        Asker::Operator => true,
        Asker::Server(_) => false,
        Asker::User(user) => {
            let own = channel.ranks_of_account(user.account()).highest();
            user.account() == Some(registration.founder)
                || (own.is_some() && own > before && own > prefix)
        }
    };
    if !may {
        return Err(Rejection::NotFounder(channel.name().clone()));
    }
    if before == prefix {
        return Err(Rejection::NoChange);
    }
    if before.is_none() && registration.access.len() >= network.limits.access_entries {
        return Err(Rejection::TooMany("accounts in the access list".into()));
    }
    Ok(Event::AccessChanged {
        channel: channel.id(),
        account,
        prefix,
    })
}

/// Who has a rank kept gets it; the founder makes others operators.
pub(super) fn grant_rank(
    network: &Network,
    asker: Asker<'_>,
    name: &SmolStr,
    nick: Option<&SmolStr>,
) -> Decision {
    let Asker::User(by) = asker else {
        return Err(Rejection::NotPermitted);
    };
    let (channel, registration) = registered(network, asker, name)?;
    let account = by.account().ok_or(Rejection::NotLoggedIn)?;
    let (user, ranks) = match nick {
        None => (by, channel.ranks_of_account(Some(account))),
        Some(_) if registration.founder != account => (by, MemberModes::NONE),
        Some(nick) => (
            network.existing_user(nick)?,
            MemberModes::only(MemberPrefix::Operator),
        ),
    };
    if ranks.is_empty() {
        return Err(Rejection::NotFounder(channel.name().clone()));
    }
    let held = channel.member(user.id()).ok_or_else(|| match nick {
        None => Rejection::NotOnChannel(channel.name().clone()),
        Some(nick) => Rejection::UserNotInChannel {
            nick: nick.clone(),
            channel: channel.name().clone(),
        },
    })?;
    let changes: Vec<AppliedChange> = ranks
        .iter()
        .filter(|rank| !held.has(*rank))
        .map(|rank| AppliedChange::Member(true, rank, user.id()))
        .collect();
    if changes.is_empty() {
        return Err(Rejection::NoChange);
    }
    Ok(Event::ChannelModes {
        by: asker.actor(),
        channel: channel.id(),
        changes,
    })
}

/// A registered channel. Who is outside of a secret one, and has nothing to say there, is told that
/// there is none.
fn registered<'a>(
    network: &'a Network,
    asker: Asker<'_>,
    name: &SmolStr,
) -> Result<(&'a Channel, &'a Registration), Rejection> {
    let channel = network.existing_channel(name)?;
    if let Asker::User(user) = asker
        && channel.is(ChannelFlag::Secret)
        && !channel.has_member(user.id())
        && channel.ranks_of_account(user.account()) == MemberModes::default()
    {
        return Err(Rejection::NoSuchChannel(name.clone()));
    }
    let registration = channel.registration();
    registration
        .map(|registration| (channel, registration))
        .ok_or_else(|| Rejection::ChannelNotRegistered(channel.name().clone()))
}

/// A registered channel that is the asker's to give away.
fn founded<'a>(
    network: &'a Network,
    asker: Asker<'_>,
    name: &SmolStr,
) -> Result<(&'a Channel, &'a Registration), Rejection> {
    let (channel, registration) = registered(network, asker, name)?;
    let founder = match asker {
        Asker::Operator => true,
        Asker::Server(_) => false,
        Asker::User(user) => user.account() == Some(registration.founder),
    };
    if founder {
        Ok((channel, registration))
    } else {
        Err(Rejection::NotFounder(channel.name().clone()))
    }
}

impl Network {
    fn require_room_for_channel(&self, founder: AccountId) -> Result<(), Rejection> {
        let founded = self.channels().filter(|channel| {
            let registration = channel.registration();
            registration.is_some_and(|registration| registration.founder == founder)
        });
        if founded.count() >= self.limits.channels_per_account {
            return Err(Rejection::TooMany("registered channels".into()));
        }
        Ok(())
    }
}
