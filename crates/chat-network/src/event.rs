//! What has happened.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{
    AccountId, AccountSetting, AppliedChange, ChannelId, Configuration, Defcon, Identity,
    MemberPrefix, MessageId, MessageKind, MetadataChanges, MetadataOwner, NetworkBan, NewAccount,
    NewUser, Operator, Secrets, ServerId, SessionId, Tag, Timestamp, UserId, UserModes,
};

/// What happened. Names users and channels by id: every replica knows them at this position.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Event {
    /// A session became a user. The user's id is the position of the entry.
    Registered {
        /// The session.
        session: SessionId,
        /// Who.
        user: Box<NewUser>,
    },
    /// One more session of a user that is on already.
    SessionAttached {
        /// The session.
        session: SessionId,
        /// Whose it is now.
        user: UserId,
        /// It is secure (TLS) up to the edge.
        secure: bool,
        /// Nobody is at it, and why.
        away: Option<Arc<str>>,
        /// The fingerprint of its certificate, if any.
        certificate: Option<Arc<str>>,
        /// The host that it comes from.
        host: SmolStr,
    },
    /// A user has a new nick.
    NickChanged {
        /// Who.
        user: UserId,
        /// The new nick.
        nick: SmolStr,
    },
    /// A user entered a channel.
    Joined {
        /// Who.
        user: UserId,
        /// Where. Where it did not exist, its id is the position of the entry.
        channel: ChannelId,
        /// `Some(name)` where this join created the channel; the user is then its operator and the
        /// channel has the modes of a new one (n and t).
        created: Option<SmolStr>,
        /// The channel that the user wanted to enter and could not, which sends to this one (f).
        forwarded: Option<ChannelId>,
    },
    /// A user left a channel. The channel is gone if it was the last member.
    Parted {
        /// Who.
        user: UserId,
        /// Which channel.
        channel: ChannelId,
        /// Why, if said.
        reason: Option<Arc<str>>,
    },
    /// A session ended, and with it, if it was the last and the user does not stay on, its user left.
    Quit(Departure),
    /// Every session of a user was ended; the user has left with that, unless it stays on without.
    /// What the sessions still ask is answered by
    /// [`Rejection::NotRegistered`](crate::Rejection::NotRegistered).
    Disconnected {
        /// By whom.
        by: Actor,
        /// Who.
        user: UserId,
        /// Why, as the others see it.
        reason: Arc<str>,
    },
    /// A message to a channel or a user.
    Message {
        /// From whom.
        from: Actor,
        /// To whom.
        to: Recipient,
        /// PRIVMSG, NOTICE or TAGMSG.
        kind: MessageKind,
        /// The text.
        text: Arc<str>,
        /// Client-only tags.
        tags: Vec<Tag>,
    },
    /// The owner of an account has read so far.
    ReadMarked {
        /// Whose account.
        account: AccountId,
        /// Who told.
        user: UserId,
        /// The channel or nick, as it was told.
        target: SmolStr,
        /// When the last message that was read was sent.
        time: Timestamp,
    },
    /// What somebody has said is forgotten.
    PersonForgotten {
        /// Who.
        person: Identity,
    },
    /// All of a channel is forgotten.
    ChannelForgotten {
        /// Its name.
        channel: SmolStr,
    },
    /// A message was withdrawn.
    Redacted {
        /// By whom.
        by: Actor,
        /// Who is told: who got the message.
        to: Recipient,
        /// Which message.
        message: MessageId,
        /// Why, if said.
        reason: Option<Arc<str>>,
    },
    /// A channel has a new topic (empty: none).
    TopicSet {
        /// By whom.
        by: Actor,
        /// Which channel.
        channel: ChannelId,
        /// The topic.
        topic: Arc<str>,
    },
    /// A channel has another name, and begins anew under it.
    Renamed {
        /// By whom.
        by: Actor,
        /// Which.
        channel: ChannelId,
        /// The new name.
        name: SmolStr,
        /// Why, if said.
        reason: Option<Arc<str>>,
    },
    /// Somebody spoke in a channel for somebody from elsewhere.
    Relayed(Box<Relayed>),
    /// A user lets somebody write to it, or no more, whatever its mode `R`.
    Accepted {
        /// Who.
        user: UserId,
        /// Whom.
        other: UserId,
        /// May, or may no more.
        on: bool,
    },
    /// A user was removed from a channel.
    Kicked {
        /// By whom.
        by: Actor,
        /// Which channel.
        channel: ChannelId,
        /// Who was removed.
        user: UserId,
        /// Why.
        reason: Arc<str>,
    },
    /// A user was invited to a channel.
    Invited {
        /// By whom.
        by: UserId,
        /// Which channel.
        channel: ChannelId,
        /// Who was invited.
        user: UserId,
        /// An operator invited: the user may now join past i, k, l, R and bans, once.
        opens: bool,
    },
    /// A channel's modes changed.
    ChannelModes {
        /// By whom.
        by: Actor,
        /// Which channel.
        channel: ChannelId,
        /// What really changed; not empty.
        changes: Vec<AppliedChange>,
    },
    /// A user's own modes changed.
    UserModes {
        /// Who.
        user: UserId,
        /// Modes that are now set and were not.
        added: UserModes,
        /// Modes that are no longer set.
        removed: UserModes,
    },
    /// Nobody is at a session any more (`Some`), or again somebody is (`None`). The user is away
    /// while nobody is at any of its sessions.
    AwayChanged {
        /// Whose it is.
        user: UserId,
        /// The session.
        session: SessionId,
        /// The message.
        message: Option<Arc<str>>,
    },
    /// A user has a new real name.
    RealnameChanged {
        /// Who.
        user: UserId,
        /// The new real name.
        realname: SmolStr,
    },
    /// A user or a channel tells other things about itself.
    MetadataChanged {
        /// By whom.
        by: UserId,
        /// Whose it is.
        owner: MetadataOwner,
        /// What changed.
        changes: MetadataChanges,
        /// Everything was removed.
        cleared: bool,
    },
    /// A user rated the server of the session.
    Rated {
        /// Who.
        user: UserId,
        /// The session, whose [`SessionId::server`] is rated.
        session: SessionId,
        /// 1 to 5.
        stars: u8,
        /// What the same session had given before, which this replaces.
        previous: Option<u8>,
    },
    /// There is a new account. Its id is the position of the entry. An account of that name that
    /// was never verified is gone.
    AccountRegistered {
        /// Name, secrets, and whether it is verified. If it is, `user` is logged in to it.
        account: Box<NewAccount>,
        /// Who asked for it, if a user.
        user: Option<UserId>,
    },
    /// An account is verified.
    AccountVerified {
        /// Which.
        account: AccountId,
        /// Who is logged in to it with that, if a user.
        user: Option<UserId>,
    },
    /// A user logged in to an account.
    LoggedIn {
        /// Who.
        user: UserId,
        /// The account.
        account: AccountId,
    },
    /// A user logged out of its account.
    LoggedOut {
        /// Who.
        user: UserId,
    },
    /// An account has another password. The chat does not change.
    SecretsSet {
        /// Which.
        account: AccountId,
        /// What the password is held against.
        secrets: Secrets,
    },
    /// The owner of an account can be reached elsewhere. The chat does not change.
    EmailSet {
        /// Which.
        account: AccountId,
        /// The address.
        email: Option<SmolStr>,
    },
    /// An account's setting changed. A user that was on without a session and no longer stays on
    /// has left.
    AccountSettingChanged {
        /// Which.
        account: AccountId,
        /// The setting and its new value.
        setting: AccountSetting,
    },
    /// A client certificate logs in to an account, or no longer does.
    CertificateChanged {
        /// Which.
        account: AccountId,
        /// The certificate's fingerprint, in small letters.
        fingerprint: SmolStr,
        /// It logs in now.
        added: bool,
    },
    /// An account is gone. Its users are logged out (those without a session have left), its
    /// channels are no longer registered (those without a member are gone).
    AccountDropped {
        /// Which.
        account: AccountId,
    },
    /// An account is out of use; all its users have left.
    AccountSuspended {
        /// Which.
        account: AccountId,
        /// Why.
        reason: Arc<str>,
    },
    /// An account may be used again.
    AccountUnsuspended {
        /// Which.
        account: AccountId,
    },
    /// A channel is kept for an account now.
    ChannelRegistered {
        /// Which.
        channel: ChannelId,
        /// For which account.
        founder: AccountId,
    },
    /// A channel is kept no longer. It is gone if it has no member.
    ChannelDropped {
        /// Which.
        channel: ChannelId,
    },
    /// A channel is offered to another account (`None`: no longer to any).
    ChannelOffered {
        /// Which.
        channel: ChannelId,
        /// To which account.
        to: Option<AccountId>,
    },
    /// A channel has another founder.
    ChannelTransferred {
        /// Which.
        channel: ChannelId,
        /// The account of the new founder.
        founder: AccountId,
    },
    /// An account has another rank (or none) in a registered channel whenever it joins.
    AccessChanged {
        /// Which channel.
        channel: ChannelId,
        /// Which account.
        account: AccountId,
        /// The rank.
        prefix: Option<MemberPrefix>,
    },
    /// An operator has used a right.
    Operated {
        /// Who.
        by: UserId,
        /// The name that it was an operator under.
        operator: SmolStr,
        /// What came of it.
        effect: Box<Self>,
    },
    /// A user has become an operator; within [`Event::Operated`].
    OperatorEntered {
        /// Who.
        user: UserId,
        /// What it may do.
        operator: Box<Operator>,
    },
    /// An operator tells everybody something who wants to hear it (`w`); within
    /// [`Event::Operated`].
    Wallops {
        /// Who.
        by: UserId,
        /// The text.
        text: Arc<str>,
    },
    /// Someone is banned from the whole chat; within [`Event::Operated`].
    NetworkBanned {
        /// The ban; takes the place of one with the same mask.
        ban: Box<NetworkBan>,
    },
    /// A channel is closed: all have left it, it is not registered, and nobody makes one of that name;
    /// within [`Event::Operated`].
    ChannelPurged {
        /// The channel, if there was one.
        channel: Option<ChannelId>,
        /// What keeps it closed: its mask is the folded name.
        ban: Box<NetworkBan>,
    },
    /// Someone is banned no more; within [`Event::Operated`].
    NetworkUnbanned {
        /// The mask of the ban.
        mask: SmolStr,
    },
    /// The chat is guarded in another way; within [`Event::Operated`].
    DefconSet {
        /// How.
        defcon: Defcon,
    },
    /// The configuration is to be read again; within [`Event::Operated`]. [`Event::Configured`]
    /// follows.
    RehashAsked,
    /// The configuration was read again.
    Configured(Box<Configuration>),
    /// Others see another host of a user.
    HostChanged {
        /// Who.
        user: UserId,
        /// The host.
        host: SmolStr,
    },
    /// A server is gone; all sessions of that life of it, and the users left without a session that
    /// do not stay on.
    ServerLost {
        /// Which.
        server: ServerId,
        /// Which life.
        incarnation: u16,
        /// Why.
        reason: Arc<str>,
    },
}

/// A PRIVMSG to a channel in the name of somebody from elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Relayed {
    /// Who spoke for them.
    pub by: UserId,
    /// Where.
    pub channel: ChannelId,
    /// Their `nick!user@host`.
    pub prefix: SmolStr,
    /// The text.
    pub text: Arc<str>,
    /// `draft/relaymsg`, who relays; and client-only tags.
    pub tags: Vec<Tag>,
}

/// The end of a session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Departure {
    /// The session.
    pub session: SessionId,
    /// Its user.
    pub user: UserId,
    /// Why, as the others see it.
    pub reason: Arc<str>,
}

/// Who did something.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Actor {
    /// A user.
    User(UserId),
    /// A server, on the wire under the one name of the fleet.
    Server(ServerId),
}

/// To whom a message went.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Recipient {
    /// Everyone in a channel but the sending session.
    Channel(ChannelId),
    /// Who has that rank in a channel or a higher one, but for the sending session.
    Ranked(ChannelId, MemberPrefix),
    /// The half-operators of a channel and above, as if it were everyone: it is said by who has no
    /// rank where what such say is heard by them only (U).
    Moderated(ChannelId),
    /// All sessions of a user.
    User(UserId),
    /// Nobody: the owner of an account, who is not on. Nothing is said to who is not on, but what
    /// was said before may be withdrawn.
    Absent(AccountId),
}
