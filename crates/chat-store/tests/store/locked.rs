//! Somebody else holds a lock: chat goes on, and what was said is written afterwards.

use chat_store::{Config, Health, Outcome, Reader, open};
use rusqlite::Connection;
use tempfile::tempdir;

use crate::support::{LONG, commit, commit_now, eventually, said, view};

#[test]
fn a_locked_database_holds_and_then_writes() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.db");
    let (writer, reader) = open(&Config::at(&path)).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(commit_now(&writer, said(1, "#a", "x")), Outcome::Held);
    assert_eq!(commit_now(&writer, said(2, "#a", "x")), Outcome::Held);
    assert!(matches!(writer.health(), Health::Degraded { .. }));
    // Reading goes on.
    assert_eq!(reader.message_count().unwrap(), 0);
    other.execute_batch("COMMIT").unwrap();
    eventually("healthy again", || writer.health() == Health::Healthy);
    assert_eq!(commit_now(&writer, said(3, "#a", "x")), Outcome::Stored);
    assert_eq!(reader.message_count().unwrap(), 3);
}

#[test]
fn a_reader_in_the_middle_of_something_does_not_hold_up_the_writer() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.db");
    let (writer, _) = open(&Config::at(&path)).unwrap();
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("BEGIN; SELECT count(*) FROM messages")
        .unwrap();
    let outcomes: Vec<_> = (1..=100)
        .map(|id| commit(&writer, said(id, "#a", "x")))
        .collect();
    for outcome in outcomes {
        assert_eq!(outcome.recv_timeout(LONG).unwrap(), Outcome::Stored);
    }
    writer.close(LONG).unwrap();
}

#[test]
fn readers_of_their_own_see_what_is_committed() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.db");
    let (writer, _) = open(&Config::at(&path)).unwrap();
    let reader = Reader::open(&path).unwrap();
    let mut threads = Vec::new();
    for _ in 0..8 {
        let reader = reader.clone();
        threads.push(std::thread::spawn(move || {
            let mut last = 0;
            while last < 200 {
                let newest = reader.latest(&view("#a")).unwrap();
                let id = newest.map_or(0, |latest| latest.id);
                assert!(id >= last, "{id} after {last}");
                last = id;
            }
        }));
    }
    for id in 1..=200 {
        assert_eq!(commit_now(&writer, said(id, "#a", "x")), Outcome::Stored);
    }
    for thread in threads {
        thread.join().unwrap();
    }
}
