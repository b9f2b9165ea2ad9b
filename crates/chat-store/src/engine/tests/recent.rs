//! Recent events, and when they are moved to where their place has the others.

use super::*;

/// How many events are in each of the two tables, and how many of them there are.
fn events(engine: &Engine) -> (u64, u64, u64) {
    let count = |sql: &str| -> u64 {
        let count = engine.connection().query_row(sql, [], |row| row.get(0));
        count.unwrap()
    };
    (
        count("SELECT count(*) FROM recent_events"),
        count("SELECT count(*) FROM events"),
        count(
            "SELECT count(*) FROM (SELECT target_key, id FROM recent_events \
                                   UNION SELECT target_key, id FROM events)",
        ),
    )
}

/// Works of one event each, with these ids.
fn entering(ids: std::ops::Range<u64>) -> Vec<Work> {
    ids.map(|id| batch(id, vec![entered(id)], id)).collect()
}

fn write(engine: &mut Engine, works: &[Work]) {
    let last = works.last().unwrap().serial;
    engine.write(works.iter(), last).unwrap();
}

#[test]
fn the_event_that_fills_the_table_has_all_moved() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = engine(&folder.path().join("a.db"));
    write(&mut engine, &entering(1..FULL - 1));
    assert_eq!(events(&engine), (FULL - 2, 0, FULL - 2));
    // Alone, and the next one too.
    write(&mut engine, &entering(FULL - 1..FULL));
    assert_eq!(events(&engine), (FULL - 1, 0, FULL - 1));
    write(&mut engine, &entering(FULL..FULL + 1));
    assert_eq!(events(&engine), (0, FULL, FULL));
    write(&mut engine, &entering(FULL + 1..FULL + 2));
    assert_eq!(events(&engine), (1, FULL, FULL + 1));
}

#[test]
fn many_at_once_do_not_exceed_the_bound() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = engine(&folder.path().join("a.db"));
    let many = (1..=3 * FULL).map(entered).collect();
    write(&mut engine, &[batch(1, many, 3 * FULL)]);
    assert_eq!(events(&engine), (0, 3 * FULL, 3 * FULL));
}

#[test]
fn after_a_crash_it_is_known_how_many_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut first = engine(&path);
    write(&mut first, &entering(1..FULL));
    drop(first);
    let mut second = engine(&path);
    write(&mut second, &entering(FULL..FULL + 1));
    assert_eq!(events(&second), (0, FULL, FULL));
}

/// Where a move fails, what had it made is not written either, and both happen when it is tried again.
#[test]
fn a_move_that_fails_loses_nothing_and_repeats_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut first = engine(&path);
    write(&mut first, &entering(1..FULL));
    let rename = |engine: &Engine, from: &str, to: &str| {
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        engine.connection().execute_batch(&sql).unwrap();
    };
    let last = entering(FULL..FULL + 1);
    rename(&first, "events", "gone");
    assert!(first.write(last.iter(), FULL).is_err());
    rename(&first, "gone", "events");
    assert_eq!(events(&first), (FULL - 1, 0, FULL - 1));
    write(&mut first, &last);
    assert_eq!(events(&first), (1, FULL - 1, FULL));
}

/// Of a commit that had failed and is on the disk all the same, with its move or without.
#[test]
fn events_in_doubt_are_looked_for_where_they_are() {
    for count in [3, FULL - 1, FULL, FULL + 7] {
        let folder = tempfile::tempdir().unwrap();
        let mut engine = engine(&folder.path().join("a.db"));
        let works = entering(1..count + 1);
        let before = (engine.journal, engine.recent);
        write(&mut engine, &works);
        (engine.journal, engine.recent) = before;
        (engine.in_doubt, engine.doubtful) = (true, count);
        // Tried again in parts, and what comes after them is new.
        write(&mut engine, &works[..1]);
        write(&mut engine, &works[1..]);
        write(&mut engine, &entering(count + 1..count + 2));
        assert_eq!(events(&engine), (1, count, count + 1), "{count}");
    }
}

/// What is to be forgotten is so in both tables, and nothing is moved while there is no such thing.
#[test]
fn what_is_forgotten_is_moved_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = engine(&folder.path().join("a.db"));
    write(&mut engine, &entering(1..10));
    assert!(!engine.forget(100).unwrap());
    assert_eq!(events(&engine), (9, 0, 9));
    let forget = Row::Forget {
        sender_key: None,
        account: None,
        target_key: Some("#a".into()),
        until: 6,
    };
    write(&mut engine, &[batch(10, vec![forget, entered(12)], 12)]);
    assert!(engine.forget(100).unwrap());
    // 3 and 6 are gone, 9 and 12 are in the same place and came later.
    assert_eq!(events(&engine), (0, 8, 8));
    write(&mut engine, &entering(13..14));
    assert_eq!(events(&engine), (1, 8, 9));
}

#[test]
fn what_is_old_goes_from_both_tables() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = engine(&folder.path().join("a.db"));
    write(&mut engine, &entering(1..FULL + 1));
    write(&mut engine, &entering(FULL + 1..FULL + 21));
    assert_eq!(events(&engine), (20, FULL, FULL + 20));
    let retention = Retention {
        days: 0,
        per_target: 5,
    };
    let mut round = Round::default();
    while engine.sweep(&mut round, retention, 100).unwrap() == Swept::Some {}
    // The newest five of each place.
    let all = 1..FULL + 21;
    let (here, there): (Vec<u64>, Vec<u64>) = all.partition(|id| id.is_multiple_of(3));
    let newest = |place: &str, ids: &[u64]| -> Vec<String> {
        let newest = ids[ids.len() - 5..].iter();
        newest.map(|id| format!("{place}{id}")).collect()
    };
    let expected = [newest("#a", &here), newest("#b", &there)].concat();
    assert_eq!(contents(&engine), expected);
}
