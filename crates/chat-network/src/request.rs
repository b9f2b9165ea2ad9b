//! What a client, a server or the operator asks of the network.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::{
    AccountId, AccountSetting, ChannelModeChange, Configuration, MemberPrefix, MetadataWish,
    NewAccount, OperatorAction, Redaction, Secrets, ServerId, SessionId, Timestamp, UserModeChange,
};

/// One wish to change the chat, on its way to the sequencer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Who asks, and who gets the answer.
    pub origin: Origin,
    /// What is asked.
    pub action: Action,
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Origin {
    /// A client's connection. Each of its requests is answered by exactly one delivery to the
    /// server of that session: an entry with this origin, or a rejection.
    Session(SessionId),
    /// A server or whoever operates it (the embedding program, the sequencer itself).
    Server(ServerId),
    /// Who operates the chat, over a link of its own (the command line). Named like a session of
    /// the sequencer's side ([`ServerId::HUB`]) with the number of that link as its life. Each
    /// request is answered as one of a session is.
    Operator(SessionId),
}

/// What is asked. Names are as the client wrote them; deciding folds and checks them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Action {
    /// A session becomes a user (NICK and USER are complete), or one more session of the user that
    /// is on under that nick with the same account.
    Register(Box<NewUser>),
    /// Change the nick.
    Nick {
        /// The new nick.
        nick: SmolStr,
    },
    /// Enter a channel, creating it if it does not exist.
    Join {
        /// The channel's name.
        channel: SmolStr,
        /// The key given, if any.
        key: Option<SmolStr>,
    },
    /// Leave a channel.
    Part {
        /// The channel's name.
        channel: SmolStr,
        /// Why, if the client said.
        reason: Option<Arc<str>>,
    },
    /// The session ends: QUIT, or its connection broke.
    Quit {
        /// Why, as the others will see it.
        reason: Arc<str>,
    },
    /// PRIVMSG, NOTICE or TAGMSG to one target. From [`Origin::Server`]: by the server itself.
    Message {
        /// Which of the three.
        kind: MessageKind,
        /// A channel's name or a nick.
        target: SmolStr,
        /// The text; empty for TAGMSG only.
        text: Arc<str>,
        /// Client-only tags (`+name`) to be relayed.
        tags: Vec<Tag>,
    },
    /// Set or clear (empty) a topic.
    Topic {
        /// The channel's name.
        channel: SmolStr,
        /// The new topic.
        topic: Arc<str>,
    },
    /// Give a channel another name.
    Rename {
        /// The channel's name.
        channel: SmolStr,
        /// The new one.
        wanted: SmolStr,
        /// Why, if said.
        reason: Option<Arc<str>>,
    },
    /// Speak in a channel for somebody from elsewhere.
    Relay(Box<Relay>),
    /// Let somebody write to one, or no more, although one hears those with an account only.
    Accept {
        /// Whom.
        nick: SmolStr,
        /// May, or may no more.
        on: bool,
    },
    /// Remove someone from a channel.
    Kick {
        /// The channel's name.
        channel: SmolStr,
        /// Whom.
        nick: SmolStr,
        /// Why.
        reason: Arc<str>,
    },
    /// Invite someone to a channel.
    Invite {
        /// The channel's name.
        channel: SmolStr,
        /// Whom.
        nick: SmolStr,
    },
    /// Change a channel's modes, all of them or (where one is not possible) those that are.
    ChannelModes {
        /// The channel's name.
        channel: SmolStr,
        /// The wanted changes, in order.
        changes: Vec<ChannelModeChange>,
    },
    /// Change the user's own modes.
    UserModes {
        /// The wanted changes, in order.
        changes: SmallVec<[UserModeChange; 4]>,
    },
    /// Nobody is at the session any more (`Some`), or again somebody is (`None`).
    Away {
        /// The message for those who ask; `*`: it is not said why.
        message: Option<Arc<str>>,
    },
    /// Take another real name.
    Realname {
        /// The new real name.
        realname: SmolStr,
    },
    /// Become an operator of the chat, or do what only operators may.
    Operate(Box<OperatorAction>),
    /// Tell how far one has read a channel, or what a person wrote.
    MarkRead {
        /// The channel or nick.
        target: SmolStr,
        /// When the last message that was read was sent.
        time: Timestamp,
    },
    /// Only from [`Origin::Operator`]: forget what the owner of an account has said, or all of a
    /// channel.
    Forget(Forget),
    /// Withdraw a message.
    Redact(Box<Redaction>),
    /// Change what a user or a channel tells about itself.
    Metadata(Box<MetadataWish>),
    /// Rate the service of the server that the session is on, 1 to 5 stars.
    Rate {
        /// The stars, as sent; deciding refuses what is not 1 to 5.
        stars: u8,
    },
    /// Create an account. A session of a user is logged in to it if it is verified; a session that
    /// is not a user's yet may ask too, and logs in when it registers.
    RegisterAccount(Box<NewAccount>),
    /// The owner of a new account is reachable: its server has checked the code. Logs in the user
    /// of the session, if it is one's.
    VerifyAccount {
        /// The account's name.
        account: SmolStr,
    },
    /// The user of the session is that account: its server has checked the password.
    Login {
        /// The account.
        account: AccountId,
    },
    /// The user of the session is no account any more.
    Logout,
    /// Another password.
    SetSecrets {
        /// The account's name; `None`: the session's own.
        account: Option<SmolStr>,
        /// What the password will be held against.
        secrets: Secrets,
    },
    /// Change a setting of an account.
    SetAccountSetting {
        /// The account's name; `None`: the session's own.
        account: Option<SmolStr>,
        /// The setting and its new value.
        setting: AccountSetting,
    },
    /// Let a client certificate log in to an account.
    AddCertificate {
        /// The account's name; `None`: the session's own.
        account: Option<SmolStr>,
        /// The certificate's fingerprint: SHA-256, 64 hexadecimal digits.
        fingerprint: SmolStr,
    },
    /// Let a client certificate log in no more.
    RemoveCertificate {
        /// The account's name; `None`: the session's own.
        account: Option<SmolStr>,
        /// The certificate's fingerprint.
        fingerprint: SmolStr,
    },
    /// The end of an account: its users are logged out, its channels are no longer registered.
    DropAccount {
        /// The account's name; `None`: the session's own.
        account: Option<SmolStr>,
    },
    /// Take an account out of use: its users leave, and nobody logs in. For operators.
    SuspendAccount {
        /// The account's name.
        account: SmolStr,
        /// Why.
        reason: Arc<str>,
    },
    /// An account may be used again. For operators.
    UnsuspendAccount {
        /// The account's name.
        account: SmolStr,
    },
    /// End the sessions of whoever has a nick that is the session's own account's, or that is
    /// logged in to it; not the user of the session itself.
    Ghost {
        /// The nick.
        nick: SmolStr,
        /// Why, as the others will see it.
        reason: Arc<str>,
    },
    /// Keep a channel for the account of who asks, who must be its operator; from an operator: for
    /// the account that is named.
    RegisterChannel {
        /// The channel's name.
        channel: SmolStr,
        /// The founder's account; `None`: the session's own.
        founder: Option<SmolStr>,
    },
    /// A channel is no longer kept. By its founder, or an operator.
    DropChannel {
        /// The channel's name.
        channel: SmolStr,
    },
    /// A channel gets another founder: its founder offers it (to itself: takes an offer back), an
    /// operator gives it.
    TransferChannel {
        /// The channel's name.
        channel: SmolStr,
        /// The account of the new founder.
        to: SmolStr,
    },
    /// Take a channel that is offered to the asker's account.
    AcceptChannel {
        /// The channel's name.
        channel: SmolStr,
    },
    /// Where the owner of the session's account can be reached.
    SetEmail {
        /// The address; `None`: nowhere any more. For the database only.
        email: Option<SmolStr>,
    },
    /// Give an account a rank in a registered channel whenever it joins (AMODE), or no longer.
    SetAccess {
        /// The channel's name.
        channel: SmolStr,
        /// The account's name.
        account: SmolStr,
        /// The rank; `None`: none any more.
        prefix: Option<MemberPrefix>,
    },
    /// Give who asks the rank that is kept for its account in a registered channel, or (for the
    /// founder) make somebody else an operator of it.
    GrantRank {
        /// The channel's name.
        channel: SmolStr,
        /// Whom to make an operator; `None`: who asks gets its own rank.
        nick: Option<SmolStr>,
    },
    /// From [`Origin::Server`] and [`Origin::Operator`]: end every session of a user.
    Disconnect {
        /// Whom.
        nick: SmolStr,
        /// Why.
        reason: Arc<str>,
    },
    /// Nothing, and so it is refused: after everything that was asked before has been answered.
    Nothing,
    /// Only from [`Origin::Server`] of the sequencer: the configuration was read again.
    Configure(Box<Configuration>),
    /// Only from [`Origin::Server`] of the sequencer: a server is gone, with all its sessions.
    ServerLost {
        /// Which.
        server: ServerId,
        /// Which life of it.
        incarnation: u16,
        /// Why, as the others will see it in the QUIT of its users.
        reason: Arc<str>,
    },
}

/// What is to be forgotten.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Forget {
    /// What the owner of this account has said, everywhere.
    Account(SmolStr),
    /// All that was said and happened in a channel of this name, whether there is one now or not.
    Channel(SmolStr),
}

/// What is said for somebody from elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Relay {
    /// The channel's name.
    pub channel: SmolStr,
    /// The nick from elsewhere.
    pub nick: SmolStr,
    /// The text.
    pub text: Arc<str>,
    /// Client-only tags.
    pub tags: Vec<Tag>,
}

/// What a registration brings.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NewUser {
    /// The wanted nick.
    pub nick: SmolStr,
    /// The user name (`~name` where it is not verified, as is usual).
    pub username: SmolStr,
    /// The host as others see it.
    pub host: SmolStr,
    /// The real name.
    pub realname: SmolStr,
    /// The connection is secure (TLS) up to the edge.
    pub secure: bool,
    /// The fingerprint of the certificate that the client has proved to hold, if any.
    pub certificate: Option<Arc<str>>,
    /// The account that its server has verified it to be.
    pub account: Option<AccountId>,
    /// Nobody is at it, and why (`*`: not said): it said so before it was complete.
    pub away: Option<Arc<str>>,
}

/// PRIVMSG, NOTICE or TAGMSG.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum MessageKind {
    /// PRIVMSG.
    Privmsg,
    /// NOTICE.
    Notice,
    /// TAGMSG: tags only; never stored.
    Tagmsg,
}

/// A client-only tag, unescaped.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tag {
    /// The name with its `+`.
    pub name: SmolStr,
    /// The value; an absent and an empty value are the same.
    pub value: SmolStr,
}
