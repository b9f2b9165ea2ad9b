use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::watermark::STEP;
use crate::{Durability, EventKind, Happening, Message, Row, connection};

mod recent;

fn engine(path: &Path) -> Engine {
    Engine::start(connection::writer(path, Durability::Normal).unwrap()).unwrap()
}

fn batch(serial: u64, rows: Vec<Row>, position: u64) -> Work {
    Work {
        serial,
        kind: WorkKind::Batch(Batch { rows, position }),
    }
}

fn opened(session: u64) -> Row {
    Row::SessionOpened {
        session,
        user: "ann".into(),
        time_ms: 1_700_000_000_000,
    }
}

fn message(id: u64) -> Row {
    Row::Message(Message {
        id,
        time_ms: 1_700_000_000_000 + id.cast_signed(),
        sender: "ann!~a@host".into(),
        sender_key: "u1".into(),
        account: None,
        server: 1,
        target: "#a".into(),
        target_key: "#a".into(),
        recipient_key: None,
        rank: 0,
        kind: crate::MessageKind::Privmsg,
        text: "hello".into(),
        tags: Vec::new(),
    })
}

fn entered(id: u64) -> Row {
    Row::Event(Happening {
        target_key: if id.is_multiple_of(3) { "#a" } else { "#b" }.into(),
        id,
        time_ms: 1_700_000_000_000 + id.cast_signed(),
        kind: EventKind::Join,
        sender: "ann!a@b".into(),
        account: None,
        detail: String::new(),
    })
}

fn sessions(engine: &Engine) -> Vec<crate::SessionRow> {
    session::newest(engine.connection(), None, 100).unwrap()
}

#[test]
fn a_commit_in_doubt_that_reached_the_disk_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = engine(&folder.path().join("a.db"));
    let closed = Row::SessionClosed {
        session: 1,
        time_ms: 1_700_000_001_000,
    };
    let first = [batch(1, vec![opened(1)], 1), batch(2, vec![closed], 2)];
    let before = engine.journal;
    engine.write(first.iter(), 2).unwrap();
    // The same, as it looks to a writer whose commit failed after it had reached the disk.
    (engine.journal, engine.sessions) = (before, Sessions::new(1));
    (engine.in_doubt, engine.doubtful) = (true, 2);
    let rest = [batch(3, vec![opened(1)], 3)];
    let written = engine.write(first.iter().chain(&rest), 3).unwrap();
    // The new one, and the end of the first again, which changes nothing.
    assert_eq!(written.rows, 2);
    let rows = sessions(&engine);
    assert_eq!(rows.len(), 2);
    assert!(rows[0].out_time.is_some() && rows[1].out_time.is_none());
}

#[test]
fn a_commit_in_doubt_that_did_not_reach_the_disk_is_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = engine(&folder.path().join("a.db"));
    engine.in_doubt = true;
    let works = [batch(1, vec![opened(1)], 1)];
    assert_eq!(engine.write(works.iter(), 1).unwrap().rows, 1);
    assert_eq!(sessions(&engine).len(), 1);
}

#[test]
fn messages_in_doubt_that_reached_the_disk_are_neither_repeated_nor_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = engine(&folder.path().join("a.db"));
    let first = [
        batch(1, vec![message(1), message(2)], 2),
        batch(2, vec![message(3)], 3),
    ];
    let before = engine.journal;
    assert_eq!(engine.write(first.iter(), 3).unwrap().rows, 3);
    // The same, as it looks to a writer whose commit failed after it had reached the disk.
    engine.journal = before;
    (engine.in_doubt, engine.doubtful) = (true, 2);
    let nothing = Written {
        transaction: true,
        ..Written::default()
    };
    // Tried again in parts, and what comes after them is new.
    assert_eq!(engine.write(first[..1].iter(), 2).unwrap(), nothing);
    assert_eq!(engine.write(first[1..].iter(), 3).unwrap(), nothing);
    let rest = [batch(3, vec![message(4)], 4)];
    assert_eq!(engine.write(rest.iter(), 4).unwrap().rows, 1);
    assert_eq!(messages::count(engine.connection()).unwrap(), 4);
}

#[test]
fn a_failed_commit_is_in_doubt_with_all_its_works() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = engine(&folder.path().join("a.db"));
    let full = |engine: &Engine, full: bool| {
        let pages = i64::from(full);
        let limit = if full { pages } else { 1_000_000 };
        let pragma =
            engine
                .connection()
                .pragma_update_and_check(None, "max_page_count", limit, |_| Ok(()));
        pragma.unwrap();
    };
    full(&engine, true);
    let works = |ids: std::ops::Range<u64>| -> Vec<Work> {
        ids.map(|id| batch(id, vec![message(id)], id)).collect()
    };
    let many = works(1..2000);
    assert!(engine.write(many.iter(), 1999).is_err());
    assert_eq!((engine.in_doubt, engine.doubtful), (true, 1999));
    full(&engine, false);
    assert_eq!(engine.write(many[..7].iter(), 7).unwrap().rows, 7);
    assert_eq!(engine.write(many[7..].iter(), 1999).unwrap().rows, 1992);
    assert_eq!(messages::count(engine.connection()).unwrap(), 1999);
}

#[test]
fn messages_alone_leave_the_row_of_the_journal_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut first = engine(&path);
    first
        .write([batch(1, vec![opened(1)], 1)].iter(), 1)
        .unwrap();
    let before = journal::read(first.connection()).unwrap();
    for (serial, ids) in [(2, 2..3), (3, 3..9)] {
        let rows = ids.clone().map(message).collect();
        let work = batch(serial, rows, ids.end - 1);
        assert!(first.write([work].iter(), ids.end - 1).unwrap().transaction);
    }
    assert_eq!(journal::read(first.connection()).unwrap(), before);
    assert_eq!(first.journal.serial, 3);
    drop(first);
    // After a crash they tell how far it went, and when.
    let second = engine(&path);
    let mark = second.journal.mark;
    assert!(mark.first_of_life() > 8, "{mark:?}");
    let expected = clock::local(1_700_000_000_008).time;
    assert_eq!(sessions(&second)[0].out_time.as_ref(), Some(&expected));
}

#[test]
fn entries_without_rows_need_a_transaction_only_near_the_end_of_what_is_reserved() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = engine(&folder.path().join("a.db"));
    let mut write = |position| {
        let written = engine
            .write([batch(1, vec![], position)].iter(), position)
            .unwrap();
        (written.transaction, engine.covers(position + 1))
    };
    assert_eq!(write(1), (false, true));
    assert_eq!(write(STEP / 2), (false, true));
    assert_eq!(write(STEP / 2 + 1), (true, true));
    assert_eq!(write(7 * STEP), (true, true));
}

#[test]
fn after_a_crash_open_sessions_end_at_the_last_known_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut first = engine(&path);
    first
        .write([batch(1, vec![opened(1), opened(2)], 1)].iter(), 1)
        .unwrap();
    first.note_time(1_700_000_600_000).unwrap();
    // Only forward.
    first.note_time(1_700_000_300_000).unwrap();
    drop(first);
    let second = engine(&path);
    let expected = clock::local(1_700_000_600_000).time;
    for row in sessions(&second) {
        assert_eq!(row.out_time.as_ref(), Some(&expected));
    }
    assert!(second.sessions.is_empty());
}

#[test]
fn the_time_is_not_noted_while_nobody_is_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = engine(&folder.path().join("a.db"));
    engine.note_time(1_700_000_600_000).unwrap();
    assert_eq!(journal::read(engine.connection()).unwrap().last_time_ms, 0);
}

#[test]
fn who_came_after_the_last_known_time_goes_no_earlier() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut first = engine(&path);
    first
        .write([batch(1, vec![opened(1)], 1)].iter(), 1)
        .unwrap();
    first.note_time(1_700_000_060_000).unwrap();
    let late = Row::SessionOpened {
        session: 2,
        user: "bob".into(),
        time_ms: 1_700_000_090_000,
    };
    let noted = journal::read(first.connection()).unwrap();
    first.write([batch(2, vec![late], 2)].iter(), 2).unwrap();
    assert_eq!(journal::read(first.connection()).unwrap(), noted);
    drop(first);
    let expected = clock::local(1_700_000_090_000).time;
    for row in sessions(&engine(&path)) {
        assert_eq!(row.out_time.as_ref(), Some(&expected));
    }
}

#[test]
fn after_a_crash_only_the_rows_of_that_life_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut first = engine(&path);
    let open_one = "INSERT INTO session VALUES ('2020-01-01', 'original', '10:00:00', NULL)";
    first.connection().execute(open_one, []).unwrap();
    drop(first);
    // What the original program left open is none of ours.
    let path2 = folder.path().join("b.db");
    std::fs::copy(&path, &path2).unwrap();
    connection::writer(&path, Durability::Normal)
        .unwrap()
        .connection
        .execute("UPDATE journal SET sessions_from = 2", [])
        .unwrap();
    first = engine(&path);
    let rows = (1..=3).map(opened).collect();
    first.write([batch(1, rows, 1)].iter(), 1).unwrap();
    let closed = Row::SessionClosed {
        session: 1,
        time_ms: 1_700_000_001_000,
    };
    first.write([batch(2, vec![closed], 2)].iter(), 2).unwrap();
    first.note_time(1_700_000_600_000).unwrap();
    // The lowest row of who is on.
    assert_eq!(journal::read(first.connection()).unwrap().sessions_from, 3);
    drop(first);
    let second = engine(&path);
    let outs: Vec<bool> = sessions(&second)
        .iter()
        .map(|row| row.out_time.is_some())
        .collect();
    assert_eq!(outs, [false, true, true, true]);
    assert_eq!(second.journal.sessions_from, 5);
}

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

/// All that is in the tables of a random history.
fn contents(engine: &Engine) -> Vec<String> {
    let mut found = Vec::new();
    for sql in [
        "SELECT rowid || ' ' || Date || User || In_Time || coalesce(Out_Time, '-') FROM session",
        "SELECT id || ' ' || user || stars || ' ' || time_ms FROM ratings",
        "SELECT target_key || id FROM events UNION ALL SELECT target_key || id FROM recent_events \
         ORDER BY 1",
        "SELECT id || ' ' || time_ms FROM messages",
    ] {
        let mut query = engine.connection().prepare(sql).unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        found.extend(rows.collect::<Result<Vec<String>>>().unwrap());
    }
    found
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
