//! What has happened.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::{
    AppliedChange, ChannelId, MemberPrefix, MessageKind, NewUser, Origin, ServerId, SessionId,
    Stamp, Tag, UserId, UserModes,
};

/// An event in its place in the order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Position and time.
    pub stamp: Stamp,
    /// Whose request led to it.
    pub origin: Origin,
    /// What happened.
    pub event: Event,
}

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
    /// A session ended, and with it (it was the last) its user left.
    Quit(Departure),
    /// A server ended every session of a user, who has left with that. What the sessions still ask
    /// is answered by [`Rejection::NotRegistered`](crate::Rejection::NotRegistered).
    Disconnected {
        /// Which server (or its operator).
        by: ServerId,
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
        tags: SmallVec<[Tag; 2]>,
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
    /// A user went away (`Some`) or came back (`None`).
    AwayChanged {
        /// Who.
        user: UserId,
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
    /// A server is gone; all sessions of that life of it, and the users left without a session.
    ServerLost {
        /// Which.
        server: ServerId,
        /// Which life.
        incarnation: u16,
        /// Why.
        reason: Arc<str>,
    },
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
    /// All sessions of a user.
    User(UserId),
}
