//! What is true of every network, whatever happened to it.

use crate::{Account, AccountId, Channel, ChannelFlag, ChannelId, Network, User, UserId};

/// Something about a network that cannot be: a damaged snapshot, or a fault in here.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Inconsistent {
    /// An index has entries that nothing stands behind, or lacks some.
    #[error("{0} do not match the users and channels")]
    Index(&'static str),
    /// A nick leads to someone else, or to nobody, or can be taken for another's.
    #[error("nick of {0:?} leads elsewhere")]
    Nick(UserId),
    /// A session leads to someone else, or to nobody.
    #[error("session of {0:?} leads elsewhere")]
    Session(UserId),
    /// An account's name leads elsewhere or can be taken for another's, or an account that is named is not there.
    #[error("{0:?} is not found")]
    Account(AccountId),
    /// A user without session that does not stay on, or with a session of which nothing is known.
    #[error("{0:?} has no session")]
    NoSession(UserId),
    /// The mode of operators and what they may do do not go together.
    #[error("{0:?} is half an operator")]
    Operator(UserId),
    /// A channel's name leads elsewhere, or can be taken for another's.
    #[error("name of {0:?} leads elsewhere")]
    Name(ChannelId),
    /// A channel without members that is not registered.
    #[error("{0:?} is empty")]
    Empty(ChannelId),
    /// Channel and member do not agree on the membership.
    #[error("{0:?} and {1:?} do not agree")]
    Membership(UserId, ChannelId),
    /// More than [`Limits`](crate::Limits) permits.
    #[error("{0} beyond the limits")]
    Limit(&'static str),
}

impl Network {
    /// Checks that all parts fit together: no empty channel, no unknown member, every nick, name
    /// and session found and nothing else. Takes time in proportion to the network.
    ///
    /// # Errors
    ///
    /// The first thing found that does not fit.
    pub fn check(&self) -> Result<(), Inconsistent> {
        for account in self.accounts() {
            self.check_account(account)?;
        }
        for user in self.users() {
            self.check_user(user)?;
            self.check_sessions(user)?;
        }
        for channel in self.channels() {
            self.check_channel(channel)?;
        }
        let sessions = self
            .users()
            .map(|user| user.sessions().len())
            .sum::<usize>();
        let invisible = self.users().filter(|user| user.modes().invisible).count();
        let operators = self.users().filter(|user| user.modes().operator).count();
        let secret = self
            .channels()
            .filter(|channel| channel.is(ChannelFlag::Secret))
            .count();
        let others = self.other_names();
        let exact = [
            ("former names and places", self.renamed.counts() == others),
            ("operators", self.operators == operators),
            ("invisible users", self.invisible == invisible),
            ("secret channels", self.secret == secret),
            ("accounts", self.account_names.len() == self.accounts.len()),
            (
                "likenesses of accounts",
                self.like_accounts.len() == self.accounts.len(),
            ),
            ("nicks", self.nicks.len() == self.user_count()),
            (
                "likenesses of nicks",
                self.like_nicks.len() == self.user_count(),
            ),
            ("names", self.names.len() == self.channel_count()),
            (
                "likenesses of names",
                self.like_names.len() == self.channel_count(),
            ),
            ("sessions", self.session_count() == sessions),
        ];
        match exact.iter().find(|(_, holds)| !holds) {
            Some((index, _)) => Err(Inconsistent::Index(index)),
            None => Ok(()),
        }
    }

    fn check_account(&self, account: &Account) -> Result<(), Inconsistent> {
        let found = self.account_by_name(account.name()).map(Account::id);
        let alike = self.account_like_name(account.name(), Some(account.id()));
        ensure(
            found == Some(account.id())
                && alike.is_none()
                && self.account(account.id()) == Some(account),
            Inconsistent::Account(account.id()),
        )
    }

    /// How many former names and places of their own channels have.
    fn other_names(&self) -> (usize, usize) {
        let former = self.channels().map(|channel| channel.former_names().len());
        let places = self.channels().filter_map(Channel::other_place).count();
        (former.sum(), places)
    }

    /// An account that something refers to.
    fn check_known(&self, account: AccountId) -> Result<(), Inconsistent> {
        ensure(
            self.account(account).is_some(),
            Inconsistent::Account(account),
        )
    }

    fn check_user(&self, user: &User) -> Result<(), Inconsistent> {
        let id = user.id();
        ensure(
            self.user_by_nick(user.nick()) == Some(user),
            Inconsistent::Nick(id),
        )?;
        ensure(
            self.user_like_nick(user.nick(), Some(id)).is_none(),
            Inconsistent::Nick(id),
        )?;
        if let Some(account) = user.account() {
            self.check_known(account)?;
        }
        ensure(
            user.modes().operator == user.operator().is_some(),
            Inconsistent::Operator(id),
        )?;
        for (at, channel) in user.channels().iter().enumerate() {
            let member = self
                .channel(*channel)
                .is_some_and(|channel| channel.has_member(id));
            let once = !user.channels()[..at].contains(channel);
            ensure(member && once, Inconsistent::Membership(id, *channel))?;
        }
        Ok(())
    }

    fn check_sessions(&self, user: &User) -> Result<(), Inconsistent> {
        ensure(
            !user.sessions().is_empty() || self.stays_on(user),
            Inconsistent::NoSession(user.id()),
        )?;
        for session in user.sessions() {
            let found = self.user_of(session.id) == Some(user);
            ensure(found, Inconsistent::Session(user.id()))?;
        }
        let mut shown = user.rare().certificates.iter();
        let own = |id| user.sessions().iter().any(|session| session.id == id);
        let known = shown.all(|(session, _)| own(*session));
        let mut origins = user.rare().origins.iter();
        let hidden = origins.all(|(session, host)| own(*session) && host != user.host());
        ensure(known && hidden, Inconsistent::Session(user.id()))
    }

    fn check_channel(&self, channel: &Channel) -> Result<(), Inconsistent> {
        let id = channel.id();
        let found = self.channel_by_name(channel.name()).map(Channel::id);
        let alike = self.channel_like_name(channel.name(), Some(id));
        ensure(found == Some(id) && alike.is_none(), Inconsistent::Name(id))?;
        let place = self.channel_of_place(&channel.place()).map(Channel::id);
        let known = channel.former_names().iter().all(|former| {
            let holder = self.former_holder(&former.name).map(Channel::id);
            holder == Some(id) && self.channel_by_name(&former.name).is_none()
        });
        ensure(place == Some(id) && known, Inconsistent::Name(id))?;
        ensure(
            channel.member_count() > 0 || channel.registration().is_some(),
            Inconsistent::Empty(id),
        )?;
        if let Some(registration) = channel.registration() {
            self.check_known(registration.founder)?;
            for account in registration.access.keys().chain(&registration.offered) {
                self.check_known(*account)?;
            }
        }
        for (user, _) in channel.members() {
            let knows = self
                .user(user)
                .is_some_and(|user| user.channels().contains(&id));
            ensure(knows, Inconsistent::Membership(user, id))?;
        }
        Ok(())
    }

    /// Checks that nothing is beyond [`Limits`](crate::Limits). Holds as long as these have never been lowered: what
    /// was there before stays.
    ///
    /// # Errors
    ///
    /// The first thing found that is.
    pub fn check_limits(&self) -> Result<(), Inconsistent> {
        let limits = self.limits();
        let within = |holds, what| ensure(holds, Inconsistent::Limit(what));
        within(self.past.len() <= limits.past_users, "past users")?;
        for account in self.accounts() {
            let count = account.certificates().len();
            within(count <= limits.certificates, "certificates")?;
        }
        for user in self.users() {
            let channels = user.channels().len();
            within(channels <= limits.channels_per_user, "channels")?;
            let invitations = user.invitations().len();
            within(invitations <= limits.invitations, "invitations")?;
        }
        for channel in self.channels() {
            let entries = channel.list_entries();
            within(entries <= limits.list_entries, "lists")?;
        }
        Ok(())
    }
}

fn ensure(holds: bool, otherwise: Inconsistent) -> Result<(), Inconsistent> {
    if holds { Ok(()) } else { Err(otherwise) }
}
