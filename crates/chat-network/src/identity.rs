//! Who somebody is, whatever the nick.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Network, User, UserId};

/// Who somebody is, whatever the nick: what a person's messages and conversations belong to.
///
/// Who has no account is known for one stay only. Whoever takes the nick later is somebody else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Identity {
    /// One stay of somebody without an account.
    Stay(UserId),
}

impl fmt::Display for Identity {
    /// As storage keeps it: a letter for the kind and a number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stay(user) => write!(f, "u{}", user.0),
        }
    }
}

impl FromStr for Identity {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = text
            .strip_prefix('u')
            .and_then(|number| number.parse().ok());
        number.map(|number| Self::Stay(UserId(number))).ok_or(())
    }
}

impl Network {
    /// Who is on under an identity.
    #[must_use]
    pub fn user_by_identity(&self, identity: Identity) -> Option<&User> {
        match identity {
            Identity::Stay(user) => self.user(user),
        }
    }
}

impl User {
    /// Who this is, whatever the nick.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity::Stay(self.id())
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
        for other in ["", "u", "7", "u-7", "x7", "s"] {
            assert_eq!(other.parse::<Identity>(), Err(()));
        }
        assert_ne!(text(7), text(77));
    }
}
