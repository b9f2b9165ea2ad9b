//! The whole chat, and how to look things up in it.

use std::collections::VecDeque;

use crate::{
    Account, AccountId, Channel, ChannelId, Defcon, Limits, NetworkBan, PastUser, ServerId,
    SessionId, Settings, Timestamp, User, UserId,
    dense::Dense,
    index::{LikenessIndex, NameIndex},
    name,
    renaming::Renamed,
    restriction::Restrictions,
    session_index::SessionIndex,
};

/// The whole chat.
///
/// Equality is that of content: limits, accounts, users with their sessions, channels with their
/// members, who was there before. The indexes follow from it and are not part of a snapshot.
#[derive(Clone, Debug)]
pub struct Network {
    pub(crate) limits: Limits,
    // All boxed, because a list may keep room for as many again.
    pub(crate) accounts: Dense<Box<Account>>,
    pub(crate) users: Dense<Box<User>>,
    pub(crate) channels: Dense<Box<Channel>>,
    pub(crate) account_names: NameIndex<AccountId>,
    pub(crate) like_accounts: LikenessIndex<AccountId>,
    pub(crate) nicks: NameIndex<UserId>,
    pub(crate) like_nicks: LikenessIndex<UserId>,
    pub(crate) names: NameIndex<ChannelId>,
    pub(crate) like_names: LikenessIndex<ChannelId>,
    pub(crate) renamed: Renamed,
    pub(crate) sessions: SessionIndex,
    /// Who is kept out.
    pub(crate) restrictions: Restrictions,
    /// Users with `o`.
    pub(crate) operators: usize,
    /// Users with `i`.
    pub(crate) invisible: usize,
    /// Channels with `s`.
    pub(crate) secret: usize,
    pub(crate) past: VecDeque<PastUser>,
    /// What servers were told last, if that is not what they were started with.
    pub(crate) settings: Option<Settings>,
}

impl Network {
    /// A chat with nobody in it.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            accounts: Dense::default(),
            users: Dense::default(),
            channels: Dense::default(),
            account_names: NameIndex::default(),
            like_accounts: LikenessIndex::default(),
            nicks: NameIndex::default(),
            like_nicks: LikenessIndex::default(),
            names: NameIndex::default(),
            like_names: LikenessIndex::default(),
            renamed: Renamed::default(),
            sessions: SessionIndex::default(),
            restrictions: Restrictions::default(),
            operators: 0,
            invisible: 0,
            secret: 0,
            past: VecDeque::new(),
            settings: None,
        }
    }

    /// The bounds that requests are held to.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What servers have to know, if it was set anew since the chat began.
    #[must_use]
    pub fn settings(&self) -> Option<&Settings> {
        self.settings.as_ref()
    }

    /// An account by id.
    #[must_use]
    pub fn account(&self, account: AccountId) -> Option<&Account> {
        self.accounts.get(account.0).map(Box::as_ref)
    }

    /// An account by name, in any case.
    #[must_use]
    pub fn account_by_name(&self, name: &str) -> Option<&Account> {
        let name_of = |account| self.account(account).map(|account| account.name().as_str());
        self.account_names
            .get(name, name_of)
            .and_then(|account| self.account(account))
    }

    /// An account other than `own` whose name is this one or can be taken for it.
    #[must_use]
    pub fn account_like_name(&self, name: &str, own: Option<AccountId>) -> Option<&Account> {
        let same = self.account_by_name(name);
        let name_of = |account| self.account(account).map(|account| account.name().as_str());
        let alike = || self.like_accounts.other(name, own, name_of);
        same.filter(|account| Some(account.id()) != own)
            .or_else(|| alike().and_then(|account| self.account(account)))
    }

    /// Whose a nick is, whether somebody is on with it or not: the account whose name it is, or can
    /// be taken for.
    #[must_use]
    pub fn owner_of_nick(&self, nick: &str) -> Option<&Account> {
        self.account_like_name(nick, None)
    }

    /// The account that a client certificate logs in to. Looks at all accounts.
    #[must_use]
    pub fn account_by_certificate(&self, fingerprint: &str) -> Option<&Account> {
        self.accounts().find(|account| {
            let mut own = account.certificates().iter();
            own.any(|own| own.eq_ignore_ascii_case(fingerprint))
        })
    }

    /// When the last message to a target that the owner of an account has read was sent, as far as
    /// its owner's clients have told.
    #[must_use]
    pub fn read_marker(&self, account: &Account, target: &str) -> Option<Timestamp> {
        account.markers.get(&self.place_of(target))
    }

    /// The account that a user is logged in to.
    #[must_use]
    pub fn account_of(&self, user: &User) -> Option<&Account> {
        user.account().and_then(|account| self.account(account))
    }

    /// All accounts, in no order that means anything (but the same everywhere).
    pub fn accounts(&self) -> impl ExactSizeIterator<Item = &Account> {
        self.accounts.iter().map(Box::as_ref)
    }

    /// The users that are logged in to an account: mostly one or none. Looks at all users.
    pub fn users_of_account(&self, account: AccountId) -> impl Iterator<Item = &User> {
        self.users()
            .filter(move |user| user.account() == Some(account))
    }

    /// Whether a user stays on when its last session ends: its account wants that, and it has the
    /// account's nick.
    #[must_use]
    pub fn stays_on(&self, user: &User) -> bool {
        self.account_of(user).is_some_and(|account| {
            account.settings().always_on && name::same(account.name(), user.nick())
        })
    }

    /// A user by id.
    #[must_use]
    pub fn user(&self, user: UserId) -> Option<&User> {
        self.users.get(user.0).map(Box::as_ref)
    }

    /// A user by nick, in any spelling.
    #[must_use]
    pub fn user_by_nick(&self, nick: &str) -> Option<&User> {
        let nick_of = |user| self.user(user).map(User::nick);
        self.nicks
            .get(nick, nick_of)
            .and_then(|user| self.user(user))
    }

    /// Somebody other than `own` whose nick is this one, or can be taken for it.
    #[must_use]
    pub fn user_like_nick(&self, nick: &str, own: Option<UserId>) -> Option<&User> {
        let same = self.user_by_nick(nick);
        let nick_of = |user| self.user(user).map(User::nick);
        let alike = || self.like_nicks.other(nick, own, nick_of);
        same.filter(|user| Some(user.id()) != own)
            .or_else(|| alike().and_then(|user| self.user(user)))
    }

    /// The user of a session.
    #[must_use]
    pub fn user_of(&self, session: SessionId) -> Option<&User> {
        self.sessions.get(session, &self.users)
    }

    /// All users, in no order that means anything (but the same everywhere).
    pub fn users(&self) -> impl ExactSizeIterator<Item = &User> {
        self.users.iter().map(Box::as_ref)
    }

    /// How many users there are.
    #[must_use]
    pub fn user_count(&self) -> usize {
        self.users.len()
    }

    /// Who is banned from the whole chat, oldest first; some of the bans may have ended.
    #[must_use]
    pub fn network_bans(&self) -> &[NetworkBan] {
        &self.restrictions.bans
    }

    /// What keeps a channel closed, if it is.
    #[must_use]
    pub fn purged(&self, name: &str) -> Option<&NetworkBan> {
        let mut bans = self.restrictions.bans.iter();
        bans.find(|ban| ban.is_of_channel() && name::same(&ban.mask, name))
    }

    /// How guarded the chat is.
    #[must_use]
    pub fn defcon(&self) -> Defcon {
        self.restrictions.defcon
    }

    /// How many users are operators of the chat.
    #[must_use]
    pub fn operator_count(&self) -> usize {
        self.operators
    }

    /// How many users are invisible (`i`).
    #[must_use]
    pub fn invisible_count(&self) -> usize {
        self.invisible
    }

    /// Who had a nick and has left or taken another, latest first.
    pub fn past_users(&self) -> impl Iterator<Item = &PastUser> {
        self.past.iter().rev()
    }

    /// A channel by id.
    #[must_use]
    pub fn channel(&self, channel: ChannelId) -> Option<&Channel> {
        self.channels.get(channel.0).map(Box::as_ref)
    }

    /// A channel by name, in any spelling.
    #[must_use]
    pub fn channel_by_name(&self, name: &str) -> Option<&Channel> {
        let name_of = |channel| self.channel(channel).map(|channel| channel.name().as_str());
        self.names
            .get(name, name_of)
            .and_then(|channel| self.channel(channel))
    }

    /// A channel other than `own` whose name can be taken for this one.
    #[must_use]
    pub fn channel_like_name(&self, name: &str, own: Option<ChannelId>) -> Option<&Channel> {
        let name_of = |channel| self.channel(channel).map(|channel| channel.name().as_str());
        self.like_names
            .other(name, own, name_of)
            .and_then(|channel| self.channel(channel))
    }

    /// All channels, in no order that means anything (but the same everywhere).
    pub fn channels(&self) -> impl ExactSizeIterator<Item = &Channel> {
        self.channels.iter().map(Box::as_ref)
    }

    /// How many channels there are.
    #[must_use]
    pub fn channel_count(&self) -> usize {
        self.channels.len()
    }

    /// How many channels are secret (`s`).
    #[must_use]
    pub fn secret_count(&self) -> usize {
        self.secret
    }

    /// How many sessions there are, on all servers.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    /// The sessions of one life of a server: those that end when it is lost. Looks at all users:
    /// servers are lost too seldom for an index.
    pub fn sessions_of(
        &self,
        server: ServerId,
        incarnation: u16,
    ) -> impl Iterator<Item = SessionId> {
        self.users()
            .flat_map(User::sessions)
            .map(|session| session.id)
            .filter(move |session| {
                (session.server(), session.incarnation()) == (server, incarnation)
            })
    }

    /// Whether two users are in a channel together.
    #[must_use]
    pub fn share_channel(&self, one: &User, other: &User) -> bool {
        one.channels()
            .iter()
            .any(|channel| other.channels().contains(channel))
    }
}

// --- the indexes of names ---

impl Network {
    /// Enters the name of an account that is not in the list yet.
    pub(crate) fn index_account(&mut self, name: &str, id: AccountId) {
        let accounts = &self.accounts;
        let name_of = |id: AccountId| Some(accounts.get(id.0)?.name().as_str());
        self.account_names.insert(name, id, name_of);
        self.like_accounts.insert(name, id, name_of);
    }

    /// Enters a nick that is not entered yet.
    pub(crate) fn index_nick(&mut self, nick: &str, id: UserId) {
        let users = &self.users;
        let nick_of = |id: UserId| Some(users.get(id.0)?.nick());
        self.nicks.insert(nick, id, nick_of);
        self.like_nicks.insert(nick, id, nick_of);
    }

    /// Enters the name of a channel that is not entered yet.
    pub(crate) fn index_name(&mut self, name: &str, id: ChannelId) {
        let channels = &self.channels;
        let name_of = |id: ChannelId| Some(channels.get(id.0)?.name().as_str());
        self.names.insert(name, id, name_of);
        self.like_names.insert(name, id, name_of);
    }
}

impl PartialEq for Network {
    fn eq(&self, other: &Self) -> bool {
        self.limits == other.limits
            && self.accounts == other.accounts
            && self.users == other.users
            && self.channels == other.channels
            && self.past == other.past
            && self.restrictions == other.restrictions
            && self.settings == other.settings
    }
}

impl Eq for Network {}
