//! Stars: their sum and their number in one word, so that no reader sees one without the other and
//! no death leaves half a rating.

use std::ops::RangeInclusive;

/// The stars one may give.
const STARS: RangeInclusive<u8> = 1..=5;

/// The sum of all stars and how many gave them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Rating {
    pub(crate) sum: u32,
    pub(crate) count: u32,
}

impl Rating {
    /// From larger numbers; what does not fit is cut.
    pub(crate) fn new(sum: u64, count: u64) -> Self {
        let cut = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            sum: cut(sum),
            count: cut(count),
        }
    }

    /// With one rating more; or changed, if the same person rated before. `None` if the stars are
    /// not one to five: nothing is to be counted.
    pub(crate) fn rated(self, stars: u8, previous: Option<u8>) -> Option<Self> {
        if !STARS.contains(&stars) {
            return None;
        }
        let stars = u32::from(stars);
        match previous {
            Some(before) if STARS.contains(&before) && self.count > 0 => {
                let sum = self
                    .sum
                    .saturating_sub(u32::from(before))
                    .saturating_add(stars);
                Some(Self { sum, ..self })
            }
            // The average stays what it is once the numbers are full.
            _ => match (self.sum.checked_add(stars), self.count.checked_add(1)) {
                (Some(sum), Some(count)) => Some(Self { sum, count }),
                _ => Some(self),
            },
        }
    }

    /// The average, or 0 if there is no rating.
    pub(crate) fn average(sum: u64, count: u64) -> f64 {
        if count == 0 {
            0.0
        } else {
            sum as f64 / count as f64
        }
    }

    pub(crate) fn to_word(self) -> u64 {
        (u64::from(self.sum) << 32) | u64::from(self.count)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    pub(crate) fn from_word(word: u64) -> Self {
        Self {
            sum: (word >> 32) as u32,
            count: word as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_rating_of_one_person_replaces_the_first() {
        let one = Rating::default().rated(2, None).unwrap();
        assert_eq!(one.rated(5, Some(2)), Some(Rating { sum: 5, count: 1 }));
        assert_eq!(one.rated(5, None), Some(Rating { sum: 7, count: 2 }));
        // Rated before, but on a board that has forgotten it.
        assert_eq!(
            Rating::default().rated(4, Some(1)),
            Some(Rating { sum: 4, count: 1 })
        );
    }

    #[test]
    fn only_one_to_five_stars_count() {
        for stars in [0, 6, 255] {
            assert_eq!(Rating::default().rated(stars, None), None);
            assert_eq!(Rating { sum: 3, count: 1 }.rated(stars, Some(3)), None);
        }
    }

    #[test]
    fn full_numbers_stay() {
        for full in [
            Rating {
                sum: u32::MAX - 1,
                count: 9,
            },
            Rating {
                sum: 9,
                count: u32::MAX,
            },
        ] {
            assert_eq!(full.rated(5, None), Some(full));
        }
    }

    #[test]
    fn the_word_keeps_both() {
        let rating = Rating {
            sum: u32::MAX,
            count: 1,
        };
        assert_eq!(Rating::from_word(rating.to_word()), rating);
        assert_eq!(Rating::average(9, 2), 4.5);
        assert_eq!(Rating::average(9, 0), 0.0);
    }
}
