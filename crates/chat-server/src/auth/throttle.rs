//! How often somebody may try.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use hashbrown::HashMap;
use smol_str::SmolStr;
use tokio::time::Instant;

/// So long is to be waited before the next try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Wait(pub(crate) Duration);

impl Wait {
    /// In whole seconds, at least one.
    pub(crate) fn seconds(self) -> u64 {
        self.0
            .as_millis()
            .div_ceil(1000)
            .max(1)
            .try_into()
            .unwrap_or(u64::MAX)
    }
}

/// The tries of one within a span of time.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Attempts {
    since: Option<Instant>,
    count: u32,
}

impl Attempts {
    /// One more, if there have been fewer than `most` within the last `span`.
    pub(crate) fn take(&mut self, most: u32, span: Duration) -> Result<(), Wait> {
        self.check(most, span)?;
        self.count += 1;
        Ok(())
    }

    /// Whether there may be one more; counts nothing.
    pub(crate) fn check(&mut self, most: u32, span: Duration) -> Result<(), Wait> {
        let now = Instant::now();
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since);
        if passed >= span {
            *self = Self {
                since: Some(now),
                count: 0,
            };
        } else if self.count >= most {
            return Err(Wait(span - passed));
        }
        Ok(())
    }

    /// Whether the span is over.
    fn is_over(&self, span: Duration) -> bool {
        self.since.is_none_or(|since| since.elapsed() >= span)
    }
}

/// The tries of many, by name.
///
/// At most [`NAMES`] are remembered at a time. Where all of them have tried lately, one more is not
/// counted: it takes that many hosts to get there, and each connection has its own bound.
#[derive(Debug)]
pub(crate) struct Throttle {
    most: u32,
    span: Duration,
    tries: RefCell<HashMap<SmolStr, Attempts>>,
    /// When what is over was thrown away last.
    swept: Cell<Option<Instant>>,
}

/// Names of one throttle.
const NAMES: usize = 10_000;

impl Throttle {
    /// `most` tries of each name within `span`.
    pub(crate) fn new(most: u32, span: Duration) -> Self {
        Self {
            most,
            span,
            tries: RefCell::default(),
            swept: Cell::default(),
        }
    }

    /// Whether a name may try; counts nothing.
    pub(crate) fn check(&self, name: &str) -> Result<(), Wait> {
        match self.tries.borrow_mut().get_mut(name) {
            Some(attempts) => attempts.check(self.most, self.span),
            None => Ok(()),
        }
    }

    /// A name has tried.
    pub(crate) fn count(&self, name: &str) {
        let mut tries = self.tries.borrow_mut();
        if tries.len() >= NAMES && !tries.contains_key(name) {
            // Not for every name: it looks at all of them.
            let swept = self.swept.get();
            if swept.is_some_and(|swept| swept.elapsed() < self.span / 10) {
                return;
            }
            self.swept.set(Some(Instant::now()));
            tries.retain(|_, attempts| !attempts.is_over(self.span));
            if tries.len() >= NAMES {
                return;
            }
        }
        let attempts = tries.entry_ref(name).or_default();
        // At the bound it stays at the bound.
        let _ = attempts.take(self.most, self.span);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const SPAN: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn so_many_tries_then_a_wait() {
        let mut attempts = Attempts::default();
        for _ in 0..3 {
            assert_eq!(attempts.take(3, SPAN), Ok(()));
            advance(Duration::from_secs(10)).await;
        }
        assert_eq!(attempts.take(3, SPAN), Err(Wait(Duration::from_secs(30))));
        advance(Duration::from_secs(30)).await;
        assert_eq!(attempts.take(3, SPAN), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn names_are_counted_apart_and_forgotten_in_time() {
        let throttle = Throttle::new(2, SPAN);
        throttle.count("a");
        throttle.count("a");
        throttle.count("a");
        assert_eq!(throttle.check("a"), Err(Wait(SPAN)));
        assert_eq!(throttle.check("b"), Ok(()));
        for name in 0..2 * NAMES {
            throttle.count(&name.to_string());
        }
        assert_eq!(throttle.tries.borrow().len(), NAMES);
        assert_eq!(throttle.check("a"), Err(Wait(SPAN)));
        advance(SPAN).await;
        throttle.count("c");
        assert_eq!(throttle.tries.borrow().len(), 1);
        assert_eq!(throttle.check("a"), Ok(()));
    }

    #[test]
    fn a_wait_is_told_in_whole_seconds() {
        assert_eq!(Wait(Duration::from_millis(1001)).seconds(), 2);
        assert_eq!(Wait(Duration::ZERO).seconds(), 1);
    }
}
