//! Which lines of a buffer are drawn: building rows costs time, so it is a page of them.

use std::ops::Range;

/// Rows drawn at first.
const FIRST: u64 = 120;

/// How many are added at a time.
const STEP: u64 = 120;

/// How many lines are shown after one that was jumped to.
const CONTEXT: u64 = 10;

/// Never more than this many rows.
pub(super) const MAX: u64 = 500;

/// A window onto the lines of a buffer, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    /// One past the last line shown; `None` while it follows what is new.
    end: Option<u64>,
    rows: u64,
}

/// Where to scroll after the page has changed, as a fraction of the whole from its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Snap(pub(super) f32);

/// Where the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the newest row drawn.
    End,
    /// In between.
    Middle,
    /// At the oldest row drawn.
    Start,
}

impl Default for Page {
    fn default() -> Page {
        Page {
            end: None,
            rows: FIRST,
        }
    }
}

impl Page {
    /// Whether new lines are shown as they come.
    #[must_use]
    pub(super) fn follows(&self) -> bool {
        self.end.is_none()
    }

    /// The numbers to draw of a buffer that holds the `held` ones.
    #[must_use]
    pub(super) fn range(&self, held: &Range<u64>) -> Range<u64> {
        let end = self.end.unwrap_or(held.end);
        let end = end.clamp(held.start, held.end);
        end.saturating_sub(self.rows).max(held.start)..end
    }

    /// How many lines came after the page.
    #[must_use]
    pub(super) fn newer(&self, held: &Range<u64>) -> u64 {
        held.end - self.range(held).end
    }

    /// Shows the line with this number, a few of those after it, and what is before it. What is shown
    /// then is to be scrolled to its end.
    pub(super) fn jump(&mut self, number: u64, held: &Range<u64>) {
        self.end = Some((number + CONTEXT).clamp(held.start, held.end));
        self.rows = FIRST;
    }

    /// The last line shown has this number: what is shown has got other numbers.
    pub(super) fn ends_at(&mut self, number: u64) {
        self.end = Some(number + 1);
    }

    /// The reader has scrolled: the page grows or moves with them, and stands still while they
    /// read what is old.
    pub(super) fn scrolled(&mut self, place: Place, held: &Range<u64>) -> Option<Snap> {
        match place {
            Place::Middle => {
                self.end.get_or_insert(held.end);
                None
            }
            Place::End => self.forward(held),
            Place::Start => self.backward(held),
        }
    }

    fn forward(&mut self, held: &Range<u64>) -> Option<Snap> {
        let end = self.range(held).end;
        let moved = (held.end - end).min(MAX / 2);
        if end + moved == held.end {
            self.end = None;
            // Following again: no more rows than needed.
            self.rows = if moved == 0 {
                self.rows.min(FIRST)
            } else {
                MAX
            };
        } else {
            self.end = Some(end + moved);
            self.rows = MAX;
        }
        (moved > 0).then(|| Snap(fraction(moved, self.range(held))))
    }

    /// Shows what is before the lines shown, where there is something.
    pub(super) fn backward(&mut self, held: &Range<u64>) -> Option<Snap> {
        let range = self.range(held);
        self.end.get_or_insert(held.end);
        if range.start == held.start {
            return None;
        }
        if self.rows + STEP <= MAX {
            // Rows are added above; what is read stays where it is, counted from the end.
            self.rows += STEP;
            return None;
        }
        self.rows = MAX;
        let end = (range.start + MAX / 2).min(held.end);
        self.end = Some(end);
        let shown = self.range(held);
        Some(Snap(fraction(end - range.start, shown)))
    }
}

fn fraction(part: u64, of: Range<u64>) -> f32 {
    part as f32 / (of.end - of.start).max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_follows_until_one_scrolls_up() {
        let mut page = Page::default();
        assert_eq!(page.range(&(0..50)), 0..50);
        assert_eq!(page.range(&(0..1000)), 880..1000);
        assert_eq!(page.scrolled(Place::Middle, &(0..1000)), None);
        assert!(!page.follows());
        assert_eq!(page.range(&(0..1007)), 880..1000);
        assert_eq!(page.newer(&(0..1007)), 7);
        page.scrolled(Place::End, &(0..1007));
        assert!(page.follows());
        assert_eq!(page.newer(&(0..1007)), 0);
    }

    #[test]
    fn reading_back_grows_the_page_then_moves_it() {
        let held = 1000..6000;
        let mut page = Page::default();
        let mut seen = page.range(&held).start;
        for _ in 0..100 {
            page.scrolled(Place::Start, &held);
            let range = page.range(&held);
            assert!(
                range.start <= seen && range.end > seen,
                "no gap: {range:?} {seen}"
            );
            assert!(range.end - range.start <= MAX);
            seen = range.start;
        }
        assert_eq!(seen, 1000);
        for _ in 0..100 {
            page.scrolled(Place::End, &held);
        }
        assert!(page.follows());
    }

    proptest! {
        #[test]
        fn it_always_shows_a_bounded_part_of_what_is_held(
            moves in proptest::collection::vec((0u8..3, 0u64..700, 0u64..900), 0..40),
        ) {
            let (mut page, mut held) = (Page::default(), 0..10);
            for (place, come, gone) in moves {
                held.end += come;
                held.start = (held.start + gone).min(held.end);
                let place = [Place::End, Place::Middle, Place::Start][usize::from(place)];
                if let Some(Snap(at)) = page.scrolled(place, &held) {
                    prop_assert!((0.0..=1.0).contains(&at));
                }
                let range = page.range(&held);
                prop_assert!(range.start >= held.start && range.end <= held.end);
                prop_assert!(range.start <= range.end && range.end - range.start <= MAX);
            }
        }
    }
}
