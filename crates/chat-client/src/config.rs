//! What a client is told before it connects.

use std::fmt;
use std::time::Duration;

use chat_transport::{Endpoint, tls};
use smol_str::SmolStr;

use crate::sts::Policies;

/// Where to connect, as whom, and how patiently.
///
/// [`Config::new`] fills everything but the address and the nickname with values that suit a
/// person's client.
#[derive(Debug, Clone)]
pub struct Config {
    /// The server.
    pub endpoint: Endpoint,
    /// Which certificates are trusted, and the client's own; for endpoints with TLS.
    pub tls: tls::Client,
    /// The nickname wanted; when it is taken, variations of it are tried.
    pub nick: SmolStr,
    /// The user name (the part before the `@`); the nickname where `None`.
    pub username: Option<SmolStr>,
    /// The real name; the nickname where `None`.
    pub realname: Option<String>,
    /// Sent with PASS before anything else.
    pub password: Option<String>,
    /// The account to log in to. Where the server does not let us in, nothing else is tried.
    pub account: Option<Account>,
    /// The account to log in to by the certificate of `tls`, where no password is given.
    pub certificate_account: Option<SmolStr>,
    /// Servers that are spoken to over TLS only.
    pub policies: Policies,
    /// Channels to join after the first registration, each with its key if it has one.
    /// Later the channels that the client was on are joined again instead.
    pub channels: Vec<(SmolStr, Option<SmolStr>)>,
    /// Whether to connect again after a connection ended.
    pub reconnect: bool,
    /// How long to wait before connecting again.
    pub backoff: Backoff,
    /// How often the server is asked for a sign of life, which also measures the lag.
    pub ping_interval: Duration,
    /// How long nothing at all may come before the connection counts as dead.
    /// Must be longer than `ping_interval`, or a quiet link is cut for being quiet.
    pub dead_after: Duration,
    /// How long registration may take.
    pub registration_timeout: Duration,
}

/// An account and its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The name of the account.
    pub name: SmolStr,
    /// Its password. It goes over the wire as it is where the server has no SCRAM-SHA-256.
    pub password: String,
}

/// The password is never shown.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The waiting times between attempts to connect: doubling, between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Before the second attempt.
    pub first: Duration,
    /// Never longer than this.
    pub longest: Duration,
}

// === impl Config ===

impl Config {
    /// A configuration with everything but the address and the nickname at its default.
    #[must_use]
    pub fn new(endpoint: Endpoint, nick: impl Into<SmolStr>) -> Config {
        Config {
            endpoint,
            tls: tls::Client::default(),
            nick: nick.into(),
            username: None,
            realname: None,
            password: None,
            account: None,
            certificate_account: None,
            policies: Policies::in_memory(),
            channels: Vec::new(),
            reconnect: true,
            backoff: Backoff::default(),
            ping_interval: Duration::from_secs(30),
            dead_after: Duration::from_secs(75),
            registration_timeout: Duration::from_secs(30),
        }
    }
}

impl Config {
    /// Whether there is an account to log in to.
    pub(crate) fn logs_in(&self) -> bool {
        self.account.is_some() || self.certificate_account.is_some()
    }
}

// === impl Backoff ===

impl Backoff {
    /// How long to wait after `failures` attempts in a row that did not get as far as being
    /// registered. `spread` (any number) moves the time down by up to a quarter, so that the
    /// clients of a server that restarted do not all come back in the same moment.
    #[must_use]
    pub fn wait(&self, failures: u32, spread: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << failures.min(16));
        let wait = doubled.min(self.longest.max(self.first));
        wait - wait.mul_f64(f64::from(spread % 1000) / 4000.0)
    }
}

impl Default for Backoff {
    fn default() -> Backoff {
        Backoff {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_the_longest() {
        let backoff = Backoff::default();
        let waits: Vec<u64> = (0..9).map(|n| backoff.wait(n, 0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(backoff.wait(u32::MAX, 0), backoff.longest);
    }

    #[test]
    fn the_spread_only_shortens_and_by_a_quarter_at_most() {
        let backoff = Backoff::default();
        for spread in 0..2000 {
            let wait = backoff.wait(4, spread);
            assert!(wait <= Duration::from_secs(16) && wait >= Duration::from_secs(12));
        }
    }
}
