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
use chat_proto::sasl::scram::Keys;
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
            courier,
            letters: Hasher::new(),
            reader,
        }
    }

    /// The question for the keys with which a name is challenged, to be asked off the server's thread:
    /// those of its account, else keys of nobody. Those are made of the database's secret, so that
    /// they are the same on every server and at every time. Without a database nobody has keys.
    pub(crate) fn keys_of(
        &self,
        account: Option<AccountId>,
        name: &str,
    ) -> impl FnOnce() -> Result<Challenged, Unreadable> + Send + 'static {
        let secrets = account.map(|account| self.secrets_of(account));
        let (reader, name) = (self.reader.clone(), name.to_owned());
        move || {
            let secrets = secrets.map_or_else(|| Ok(Secrets::default()), |ask| ask())?;
            let secret = match reader {
                Some(reader) => reader.secret().map_err(|error| {
                    tracing::error!(%error, "the secret cannot be read");
                    Unreadable
                })?,
                None => Vec::new(),
            };
            let known = secrets.scram().cloned();
            Ok(Challenged {
                account: account.filter(|_| known.is_some()),
                keys: known.unwrap_or_else(|| Secrets::keys_of_nobody(&secret, &name)),
            })
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

/// With what a name is challenged, in an exchange of SCRAM.
#[derive(Debug)]
pub(crate) struct Challenged {
    /// The account; `None`: no proof will do.
    pub(crate) account: Option<AccountId>,
    /// Its keys, or keys of nobody.
    pub(crate) keys: Keys,
}

/// The secrets of an account are damaged, or the database fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Unreadable;
