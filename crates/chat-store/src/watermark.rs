//! Which positions may have been seen.
//!
//! A position (the id of a message to its readers) must never be used twice, also after a crash,
//! although most entries of the journal leave no row. So positions are reserved in advance: a
//! transaction that comes near the end of what is reserved writes down a further step, and the
//! next life of the program starts after everything reserved.

/// How many positions are reserved at a time.
pub(crate) const STEP: u64 = 1_000_000;

/// With fewer left than this, the next transaction reserves more: even if the disk fails right
/// now, so many positions can still be given out safely.
pub(crate) const MARGIN: u64 = STEP / 2;

/// The highest position that fits the database.
const LAST: u64 = i64::MAX.unsigned_abs();

/// What the database says of positions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Watermark {
    /// The highest position committed.
    pub(crate) position: u64,
    /// The highest position reserved, durably.
    pub(crate) reserved: u64,
}

impl Watermark {
    /// The first position of a life that starts with this on record.
    pub(crate) fn first_free(self) -> u64 {
        self.reserved.max(self.position).saturating_add(1)
    }

    /// The first position of the life that has just reserved its first ones.
    pub(crate) fn first_of_life(self) -> u64 {
        self.position.saturating_add(1)
    }

    /// True where `position` may be seen without a word in the database.
    pub(crate) fn covers(self, position: u64) -> bool {
        position.saturating_add(MARGIN) <= self.reserved
    }

    /// What a transaction must write that makes `position` visible.
    pub(crate) fn advanced(self, position: u64) -> Self {
        let position = position.min(LAST).max(self.position);
        let reserved = if self.covers(position) {
            self.reserved
        } else {
            self.reserved.max(position.saturating_add(STEP).min(LAST))
        };
        Self { position, reserved }
    }

    /// What is written when everything is over in good order: nothing stays reserved.
    pub(crate) fn closed(self) -> Self {
        Self {
            position: self.position,
            reserved: self.position,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        /// The journal hands out this many positions, and asks that the last may be seen.
        Advance(u64),
        /// The same, but the disk fails: seen all the same while within what is reserved.
        Held(u64),
        Crash,
        Close,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => prop_oneof![1..100_u64, 1..3 * STEP].prop_map(Step::Advance),
            2 => prop_oneof![1..100_u64, 1..3 * STEP].prop_map(Step::Held),
            1 => Just(Step::Crash),
            1 => Just(Step::Close),
        ]
    }

    proptest! {
        /// Whatever happens, no life starts at a position that an earlier one let anyone see.
        #[test]
        fn no_position_is_ever_seen_twice(steps in proptest::collection::vec(step(), 1..60)) {
            let mut disk = Watermark { position: 0, reserved: 0 };
            let mut next = disk.first_free();
            disk = disk.advanced(disk.position.max(next - 1));
            let mut seen = 0;
            for step in steps {
                match step {
                    Step::Advance(count) => {
                        let last = next + count - 1;
                        if !disk.covers(last) {
                            disk = disk.advanced(last);
                        }
                        prop_assert!(last <= disk.reserved);
                        (seen, next) = (last, last + 1);
                    }
                    Step::Held(count) => {
                        let last = next + count - 1;
                        if last <= disk.reserved {
                            (seen, next) = (last, last + 1);
                        }
                    }
                    Step::Crash | Step::Close => {
                        if matches!(step, Step::Close) {
                            disk = disk.advanced(seen).closed();
                        }
                        let first = disk.first_free();
                        prop_assert!(first > seen, "first {first} after {seen}");
                        disk = disk.advanced(first - 1);
                        next = first;
                    }
                }
            }
        }
    }

    #[test]
    fn closing_leaves_no_gap() {
        let mark = Watermark {
            position: 0,
            reserved: 0,
        }
        .advanced(41);
        assert_eq!(mark.first_free(), 41 + STEP + 1);
        assert_eq!(mark.closed().first_free(), 42);
    }

    #[test]
    fn the_end_of_all_numbers_is_no_overflow() {
        let mark = Watermark {
            position: LAST - 1,
            reserved: LAST - 1,
        };
        assert_eq!(
            mark.advanced(u64::MAX),
            Watermark {
                position: LAST,
                reserved: LAST
            }
        );
        assert!(!mark.covers(u64::MAX));
    }
}
