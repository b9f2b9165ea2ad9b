//! Why a request was refused.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{MetadataRefusal, RedactRefusal, Right, Timestamp};

/// Why a request was refused; the server turns it into the numeric that IRC has for it (named in
/// brackets). Names are as the asker wrote them, or as the network has them where it knows them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// The request would change nothing; nothing needs to be said (a nick that one has, a channel
    /// that one is in).
    #[error("nothing to change")]
    NoChange,
    /// ERR_NOSUCHNICK (401).
    #[error("no such nick: {0}")]
    NoSuchNick(SmolStr),
    /// ERR_NOSUCHCHANNEL (403).
    #[error("no such channel: {0}")]
    NoSuchChannel(SmolStr),
    /// ERR_BADCHANMASK (476): not a valid channel name.
    #[error("not a channel name: {0}")]
    BadChannelName(SmolStr),
    /// ERR_NOSUCHCHANNEL (403): the name can be taken for that of another channel.
    #[error("too close to the name of another channel: {0}")]
    ConfusableChannelName(SmolStr),
    /// ERR_CANNOTSENDTOCHAN (404).
    #[error("cannot send to channel: {0}")]
    CannotSendToChannel(SmolStr),
    /// ERR_CANNOTSENDTOUSER (531): the user takes no requests between programs.
    #[error("cannot send to user: {0}")]
    CannotSendToUser(SmolStr),
    /// A channel cannot have another name.
    #[error("cannot rename {channel} to {wanted}")]
    Rename {
        /// The channel.
        channel: SmolStr,
        /// The wanted name.
        wanted: SmolStr,
        /// It is another channel's, or can be taken for it.
        in_use: bool,
    },
    /// ERR_NOSUCHCHANNEL (403): operators of the chat have closed it.
    #[error("channel is closed: {0}")]
    ChannelPurged(SmolStr),
    /// ERR_LINKCHANNEL (470), or a standard reply: the channel has another name now.
    #[error("{channel} is {to} now")]
    ChannelRenamed {
        /// The name that was asked for.
        channel: SmolStr,
        /// The present one.
        to: SmolStr,
    },
    /// Nothing is relayed.
    #[error("not relayed: {0:?}")]
    Relay(RelayRefusal),
    /// ERR_TOOMANYCHANNELS (405).
    #[error("too many channels: {0}")]
    TooManyChannels(SmolStr),
    /// ERR_ERRONEUSNICKNAME (432).
    #[error("not a nick: {0}")]
    ErroneousNick(SmolStr),
    /// ERR_NICKNAMEINUSE (433): it is another's, or can be taken for another's.
    #[error("nick in use: {0}")]
    NickInUse(SmolStr),
    /// ERR_NICKNAMEINUSE (433) where the nick belongs to an account of somebody else.
    #[error("nick reserved: {0}")]
    NickReserved(SmolStr),
    /// A user that stays on has the name of its account as its nick.
    #[error("the nick must be the name of the account: {0}")]
    NickMustBeAccount(SmolStr),
    /// ERR_USERNOTINCHANNEL (441).
    #[error("{nick} is not in {channel}")]
    UserNotInChannel {
        /// Who.
        nick: SmolStr,
        /// Where.
        channel: SmolStr,
    },
    /// ERR_NOTONCHANNEL (442).
    #[error("not in channel: {0}")]
    NotOnChannel(SmolStr),
    /// ERR_USERONCHANNEL (443).
    #[error("{nick} is already in {channel}")]
    UserOnChannel {
        /// Who.
        nick: SmolStr,
        /// Where.
        channel: SmolStr,
    },
    /// ERR_ALREADYREGISTERED (462).
    #[error("already registered")]
    AlreadyRegistered,
    /// ERR_NOTREGISTERED (451): the session is not (or no longer) a user's.
    #[error("not registered")]
    NotRegistered,
    /// ERR_CHANNELISFULL (471).
    #[error("channel is full: {0}")]
    ChannelIsFull(SmolStr),
    /// ERR_INVITEONLYCHAN (473).
    #[error("channel is invite-only: {0}")]
    InviteOnly(SmolStr),
    /// ERR_NEEDREGGEDNICK (477): the channel or the user is for those with an account only.
    #[error("an account is needed for: {0}")]
    AccountNeeded(SmolStr),
    /// ERR_BANNEDFROMCHAN (474).
    #[error("banned from channel: {0}")]
    Banned(SmolStr),
    /// ERR_BANNICKCHANGE (435): who is banned where they are may not slip out under a new nick.
    #[error("cannot change nick to {nick} while banned from {channel}")]
    BannedNickChange {
        /// The wanted nick.
        nick: SmolStr,
        /// Where the ban is.
        channel: SmolStr,
    },
    /// ERR_BADCHANNELKEY (475).
    #[error("wrong key for channel: {0}")]
    BadChannelKey(SmolStr),
    /// ERR_INVALIDMODEPARAM (696): a mask that cannot be one, or a limit of no members.
    #[error("not a parameter of mode {mode} of {channel}: {parameter}")]
    BadModeParameter {
        /// Where.
        channel: SmolStr,
        /// The mode's letter.
        mode: char,
        /// What was given.
        parameter: SmolStr,
    },
    /// ERR_BANLISTFULL (478).
    #[error("list of channel is full: {channel} {mode}")]
    ListFull {
        /// Where.
        channel: SmolStr,
        /// The list's mode letter.
        mode: char,
    },
    /// ERR_INVALIDKEY (525).
    #[error("not a key for channel: {0}")]
    InvalidKey(SmolStr),
    /// ERR_CHANOPRIVSNEEDED (482).
    #[error("not an operator of channel: {0}")]
    NotOperator(SmolStr),
    /// ERR_NOPRIVILEGES (481): only operators of the chat may.
    #[error("not an operator of the chat")]
    NotAnOperator,
    /// ERR_NOPRIVS (723): an operator without the right.
    #[error("an operator without the right {0}")]
    LacksRight(Right),
    /// The user is an operator already.
    #[error("an operator already")]
    AlreadyOperator,
    /// ERR_YOUREBANNEDCREEP (465): banned from the whole chat, and why.
    #[error("banned from the chat: {0}")]
    BannedFromChat(Arc<str>),
    /// The chat is guarded at the moment, so that this is not possible.
    #[error("the chat is guarded at the moment")]
    Guarded,
    /// Not a mask that people can be kept out by.
    #[error("not a mask: {0}")]
    BadMask(SmolStr),
    /// There is no such ban.
    #[error("no such ban: {0}")]
    NoSuchBan(SmolStr),
    /// Not a host that others can be shown.
    #[error("not a host: {0}")]
    BadHost(SmolStr),
    /// How far one has read is not changed.
    #[error("{target} is not marked as read")]
    NotMarked {
        /// Where.
        target: SmolStr,
        /// What is known; `None`: there is no account to know it for.
        known: Option<Timestamp>,
    },
    /// Metadata is not changed.
    #[error("{key} of {target} is not changed: {why:?}")]
    Metadata {
        /// Whose, as the asker wrote it.
        target: SmolStr,
        /// The key; `*`: all.
        key: SmolStr,
        /// Why not.
        why: MetadataRefusal,
    },
    /// A message is not withdrawn.
    #[error("{id} of {target} is not withdrawn: {why:?}")]
    Redact {
        /// Where.
        target: SmolStr,
        /// The id, as the asker wrote it.
        id: SmolStr,
        /// Why not.
        why: RedactRefusal,
    },
    /// A rating that is not 1 to 5.
    #[error("a rating is 1 to 5 stars")]
    BadRating,
    /// Storage fails and what may wait in memory is full: the message was not taken.
    #[error("cannot store the message now")]
    StorageFull,
    /// There is an account of that name, or a user of that nick who is not the asker.
    #[error("account exists: {0}")]
    AccountExists(SmolStr),
    /// What cannot be the name of an account.
    #[error("not a name for an account: {0}")]
    BadAccountName(SmolStr),
    /// There is no such account.
    #[error("no such account: {0}")]
    NoSuchAccount(SmolStr),
    /// The account is out of use.
    #[error("account suspended: {0}")]
    AccountSuspended(SmolStr),
    /// The account waits for its verification.
    #[error("account not verified: {0}")]
    AccountUnverified(SmolStr),
    /// ERR_SASLALREADY (907): the user is logged in.
    #[error("already logged in")]
    AlreadyLoggedIn,
    /// Only for who is logged in.
    #[error("not logged in")]
    NotLoggedIn,
    /// What cannot be a certificate's fingerprint.
    #[error("not a fingerprint: {0}")]
    BadFingerprint(SmolStr),
    /// The certificate logs in to an account already.
    #[error("fingerprint in use: {0}")]
    FingerprintInUse(SmolStr),
    /// More of something than [`Limits`](crate::Limits) permits: accounts, certificates of an
    /// account, channels of an account, accounts in an access list.
    #[error("too many {0}")]
    TooMany(SmolStr),
    /// The channel is registered already.
    #[error("channel is registered: {0}")]
    ChannelRegistered(SmolStr),
    /// The channel is not registered.
    #[error("channel is not registered: {0}")]
    ChannelNotRegistered(SmolStr),
    /// Only for the founder of the channel (and operators).
    #[error("not the founder of channel: {0}")]
    NotFounder(SmolStr),
    /// The channel is not offered to the asker's account.
    #[error("channel is not offered: {0}")]
    NotOffered(SmolStr),
    /// Only a server or an operator may ask this.
    #[error("not permitted")]
    NotPermitted,
}

/// Why nothing is relayed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum RelayRefusal {
    /// Only operators of the channel, or of the chat, may.
    NotPermitted,
    /// It is no nick from elsewhere.
    Nick,
    /// The nick is muted there.
    Muted,
}
