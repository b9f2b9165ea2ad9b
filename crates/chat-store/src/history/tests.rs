use proptest::prelude::*;
use rusqlite::types::Null;

use super::*;
use crate::EventKind;
use crate::tables::recent_events::FULL;

const TIME: i64 = 1_700_000_000_000;

/// The steps of SQLite's plan.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let nothing = vec![Null; sql.matches('?').count()];
    connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap()
        .query_map(rusqlite::params_from_iter(nothing), |row| row.get(3))
        .unwrap()
        .collect::<Result<_>>()
        .unwrap()
}

/// Every question about history goes through an index from where it begins: nothing is
/// scanned and nothing is sorted, however long the history is. The one exception is the table of
/// recent events, which never has as many as [`FULL`]: it is read through, once for a page.
#[test]
fn every_question_is_an_index_walk() {
    let connection = crate::connection::memory().unwrap().connection;
    let statements = [
        messages::statements(),
        events::statements(),
        conversations::statements(),
    ];
    for sql in statements.concat() {
        let plan = plan(&connection, &sql);
        assert_eq!(plan.len(), 1, "{sql}: {plan:?}");
        assert!(plan[0].starts_with("SEARCH"), "{sql}: {plan:?}");
    }
    for sql in recent_events::statements() {
        assert_eq!(plan(&connection, &sql), ["SCAN recent_events"], "{sql}");
    }
    assert_eq!(FULL, 1024);
}

/// What a random history has, in the order in which it comes.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// In the place that is asked about, or in another; so many ms later.
    Say(bool, i64),
    Happen(bool, i64),
    Settle,
}

fn step() -> impl Strategy<Value = Step> {
    let here = || prop::bool::weighted(0.7);
    prop_oneof![
        4 => (here(), 0..3_i64).prop_map(|(here, later)| Step::Say(here, later)),
        6 => (here(), 0..3_i64).prop_map(|(here, later)| Step::Happen(here, later)),
        1 => Just(Step::Settle),
    ]
}

/// A mark by its place in a history of ids up to 130 and of times up to as many ms.
fn mark() -> impl Strategy<Value = Mark> {
    prop_oneof![
        (0..130_u64).prop_map(Mark::Id),
        (-1..130_i64).prop_map(|later| Mark::Time(TIME + later)),
    ]
}

fn selection() -> impl Strategy<Value = Selection> {
    prop_oneof![
        Just(Selection::Latest(None)),
        mark().prop_map(|mark| Selection::Latest(Some(mark))),
        mark().prop_map(Selection::Before),
        mark().prop_map(Selection::After),
        mark().prop_map(Selection::Around),
        (mark(), mark()).prop_map(|(one, other)| Selection::Between(one, other)),
    ]
}

fn place(here: bool) -> String {
    if here { "#a" } else { "#b" }.to_owned()
}

fn message(id: u64, time_ms: i64, here: bool) -> Message {
    Message {
        id,
        time_ms,
        sender: "ann!a@host".to_owned(),
        sender_key: "u1".to_owned(),
        account: None,
        server: 1,
        target: place(here),
        target_key: place(here),
        recipient_key: None,
        rank: 0,
        kind: MessageKind::Privmsg,
        text: "hello".into(),
        tags: Vec::new(),
    }
}

fn happening(id: u64, time_ms: i64, here: bool) -> Happening {
    Happening {
        target_key: place(here),
        id,
        time_ms,
        kind: EventKind::Join,
        sender: "ann!a@host".to_owned(),
        account: None,
        detail: String::new(),
    }
}

/// What one table in memory would answer.
struct Model(Vec<(u64, i64)>);

impl Model {
    /// How many are before a mark.
    fn below(&self, mark: Mark) -> usize {
        self.0.partition_point(|(id, time)| match mark {
            Mark::Id(mark) => *id < mark,
            Mark::Time(mark) => *time < mark,
        })
    }

    /// How many are not after a mark.
    fn up_to(&self, mark: Mark) -> usize {
        self.0.partition_point(|(id, time)| match mark {
            Mark::Id(mark) => *id <= mark,
            Mark::Time(mark) => *time <= mark,
        })
    }

    fn answer(&self, selection: Selection, limit: usize) -> Vec<u64> {
        let all = self.0.len();
        let first = |from: usize, to: usize| (from, to.max(from).min(from + limit));
        let last = |from: usize, to: usize| (from.max(to.saturating_sub(limit)), to.max(from));
        let (from, to) = match selection {
            Selection::Latest(None) => last(0, all),
            Selection::Latest(Some(mark)) => last(self.up_to(mark), all),
            Selection::Before(mark) => last(0, self.below(mark)),
            Selection::After(mark) => first(self.up_to(mark), all),
            Selection::Around(mark) => {
                let (middle, half) = (self.below(mark), limit / 2);
                (middle.saturating_sub(half), all.min(middle + limit - half))
            }
            Selection::Between(one, other) if self.below(one) <= self.below(other) => {
                first(self.up_to(one), self.below(other))
            }
            Selection::Between(one, other) => last(self.up_to(other), self.below(one)),
        };
        self.0[from..to].iter().map(|(id, _)| *id).collect()
    }
}

/// Fills a database; what one may see of a place with events, and without.
fn fill(connection: &Connection, steps: &[Step]) -> [Model; 2] {
    let (mut all, mut said) = (Vec::new(), Vec::new());
    let mut time = TIME;
    for (id, step) in (1..).zip(steps) {
        match *step {
            Step::Say(here, later) => {
                time += later;
                let mut insertion = messages::insertion(connection).unwrap();
                messages::insert(&mut insertion, &message(id, time, here)).unwrap();
                if here {
                    all.push((id, time));
                    said.push((id, time));
                }
            }
            Step::Happen(here, later) => {
                time += later;
                recent_events::insert(connection, &happening(id, time, here)).unwrap();
                if here {
                    all.push((id, time));
                }
            }
            Step::Settle => recent_events::settle(connection).unwrap(),
        }
    }
    [Model(said), Model(all)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Wherever events have been moved in between, a page is what one table would give.
    #[test]
    fn a_page_is_of_both_tables(
        steps in prop::collection::vec(step(), 0..120),
        questions in prop::collection::vec((selection(), 0..40_u32, any::<bool>()), 1..40),
    ) {
        let connection = crate::connection::memory().unwrap().connection;
        let models = fill(&connection, &steps);
        for (selection, limit, events) in questions {
            let view = View { place: "#a", first: 0, last: u64::MAX, rank: 0, own: "u9", events };
            let found = page(&connection, &view, selection, limit).unwrap();
            let ids: Vec<u64> = found.records.iter().map(Record::id).collect();
            let expected = models[usize::from(events)].answer(selection, limit as usize);
            prop_assert_eq!(ids, expected, "{:?}, {}, {}", selection, limit, events);
            prop_assert_eq!(found.is_end, found.records.len() < limit as usize);
        }
    }
}

/// A page is read from one state of the database: a move in the middle of it neither hides an event
/// nor shows it twice.
#[test]
fn a_move_while_a_page_is_read_is_not_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let writer = crate::connection::writer(&path, crate::Durability::Normal).unwrap();
    for id in 1..=3 {
        recent_events::insert(&writer.connection, &happening(id, TIME, true)).unwrap();
    }
    let reader = crate::connection::reader(&path).unwrap();
    let view = View {
        place: "#a",
        first: 0,
        last: u64::MAX,
        rank: 0,
        own: "u9",
        events: true,
    };
    let found = snapshot(&reader, || {
        let past = Past::new(&reader, &view)?;
        recent_events::settle(&writer.connection)?;
        past.page(Selection::Latest(None), 9)
    });
    assert_eq!(found.unwrap().records.len(), 3);
    let after = page(&reader, &view, Selection::Latest(None), 9).unwrap();
    assert_eq!(after.records.len(), 3);
}
