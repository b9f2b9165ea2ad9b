//! A channel's modes: flags, key, limit, lists of masks, ranks of members.

use chat_proto::name::is_valid_key;
use smol_str::SmolStr;

use super::{Asker, Decision};
use crate::{
    AppliedChange, Channel, ChannelFlag, ChannelModeChange, Event, ListKind, MemberModes,
    MemberPrefix, Network, Rejection, UserId, mask, name,
};

/// The changes that are possible and change something; if there is none, the first reason why.
pub(super) fn decide(
    network: &Network,
    asker: Asker<'_>,
    name: &SmolStr,
    wanted: &[ChannelModeChange],
) -> Decision {
    let channel = network.existing_channel(name)?;
    let ranks = match asker.ranks_in(channel) {
        Some(ranks) => ranks,
        None if channel.is(ChannelFlag::Secret) => {
            return Err(Rejection::NoSuchChannel(name.clone()));
        }
        None => MemberModes::NONE,
    };
    let mut draft = Draft {
        network,
        channel,
        asker,
        ranks,
        changes: Vec::new(),
    };
    let mut refused = None;
    for change in wanted {
        match draft.consider(change) {
            Ok(Some(change)) => draft.changes.push(change),
            Ok(None) => {}
            Err(rejection) => refused = refused.or(Some(rejection)),
        }
    }
    if draft.changes.is_empty() {
        return Err(refused.unwrap_or(Rejection::NoChange));
    }
    let by = asker.actor();
    Ok(Event::ChannelModes {
        by,
        channel: channel.id(),
        changes: draft.changes,
    })
}

/// A channel as it will be after the changes taken so far, which the next one is held against.
struct Draft<'a> {
    network: &'a Network,
    channel: &'a Channel,
    asker: Asker<'a>,
    ranks: MemberModes,
    changes: Vec<AppliedChange>,
}

impl Draft<'_> {
    /// What a wanted change comes to: `None` if it would change nothing.
    fn consider(&self, wanted: &ChannelModeChange) -> Result<Option<AppliedChange>, Rejection> {
        match wanted {
            ChannelModeChange::Member(on, prefix, nick) => self.consider_rank(*on, *prefix, nick),
            _ if !self.ranks.reaches(MemberPrefix::Operator) => Err(self.not_permitted()),
            ChannelModeChange::Flag(on, flag) => {
                let changed = self.flag(*flag) != *on;
                Ok(changed.then_some(AppliedChange::Flag(*on, *flag)))
            }
            ChannelModeChange::Key(key) => self.consider_key(key.as_ref()),
            ChannelModeChange::Limit(Some(0)) => Err(self.bad_parameter('l', "0".into())),
            ChannelModeChange::Limit(limit) => {
                let changed = self.limit() != *limit;
                Ok(changed.then_some(AppliedChange::Limit(*limit)))
            }
            ChannelModeChange::Forward(name) => self.consider_forward(name.as_ref()),
            ChannelModeChange::List(on, kind, mask) => self.consider_mask(*on, *kind, mask),
        }
    }

    fn consider_key(&self, key: Option<&SmolStr>) -> Result<Option<AppliedChange>, Rejection> {
        let valid = |key: &SmolStr| is_valid_key(key, self.network.limits.key);
        if !key.is_none_or(valid) {
            return Err(Rejection::InvalidKey(self.channel.name().clone()));
        }
        Ok((self.key() != key).then(|| AppliedChange::Key(key.cloned())))
    }

    /// The other channel must be there, and the asker one of its operators too.
    fn consider_forward(&self, name: Option<&SmolStr>) -> Result<Option<AppliedChange>, Rejection> {
        let Some(name) = name else {
            let changed = self.forward().is_some();
            return Ok(changed.then_some(AppliedChange::Forward(None)));
        };
        let ranks = |to: &Channel| self.asker.ranks_in(to);
        let known = |to: &&Channel| !to.is(ChannelFlag::Secret) || ranks(to).is_some();
        let to = self.network.channel_by_name(name).filter(known);
        let Some(to) = to.filter(|to| to.id() != self.channel.id()) else {
            return Err(self.bad_parameter('f', name.clone()));
        };
        if !ranks(to).is_some_and(|ranks| ranks.reaches(MemberPrefix::Operator)) {
            return Err(Rejection::NotOperator(to.name().clone()));
        }
        let changed = self.forward() != Some(to.name());
        Ok(changed.then(|| AppliedChange::Forward(Some(to.name().clone()))))
    }

    fn consider_mask(
        &self,
        on: bool,
        kind: ListKind,
        typed: &SmolStr,
    ) -> Result<Option<AppliedChange>, Rejection> {
        let Some(mask) = mask::full(typed, self.network.limits.mask) else {
            return Err(self.bad_parameter(kind.letter(), typed.clone()));
        };
        match (self.listed(kind, &mask), on) {
            (None, false) | (Some(_), true) => Ok(None),
            (None, true) if self.list_entries() >= self.network.limits.list_entries => {
                let (channel, mode) = (self.channel.name().clone(), kind.letter());
                Err(Rejection::ListFull { channel, mode })
            }
            (None, true) => Ok(Some(AppliedChange::List(true, kind, mask))),
            // What is removed is told in the words in which it was added.
            (Some(listed), false) => Ok(Some(AppliedChange::List(false, kind, listed))),
        }
    }

    /// Anyone may give up a rank of their own.
    fn consider_rank(
        &self,
        on: bool,
        prefix: MemberPrefix,
        nick: &SmolStr,
    ) -> Result<Option<AppliedChange>, Rejection> {
        let user = self.network.user_by_nick(nick);
        let own = !on && user.is_some_and(|user| self.asker.is(user));
        if !own && !self.ranks.rules(Some(prefix)) {
            return Err(self.not_permitted());
        }
        let user = user.ok_or_else(|| Rejection::NoSuchNick(nick.clone()))?;
        let Some(ranks) = self.channel.member(user.id()) else {
            let (nick, channel) = (user.nick().into(), self.channel.name().clone());
            return Err(Rejection::UserNotInChannel { nick, channel });
        };
        let has = self
            .rank(prefix, user.id())
            .unwrap_or_else(|| ranks.has(prefix));
        Ok((has != on).then(|| AppliedChange::Member(on, prefix, user.id())))
    }

    fn flag(&self, flag: ChannelFlag) -> bool {
        let latest = self.changes.iter().rev().find_map(|change| match change {
            AppliedChange::Flag(on, changed) if *changed == flag => Some(*on),
            _ => None,
        });
        latest.unwrap_or_else(|| self.channel.is(flag))
    }

    fn key(&self) -> Option<&SmolStr> {
        let latest = self.changes.iter().rev().find_map(|change| match change {
            AppliedChange::Key(key) => Some(key.as_ref()),
            _ => None,
        });
        latest.unwrap_or_else(|| self.channel.key())
    }

    fn limit(&self) -> Option<u32> {
        let latest = self.changes.iter().rev().find_map(|change| match change {
            AppliedChange::Limit(limit) => Some(*limit),
            _ => None,
        });
        latest.unwrap_or_else(|| self.channel.limit())
    }

    fn forward(&self) -> Option<&SmolStr> {
        let latest = self.changes.iter().rev().find_map(|change| match change {
            AppliedChange::Forward(name) => Some(name.as_ref()),
            _ => None,
        });
        latest.unwrap_or_else(|| self.channel.forward())
    }

    /// The mask as it is in the list.
    fn listed(&self, kind: ListKind, mask: &str) -> Option<SmolStr> {
        let latest = self.changes.iter().rev().find_map(|change| match change {
            AppliedChange::List(on, list, own) if *list == kind && name::same(own, mask) => {
                Some(on.then(|| own.clone()))
            }
            _ => None,
        });
        let in_channel = || {
            let list = self.channel.list(kind).iter();
            list.map(|entry| &entry.mask)
                .find(|own| name::same(own, mask))
                .cloned()
        };
        latest.unwrap_or_else(in_channel)
    }

    fn list_entries(&self) -> usize {
        let entries = self.channel.list_entries();
        self.changes
            .iter()
            .fold(entries, |entries, change| match change {
                AppliedChange::List(true, ..) => entries + 1,
                AppliedChange::List(false, ..) => entries - 1,
                _ => entries,
            })
    }

    /// The rank that the changes so far have given (`true`) or taken.
    fn rank(&self, prefix: MemberPrefix, user: UserId) -> Option<bool> {
        self.changes.iter().rev().find_map(|change| match change {
            AppliedChange::Member(on, changed, whose) if (*changed, *whose) == (prefix, user) => {
                Some(*on)
            }
            _ => None,
        })
    }

    fn not_permitted(&self) -> Rejection {
        Rejection::NotOperator(self.channel.name().clone())
    }

    fn bad_parameter(&self, mode: char, parameter: SmolStr) -> Rejection {
        Rejection::BadModeParameter {
            channel: self.channel.name().clone(),
            mode,
            parameter,
        }
    }
}
