//! How a person proves who they are: passwords and what is kept of them, the work of hashing off
//! the server's thread, and how often somebody may try.

mod courier;
mod hasher;
mod password;
pub(crate) mod random;
mod secrets;
mod throttle;

use std::sync::Arc;
use std::time::Duration;

use chat_network::AccountId;
use chat_store::Reader;

pub use courier::{Courier, Letter};
pub(crate) use hasher::{Busy, Hasher};
pub use password::{PASSWORD_MAX, PASSWORD_MIN, PasswordError, check_password};
pub(crate) use secrets::is_of_hash;
pub use secrets::{NotSecrets, Secrets, is_hash};
pub(crate) use throttle::{Attempts, Throttle, Wait};

/// Failed tries to log in from one host within a minute.
const FAILURES: u32 = 30;
/// New accounts of one host within ten minutes.
const REGISTRATIONS: u32 = 30;

/// What a server needs to check who somebody is.
#[derive(Debug)]
pub(crate) struct Auth {
    /// Off the server's thread.
    pub(crate) hasher: Hasher,
    /// Failed tries to log in, by host.
    pub(crate) failures: Throttle,
    /// New accounts, by host.
    pub(crate) registrations: Throttle,
    /// What keys of nobody are made of.
    pub(crate) seed: [u8; 32],
    /// Brings the codes that verify new accounts.
    pub(crate) courier: Option<Arc<dyn Courier>>,
    /// Where letters wait, so that no login waits behind one.
    pub(crate) letters: Hasher,
    reader: Option<Reader>,
}

/// Without a database: nobody has a password that could be checked.
impl Default for Auth {
    fn default() -> Self {
        Self::new(None, None)
    }
}

impl Auth {
    /// With the database that secrets are read from, and who brings codes, if somebody does.
    pub(crate) fn new(reader: Option<Reader>, courier: Option<Arc<dyn Courier>>) -> Self {
        Self {
            hasher: Hasher::new(),
            failures: Throttle::new(FAILURES, Duration::from_secs(60)),
            registrations: Throttle::new(REGISTRATIONS, Duration::from_secs(600)),
            seed: random::bytes(),
            courier,
            letters: Hasher::new(),
            reader,
        }
    }

    /// The question for the secrets of an account, to be asked off the server's thread: it waits
    /// for the disk.
    pub(crate) fn secrets_of(
        &self,
        account: AccountId,
    ) -> impl FnOnce() -> Result<Secrets, Unreadable> + Send + 'static {
        let reader = self.reader.clone();
        move || {
            let reader = reader.ok_or(Unreadable)?;
            let read = reader.secrets(account.0).map_err(|error| {
                tracing::error!(%error, "secrets cannot be read");
                Unreadable
            })?;
            let Some(bytes) = read else {
                return Ok(Secrets::default());
            };
            Secrets::from_bytes(&bytes).map_err(|error| {
                tracing::error!(account = account.0, %error);
                Unreadable
            })
        }
    }
}

/// The secrets of an account are damaged, or the database fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Unreadable;
