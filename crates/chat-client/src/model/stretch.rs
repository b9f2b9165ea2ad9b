//! A run of lines without a hole, in the order of time, and what is known of what lies beyond it.

use std::collections::{HashSet, VecDeque};

use jiff::Timestamp;
use smol_str::SmolStr;

use super::line::{Draft, Line};

/// How far back a live line is held against those that are there: a server repeats what is new, not
/// what is old.
const RECENT: usize = 200;

/// What lies beyond one end of a run of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// There may be more, for who asks.
    More,
    /// It was asked for and is on its way.
    Asked,
    /// There is nothing.
    Nothing,
}

/// Which end gives way where there are more lines than room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GiveWay {
    /// The oldest lines, or what would come before them.
    First,
    /// The newest lines.
    Last,
}

/// Where something belongs among what happened in the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ties {
    /// In front: it was told to be earlier.
    Before,
    /// Behind.
    After,
}

/// What came of putting lines in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Merged {
    /// How many lines were put in before the line that was the last.
    pub(crate) within: usize,
    /// The numbers from here on are of lines that were put behind it.
    pub(crate) behind: u64,
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    lines: VecDeque<Line>,
    next_number: u64,
    capacity: usize,
    pub(crate) before: Edge,
    pub(crate) after: Edge,
}

impl Stretch {
    /// Nothing yet; the first line will have this number.
    pub(crate) fn new(first: u64, capacity: usize) -> Stretch {
        Stretch {
            lines: VecDeque::new(),
            next_number: first,
            capacity: capacity.max(1),
            before: Edge::Nothing,
            after: Edge::Nothing,
        }
    }

    pub(crate) fn lines(&self) -> &VecDeque<Line> {
        &self.lines
    }

    pub(crate) fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Line> {
        self.lines.iter_mut()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.lines.len() >= self.capacity
    }

    /// Whether one of the newest lines has this id of the server.
    pub(crate) fn has_lately(&self, id: &str) -> bool {
        let ids = self.lines.iter().rev().take(RECENT);
        ids.filter_map(|line| line.id.as_ref())
            .any(|known| known == id)
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Line> {
        let mut newest_first = self.lines.iter().rev();
        newest_first.find(|line| line.id.as_deref() == Some(id))
    }

    /// Adds a line at the end; gives its number, and the line that had to go for it.
    pub(crate) fn push(&mut self, draft: Draft) -> (u64, Option<Line>) {
        let number = self.next_number;
        self.next_number += 1;
        let gone = if self.is_full() {
            self.before = Edge::More;
            self.lines.pop_front()
        } else {
            None
        };
        self.lines.push_back(draft.numbered(number));
        (number, gone)
    }

    /// Puts lines where they belong in time, oldest first, none twice. The numbers go on to be
    /// without a hole: what comes to stand in front of a line moves the numbers before it down.
    pub(crate) fn merge(
        &mut self,
        mut drafts: Vec<Draft>,
        ties: Ties,
        give_way: GiveWay,
    ) -> Merged {
        self.leave_out_known(&mut drafts);
        drafts.sort_by_key(|draft| draft.at);
        let place = |draft: &Draft| self.place(draft.at, ties);
        let at: Vec<usize> = drafts.iter().map(place).collect();
        let old = self.lines.len();
        let within = at.iter().filter(|place| **place < old).count();
        let behind = self.next_number;
        let first = self.lines.front().map_or(behind, |line| line.number);
        let Some(mut number) = first.checked_sub(within as u64) else {
            return Merged {
                behind,
                ..Merged::default()
            };
        };
        let mut drafts = drafts.into_iter().zip(at).peekable();
        let mut merged = VecDeque::with_capacity(old + drafts.len());
        let mut next = || {
            let this = number;
            number += 1;
            this
        };
        for (index, mut line) in std::mem::take(&mut self.lines).into_iter().enumerate() {
            while let Some((draft, _)) = drafts.next_if(|(_, place)| *place == index) {
                merged.push_back(draft.numbered(next()));
            }
            line.number = next();
            merged.push_back(line);
        }
        merged.extend(drafts.map(|(draft, _)| draft.numbered(next())));
        self.next_number = number;
        self.lines = merged;
        self.fit(give_way);
        Merged { within, behind }
    }

    /// Forgets what is older.
    pub(crate) fn forget_before(&mut self, at: Timestamp) {
        let keep = self.lines.iter().position(|line| line.at >= at);
        self.lines.drain(..keep.unwrap_or(self.lines.len()));
        self.before = Edge::More;
    }

    /// Drops what is too much.
    fn fit(&mut self, give_way: GiveWay) {
        let surplus = self.lines.len().saturating_sub(self.capacity);
        if surplus == 0 {
            return;
        }
        match give_way {
            GiveWay::First => {
                self.lines.drain(..surplus);
                self.before = Edge::More;
            }
            GiveWay::Last => {
                self.lines.truncate(self.capacity);
                self.next_number = self.lines.back().map_or(self.next_number, |l| l.number + 1);
                self.after = Edge::More;
            }
        }
    }

    /// In front of which line something of that time belongs.
    fn place(&self, at: Timestamp, ties: Ties) -> usize {
        let earlier = |line: &Line| match ties {
            Ties::Before => line.at < at,
            Ties::After => line.at <= at,
        };
        self.lines
            .iter()
            .rposition(earlier)
            .map_or(0, |last| last + 1)
    }

    fn leave_out_known(&self, drafts: &mut Vec<Draft>) {
        let mut ids: HashSet<SmolStr> = self.lines.iter().filter_map(|l| l.id.clone()).collect();
        // Without an id the same words by the same person in the same moment are the same line.
        drafts.retain(|draft| match &draft.id {
            Some(id) => ids.insert(id.clone()),
            None => !self.lines.iter().any(|line| {
                line.at == draft.at && line.sender == draft.sender && *line.text == *draft.text
            }),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn draft(second: i64, id: Option<&str>) -> Draft {
        Draft {
            id: id.map(SmolStr::from),
            ..Draft::info(Timestamp::from_second(second).unwrap(), second.to_string())
        }
    }

    fn texts(stretch: &Stretch) -> Vec<&str> {
        stretch.lines().iter().map(|line| &*line.text).collect()
    }

    #[test]
    fn lines_are_put_where_they_belong_and_the_last_keeps_its_number() {
        let mut stretch = Stretch::new(100, 50);
        for second in [10, 40] {
            stretch.push(draft(second, None));
        }
        let merged = stretch.merge(
            [20, 5, 40, 50, 20].map(|second| draft(second, None)).into(),
            Ties::After,
            GiveWay::First,
        );
        assert_eq!(texts(&stretch), ["5", "10", "20", "20", "40", "50"]);
        assert_eq!((merged.within, merged.behind), (3, 102));
        let numbers: Vec<u64> = stretch.lines().iter().map(|line| line.number).collect();
        assert_eq!(numbers, [97, 98, 99, 100, 101, 102]);
        assert_eq!(stretch.push(draft(60, None)).0, 103);
    }

    #[test]
    fn a_clock_of_ours_that_goes_fast_keeps_nothing_out_of_order() {
        let mut stretch = Stretch::new(100, 50);
        stretch.push(draft(10, Some("a")));
        stretch.push(draft(9_999, None));
        stretch.push(draft(12, Some("b")));
        stretch.merge(
            vec![draft(15, Some("c")), draft(11, Some("d"))],
            Ties::After,
            GiveWay::First,
        );
        assert_eq!(texts(&stretch), ["10", "11", "9999", "12", "15"]);
    }

    #[test]
    fn what_is_told_to_be_earlier_comes_first_in_its_moment() {
        let named = |id: &str| Draft {
            text: id.to_owned(),
            ..draft(10, Some(id))
        };
        let mut stretch = Stretch::new(100, 50);
        stretch.push(named("c"));
        stretch.merge(vec![named("a"), named("b")], Ties::Before, GiveWay::First);
        stretch.merge(vec![named("d"), named("e")], Ties::After, GiveWay::First);
        assert_eq!(texts(&stretch), ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn one_end_gives_way() {
        for (give_way, left) in [
            (GiveWay::First, ["20", "30"]),
            (GiveWay::Last, ["10", "20"]),
        ] {
            let mut stretch = Stretch::new(100, 2);
            stretch.push(draft(20, None));
            let more = vec![draft(10, None), draft(30, None)];
            stretch.merge(more, Ties::After, give_way);
            assert_eq!(texts(&stretch), left);
            let edges = (stretch.before, stretch.after);
            let expected = match give_way {
                GiveWay::First => (Edge::More, Edge::Nothing),
                GiveWay::Last => (Edge::Nothing, Edge::More),
            };
            assert_eq!(edges, expected);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_twice_out_of_order_or_beyond_the_bound(
            batches in proptest::collection::vec(
                (proptest::collection::vec(0i64..40, 0..15), any::<bool>()), 0..8),
        ) {
            let mut stretch = Stretch::new(1 << 20, 20);
            for (seconds, live) in batches {
                let drafts = seconds.iter().map(|s| draft(*s, Some(&s.to_string())));
                if live {
                    let last = stretch.lines().back().map_or(0, |l| l.at.as_second());
                    let next = draft(last + 1, Some(&format!("{}", last + 1)));
                    stretch.push(next);
                } else {
                    let give_way = if seconds.len() % 2 == 0 { GiveWay::First } else { GiveWay::Last };
                    stretch.merge(drafts.collect(), Ties::Before, give_way);
                }
                let lines = stretch.lines();
                prop_assert!(lines.len() <= 20);
                let pairs = || lines.iter().zip(lines.iter().skip(1));
                prop_assert!(pairs().all(|(one, other)| one.at < other.at));
                prop_assert!(pairs().all(|(one, other)| one.number + 1 == other.number));
            }
        }
    }
}
