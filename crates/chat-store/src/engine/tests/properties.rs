//! Whatever is written and fails in whatever order.

use proptest::prelude::*;

use super::*;

/// What happens in one place of a random history.
#[derive(Clone, Debug)]
enum Act {
    Come(u64),
    Go(u64),
    Rate(u64),
    Enter,
    Say,
    AllGo,
}

/// What becomes of a commit.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Well,
    /// It fails, and is tried again.
    Fails,
    /// It fails but has reached the disk, and is tried again in two parts.
    Reaches,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1..5_u64).prop_map(Act::Come),
        4 => (1..5_u64).prop_map(Act::Go),
        1 => (1..5_u64).prop_map(Act::Rate),
        2 => Just(Act::Enter),
        2 => Just(Act::Say),
        1 => Just(Act::AllGo),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        2 => Just(Fate::Well),
        1 => Just(Fate::Fails),
        2 => Just(Fate::Reaches),
    ]
}

/// The work of some acts; all that go are a work of their own.
fn work(serial: u64, acts: &[Act]) -> Work {
    let time_ms = 1_700_000_000_000 + i64::try_from(serial).unwrap() * 1000;
    if acts.iter().any(|act| matches!(act, Act::AllGo)) {
        let kind = WorkKind::CloseSessions(time_ms);
        return Work { serial, kind };
    }
    let row = |(place, act): (usize, &Act)| {
        let id = serial * 10 + u64::try_from(place).unwrap();
        match *act {
            Act::Come(session) => Row::SessionOpened {
                session,
                user: format!("nick{session}"),
                time_ms,
            },
            Act::Go(session) => Row::SessionClosed { session, time_ms },
            Act::Rate(session) => Row::Rating {
                session,
                user: format!("nick{session}"),
                server: "S".into(),
                stars: u8::try_from(id % 5 + 1).unwrap(),
                time_ms,
            },
            Act::Enter => entered(id),
            Act::Say | Act::AllGo => message(id),
        }
    };
    let rows = acts.iter().enumerate().map(row).collect();
    batch(serial, rows, serial * 10 + 9)
}

/// Makes the figures of a day unwritable, and writable again.
fn break_figures(engine: &Engine, broken: bool) {
    let (from, to) = if broken {
        ("servers", "gone")
    } else {
        ("gone", "servers")
    };
    let sql = format!("ALTER TABLE {from} RENAME TO {to}");
    engine.connection().execute_batch(&sql).unwrap();
}

fn suffer(engine: &mut Engine, works: Vec<Work>, fate: Fate) {
    let last = works.last().unwrap().serial;
    let seen = last * 10 + 9;
    match fate {
        Fate::Well => {}
        Fate::Fails => {
            let figures = Work {
                serial: last + 1,
                kind: WorkKind::Figures(vec![DayFigures::default()]),
            };
            break_figures(engine, true);
            let all = works.iter().chain([&figures]);
            assert!(engine.write(all, seen).is_err());
            break_figures(engine, false);
        }
        Fate::Reaches => {
            let before = (engine.journal, engine.sessions.clone());
            engine.write(works.iter(), seen).unwrap();
            (engine.journal, engine.sessions) = before;
            (engine.in_doubt, engine.doubtful) = (true, last);
            let half = works.len() / 2;
            engine.write(works[..half].iter(), seen).unwrap();
            engine.write(works[half..].iter(), seen).unwrap();
            return;
        }
    }
    engine.write(works.iter(), seen).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever becomes of commits on the way, the database and the memory end where they would
    /// without it, and after a crash nobody is on.
    #[test]
    fn commits_that_fail_change_nothing(
        groups in proptest::collection::vec(
            (proptest::collection::vec(proptest::collection::vec(act(), 1..4), 1..4), fate()),
            1..12,
        )
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let mut tried = engine(&path);
        let mut spared = engine(&folder.path().join("b.db"));
        // A few more events, and all of them are moved.
        let many = (0..FULL - 5).map(|id| entered(1_000_000 + id)).collect();
        let many = [batch(0, many, 0)];
        tried.write(many.iter(), 0).unwrap();
        spared.write(many.iter(), 0).unwrap();
        let mut serial = 0;
        for (group, fate) in groups {
            let mut works = |from: u64| -> Vec<Work> {
                serial = from;
                let work = |acts: &Vec<Act>| {
                    serial += 1;
                    work(serial, acts)
                };
                group.iter().map(work).collect()
            };
            let from = spared.journal.serial;
            for work in works(from) {
                spared.write([&work].into_iter(), work.serial * 10 + 9).unwrap();
            }
            suffer(&mut tried, works(from), fate);
            prop_assert_eq!(contents(&tried), contents(&spared));
            prop_assert_eq!(tried.sessions.all(), spared.sessions.all());
        }
        drop(tried);
        let after = sessions(&engine(&path));
        prop_assert!(after.iter().all(|row| row.out_time.is_some()), "{:?}", after);
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// So many positions are used; the last of them has a row.
    Rows(u64),
    /// So many positions are used without a row.
    NoRows(u64),
    Crash,
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    let count = || prop_oneof![1..50_u64, 1..2 * STEP];
    prop_oneof![
        3 => count().prop_map(Step::Rows),
        3 => count().prop_map(Step::NoRows),
        2 => Just(Step::Crash),
        1 => Just(Step::Close),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// As the property of the watermark alone, through real files.
    #[test]
    fn no_position_is_seen_twice(steps in proptest::collection::vec(step(), 1..25)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let mut now = engine(&path);
        let mut next = now.journal.mark.first_of_life();
        prop_assert_eq!(next, 1);
        let (mut seen, mut serial) = (0, 0);
        for step in steps {
            match step {
                Step::Rows(count) | Step::NoRows(count) => {
                    let last = next + count - 1;
                    let rating = |session| Row::Rating {
                        session, user: "a".into(), server: "S".into(), stars: 1, time_ms: 0,
                    };
                    let rows = match step {
                        Step::Rows(_) if last.is_multiple_of(2) => vec![message(last)],
                        Step::Rows(_) => vec![rating(last)],
                        _ => vec![],
                    };
                    serial += 1;
                    now.write([batch(serial, rows, last)].iter(), last).unwrap();
                    (seen, next) = (last, last + 1);
                }
                Step::Crash | Step::Close => {
                    let close = matches!(step, Step::Close);
                    if close {
                        now.end().unwrap();
                    }
                    drop(now);
                    now = engine(&path);
                    serial = now.journal.serial;
                    next = now.journal.mark.first_of_life();
                    prop_assert!(next > seen, "starts at {next} after {seen}");
                    prop_assert!(next <= seen + 2 * STEP * 25);
                }
            }
        }
    }
}
