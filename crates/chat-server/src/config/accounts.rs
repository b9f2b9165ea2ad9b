//! Accounts.

use serde::{Deserialize, Serialize};

/// How accounts come to be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Accounts {
    /// Anybody may register an account; else only operators make them.
    pub registration: bool,
    /// Also who has not completed the connection. Without effect where a password is needed to
    /// enter.
    pub before_connect: bool,
    /// An address is needed, and the account waits until it is verified: with the code that the
    /// [`Courier`](crate::auth::Courier) brings, or by an operator.
    pub require_email: bool,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            registration: true,
            before_connect: false,
            require_email: false,
        }
    }
}
