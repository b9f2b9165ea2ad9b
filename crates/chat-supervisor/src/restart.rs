//! When a server that died is started again.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How a fleet answers to servers that die unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartPolicy {
    /// The pause before the first restart; it doubles with each further crash within the window.
    pub first: Duration,
    /// The longest pause.
    pub cap: Duration,
    /// So many crashes within the window and the server has failed: it is not started again by
    /// itself.
    pub crashes: usize,
    /// The window.
    pub within: Duration,
}

impl Default for RestartPolicy {
    /// 100 ms, 200 ms and so on up to 5 s; failed after five crashes in a minute.
    fn default() -> RestartPolicy {
        RestartPolicy {
            first: Duration::from_millis(100),
            cap: Duration::from_secs(5),
            crashes: 5,
            within: Duration::from_secs(60),
        }
    }
}

/// The recent crashes of one server.
#[derive(Debug, Default)]
pub(crate) struct Crashes {
    times: VecDeque<Instant>,
}

impl Crashes {
    /// Notes a crash: the pause until the restart, or `None` if it was one too many.
    pub(crate) fn note(&mut self, now: Instant, policy: &RestartPolicy) -> Option<Duration> {
        let recent = |time: &Instant| now.duration_since(*time) < policy.within;
        self.times.retain(recent);
        self.times.push_back(now);
        if self.times.len() >= policy.crashes {
            return None;
        }
        let doublings = u32::try_from(self.times.len() - 1).unwrap_or(u32::MAX);
        let factor = 2_u32.saturating_pow(doublings);
        Some(policy.first.saturating_mul(factor).min(policy.cap))
    }

    /// A person has looked at it: what was before does not count any more.
    pub(crate) fn forget(&mut self) {
        self.times.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_until_the_server_has_failed() {
        let policy = RestartPolicy::default();
        let mut crashes = Crashes::default();
        let now = Instant::now();
        let pauses: Vec<_> = (0..5).map(|_| crashes.note(now, &policy)).collect();
        let wait = |millis| Some(Duration::from_millis(millis));
        assert_eq!(pauses, [wait(100), wait(200), wait(400), wait(800), None]);
        crashes.forget();
        assert_eq!(crashes.note(now, &policy), wait(100));
    }

    #[test]
    fn old_crashes_are_forgiven_and_the_pause_has_a_cap() {
        let policy = RestartPolicy {
            crashes: 100,
            ..RestartPolicy::default()
        };
        let mut crashes = Crashes::default();
        let start = Instant::now();
        for _ in 0..40 {
            let _ = crashes.note(start, &policy);
        }
        assert_eq!(crashes.note(start, &policy), Some(policy.cap));
        let later = start + policy.within;
        assert_eq!(crashes.note(later, &policy), Some(policy.first));
    }
}
