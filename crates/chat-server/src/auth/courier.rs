//! How the code that verifies a new account comes to its owner.

use std::fmt;

/// Brings codes to the owners of new accounts. What it does (a mail, a message) is decided by who
/// puts the server together; see [`Parts`](crate::Parts).
pub trait Courier: fmt::Debug + Send + Sync {
    /// Brings one letter. Called on a thread where it may wait; a few at a time.
    ///
    /// # Errors
    ///
    /// Why it could not be brought, for the log.
    fn bring(&self, letter: &Letter) -> Result<(), String>;
}

/// What is to be brought to whom.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// The name of the account.
    pub account: String,
    /// The address that its owner gave.
    pub email: String,
    /// What the owner has to send back: `VERIFY <account> <code>`.
    pub code: String,
}

/// The code is a secret.
impl fmt::Debug for Letter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Letter")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}
