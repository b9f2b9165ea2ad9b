//! A channel.

use std::sync::Arc;

use hashbrown::DefaultHashBuilder;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::membership::Membership;
use crate::{
    AccountId, AppliedChange, ChannelFlag, ChannelId, ChannelRecord, ListEntry, ListKind,
    MemberModes, MemberPrefix, Metadata, Network, OtherNames, Position, Timestamp, User, UserId,
    dense::{Dense, Keyed},
    name,
};

/// A channel: with at least one member, or registered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Channel {
    id: ChannelId,
    name: SmolStr,
    created: Timestamp,
    pub(crate) topic: Option<Box<Topic>>,
    pub(crate) members: Dense<Membership>,
    flags: ChannelFlags,
    key: Option<SmolStr>,
    limit: Option<u32>,
    pub(crate) forward: Option<SmolStr>,
    bans: Vec<ListEntry>,
    ban_exceptions: Vec<ListEntry>,
    invite_exceptions: Vec<ListEntry>,
    pub(crate) registration: Option<Box<Registration>>,
    pub(crate) metadata: Option<Box<Metadata>>,
    pub(crate) other_names: Option<Box<OtherNames>>,
}

/// A channel is kept for an account: it outlives its last member, and all servers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Registration {
    /// Whose it is.
    pub founder: AccountId,
    /// Since when.
    pub at: Timestamp,
    /// Which rank accounts have when they join, in the order in which they were given.
    pub access: IndexMap<AccountId, MemberPrefix, DefaultHashBuilder>,
    /// To which account its founder offers it.
    #[serde(default)]
    pub offered: Option<AccountId>,
}

impl Keyed for Channel {
    fn key(&self) -> u64 {
        self.id.0
    }
}

/// A channel's topic.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Topic {
    /// The text; not empty.
    pub text: Arc<str>,
    /// `nick!user@host` of who set it; `None`: a server.
    pub by: Option<Arc<str>>,
    /// When it was set.
    pub at: Timestamp,
}

/// The flags of a channel, as a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ChannelFlags(u16);

impl ChannelFlags {
    /// What a new channel has: n and t.
    pub(crate) const NEW: Self = Self(bit(ChannelFlag::NoExternal) | bit(ChannelFlag::TopicLock));

    /// Whether the flag is set.
    #[must_use]
    pub fn contains(self, flag: ChannelFlag) -> bool {
        self.0 & bit(flag) != 0
    }

    /// The flags that are set, in the order of their letters.
    pub fn iter(self) -> impl Iterator<Item = ChannelFlag> {
        ChannelFlag::ALL
            .into_iter()
            .filter(move |flag| self.contains(*flag))
    }

    /// The letters of the flags that are set.
    pub(crate) fn letters(self) -> SmolStr {
        self.iter().map(ChannelFlag::letter).collect()
    }

    /// The flags of these letters; others mean nothing.
    pub(crate) fn from_letters(letters: &str) -> Self {
        let mut flags = Self::default();
        for flag in ChannelFlag::ALL
            .into_iter()
            .filter(|flag| letters.contains(flag.letter()))
        {
            flags.set(flag, true);
        }
        flags
    }

    fn set(&mut self, flag: ChannelFlag, on: bool) {
        if on {
            self.0 |= bit(flag);
        } else {
            self.0 &= !bit(flag);
        }
    }
}

const fn bit(flag: ChannelFlag) -> u16 {
    1 << flag as u16
}

impl Channel {
    pub(crate) fn new(id: ChannelId, name: SmolStr, created: Timestamp) -> Self {
        Self {
            id,
            name,
            created,
            topic: None,
            members: Dense::default(),
            flags: ChannelFlags::NEW,
            key: None,
            limit: None,
            forward: None,
            bans: Vec::new(),
            ban_exceptions: Vec::new(),
            invite_exceptions: Vec::new(),
            registration: None,
            metadata: None,
            other_names: None,
        }
    }

    /// As it was when it was kept, without members.
    pub(crate) fn restored(record: ChannelRecord) -> Self {
        let mut channel = Self::new(record.id, record.name, record.created);
        channel.flags = ChannelFlags::from_letters(&record.flags);
        channel.topic = record.topic.map(Box::new);
        channel.key = record.key;
        channel.limit = record.limit;
        channel.forward = record.forward;
        channel.bans = record.bans;
        channel.ban_exceptions = record.ban_exceptions;
        channel.invite_exceptions = record.invite_exceptions;
        channel.registration = record.registration.map(Box::new);
        channel.metadata = record.metadata;
        channel
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> ChannelId {
        self.id
    }

    /// The name, as who created the channel wrote it.
    #[must_use]
    pub fn name(&self) -> &SmolStr {
        &self.name
    }

    /// When it was created.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// What it tells about itself.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        static NONE: Metadata = Metadata::NONE;
        self.metadata.as_deref().unwrap_or(&NONE)
    }

    /// The topic, if one is set.
    #[must_use]
    pub fn topic(&self) -> Option<&Topic> {
        self.topic.as_deref()
    }

    /// The members and their ranks, in no order that means anything (but the same everywhere).
    pub fn members(&self) -> impl ExactSizeIterator<Item = (UserId, MemberModes)> {
        self.members.iter().map(|own| (own.user, own.ranks))
    }

    /// How many members there are.
    #[must_use]
    pub fn member_count(&self) -> usize {
        self.members.len()
    }

    /// The ranks of a user, if a member.
    #[must_use]
    pub fn member(&self, user: UserId) -> Option<MemberModes> {
        self.members.get(user.0).map(|own| own.ranks)
    }

    /// The entry with which a member came, this time.
    #[must_use]
    pub fn member_since(&self, user: UserId) -> Option<Position> {
        self.members.get(user.0).map(|own| own.since())
    }

    /// Whether the user is a member.
    #[must_use]
    pub fn has_member(&self, user: UserId) -> bool {
        self.members.contains(user.0)
    }

    /// The flags that are set.
    #[must_use]
    pub fn flags(&self) -> ChannelFlags {
        self.flags
    }

    /// Whether a flag is set.
    #[must_use]
    pub fn is(&self, flag: ChannelFlag) -> bool {
        self.flags.contains(flag)
    }

    /// `k`: the key that joining needs.
    #[must_use]
    pub fn key(&self) -> Option<&SmolStr> {
        self.key.as_ref()
    }

    /// `l`: how many members there may be.
    #[must_use]
    pub fn limit(&self) -> Option<u32> {
        self.limit
    }

    /// `f`: the name of the channel that who cannot join is sent to.
    #[must_use]
    pub fn forward(&self) -> Option<&SmolStr> {
        self.forward.as_ref()
    }

    /// Whether a member is seen only by who has a rank: in an auditorium (`u`), if it has none.
    #[must_use]
    pub fn hides(&self, user: UserId) -> bool {
        self.is(ChannelFlag::Auditorium) && self.member(user).is_some_and(MemberModes::is_empty)
    }

    /// Whether somebody may see that a user is a member.
    #[must_use]
    pub fn shows(&self, user: UserId, viewer: Option<UserId>) -> bool {
        let ranked = |viewer| self.member(viewer).is_some_and(|ranks| !ranks.is_empty());
        !self.hides(user) || viewer.is_some_and(|viewer| viewer == user || ranked(viewer))
    }

    /// For whom the channel is kept, if it is registered.
    #[must_use]
    pub fn registration(&self) -> Option<&Registration> {
        self.registration.as_deref()
    }

    /// The ranks that who joins an existing channel has at once, by account.
    #[must_use]
    pub fn ranks_of_account(&self, account: Option<AccountId>) -> MemberModes {
        let mut ranks = MemberModes::default();
        let (Some(registration), Some(account)) = (self.registration(), account) else {
            return ranks;
        };
        if let Some(prefix) = registration.access.get(&account) {
            ranks.set(*prefix, true);
        }
        if registration.founder == account {
            ranks.set(MemberPrefix::Founder, true);
        }
        ranks
    }

    /// A list of masks, oldest first.
    #[must_use]
    pub fn list(&self, kind: ListKind) -> &[ListEntry] {
        match kind {
            ListKind::Ban => &self.bans,
            ListKind::BanException => &self.ban_exceptions,
            ListKind::InviteException => &self.invite_exceptions,
        }
    }

    /// Masks in all lists together, which [`Limits::list_entries`](crate::Limits) bounds.
    #[must_use]
    pub fn list_entries(&self) -> usize {
        self.bans.len() + self.ban_exceptions.len() + self.invite_exceptions.len()
    }

    /// Whether the user may send here: not from outside (n), not without a rank where moderated (m),
    /// without an account (M), or banned or muted (b).
    #[must_use]
    pub fn may_speak(&self, network: &Network, user: &User) -> bool {
        match self.member(user.id()) {
            Some(modes) if !modes.is_empty() => true,
            None if self.is(ChannelFlag::NoExternal) => false,
            _ if self.is(ChannelFlag::Moderated) => false,
            _ if self.is(ChannelFlag::AccountsSpeak) && user.account().is_none() => false,
            _ => !self.is_silenced(network, user),
        }
    }

    pub(crate) fn set_name(&mut self, name: &SmolStr) {
        self.name.clone_from(name);
    }

    /// Whether who cannot enter is sent to the channel of that name (f).
    #[must_use]
    pub fn forwards_to(&self, name: &str) -> bool {
        let forward = self.forward.as_ref();
        forward.is_some_and(|forward| name::same(forward, name))
    }

    /// Makes a change true. `by` and `at` are for the lists.
    pub(crate) fn change(&mut self, change: &AppliedChange, by: Option<&Arc<str>>, at: Timestamp) {
        match change {
            AppliedChange::Flag(on, flag) => self.flags.set(*flag, *on),
            AppliedChange::Key(key) => self.key.clone_from(key),
            AppliedChange::Limit(limit) => self.limit = *limit,
            AppliedChange::Forward(name) => self.forward.clone_from(name),
            AppliedChange::List(on, kind, mask) => {
                let list = self.list_mut(*kind);
                list.retain(|entry| !name::same(&entry.mask, mask));
                if *on {
                    list.push(ListEntry::new(mask.clone(), by.cloned(), at));
                }
            }
            AppliedChange::Member(on, prefix, user) => {
                if let Some(own) = self.members.get_mut(user.0) {
                    own.ranks.set(*prefix, *on);
                }
            }
        }
    }

    fn list_mut(&mut self, kind: ListKind) -> &mut Vec<ListEntry> {
        match kind {
            ListKind::Ban => &mut self.bans,
            ListKind::BanException => &mut self.ban_exceptions,
            ListKind::InviteException => &mut self.invite_exceptions,
        }
    }
}
