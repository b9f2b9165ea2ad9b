//! A person (or bot) in the chat.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::{
    AccountId, ChannelId, Metadata, NewUser, Operator, Position, ServerId, SessionId, Timestamp,
    UserId, UserModes, UserRecord,
};

/// A person (or bot) in the chat: with at least one session, unless it stays on without
/// ([`Network::stays_on`](crate::Network::stays_on)).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct User {
    id: UserId,
    /// `nick!user@host` in one piece: what is on the wire before every line of the user, and what
    /// masks are held against.
    prefix: Arc<str>,
    nick_len: u32,
    username_len: u32,
    pub(crate) realname: SmolStr,
    signed_on: Timestamp,
    pub(crate) modes: UserModes,
    pub(crate) account: Option<AccountId>,
    pub(crate) operator: Option<Box<Operator>>,
    pub(crate) away: Option<Arc<str>>,
    /// It is away because it has no session.
    pub(crate) auto_away: bool,
    /// Since when it has no session; 0: it has one, or that is not known.
    pub(crate) left: Position,
    pub(crate) last_active: Timestamp,
    pub(crate) metadata: Option<Box<Metadata>>,
    pub(crate) sessions: SmallVec<[UserSession; 1]>,
    pub(crate) channels: SmallVec<[ChannelId; 2]>,
    /// Oldest first. May name channels that are gone; ids are never used twice, so they let nobody
    /// in anywhere.
    pub(crate) invitations: SmallVec<[ChannelId; 2]>,
    /// Who may write to it without an account although it is `R`, oldest first; some may be gone.
    pub(crate) accepted: Option<Box<Accepted>>,
}

/// Whom a user accepts: few have such a list, so it is kept apart.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Accepted(pub(crate) Vec<UserId>);

/// One session of a user.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UserSession {
    /// Which.
    pub id: SessionId,
    /// The stars that it gave its server.
    pub rating: Option<u8>,
    /// It is secure (TLS) up to the edge.
    pub secure: bool,
}

impl UserSession {
    pub(crate) fn new(id: SessionId, secure: bool) -> Self {
        Self {
            id,
            rating: None,
            secure,
        }
    }
}

impl User {
    pub(crate) fn new(id: UserId, session: SessionId, new: &NewUser, now: Timestamp) -> Self {
        Self {
            id,
            prefix: format!("{}!{}@{}", new.nick, new.username, new.host).into(),
            nick_len: length(&new.nick),
            username_len: length(&new.username),
            realname: new.realname.clone(),
            signed_on: now,
            modes: UserModes::default(),
            account: new.account,
            operator: None,
            away: None,
            auto_away: false,
            left: Position(0),
            last_active: now,
            metadata: None,
            sessions: SmallVec::from_buf([UserSession::new(session, new.secure)]),
            channels: SmallVec::new(),
            invitations: SmallVec::new(),
            accepted: None,
        }
    }

    /// As it was when it was kept: without a session, in no channel yet.
    pub(crate) fn restored(record: &UserRecord) -> Self {
        Self {
            id: record.id,
            prefix: format!("{}!{}@{}", record.nick, record.username, record.host).into(),
            nick_len: length(&record.nick),
            username_len: length(&record.username),
            realname: record.realname.clone(),
            signed_on: record.signed_on,
            modes: UserModes::from_letters(&record.modes),
            account: Some(record.account),
            operator: None,
            away: record.away.clone(),
            auto_away: false,
            left: record.left.unwrap_or_default(),
            last_active: record.signed_on,
            metadata: record.metadata.clone(),
            sessions: SmallVec::new(),
            channels: SmallVec::new(),
            invitations: SmallVec::new(),
            accepted: None,
        }
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.id
    }

    /// `nick!user@host`.
    #[must_use]
    pub fn prefix(&self) -> &Arc<str> {
        &self.prefix
    }

    /// The nick.
    #[must_use]
    pub fn nick(&self) -> &str {
        &self.prefix[..self.marks().0]
    }

    /// The user name.
    #[must_use]
    pub fn username(&self) -> &str {
        let (nick_end, username_end) = self.marks();
        &self.prefix[nick_end + 1..username_end]
    }

    /// The host as others see it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.prefix[self.marks().1 + 1..]
    }

    /// The real name.
    #[must_use]
    pub fn realname(&self) -> &str {
        &self.realname
    }

    /// The account that the user is logged in to.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.account
    }

    /// The position with which its last session ended, where it has none: what came later it has
    /// missed.
    #[must_use]
    pub fn left(&self) -> Option<Position> {
        (self.left > Position(0)).then_some(self.left)
    }

    /// The server of the first session; [`ServerId::HUB`] without one.
    #[must_use]
    pub fn server(&self) -> ServerId {
        self.sessions
            .first()
            .map_or(ServerId::HUB, |session| session.id.server())
    }

    /// The sessions, oldest first. None: the user stays on without.
    #[must_use]
    pub fn sessions(&self) -> &[UserSession] {
        &self.sessions
    }

    /// The user's own modes.
    #[must_use]
    pub fn modes(&self) -> UserModes {
        self.modes
    }

    /// What the user may do as an operator, if it is one.
    #[must_use]
    pub fn operator(&self) -> Option<&Operator> {
        self.operator.as_deref()
    }

    /// What it tells about itself.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        static NONE: Metadata = Metadata::NONE;
        self.metadata.as_deref().unwrap_or(&NONE)
    }

    /// The away message, if away.
    #[must_use]
    pub fn away(&self) -> Option<&Arc<str>> {
        self.away.as_ref()
    }

    /// Every session is secure (TLS) up to the edge, and there is one.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        !self.sessions.is_empty() && self.sessions.iter().all(|session| session.secure)
    }

    /// When the user registered.
    #[must_use]
    pub fn signed_on(&self) -> Timestamp {
        self.signed_on
    }

    /// When the user last sent a PRIVMSG or NOTICE, or registered.
    #[must_use]
    pub fn last_active(&self) -> Timestamp {
        self.last_active
    }

    /// The channels that the user is in, in no order that means anything.
    #[must_use]
    pub fn channels(&self) -> &[ChannelId] {
        &self.channels
    }

    /// The channels that the user was invited to, oldest first; some may be gone.
    #[must_use]
    pub fn invitations(&self) -> &[ChannelId] {
        &self.invitations
    }

    /// Whether somebody may write to the user without an account although it is `R`.
    #[must_use]
    pub fn accepts(&self, other: UserId) -> bool {
        let accepted = self.accepted.as_ref();
        accepted.is_some_and(|accepted| accepted.0.contains(&other))
    }

    /// Whether the user was invited to a channel and has not used it yet.
    #[must_use]
    pub fn is_invited_to(&self, channel: ChannelId) -> bool {
        self.invitations.contains(&channel)
    }

    pub(crate) fn set_nick(&mut self, nick: &str) {
        self.prefix = format!("{nick}!{}@{}", self.username(), self.host()).into();
        self.nick_len = length(nick);
    }

    pub(crate) fn set_host(&mut self, host: &str) {
        self.prefix = format!("{}!{}@{host}", self.nick(), self.username()).into();
    }

    pub(crate) fn forget_invitation(&mut self, channel: ChannelId) {
        self.invitations.retain(|invited| *invited != channel);
    }

    /// Whether the lengths fall on the marks of the prefix, as a snapshot must show.
    pub(crate) fn is_well_formed(&self) -> bool {
        let (nick_end, username_end) = self.marks();
        let bytes = self.prefix.as_bytes();
        bytes.get(nick_end) == Some(&b'!') && bytes.get(username_end) == Some(&b'@')
    }

    /// Where the `!` and the `@` between the parts of the prefix are.
    fn marks(&self) -> (usize, usize) {
        let nick_end = self.nick_len as usize;
        (nick_end, nick_end + 1 + self.username_len as usize)
    }
}

/// Names are cut to [`Limits`](crate::Limits) before they come here.
fn length(name: &str) -> u32 {
    u32::try_from(name.len()).unwrap_or(u32::MAX)
}
