//! Strict transport security ([STS](https://ircv3.net/specs/extensions/sts)): servers that want to be
//! spoken to over TLS only, and until when.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chat_transport::tls::{read_list, write_list};
use jiff::Timestamp;
use parking_lot::Mutex;

/// How many servers are remembered.
const MAX_POLICIES: usize = 4096;

/// No policy is longer than this: ten years.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The hosts that are spoken to over TLS only, each with the port and the time until which that
/// holds. Clones are the same list.
///
/// In a file there is one line for each host: its name, the port, and the time.
#[derive(Debug, Clone, Default)]
pub struct Policies(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    file: Option<PathBuf>,
    known: Mutex<BTreeMap<String, Policy>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Policy {
    port: u16,
    until: Timestamp,
}

/// What the value of the capability says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Told {
    pub(crate) port: Option<u16>,
    pub(crate) duration: Option<Duration>,
}

// === impl Told ===

impl Told {
    /// Reads `port=6697,duration=3600,…`; what is not known is passed over.
    pub(crate) fn parse(value: &str) -> Told {
        let mut told = Told::default();
        for token in value.split(',') {
            match token.split_once('=') {
                Some(("port", port)) => told.port = port.parse().ok().filter(|port| *port > 0),
                Some(("duration", seconds)) => {
                    let seconds = seconds.parse().ok();
                    told.duration = seconds.map(|s| Duration::from_secs(s).min(LONGEST));
                }
                _ => {}
            }
        }
        told
    }
}

// === impl Policies ===

impl Policies {
    /// Knows nothing yet, and nothing beyond the end of the program.
    #[must_use]
    pub fn in_memory() -> Policies {
        Policies::default()
    }

    /// What the file knows; a file that is not there is an empty list.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it is none: who relies on it must not be told that
    /// nothing is known.
    pub fn open(file: &Path) -> io::Result<Policies> {
        let known = read_list(file, "a host, a port and a time", |line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [host, port, until] = words[..] else {
                return None;
            };
            let (port, until) = (port.parse().ok()?, until.parse().ok()?);
            Some((host, Policy { port, until }))
        })?;
        Ok(Policies(Arc::new(Shared {
            file: Some(file.to_owned()),
            known: Mutex::new(known),
        })))
    }

    /// The port at which a host is spoken to over TLS, if it wants that now.
    #[must_use]
    pub fn port(&self, host: &str, now: Timestamp) -> Option<u16> {
        let known = self.0.known.lock();
        let policy = known.get(host).filter(|policy| policy.until > now);
        policy.map(|policy| policy.port)
    }

    /// A host wants it from now on for so long; for no time at all lifts it.
    ///
    /// # Errors
    /// The file cannot be written; until the end of the program it is remembered all the same.
    pub fn set(&self, host: &str, port: u16, duration: Duration, now: Timestamp) -> io::Result<()> {
        let mut known = self.0.known.lock();
        known.retain(|_, policy| policy.until > now);
        known.remove(host);
        if !duration.is_zero() {
            if known.len() >= MAX_POLICIES {
                return Err(io::Error::other("there are too many policies"));
            }
            let until = now.saturating_add(duration.min(LONGEST));
            let until = until.unwrap_or(Timestamp::MAX);
            known.insert(host.to_owned(), Policy { port, until });
        }
        let Some(file) = &self.0.file else {
            return Ok(());
        };
        let lines = known.iter().map(|(host, policy)| {
            let Policy { port, until } = policy;
            format!("{host} {port} {until:.0}")
        });
        write_list(file, lines)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_policy_holds_until_its_time_and_over_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/policies");
        let policies = Policies::open(&file).unwrap();
        let minute = Duration::from_secs(60);
        policies.set("one.example", 6697, minute, at(0)).unwrap();
        policies
            .set("two.example", 7000, 2 * minute, at(0))
            .unwrap();
        let again = Policies::open(&file).unwrap();
        for policies in [&policies, &again] {
            assert_eq!(policies.port("one.example", at(59)), Some(6697));
            assert_eq!(policies.port("one.example", at(60)), None);
            assert_eq!(policies.port("two.example", at(60)), Some(7000));
            assert_eq!(policies.port("three.example", at(0)), None);
        }
        again
            .set("two.example", 7000, Duration::ZERO, at(1))
            .unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text, "one.example 6697 1970-01-01T00:01:00Z\n");
    }

    #[test]
    fn a_damaged_file_is_an_error_and_not_an_empty_list() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policies");
        for text in [
            "host",
            "host port 1970-01-01T00:01:00Z",
            "host 1 later",
            "a 1 2 3",
        ] {
            fs::write(&file, text).unwrap();
            let error = Policies::open(&file).unwrap_err().to_string();
            assert!(error.contains("policies: line 1: expected"), "{error}");
        }
    }

    #[test]
    fn values_are_read_and_what_is_unknown_is_passed_over() {
        let told = Told::parse("port=6697,preload,duration=10,x=y");
        assert_eq!(told.port, Some(6697));
        assert_eq!(told.duration, Some(Duration::from_secs(10)));
        let huge = Told::parse(&format!("duration={}", u64::MAX));
        assert_eq!(huge.duration, Some(LONGEST));
        assert_eq!(Told::parse("port=70000,duration=-1"), Told::default());
    }
}
