use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::watermark::STEP;
use crate::{Durability, Message, connection};

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
    engine.journal = before;
    engine.in_doubt = true;
    let rest = [batch(3, vec![opened(1)], 3)];
    let written = engine.write(first.iter().chain(&rest), 3).unwrap();
    assert_eq!(written.rows, 1);
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
    assert!(!session::any_live(second.connection()).unwrap());
}

#[test]
fn the_time_is_not_noted_while_nobody_is_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = engine(&folder.path().join("a.db"));
    engine.note_time(1_700_000_600_000).unwrap();
    assert_eq!(journal::read(engine.connection()).unwrap().last_time_ms, 0);
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
