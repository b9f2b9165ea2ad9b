//! What is committed can be read, in order, in a file and in memory.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use chat_store::{
    Batch, Config, DayFigures, Error, FlushError, Health, Outcome, Row, Selection, open,
};
use tempfile::tempdir;

use crate::support::{LONG, NONE, TIME, commit_now, ids, message, said};

#[test]
fn messages_are_found_by_place_and_id() {
    let folder = tempdir().unwrap();
    for config in [Config::default(), Config::at(folder.path().join("a.db"))] {
        let (writer, reader) = open(&config).unwrap();
        for id in 1..=10 {
            let target = if id % 2 == 0 { "#Lobby" } else { "bob" };
            let outcome = commit_now(&writer, said(id, target, &format!("text {id} 'ü🦀\u{1}")));
            assert_eq!(outcome, Outcome::Stored);
        }
        let latest = Selection::Latest(None);
        assert_eq!(ids(&reader, "#lobby", latest, 3), [6, 8, 10]);
        assert_eq!(ids(&reader, "nobody", latest, 3), NONE);
        let expected = message(7, "bob", "text 7 'ü🦀\u{1}");
        assert_eq!(reader.message(7).unwrap(), Some(expected));
        assert_eq!(reader.message(11).unwrap(), None);
        assert_eq!(reader.message(u64::MAX).unwrap(), None);
        assert_eq!(reader.message_count().unwrap(), 10);
        assert_eq!(writer.health(), Health::Healthy);
    }
}

#[test]
fn callbacks_come_in_order_and_after_the_commit() {
    let folder = tempdir().unwrap();
    let (writer, reader) = open(&Config::at(folder.path().join("a.db"))).unwrap();
    let (tell, told) = sync_channel(3000);
    let first = writer.start_state("2026-11-22").unwrap().position;
    let reader = Arc::new(reader);
    for id in first..first + 3000 {
        let (tell, reader) = (tell.clone(), Arc::clone(&reader));
        writer.commit(said(id, "#a", "x"), move |outcome| {
            // Asking the disk each time would only be slow.
            let there = id % 100 != 0 || reader.message(id).unwrap().is_some();
            tell.send((id, outcome, there)).unwrap();
        });
    }
    for id in first..first + 3000 {
        assert_eq!(
            told.recv_timeout(LONG).unwrap(),
            (id, Outcome::Stored, true)
        );
    }
    let counts = writer.counts();
    assert_eq!(
        (counts.rows, counts.lost_rows, counts.failures),
        (3000, 0, 0)
    );
    assert!(counts.transactions <= 3000);
}

#[test]
fn a_session_has_one_row_with_both_times() {
    let (writer, reader) = open(&Config::default()).unwrap();
    let session = u64::MAX - 5;
    let opened = |session| Row::SessionOpened {
        session,
        user: "ann".into(),
        time_ms: TIME,
    };
    let rows = vec![opened(session), opened(2)];
    commit_now(&writer, Batch { rows, position: 1 });
    let rows = vec![Row::SessionClosed {
        session,
        time_ms: TIME + 61_000,
    }];
    commit_now(&writer, Batch { rows, position: 2 });
    let found = reader.sessions(None, 10).unwrap();
    let zone = jiff::tz::TimeZone::system();
    let local = |ms| {
        jiff::Timestamp::from_millisecond(ms)
            .unwrap()
            .to_zoned(zone.clone())
    };
    let time = |ms| Some(local(ms).strftime("%H:%M:%S").to_string());
    let date = local(TIME).strftime("%Y-%m-%d").to_string();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].date.as_ref(), Some(&date));
    assert_eq!(found[0].in_time, time(TIME));
    assert_eq!(found[0].out_time, time(TIME + 61_000));
    assert_eq!(found[1].out_time, None);
    writer.close_open_sessions(TIME + 120_000);
    writer.flush(LONG).unwrap();
    let found = reader.sessions(Some(&date), 1).unwrap();
    assert_eq!(found[0].out_time, time(TIME + 120_000));
    // An id may come back once its session is over.
    let rows = vec![opened(session)];
    commit_now(&writer, Batch { rows, position: 3 });
    assert_eq!(reader.sessions(None, 10).unwrap().len(), 3);
    assert_eq!(writer.counts().lost_rows, 0);
}

#[test]
fn a_later_rating_of_a_session_replaces_the_earlier() {
    let (writer, reader) = open(&Config::default()).unwrap();
    let rate = |session, server: &str, stars| Row::Rating {
        session,
        user: "ann".into(),
        server: server.into(),
        stars,
        time_ms: TIME,
    };
    let opened = |session| Row::SessionOpened {
        session,
        user: "ann".into(),
        time_ms: TIME,
    };
    let rows = vec![
        opened(1),
        opened(2),
        rate(1, "Server-1", 2),
        rate(2, "Server-1", 4),
        rate(1, "Server-1", 5),
        Row::SessionClosed {
            session: 1,
            time_ms: TIME,
        },
        opened(1),
        rate(1, "Server-2", 1),
    ];
    commit_now(&writer, Batch { rows, position: 1 });
    let sums: Vec<_> = reader
        .ratings()
        .unwrap()
        .into_iter()
        .map(|r| (r.server, r.sum, r.count))
        .collect();
    assert_eq!(
        sums,
        [("Server-1".to_owned(), 9, 2), ("Server-2".to_owned(), 1, 1)]
    );
}

#[test]
fn figures_are_one_row_per_server_and_day_and_come_back_at_start() {
    let folder = tempdir().unwrap();
    let config = Config::at(folder.path().join("a.db"));
    let (writer, reader) = open(&config).unwrap();
    let day = |date: &str, name: &str, today, month, total_approaches| DayFigures {
        date: date.into(),
        name: name.into(),
        average_rating: 4.5,
        today,
        month,
        total_approaches,
        lost: 3,
    };
    let save = |figures| {
        let (tell, told) = sync_channel(1);
        writer.save_figures(figures, move |outcome| tell.send(outcome).unwrap());
        assert_eq!(told.recv_timeout(LONG).unwrap(), Outcome::Stored);
    };
    save(vec![
        day("2026-10-31", "Server-1", 5, 50, 500),
        day("2026-10-31", "Server-2", 1, 1, 1),
    ]);
    save(vec![day("2026-11-01", "Server-1", 6, 6, 506)]);
    save(vec![
        day("2026-11-01", "Server-1", 7, 7, 507),
        day("2026-11-02", "Server-1", 2, 9, 509),
    ]);
    assert_eq!(
        reader.figures("2026-11-01").unwrap(),
        [day("2026-11-01", "Server-1", 7, 7, 507)]
    );
    writer.close(LONG).unwrap();

    let (writer, _) = open(&config).unwrap();
    let start = |date| {
        let servers = writer.start_state(date).unwrap().servers;
        servers
            .into_iter()
            .map(|s| (s.today, s.month, s.total_approaches, s.lost))
            .collect()
    };
    let same_day: Vec<_> = start("2026-11-02");
    assert_eq!(same_day, [(2, 9, 509, 3), (0, 0, 1, 3)]);
    let next_day: Vec<_> = start("2026-11-03");
    assert_eq!(next_day, [(0, 9, 509, 3), (0, 0, 1, 3)]);
    let next_month: Vec<_> = start("2026-12-01");
    assert_eq!(next_month, [(0, 0, 509, 3), (0, 0, 1, 3)]);
    let nonsense: Vec<_> = start("x");
    assert_eq!(nonsense, [(0, 0, 509, 3), (0, 0, 1, 3)]);
}

#[test]
fn a_row_that_can_not_be_stored_does_not_stop_the_others() {
    let (writer, reader) = open(&Config::default()).unwrap();
    let rows = vec![
        Row::Message(message(1, "#a", "one")),
        Row::Message(message(1, "#a", "the same id")),
        Row::Message(message(u64::MAX, "#a", "no id at all")),
        Row::Rating {
            session: 1,
            user: "a".into(),
            server: "S".into(),
            stars: 6,
            time_ms: 0,
        },
        Row::SessionOpened {
            session: 1,
            user: "a".into(),
            time_ms: 0,
        },
        Row::SessionOpened {
            session: 1,
            user: "a".into(),
            time_ms: 0,
        },
        Row::Message(message(2, "#a", "two")),
    ];
    assert_eq!(
        commit_now(&writer, Batch { rows, position: 2 }),
        Outcome::Stored
    );
    assert_eq!(reader.message(1).unwrap().unwrap().text.as_ref(), "one");
    assert_eq!(reader.message_count().unwrap(), 2);
    assert_eq!(reader.sessions(None, 10).unwrap().len(), 1);
    assert_eq!(reader.ratings().unwrap(), []);
    assert_eq!(writer.counts().lost_rows, 4);
}

#[test]
fn a_closed_writer_refuses() {
    let folder = tempdir().unwrap();
    let config = Config::at(folder.path().join("a.db"));
    let (writer, reader) = open(&config).unwrap();
    let other = writer.clone();
    commit_now(&writer, said(1, "#a", "x"));
    writer.close(LONG).unwrap();
    assert_eq!(commit_now(&other, said(2, "#a", "y")), Outcome::Refused);
    assert!(!other.accepting());
    assert_eq!(other.flush(LONG), Err(FlushError::Closed));
    assert_eq!(other.close(LONG), Err(FlushError::Closed));
    assert_eq!(reader.message_count().unwrap(), 1);
}

#[test]
fn there_is_one_writer_at_a_time() {
    let folder = tempdir().unwrap();
    let config = Config::at(folder.path().join("a.db"));
    let (writer, _reader) = open(&config).unwrap();
    assert!(matches!(open(&config), Err(Error::InUse { .. })));
    writer.close(LONG).unwrap();
    open(&config).unwrap();
}

#[test]
fn what_a_dropped_writer_was_given_is_still_written() {
    let folder = tempdir().unwrap();
    let config = Config::at(folder.path().join("a.db"));
    let (writer, reader) = open(&config).unwrap();
    let (tell, told) = sync_channel(500);
    for id in 1..=500 {
        let tell = tell.clone();
        writer.commit(said(id, "#a", "x"), move |outcome| {
            tell.send(outcome).unwrap()
        });
    }
    drop(writer);
    for _ in 0..500 {
        assert_eq!(told.recv_timeout(LONG).unwrap(), Outcome::Stored);
    }
    assert_eq!(reader.message_count().unwrap(), 500);
}

#[test]
fn a_callback_that_panics_does_not_end_the_writer() {
    let (writer, reader) = open(&Config::default()).unwrap();
    writer.commit(said(1, "#a", "x"), |_| panic!("a test's own panic"));
    assert_eq!(commit_now(&writer, said(2, "#a", "y")), Outcome::Stored);
    assert_eq!(reader.message_count().unwrap(), 2);
}

#[test]
fn databases_in_memory_are_separate() {
    let (one, _) = open(&Config::default()).unwrap();
    let (_two, reader) = open(&Config::default()).unwrap();
    commit_now(&one, said(1, "#a", "x"));
    assert_eq!(reader.message_count().unwrap(), 0);
}
