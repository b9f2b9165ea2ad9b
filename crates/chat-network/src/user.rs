//! A person (or bot) in the chat.

mod sessions;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::dense::Keyed;
use crate::{
    AccountId, ChannelId, Metadata, NewUser, Operator, Position, SessionId, Timestamp, UserId,
    UserModes, UserRecord,
};

pub use sessions::{Presence, UserSession};

/// A person (or bot) in the chat: with at least one session, unless it stays on without
/// ([`Network::stays_on`](crate::Network::stays_on)).
///
/// Every server holds all of them, so what few have is kept apart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct User {
    id: UserId,
    /// `nick!user@host` in one piece: what is on the wire before every line of the user, and what
    /// masks are held against. Behind it the real name.
    text: Box<str>,
    /// Bytes of the nick, the user name, and the prefix.
    lengths: [u16; 3],
    pub(crate) modes: UserModes,
    signed_on: Timestamp,
    /// When it last spoke, in tenths of a second since then: 32 bits are enough for 13 years.
    active: u32,
    /// 0: none.
    account: u64,
    pub(crate) sessions: SmallVec<[UserSession; 1]>,
    pub(crate) channels: SmallVec<[ChannelId; 2]>,
    rare: Option<Box<Rare>>,
}

/// What few users have.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Rare {
    pub(crate) operator: Option<Operator>,
    /// What was said last by a session that is away; it is shown while none is here.
    pub(crate) away: Option<Arc<str>>,
    /// It is away because it has no session.
    pub(crate) auto_away: bool,
    /// Since when it has no session; 0: it has one, or that is not known.
    pub(crate) left: Position,
    pub(crate) metadata: Metadata,
    /// Oldest first. May name channels that are gone; ids are never used twice, so they let nobody
    /// in anywhere.
    pub(crate) invitations: Vec<ChannelId>,
    /// Who may write to it without an account although it is `R`, oldest first; some may be gone.
    pub(crate) accepted: Vec<UserId>,
    /// The fingerprints of its sessions' certificates.
    pub(crate) certificates: Vec<(SessionId, Arc<str>)>,
    /// The hosts of those sessions that come from another one than is shown.
    pub(crate) origins: Vec<(SessionId, SmolStr)>,
}

impl User {
    pub(crate) fn new(id: UserId, session: SessionId, new: &NewUser, now: Timestamp) -> Self {
        let mut user = Self::named((&new.nick, &new.username, &new.host), &new.realname);
        user.id = id;
        user.signed_on = now;
        user.set_account(new.account);
        user.sessions.push(UserSession::new(session, new.secure));
        user.set_presence(session, new.away.as_ref());
        user.set_certificate(session, new.certificate.as_ref());
        user
    }

    /// As it was when it was kept: without a session, in no channel yet.
    pub(crate) fn restored(record: &UserRecord) -> Self {
        let names = (&*record.nick, &*record.username, &*record.host);
        let mut user = Self::named(names, &record.realname);
        user.id = record.id;
        user.signed_on = record.signed_on;
        user.modes = UserModes::from_letters(&record.modes);
        user.set_account(Some(record.account));
        user.change_rare(|rare| {
            rare.away.clone_from(&record.away);
            rare.left = record.left.unwrap_or_default();
            rare.metadata = record.metadata.as_deref().cloned().unwrap_or_default();
        });
        user
    }

    fn named(names: (&str, &str, &str), realname: &str) -> Self {
        let (text, lengths) = in_one(names, realname);
        Self {
            id: UserId(0),
            text,
            lengths,
            modes: UserModes::default(),
            signed_on: Timestamp(0),
            active: 0,
            account: 0,
            sessions: SmallVec::new(),
            channels: SmallVec::new(),
            rare: None,
        }
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.id
    }

    /// `nick!user@host`.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.text[..self.marks()[2]]
    }

    /// The nick.
    #[must_use]
    pub fn nick(&self) -> &str {
        &self.text[..self.marks()[0]]
    }

    /// The user name.
    #[must_use]
    pub fn username(&self) -> &str {
        let [nick_end, username_end, _] = self.marks();
        &self.text[nick_end + 1..username_end]
    }

    /// The host as others see it.
    #[must_use]
    pub fn host(&self) -> &str {
        let [_, username_end, end] = self.marks();
        &self.text[username_end + 1..end]
    }

    /// The real name.
    #[must_use]
    pub fn realname(&self) -> &str {
        &self.text[self.marks()[2]..]
    }

    /// The account that the user is logged in to.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        (self.account > 0).then_some(AccountId(self.account))
    }

    /// The position with which its last session ended, where it has none: what came later it has
    /// missed.
    #[must_use]
    pub fn left(&self) -> Option<Position> {
        let left = self.rare().left;
        (left > Position(0)).then_some(left)
    }

    /// The user's own modes.
    #[must_use]
    pub fn modes(&self) -> UserModes {
        self.modes
    }

    /// What the user may do as an operator, if it is one.
    #[must_use]
    pub fn operator(&self) -> Option<&Operator> {
        self.rare().operator.as_ref()
    }

    /// What it tells about itself.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.rare().metadata
    }

    /// When the user registered.
    #[must_use]
    pub fn signed_on(&self) -> Timestamp {
        self.signed_on
    }

    /// When the user last sent a PRIVMSG or NOTICE, or registered, to the tenth of a second.
    #[must_use]
    pub fn last_active(&self) -> Timestamp {
        Timestamp(self.signed_on.0 + i64::from(self.active) * 100)
    }

    /// The channels that the user is in, in no order that means anything.
    #[must_use]
    pub fn channels(&self) -> &[ChannelId] {
        &self.channels
    }

    /// The channels that the user was invited to, oldest first; some may be gone.
    #[must_use]
    pub fn invitations(&self) -> &[ChannelId] {
        &self.rare().invitations
    }

    /// Whether somebody may write to the user without an account although it is `R`.
    #[must_use]
    pub fn accepts(&self, other: UserId) -> bool {
        self.rare().accepted.contains(&other)
    }

    /// Whether the user was invited to a channel and has not used it yet.
    #[must_use]
    pub fn is_invited_to(&self, channel: ChannelId) -> bool {
        self.rare().invitations.contains(&channel)
    }

    pub(crate) fn set_nick(&mut self, nick: &str) {
        let names = (nick, self.username(), self.host());
        (self.text, self.lengths) = in_one(names, self.realname());
    }

    /// Another host is shown; where the sessions come from stays known.
    pub(crate) fn set_host(&mut self, host: &str) {
        let shown = SmolStr::new(self.host());
        let ids: SmallVec<[SessionId; 1]> = self.sessions.iter().map(|own| own.id).collect();
        self.change_rare(|rare| {
            for id in ids {
                if !rare.origins.iter().any(|(known, _)| *known == id) {
                    rare.origins.push((id, shown.clone()));
                }
            }
            rare.origins.retain(|(_, origin)| *origin != host);
        });
        let names = (self.nick(), self.username(), host);
        (self.text, self.lengths) = in_one(names, self.realname());
    }

    pub(crate) fn set_realname(&mut self, realname: &str) {
        let names = (self.nick(), self.username(), self.host());
        (self.text, self.lengths) = in_one(names, realname);
    }

    pub(crate) fn set_account(&mut self, account: Option<AccountId>) {
        self.account = account.map_or(0, |account| account.0);
    }

    /// It has spoken.
    pub(crate) fn spoke(&mut self, now: Timestamp) {
        let tenths = (now.0 - self.signed_on.0).max(0) / 100;
        self.active = u32::try_from(tenths).unwrap_or(u32::MAX);
    }

    pub(crate) fn forget_invitation(&mut self, channel: ChannelId) {
        if self.is_invited_to(channel) {
            self.change_rare(|rare| rare.invitations.retain(|invited| *invited != channel));
        }
    }

    pub(crate) fn rare(&self) -> &Rare {
        static NONE: Rare = Rare::NONE;
        self.rare.as_deref().unwrap_or(&NONE)
    }

    /// Changes what few users have. It is there as long as there is something in it.
    pub(crate) fn change_rare<T>(&mut self, change: impl FnOnce(&mut Rare) -> T) -> T {
        let mut rare = self.rare.take().unwrap_or_default();
        let result = change(&mut rare);
        self.rare = (*rare != Rare::NONE).then_some(rare);
        result
    }

    /// Whether the lengths fall on the marks of the prefix, as a snapshot must show.
    pub(crate) fn is_well_formed(&self) -> bool {
        let [nick_end, username_end, end] = self.marks();
        let bytes = self.text.as_bytes();
        bytes.get(nick_end) == Some(&b'!')
            && bytes.get(username_end) == Some(&b'@')
            && username_end < end
            && self.text.is_char_boundary(end)
    }

    /// Where the `!` and the `@` between the parts of the prefix are, and where it ends.
    fn marks(&self) -> [usize; 3] {
        let [nick, username, prefix] = self.lengths.map(usize::from);
        [nick, nick + 1 + username, prefix]
    }
}

impl Keyed for User {
    fn key(&self) -> u64 {
        self.id.0
    }
}

impl Rare {
    /// Nothing.
    pub(crate) const NONE: Self = Self {
        operator: None,
        away: None,
        auto_away: false,
        left: Position(0),
        metadata: Metadata::NONE,
        invitations: Vec::new(),
        accepted: Vec::new(),
        certificates: Vec::new(),
        origins: Vec::new(),
    };
}

/// The names of a user in one piece, and the lengths that part them: [`Limits`](crate::Limits)
/// keep them far below 2^16, and what comes from elsewhere is checked
/// ([`is_well_formed`](User::is_well_formed)).
fn in_one((nick, username, host): (&str, &str, &str), realname: &str) -> (Box<str>, [u16; 3]) {
    let length = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
    let lengths = [
        nick.len(),
        username.len(),
        nick.len() + username.len() + host.len() + 2,
    ];
    let mut text = String::with_capacity(lengths[2] + realname.len());
    for part in [nick, "!", username, "@", host, realname] {
        text.push_str(part);
    }
    (text.into(), lengths.map(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every server of a fleet and its hub hold each user.
    #[test]
    fn a_user_is_small() {
        assert!(size_of::<User>() <= 112, "{} bytes", size_of::<User>());
    }
}
