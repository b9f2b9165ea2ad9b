//! Who is kept out of the chat: bans, and how guarded it is at the moment.

use std::sync::Arc;

use chat_proto::CaseMapping;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{Network, NewUser, Rejection, Timestamp, User, block::Block, list_entry::MUTE, mask};

/// The most bans of the whole chat.
pub(crate) const BANS: usize = 1000;

/// A ban from the whole chat.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NetworkBan {
    /// Who is kept out, `nick!user@host` with `*` and `?`; the host may be addresses that begin
    /// alike, such as `192.0.2.0/24`.
    pub mask: SmolStr,
    /// Why, as who is kept out is told; empty: not said.
    pub reason: Arc<str>,
    /// The name of the operator who set it.
    pub by: SmolStr,
    /// When it was set.
    pub at: Timestamp,
    /// When it ends; `None`: not by itself.
    pub until: Option<Timestamp>,
}

/// How guarded the chat is: 5 is normal, and each lower level keeps out more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Defcon(u8);

impl Defcon {
    /// Nothing is restricted.
    pub const NORMAL: Self = Self(5);
    /// No new accounts, and no channels are registered.
    pub const NO_REGISTRATION: Self = Self(4);
    /// Who is in no account does not write to people.
    pub const NO_STRANGERS: Self = Self(3);
    /// Only who logs in to an account may come, and only who is in one may enter channels.
    pub const ACCOUNTS_ONLY: Self = Self(2);
    /// Nobody may come, but from the machine itself.
    pub const CLOSED: Self = Self(1);

    /// The level, 1 to 5.
    #[must_use]
    pub fn level(self) -> u8 {
        self.0
    }

    /// That level; `None` where there is none.
    #[must_use]
    pub fn new(level: u8) -> Option<Self> {
        (1..=5).contains(&level).then_some(Self(level))
    }
}

/// Who is kept out.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Restrictions {
    pub(crate) bans: Vec<NetworkBan>,
    pub(crate) defcon: Defcon,
}

impl Default for Defcon {
    fn default() -> Self {
        Self::NORMAL
    }
}

impl NetworkBan {
    /// Whether it closes a channel, and keeps nobody out of the chat.
    #[must_use]
    pub fn is_of_channel(&self) -> bool {
        self.mask.starts_with('#')
    }

    /// Whether it has not ended.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Whether somebody is meant: who, `nick!user`, and from which host.
    fn hits(&self, (person, host): (&str, &str)) -> bool {
        let fits = |mask, text| CaseMapping::Ascii.mask_matches(mask, text);
        let Some((who, where_from)) = self.mask.rsplit_once('@') else {
            return false;
        };
        let from_there = match Block::parse(where_from) {
            Some(block) => block.contains(host),
            None => fits(where_from, host),
        };
        from_there && fits(who, person)
    }

    /// Whether a user is meant: by the host that others see, or by one that it comes from.
    fn hits_user(&self, user: &User) -> bool {
        let person = user.prefix().rsplit_once('@').map_or("", |(who, _)| who);
        let mut hosts = std::iter::once(user.host()).chain(user.hidden_hosts());
        hosts.any(|host| self.hits((person, host)))
    }
}

/// The one form of the mask of a ban as somebody typed it: `nick!user@host` or a part of it, where
/// the host may be addresses that begin alike (`192.0.2.0/24`). `None`: it is no mask, or keeps
/// everybody out, and so the operators: that is what [`Defcon`] is for.
pub(crate) fn ban_mask(typed: &str, max: usize) -> Option<SmolStr> {
    let full = match Block::parse(typed) {
        Some(block) => mask::full(&format!("*@{block}"), max)?,
        None => mask::full(typed, max)?,
    };
    let (who, host) = full.rsplit_once('@')?;
    let names_somebody = |text: &str| text.chars().any(|letter| !"*?!@.:".contains(letter));
    let full = match Block::parse(host) {
        Some(block) if block.is_everybody() => return names_somebody(who).then_some(full),
        Some(block) => smol_str::format_smolstr!("{who}@{block}"),
        None => full,
    };
    let fits = full.len() <= max && !full.starts_with(MUTE) && names_somebody(&full);
    fits.then_some(full)
}

impl Network {
    /// Who is on, is no operator, and is meant by a ban. Looks at all users.
    pub fn banned_users<'a>(&'a self, ban: &'a NetworkBan) -> impl Iterator<Item = &'a User> {
        self.users().filter(|user| {
            !user.sessions().is_empty() && user.operator().is_none() && ban.hits_user(user)
        })
    }
}

impl Restrictions {
    /// Whether someone may come who is not here yet.
    pub(crate) fn may_come(&self, new: &NewUser, now: Timestamp) -> Result<(), Rejection> {
        if self.bans.iter().any(|ban| ban.holds(now)) {
            let person = format!("{}!{}", new.nick, new.username);
            let hits = |ban: &&NetworkBan| ban.holds(now) && ban.hits((&person, &new.host));
            if let Some(ban) = self.bans.iter().find(hits) {
                return Err(Rejection::BannedFromChat(Arc::clone(&ban.reason)));
            }
        }
        let here = ["127.0.0.1", "0::1", "localhost"].contains(&new.host.as_str());
        let kept_out = match self.defcon {
            Defcon::CLOSED => !here,
            Defcon::ACCOUNTS_ONLY => new.account.is_none(),
            _ => false,
        };
        if kept_out {
            return Err(Rejection::Guarded);
        }
        Ok(())
    }

    /// A ban takes the place of one with the same mask, and those that have ended are forgotten.
    pub(crate) fn set_ban(&mut self, ban: &NetworkBan) {
        self.bans
            .retain(|old| old.mask != ban.mask && old.holds(ban.at));
        self.bans.push(ban.clone());
    }
}
