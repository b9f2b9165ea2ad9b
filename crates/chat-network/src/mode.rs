//! Modes of channels, of members and of users.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{MemberPrefix, Network, User, UserId};

/// A channel mode without parameter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ChannelFlag {
    /// `C`: no requests between programs (CTCP) but actions.
    NoCtcp,
    /// `M`: only who is logged in to an account, or has a rank, may speak.
    AccountsSpeak,
    /// `R`: only who is logged in to an account may join.
    AccountsJoin,
    /// `U`: what is said by who has no rank goes to half-operators and above only.
    OpModerated,
    /// `i`: only who is invited may join.
    InviteOnly,
    /// `m`: only voiced members and operators may speak.
    Moderated,
    /// `n`: no messages from outside.
    NoExternal,
    /// `s`: hidden from who is not in it.
    Secret,
    /// `t`: only half-operators and above may set the topic.
    TopicLock,
    /// `u`: who has no rank is seen only by those who have one.
    Auditorium,
}

impl ChannelFlag {
    /// All of them, in the order of their letters.
    pub const ALL: [Self; 10] = [
        Self::NoCtcp,
        Self::AccountsSpeak,
        Self::AccountsJoin,
        Self::OpModerated,
        Self::InviteOnly,
        Self::Moderated,
        Self::NoExternal,
        Self::Secret,
        Self::TopicLock,
        Self::Auditorium,
    ];

    /// The mode of a letter.
    #[must_use]
    pub fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.letter() == letter)
    }

    /// The mode's letter.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::NoCtcp => 'C',
            Self::AccountsSpeak => 'M',
            Self::AccountsJoin => 'R',
            Self::OpModerated => 'U',
            Self::InviteOnly => 'i',
            Self::Moderated => 'm',
            Self::NoExternal => 'n',
            Self::Secret => 's',
            Self::TopicLock => 't',
            Self::Auditorium => 'u',
        }
    }
}

/// A list of masks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ListKind {
    /// `b`: who may not join or speak.
    Ban,
    /// `e`: who may although banned.
    BanException,
    /// `I`: who may join an invite-only channel.
    InviteException,
}

impl ListKind {
    /// The mode's letter.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Ban => 'b',
            Self::BanException => 'e',
            Self::InviteException => 'I',
        }
    }
}

/// One wanted change of a channel's modes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ChannelModeChange {
    /// Set (`true`) or unset a flag.
    Flag(bool, ChannelFlag),
    /// `k`: set (`Some`) or remove the key.
    Key(Option<SmolStr>),
    /// `l`: set (`Some`) or remove the limit of members.
    Limit(Option<u32>),
    /// `f`: set (`Some`) or remove the channel that who cannot join is sent to.
    Forward(Option<SmolStr>),
    /// Add (`true`) or remove a mask.
    List(bool, ListKind, SmolStr),
    /// Give (`true`) or take a member's rank, by nick.
    Member(bool, MemberPrefix, SmolStr),
}

/// One change of a channel's modes that has happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AppliedChange {
    /// A flag was set (`true`) or unset.
    Flag(bool, ChannelFlag),
    /// The key was set or removed.
    Key(Option<SmolStr>),
    /// The limit was set or removed.
    Limit(Option<u32>),
    /// The channel that who cannot join is sent to was set or removed.
    Forward(Option<SmolStr>),
    /// A mask (in its full form) was added or removed.
    List(bool, ListKind, SmolStr),
    /// A member's rank was given or taken.
    Member(bool, MemberPrefix, UserId),
}

impl AppliedChange {
    /// Set or unset, the letter, and the parameter if there is one.
    #[must_use]
    pub fn parts(&self, network: &Network) -> (bool, char, Option<SmolStr>) {
        match self {
            Self::Flag(on, flag) => (*on, flag.letter(), None),
            Self::Key(Some(key)) => (true, 'k', Some(key.clone())),
            Self::Key(None) => (false, 'k', Some(SmolStr::new_static("*"))),
            Self::Limit(Some(limit)) => (true, 'l', Some(smol_str::format_smolstr!("{limit}"))),
            Self::Limit(None) => (false, 'l', None),
            Self::Forward(name) => (name.is_some(), 'f', name.clone()),
            Self::List(on, kind, mask) => (*on, kind.letter(), Some(mask.clone())),
            Self::Member(on, prefix, user) => {
                let nick = network.user(*user).map_or("*", User::nick);
                (*on, prefix.letter(), Some(SmolStr::new(nick)))
            }
        }
    }
}

/// A user's own modes, as a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct UserModes {
    /// `i`: not shown to who shares no channel.
    pub invisible: bool,
    /// `B`: a bot.
    pub bot: bool,
    /// `o`: an operator of the chat.
    pub operator: bool,
    /// `w`: wants to hear what operators tell everybody.
    pub wallops: bool,
    /// `R`: hears only those with an account, and those it has accepted.
    pub accounts_only: bool,
    /// `T`: no requests between programs (CTCP) but actions.
    pub no_ctcp: bool,
}

impl UserModes {
    /// These and those.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            invisible: self.invisible || other.invisible,
            bot: self.bot || other.bot,
            operator: self.operator || other.operator,
            wallops: self.wallops || other.wallops,
            accounts_only: self.accounts_only || other.accounts_only,
            no_ctcp: self.no_ctcp || other.no_ctcp,
        }
    }

    /// These but not those.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self {
            invisible: self.invisible && !other.invisible,
            bot: self.bot && !other.bot,
            operator: self.operator && !other.operator,
            wallops: self.wallops && !other.wallops,
            accounts_only: self.accounts_only && !other.accounts_only,
            no_ctcp: self.no_ctcp && !other.no_ctcp,
        }
    }
}

impl UserModes {
    /// The letters of the modes that outlive all sessions.
    pub(crate) fn letters(self) -> SmolStr {
        let all = [
            (self.bot, 'B'),
            (self.accounts_only, 'R'),
            (self.no_ctcp, 'T'),
            (self.invisible, 'i'),
            (self.wallops, 'w'),
        ];
        let set = all.into_iter().filter(|(on, _)| *on);
        set.map(|(_, letter)| letter).collect()
    }

    /// The modes of these letters; others mean nothing.
    pub(crate) fn from_letters(letters: &str) -> Self {
        Self {
            invisible: letters.contains('i'),
            bot: letters.contains('B'),
            operator: false,
            wallops: letters.contains('w'),
            accounts_only: letters.contains('R'),
            no_ctcp: letters.contains('T'),
        }
    }
}

/// One wanted change of a user's own modes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum UserModeChange {
    /// `i`.
    Invisible(bool),
    /// `B`.
    Bot(bool),
    /// `o`: can only be given up so; [`OperatorAction::Enter`](crate::OperatorAction::Enter) gives
    /// it.
    Operator(bool),
    /// `w`.
    Wallops(bool),
    /// `R`.
    AccountsOnly(bool),
    /// `T`.
    NoCtcp(bool),
}
