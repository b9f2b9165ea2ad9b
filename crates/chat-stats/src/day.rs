//! Days, and the word on the board that says which one is being counted.

use std::fmt;

/// A calendar day, local time. The number types are those of calendar libraries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day {
    /// The year; those before 1 count as no day.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
    /// 1 to 31.
    pub day: i8,
}

impl fmt::Display for Day {
    /// As `2024-02-29`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The day that is being counted, and how often the day was changed. The latter also says which of
/// the two bases in each slot are in use, so that storing this one word switches all slots over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct DayWord(pub(crate) u64);

impl DayWord {
    /// The day, unless none has been set.
    pub(crate) fn day(self) -> Option<Day> {
        let [date @ .., _, _, _, _] = self.0.to_le_bytes();
        let [day, month, low, high] = date;
        let year = i16::from_le_bytes([low, high]);
        (date != [0; 4]).then(|| Day {
            year,
            month: month.cast_signed(),
            day: day.cast_signed(),
        })
    }

    /// Which of the two bases counts: 0 or 1.
    pub(crate) fn parity(self) -> usize {
        usize::from(self.0 & (1 << 32) != 0)
    }

    /// The word for a change to `day`; the parity is the other one.
    pub(crate) fn next(self, day: Day) -> Self {
        let [low, high] = day.year.to_le_bytes();
        let date = u32::from_le_bytes([
            day.day.cast_unsigned(),
            day.month.cast_unsigned(),
            low,
            high,
        ]);
        let changes = (self.0 >> 32).wrapping_add(1) << 32;
        Self(changes | u64::from(date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_keeps_day_and_parity() {
        let mut word = DayWord(0);
        assert_eq!((word.day(), word.parity()), (None, 0));
        for (changes, year) in [1, 1999, 2024, i16::MAX].into_iter().enumerate() {
            let day = Day {
                year,
                month: 12,
                day: 31,
            };
            word = word.next(day);
            assert_eq!((word.day(), word.parity()), (Some(day), (changes + 1) % 2));
        }
        let day = Day {
            year: 2024,
            month: 1,
            day: 1,
        };
        assert_eq!(DayWord(u64::MAX).next(day).parity(), 0);
    }

    #[test]
    fn days_are_in_order_and_read_well() {
        let day = |year, month, day| Day { year, month, day };
        assert!(day(2024, 1, 31) < day(2024, 2, 1));
        assert!(day(2023, 12, 31) < day(2024, 1, 1));
        assert_eq!(day(2024, 2, 9).to_string(), "2024-02-09");
    }
}
