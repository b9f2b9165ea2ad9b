//! Who somebody is, whatever the nick.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Account, AccountId, Network, User, UserId};

/// Who somebody is, whatever the nick: what a person's messages and conversations belong to.
///
/// Who is logged in is who the account is. Who has no account is known for one stay only. Whoever
/// takes the nick later is somebody else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Identity {
    /// Whoever is logged in to an account.
    Account(AccountId),
    /// One stay of somebody without an account.
    Stay(UserId),
}

impl fmt::Display for Identity {
    /// As storage keeps it: a letter for the kind and a number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => write!(f, "a{}", account.0),
            Self::Stay(user) => write!(f, "u{}", user.0),
        }
    }
}

impl FromStr for Identity {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |kind| text.strip_prefix(kind)?.parse().ok();
        let account = number('a').map(|number| Self::Account(AccountId(number)));
        let stay = || number('u').map(|number| Self::Stay(UserId(number)));
        account.or_else(stay).ok_or(())
    }
}

impl Network {
    /// Who is on under an identity; of several users with one account the one that has its nick.
    #[must_use]
    pub fn user_by_identity(&self, identity: Identity) -> Option<&User> {
        match identity {
            Identity::Account(account) => {
                let name = self.account(account).map(Account::name)?;
                self.user_by_nick(name)
                    .filter(|user| user.account() == Some(account))
                    .or_else(|| self.users_of_account(account).next())
            }
            Identity::Stay(user) => self.user(user),
        }
    }
}

impl User {
    /// Who this is, whatever the nick.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.account()
            .map_or(Identity::Stay(self.id()), Identity::Account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_stays_are_two_identities() {
        let text = |id| Identity::Stay(UserId(id)).to_string();
        assert_eq!(text(7), "u7");
        assert_eq!("u7".parse(), Ok(Identity::Stay(UserId(7))));
        assert_eq!("a7".parse(), Ok(Identity::Account(AccountId(7))));
        assert_eq!(Identity::Account(AccountId(7)).to_string(), "a7");
        for other in ["", "u", "7", "u-7", "x7", "s"] {
            assert_eq!(other.parse::<Identity>(), Err(()));
        }
        assert_ne!(text(7), text(77));
    }
}
