//! What of the chat outlives all servers: accounts, channels that are kept, users that stay on.
//!
//! Records are the form in which these are stored. They are read by later versions too: a field
//! that is added has a default, and modes are kept as their letters.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::marker::Markers;
use crate::membership::Membership;
use crate::{
    Account, AccountId, AccountSettings, Channel, ChannelId, Defcon, Limits, ListEntry, ListKind,
    MarkerRecord, MemberModes, Metadata, Network, NetworkBan, OtherNames, Position, Registration,
    Suspension, Timestamp, Topic, User, UserId, name,
};

/// Everything that is kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Records {
    /// All accounts.
    pub accounts: Vec<AccountRecord>,
    /// Channels that are registered, or have a user in them that stays on.
    pub channels: Vec<ChannelRecord>,
    /// Users that stay on.
    pub users: Vec<UserRecord>,
    /// How far owners of accounts have read, oldest first.
    pub markers: Vec<MarkerRecord>,
    /// Who is banned from the whole chat.
    pub bans: Vec<NetworkBan>,
    /// How guarded the chat is.
    pub defcon: Defcon,
}

/// An account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountRecord {
    /// Which.
    pub id: AccountId,
    /// Its name.
    pub name: SmolStr,
    /// When it was registered.
    pub created: Timestamp,
    /// Its owner has shown to be reachable.
    #[serde(default)]
    pub verified: bool,
    /// Why it is out of use.
    #[serde(default)]
    pub suspended: Option<Suspension>,
    /// Fingerprints of client certificates.
    #[serde(default)]
    pub certificates: Vec<SmolStr>,
    /// What its owner has chosen.
    #[serde(default)]
    pub settings: AccountSettings,
    /// What its users have told about themselves.
    #[serde(default)]
    pub metadata: Option<Box<Metadata>>,
}

/// A channel without its members.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChannelRecord {
    /// Which.
    pub id: ChannelId,
    /// Its name.
    pub name: SmolStr,
    /// When it was created.
    pub created: Timestamp,
    /// Its topic.
    #[serde(default)]
    pub topic: Option<Topic>,
    /// The letters of its modes without parameter.
    #[serde(default)]
    pub flags: SmolStr,
    /// `k`.
    #[serde(default)]
    pub key: Option<SmolStr>,
    /// `l`.
    #[serde(default)]
    pub limit: Option<u32>,
    /// `f`.
    #[serde(default)]
    pub forward: Option<SmolStr>,
    /// `b`.
    #[serde(default)]
    pub bans: Vec<ListEntry>,
    /// `e`.
    #[serde(default)]
    pub ban_exceptions: Vec<ListEntry>,
    /// `I`.
    #[serde(default)]
    pub invite_exceptions: Vec<ListEntry>,
    /// For whom it is kept.
    #[serde(default)]
    pub registration: Option<Registration>,
    /// What it tells about itself.
    #[serde(default)]
    pub metadata: Option<Box<Metadata>>,
    /// Other names that it had.
    #[serde(default)]
    pub other_names: Option<Box<OtherNames>>,
}

/// A user that stays on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UserRecord {
    /// Who.
    pub id: UserId,
    /// Whose account: it has the account's nick.
    pub account: AccountId,
    /// The nick.
    pub nick: SmolStr,
    /// The user name.
    pub username: SmolStr,
    /// The host as others see it.
    pub host: SmolStr,
    /// The real name.
    pub realname: SmolStr,
    /// When the user registered.
    pub signed_on: Timestamp,
    /// The letters of its modes.
    #[serde(default)]
    pub modes: SmolStr,
    /// Its away message, if it is away for another reason than to have no session.
    #[serde(default)]
    pub away: Option<Arc<str>>,
    /// Since when it has no session; `None`: it has one, or that is not known.
    #[serde(default)]
    pub left: Option<Position>,
    /// What it tells about itself.
    #[serde(default)]
    pub metadata: Option<Box<Metadata>>,
    /// The channels it is in, and the letters of its ranks there.
    #[serde(default)]
    pub channels: Vec<(ChannelId, SmolStr)>,
    /// The entries with which it came into them, in the same order.
    #[serde(default)]
    pub since: Vec<Position>,
}

impl AccountRecord {
    /// An account as it is.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        Self {
            id: account.id,
            name: account.name.clone(),
            created: account.created,
            verified: account.verified,
            suspended: account.suspended.as_deref().cloned(),
            certificates: account.certificates.to_vec(),
            settings: account.settings,
            metadata: account.metadata.clone(),
        }
    }
}

impl ChannelRecord {
    /// A channel as it is.
    #[must_use]
    pub fn of(channel: &Channel) -> Self {
        Self {
            id: channel.id(),
            name: channel.name().clone(),
            created: channel.created(),
            topic: channel.topic().cloned(),
            flags: channel.flags().letters(),
            key: channel.key().cloned(),
            limit: channel.limit(),
            forward: channel.forward().cloned(),
            bans: channel.list(ListKind::Ban).to_vec(),
            ban_exceptions: channel.list(ListKind::BanException).to_vec(),
            invite_exceptions: channel.list(ListKind::InviteException).to_vec(),
            registration: channel.registration().cloned(),
            metadata: channel.metadata.clone(),
            other_names: channel.other_names.clone(),
        }
    }
}

impl UserRecord {
    /// A user as it is; `None` if it does not stay on.
    #[must_use]
    pub fn of(network: &Network, user: &User) -> Option<Self> {
        let account = user.account().filter(|_| network.stays_on(user))?;
        let ranks = |channel: &ChannelId| {
            let ranks = network.channel(*channel)?.member(user.id())?;
            Some((*channel, ranks.letters()))
        };
        let since = |channel: &ChannelId| network.channel(*channel)?.member_since(user.id());
        Some(Self {
            id: user.id(),
            account,
            nick: user.nick().into(),
            username: user.username().into(),
            host: user.host().into(),
            realname: user.realname().into(),
            signed_on: user.signed_on(),
            modes: user.modes().letters(),
            away: user.away().filter(|_| !user.rare().auto_away).cloned(),
            left: user.left(),
            metadata: (!user.metadata().is_empty()).then(|| Box::new(user.metadata().clone())),
            channels: user.channels().iter().filter_map(ranks).collect(),
            since: user.channels().iter().filter_map(since).collect(),
        })
    }
}

impl Network {
    /// Whether a channel is to be kept: it is registered, or someone is in it who stays on. May
    /// look at all members.
    #[must_use]
    pub fn keeps(&self, channel: &Channel) -> bool {
        let stays = |user| self.user(user).is_some_and(|user| self.stays_on(user));
        channel.registration().is_some() || channel.members().any(|(user, _)| stays(user))
    }

    /// Everything that is to be kept of the chat as it is.
    #[must_use]
    pub fn records(&self) -> Records {
        let kept = self.channels().filter(|channel| self.keeps(channel));
        Records {
            accounts: self.accounts().map(AccountRecord::of).collect(),
            channels: kept.map(ChannelRecord::of).collect(),
            markers: self.accounts().flat_map(Account::marker_records).collect(),
            users: self
                .users()
                .filter_map(|user| UserRecord::of(self, user))
                .collect(),
            bans: self.restrictions.bans.clone(),
            defcon: self.restrictions.defcon,
        }
    }

    /// A chat with what was kept and nobody else in it. What does not fit together (records that
    /// were tampered with, or of a chat with wider limits) is left out.
    #[must_use]
    pub fn restore(limits: Limits, mut records: Records) -> Self {
        records.accounts.sort_by_key(|record| record.id);
        records.channels.sort_by_key(|record| record.id);
        records.users.sort_by_key(|record| record.id);
        let mut network = Self::new(limits);
        network.restrictions.bans = records.bans;
        network.restrictions.defcon = records.defcon;
        for record in records.accounts {
            network.restore_account(record);
        }
        for marker in records.markers {
            if let Some(account) = network.accounts.get_mut(marker.account.0) {
                account.markers.set(&marker.target, marker.time);
            }
        }
        let mut other_names = Vec::new();
        for mut record in records.channels {
            let other = record.other_names.take();
            other_names.extend(other.map(|other| (record.id, *other)));
            network.restore_channel(record);
        }
        network.restore_other_names(other_names);
        for record in records.users {
            network.restore_user(&record);
        }
        let empty = network
            .channels()
            .filter(|channel| channel.registration().is_none() && channel.member_count() == 0);
        let empty: Vec<ChannelId> = empty.map(Channel::id).collect();
        for channel in empty {
            network.remove_channel(channel);
        }
        network
    }

    fn restore_account(&mut self, record: AccountRecord) {
        if self.account_like_name(&record.name, None).is_some() || self.account(record.id).is_some()
        {
            return;
        }
        let account = Account {
            id: record.id,
            name: record.name,
            created: record.created,
            verified: record.verified,
            suspended: record.suspended.map(Box::new),
            certificates: SmallVec::from_vec(record.certificates),
            settings: record.settings,
            markers: Markers::default(),
            metadata: record.metadata.filter(|metadata| !metadata.is_empty()),
        };
        self.insert_account(account);
    }

    fn restore_channel(&mut self, mut record: ChannelRecord) {
        if self.channel_like_name(&record.name, None).is_some() || self.channel(record.id).is_some()
        {
            return;
        }
        record.registration = record.registration.filter(|registration| {
            // The account of a founder is never gone before its channels.
            self.accounts.contains(registration.founder.0)
        });
        if let Some(registration) = &mut record.registration {
            registration
                .access
                .retain(|account, _| self.accounts.contains(account.0));
            let offered = registration.offered;
            registration.offered = offered.filter(|to| self.accounts.contains(to.0));
        }
        self.insert_channel(Channel::restored(record));
    }

    fn restore_user(&mut self, record: &UserRecord) {
        let user = User::restored(record);
        let owner = self.account(record.account);
        let stays = owner.is_some_and(|account| {
            account.settings.always_on
                && account.suspended.is_none()
                && name::same(&account.name, &record.nick)
        });
        let fits = user.is_well_formed() && user.nick() == record.nick;
        let known =
            self.users.contains(user.id().0) || self.user_like_nick(&record.nick, None).is_some();
        if !stays || !fits || known {
            return;
        }
        let id = user.id();
        self.index_user(&user);
        self.invisible += usize::from(user.modes.invisible);
        self.users.insert(Box::new(user));
        // Of earlier versions it is not known: it cannot have come before it was there.
        let since = record.since.iter().copied();
        let since = since.chain(std::iter::repeat(Position(id.0)));
        let channels = record.channels.iter().zip(since);
        for ((channel, ranks), since) in channels.take(self.limits.channels_per_user) {
            let member = Membership::new(id, MemberModes::from_letters(ranks), since);
            if let Some(kept) = self.channels.get_mut(channel.0)
                && kept.members.insert(member).is_none()
                && let Some(user) = self.users.get_mut(id.0)
            {
                user.channels.push(*channel);
            }
        }
        self.detach(id, record.left);
    }
}
