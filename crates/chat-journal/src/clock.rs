//! The time that entries are stamped with.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use chat_network::Timestamp;

/// Where the sequencer has its time from. Steps back of the source are held at the latest time
/// that was given out, so that the entries' times never go back.
pub struct Clock {
    source: Box<dyn FnMut() -> Timestamp + Send>,
    latest: Timestamp,
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(|| {
            let since = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
        })
    }

    /// Another clock, as simulations and tests need it. It is read once per batch.
    pub fn from_fn(source: impl FnMut() -> Timestamp + Send + 'static) -> Self {
        Self {
            source: Box::new(source),
            latest: Timestamp::default(),
        }
    }

    pub(crate) fn now(&mut self) -> Timestamp {
        self.latest = self.latest.max((self.source)());
        self.latest
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock")
            .field("latest", &self.latest)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_goes_back_does_not_take_the_clock_with_it() {
        let mut source = [5, 9, 3, 10].into_iter();
        let mut clock = Clock::from_fn(move || Timestamp(source.next().unwrap()));
        let times: Vec<i64> = (0..4).map(|_| clock.now().0).collect();
        assert_eq!(times, [5, 9, 9, 10]);
    }
}
