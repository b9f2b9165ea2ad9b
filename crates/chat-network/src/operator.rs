//! What operators of the chat may do.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::{Action, ChannelModeChange, Defcon, UserModeChange};

/// Defines [`Right`] and its names from one table.
macro_rules! rights {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// One thing that an operator may be allowed to do.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum Right {
            $($(#[$doc])* $variant,)*
        }

        impl Right {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in the configuration and in refusals.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

rights! {
    /// End the sessions of others.
    Kill = "kill";
    /// Keep people out.
    Ban = "ban";
    /// Write to all who want to hear from operators.
    Wallops = "wallops";
    /// Enter any channel, or put others into it.
    Sajoin = "sajoin";
    /// Change the modes of any channel or user.
    Samode = "samode";
    /// Give others another host.
    Vhosts = "vhosts";
    /// Have the configuration read again.
    Rehash = "rehash";
    /// Restrict who may come.
    Defcon = "defcon";
    /// Change the accounts of others.
    Accounts = "accounts";
    /// Change registered channels of others.
    Channels = "channels";
    /// Change what is kept of the chat.
    History = "history";
    /// Change the metadata of others.
    Metadata = "metadata";
    /// Speak for others from elsewhere in any channel.
    Relaymsg = "relaymsg";
    /// Read what operators have done.
    Audit = "audit";
}

impl Right {
    /// The right of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|right| right.name() == name)
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of rights.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rights(u32);

impl Rights {
    /// No right.
    pub const NONE: Self = Self(0);

    /// All there are.
    #[must_use]
    pub fn all() -> Self {
        Right::ALL.iter().copied().collect()
    }

    /// Whether a right is among them.
    #[must_use]
    pub const fn has(self, right: Right) -> bool {
        self.0 & (1 << right as u8) != 0
    }

    /// These and those.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The rights, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Right> {
        let all = Right::ALL.iter().copied();
        all.filter(move |right| self.has(*right))
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        Self(
            rights
                .into_iter()
                .fold(0, |set, right| set | (1 << right as u8)),
        )
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// What a user who has become an operator is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Operator {
    /// The name that it was known by: what its acts are listed under.
    pub name: SmolStr,
    /// What WHOIS says of it, such as `is an IRC operator`; empty: that.
    pub title: SmolStr,
    /// What it may do.
    pub rights: Rights,
    /// The host that others see from then on, if it is another one.
    pub host: Option<SmolStr>,
    /// Only operators are told that it is one.
    pub hidden: bool,
}

/// What an operator asks, and how one becomes one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum OperatorAction {
    /// Become an operator. Whoever asks this in a session's name has checked who it is.
    Enter(Operator),
    /// End all sessions of a user.
    Kill {
        /// Whom.
        nick: SmolStr,
        /// Why; empty: not said.
        reason: Arc<str>,
    },
    /// Tell everybody something who wants to hear it.
    Wallops {
        /// The text.
        text: Arc<str>,
    },
    /// Put a user into a channel, whatever its modes.
    Join {
        /// Whom; `None`: oneself.
        nick: Option<SmolStr>,
        /// Where.
        channel: SmolStr,
    },
    /// Change a channel's modes as its founder could.
    ChannelModes {
        /// Which channel.
        channel: SmolStr,
        /// The wanted changes, in order.
        changes: Vec<ChannelModeChange>,
    },
    /// Change a user's own modes; to make operators of them is not possible so.
    UserModes {
        /// Whose.
        nick: SmolStr,
        /// The wanted changes, in order.
        changes: SmallVec<[UserModeChange; 4]>,
    },
    /// Keep people out of the whole chat.
    Ban {
        /// Whom: `nick!user@host`, or a part of it.
        mask: SmolStr,
        /// For how long, in seconds; `None`: until it is taken back.
        seconds: Option<u32>,
        /// Why; empty: not said.
        reason: Arc<str>,
    },
    /// Take such a ban back.
    Unban {
        /// Its mask.
        mask: SmolStr,
    },
    /// Guard the chat in another way.
    Defcon(Defcon),
    /// Give a user another host.
    Host {
        /// Whom.
        nick: SmolStr,
        /// The host.
        host: SmolStr,
    },
    /// Close a channel (`Some`: why): it ends, and nobody makes one of that name. Or (`None`) let it
    /// be made again.
    Purge {
        /// Its name.
        channel: SmolStr,
        /// Why; empty: not said.
        reason: Option<Arc<str>>,
    },
    /// Have the configuration read again.
    Rehash,
    /// Change an account or a registered channel of somebody else.
    Manage(Box<Action>),
}

impl OperatorAction {
    /// The right that it takes; `None`: none, as one becomes an operator by it.
    #[must_use]
    pub fn right(&self) -> Option<Right> {
        Some(match self {
            Self::Enter(_) => return None,
            Self::Kill { .. } => Right::Kill,
            Self::Wallops { .. } => Right::Wallops,
            Self::Join { .. } => Right::Sajoin,
            Self::ChannelModes { .. } | Self::UserModes { .. } => Right::Samode,
            Self::Manage(action) => match **action {
                Action::RegisterChannel { .. }
                | Action::DropChannel { .. }
                | Action::TransferChannel { .. }
                | Action::SetAccess { .. } => Right::Channels,
                _ => Right::Accounts,
            },
            Self::Purge { .. } => Right::Channels,
            Self::Ban { .. } | Self::Unban { .. } => Right::Ban,
            Self::Defcon(_) => Right::Defcon,
            Self::Host { .. } => Right::Vhosts,
            Self::Rehash => Right::Rehash,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_known_by_name_and_kept_apart() {
        for right in Right::ALL {
            assert_eq!(Right::parse(right.name()), Some(*right));
            let only = Rights::from_iter([*right]);
            assert!(only.has(*right));
            assert_eq!(only.iter().collect::<Vec<_>>(), [*right]);
            assert!(Rights::all().has(*right) && !Rights::NONE.has(*right));
        }
        assert_eq!(Right::parse("everything"), None);
    }
}
