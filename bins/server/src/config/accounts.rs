//! `[accounts]`: how accounts come to be.

use serde::{Deserialize, Serialize};

use super::check::Wrong;

/// `[accounts]`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// Whether anybody may register an account; else only operators make them.
    pub registration: bool,
    /// Whether also who has not completed the connection may.
    pub before_connect: bool,
    /// Whether an address is needed, and the account waits until it is verified.
    pub require_email: bool,
    /// The program, and its arguments, that sends the code of a new account to its owner.
    pub verification_command: Vec<String>,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            registration: true,
            before_connect: false,
            require_email: false,
            verification_command: Vec::new(),
        }
    }
}

impl Accounts {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        let wrong = |key, problem| Err(("accounts", key, problem));
        if self.before_connect && !self.registration {
            return wrong(
                "before_connect",
                "expected false where registration is false",
            );
        }
        let command = &self.verification_command;
        if command.iter().any(|word| word.contains('\0'))
            || command
                .first()
                .is_some_and(|program| !program.starts_with('/'))
        {
            return wrong(
                "verification_command",
                "expected the full path of a program, and its arguments",
            );
        }
        if !command.is_empty() && !self.require_email {
            return wrong(
                "verification_command",
                "expected require_email = true with it",
            );
        }
        Ok(())
    }

    pub(super) fn server_config(&self) -> chat_server::config::Accounts {
        chat_server::config::Accounts {
            registration: self.registration,
            before_connect: self.before_connect,
            require_email: self.require_email,
        }
    }
}
