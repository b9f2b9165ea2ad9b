use std::path::Path;

use super::*;
use crate::watermark::STEP;
use crate::{Durability, EventKind, Happening, Message, Row, connection};

mod properties;
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
