//! What becomes true of accounts, and of channels that are theirs.

use crate::{
    Account, AccountId, ChannelId, Entry, Event, MemberPrefix, Network, NewAccount, Registration,
    Stamp, Suspension, Timestamp, UserId,
};

impl Network {
    pub(super) fn account_changed(&mut self, entry: &Entry) {
        let now = entry.stamp.time;
        match &entry.event {
            Event::AccountRegistered { account, user } => {
                self.account_registered(account, *user, entry.stamp);
            }
            Event::AccountVerified { account, user } => {
                self.change_account(*account, |account| account.verified = true);
                self.logged_in(*user, *account);
            }
            Event::LoggedIn { user, account } => self.logged_in(Some(*user), *account),
            Event::LoggedOut { user } => {
                if let Some(user) = self.users.get_mut(user.0) {
                    user.set_account(None);
                }
            }
            Event::AccountSettingChanged { account, setting } => {
                self.change_account(*account, |account| {
                    account.settings = account.settings.with(*setting);
                });
                self.release(*account, now);
            }
            Event::CertificateChanged {
                account,
                fingerprint,
                added,
            } => self.change_account(*account, |account| {
                account.certificates.retain(|own| *own != *fingerprint);
                if *added {
                    account.certificates.push(fingerprint.clone());
                }
            }),
            Event::AccountDropped { account } => self.account_dropped(*account, now),
            Event::AccountSuspended { account, reason } => {
                self.change_account(*account, |account| {
                    account.suspended = Some(Box::new(Suspension {
                        reason: reason.clone(),
                        since: now,
                    }));
                });
                self.put_out(*account, now);
            }
            Event::AccountUnsuspended { account } => {
                self.change_account(*account, |account| account.suspended = None);
            }
            _ => self.ownership_changed(entry),
        }
    }

    fn ownership_changed(&mut self, entry: &Entry) {
        match &entry.event {
            Event::ChannelRegistered { channel, founder } => {
                let registration = Registration {
                    founder: *founder,
                    at: entry.stamp.time,
                    access: indexmap::IndexMap::default(),
                    offered: None,
                };
                if let Some(channel) = self.channels.get_mut(channel.0) {
                    channel.registration = Some(Box::new(registration));
                }
                self.rank_founder(*channel, *founder);
            }
            Event::ReadMarked {
                account,
                target,
                time,
                ..
            } => {
                let place = self.place_of(target);
                self.change_account(*account, |account| account.markers.set(&place, *time));
            }
            Event::ChannelDropped { channel } => self.channel_dropped(*channel),
            Event::ChannelOffered { channel, to } => {
                let channel = self.channels.get_mut(channel.0);
                if let Some(registration) = channel.and_then(|own| own.registration.as_mut()) {
                    registration.offered = *to;
                }
            }
            Event::ChannelTransferred { channel, founder } => {
                if let Some(channel) = self.channels.get_mut(channel.0)
                    && let Some(registration) = &mut channel.registration
                {
                    registration.founder = *founder;
                    registration.offered = None;
                }
                self.rank_founder(*channel, *founder);
            }
            Event::AccessChanged {
                channel,
                account,
                prefix,
            } => {
                let channel = self.channels.get_mut(channel.0);
                if let Some(registration) = channel.and_then(|own| own.registration.as_mut()) {
                    match prefix {
                        Some(prefix) => registration.access.insert(*account, *prefix),
                        None => registration.access.shift_remove(account),
                    };
                }
            }
            _ => {}
        }
    }

    fn account_registered(&mut self, new: &NewAccount, user: Option<UserId>, stamp: Stamp) {
        let unverified = self.account_by_name(&new.name).map(Account::id);
        if let Some(unverified) = unverified {
            self.account_dropped(unverified, stamp.time);
        }
        let account = Account::new(AccountId(stamp.position.0), new, stamp.time);
        let id = account.id;
        self.insert_account(account);
        if new.verified {
            self.logged_in(user, id);
        }
    }

    /// Takes an account in, with its name.
    pub(crate) fn insert_account(&mut self, account: Account) {
        self.index_account(&account.name, account.id);
        self.accounts.insert(Box::new(account));
    }

    fn change_account(&mut self, account: AccountId, change: impl FnOnce(&mut Account)) {
        if let Some(account) = self.accounts.get_mut(account.0) {
            change(account);
        }
    }

    fn logged_in(&mut self, user: Option<UserId>, account: AccountId) {
        if let Some(user) = user.and_then(|user| self.users.get_mut(user.0))
            && self.accounts.contains(account.0)
        {
            user.set_account(Some(account));
        }
    }

    fn account_dropped(&mut self, account: AccountId, now: Timestamp) {
        for user in self.ids_of_account(account) {
            if let Some(user) = self.users.get_mut(user.0) {
                user.set_account(None);
                if user.sessions.is_empty() {
                    let (id, server) = (user.id(), user.server());
                    self.remove_user(id, server, now);
                }
            }
        }
        let mut without_founder = Vec::new();
        for channel in self.channels.iter_mut() {
            let Some(registration) = &mut channel.registration else {
                continue;
            };
            registration.access.shift_remove(&account);
            registration.offered = registration.offered.filter(|to| *to != account);
            if registration.founder == account {
                without_founder.push(channel.id());
            }
        }
        for channel in without_founder {
            self.channel_dropped(channel);
        }
        if let Some(account) = self.accounts.swap_remove(account.0) {
            self.account_names.remove(&account.name, account.id);
            self.like_accounts.remove(&account.name, account.id);
        }
    }

    fn channel_dropped(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.get_mut(id.0) {
            channel.registration = None;
            if channel.members.is_empty() {
                self.remove_channel(id);
            }
        }
    }

    /// Who is in the channel with the founder's account has the founder's rank.
    fn rank_founder(&mut self, channel: ChannelId, founder: AccountId) {
        let users = self.ids_of_account(founder);
        if let Some(channel) = self.channels.get_mut(channel.0) {
            for user in users {
                if let Some(own) = channel.members.get_mut(user.0) {
                    own.ranks.set(MemberPrefix::Founder, true);
                }
            }
        }
    }

    /// Users of an account that were on without a session leave if they no longer stay on.
    fn release(&mut self, account: AccountId, now: Timestamp) {
        for id in self.ids_of_account(account) {
            let leaves = |user: &crate::User| user.sessions().is_empty() && !self.stays_on(user);
            if let Some(user) = self.user(id).filter(|user| leaves(user)) {
                let server = user.server();
                self.remove_user(id, server, now);
            }
        }
    }

    /// All users of an account leave.
    fn put_out(&mut self, account: AccountId, now: Timestamp) {
        for id in self.ids_of_account(account) {
            if let Some(server) = self.end_sessions(id) {
                self.remove_user(id, server, now);
            }
        }
    }

    fn ids_of_account(&self, account: AccountId) -> Vec<UserId> {
        self.users_of_account(account)
            .map(crate::User::id)
            .collect()
    }
}
