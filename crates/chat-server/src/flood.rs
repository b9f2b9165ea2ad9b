//! How fast a client may send: a bucket of lines.

use std::cell::Cell;

use crate::config::Flood;

/// What is left in one session's bucket, in thousandths of a line.
#[derive(Default)]
pub(crate) struct Bucket {
    /// Thousandths of a line that were taken and not yet refilled.
    taken: Cell<u64>,
    /// When that was reckoned, in milliseconds of the server's clock.
    at: Cell<u64>,
    /// Since when a line has had to wait each time the bucket was empty, plus one; 0: there was room.
    slowed: Cell<u64>,
}

impl Bucket {
    /// Takes one line out at a time in milliseconds. `Err(wait)`: there is none, ask again after
    /// so many milliseconds.
    pub(crate) fn take(&self, flood: Flood, now: u64) -> Result<(), u64> {
        let rate = u64::from(flood.rate.max(1));
        let burst = u64::from(flood.burst.max(1)) * 1000;
        // A line per second is a thousandth of a line per millisecond.
        let refilled = now.saturating_sub(self.at.get()).saturating_mul(rate);
        let taken = self.taken.get().saturating_sub(refilled);
        self.at.set(now);
        if taken + 1000 <= burst {
            self.taken.set(taken + 1000);
            if taken + 2000 <= burst {
                self.slowed.set(0);
            }
            return Ok(());
        }
        self.slowed.set(self.slowed_since(now) + 1);
        self.taken.set(taken);
        Err((taken + 1000 - burst).div_ceil(rate))
    }

    /// Since when, in milliseconds, there has been no room without waiting; `now` if there is.
    pub(crate) fn slowed_since(&self, now: u64) -> u64 {
        self.slowed.get().checked_sub(1).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const FLOOD: Flood = Flood {
        burst: 3,
        rate: 2,
        patience: Duration::from_secs(1),
    };

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let bucket = Bucket::default();
        let mut now = 10_000;
        for _ in 0..3 {
            assert_eq!(bucket.take(FLOOD, now), Ok(()));
        }
        let mut passed = 0;
        let start = now;
        while now < start + 10_000 {
            match bucket.take(FLOOD, now) {
                Ok(()) => passed += 1,
                Err(wait) => {
                    assert!((1..=500).contains(&wait), "{wait}");
                    now += wait;
                }
            }
        }
        assert_eq!(passed, 20 - 1);
    }

    #[test]
    fn who_never_stops_is_slowed_since_the_first_wait() {
        let bucket = Bucket::default();
        let mut now = 5_000;
        while bucket.take(FLOOD, now).is_ok() {}
        let since = now;
        for _ in 0..20 {
            assert_eq!(bucket.slowed_since(now), since);
            now += bucket.take(FLOOD, now).err().unwrap_or(0);
        }
        now += 10_000;
        bucket.take(FLOOD, now).unwrap();
        assert_eq!(bucket.slowed_since(now), now);
    }

    #[test]
    fn a_pause_fills_the_bucket_but_never_beyond_the_burst() {
        let bucket = Bucket::default();
        for _ in 0..3 {
            bucket.take(FLOOD, 0).unwrap();
        }
        for _ in 0..3 {
            assert_eq!(bucket.take(FLOOD, 1_000_000), Ok(()));
        }
        assert!(bucket.take(FLOOD, 1_000_000).is_err());
    }
}
