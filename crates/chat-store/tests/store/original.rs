//! A database that the original program left behind opens and keeps its rows.

use std::path::Path;

use chat_store::{Batch, Config, DayFigures, Outcome, Row, open};
use rusqlite::Connection;
use tempfile::tempdir;

use crate::support::{LONG, TIME, commit_now};

const ORIGINAL: &str = "
CREATE TABLE servers(Date TEXT, Name TEXT, Average_Rating REAL, Today_Count INTEGER, Monthly_Count INTEGER, Total_Approaches INTEGER, Lost_Count INTEGER);
CREATE TABLE session(Date TEXT, User TEXT, In_Time TEXT, Out_Time TEXT);
INSERT INTO servers VALUES
 ('2019-05-01', 'Server-1', 4.5, 12, 12, 120, 7),
 ('2019-05-01', 'Server-1', 4.25, 13, 13, 121, 7),
 ('2019-05-02', 'Server-1', '4,5 stars', 'many', '15', 122.9, NULL),
 ('2019-05-02', 'O''Brien \"; DROP TABLE session; --', NULL, NULL, NULL, NULL, NULL),
 (NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('not a date ü🦀', 'Server-2', -1, -5, -5, -5, -5),
 (x'00ff', x'fe', x'00', x'00', x'00', x'00', x'00'),
 ('2019-05-03', char(0), 1e300, 9223372036854775807, 1e300, 0, 0);
INSERT INTO session VALUES
 ('2019-05-01', 'ann', '10:00:00', '11:00:00'),
 ('2019-05-01', 'still on', '10:00:00', NULL),
 ('2019-05-01', 'it''s \"quoted\" 🦀' || char(10) || 'and long', '', ''),
 ('01/05/2019', 'a' || char(0) || 'b', 7, 3.5),
 (NULL, NULL, NULL, NULL),
 (x'ff', x'00ff00', x'', x'c3');
";

/// Every cell as SQL would write it, so with its type.
fn dump(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut lines = Vec::new();
    for (table, columns) in [
        (
            "servers",
            "Date Name Average_Rating Today_Count Monthly_Count Total_Approaches Lost_Count",
        ),
        ("session", "Date User In_Time Out_Time"),
    ] {
        let cells: Vec<_> = columns
            .split(' ')
            .map(|column| format!("typeof({column}) || hex({column}) || quote({column})"))
            .collect();
        let sql = format!(
            "SELECT rowid || '|' || {} FROM {table} ORDER BY rowid",
            cells.join("||")
        );
        let mut query = connection.prepare(&sql).unwrap();
        lines.extend(
            query
                .query_map([], |row| row.get(0))
                .unwrap()
                .map(Result::unwrap),
        );
    }
    lines
}

#[test]
fn its_rows_are_kept_and_new_ones_join_them() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("storage.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch(ORIGINAL)
        .unwrap();
    let before = dump(&path);
    assert_eq!(before.len(), 14);

    for life in 0..2 {
        let (writer, reader) = open(&Config::at(&path)).unwrap();
        assert_eq!(dump(&path), before, "life {life}");
        assert_eq!(reader.sessions(None, 100).unwrap().len(), 6);
        writer.close(LONG).unwrap();
        assert_eq!(dump(&path), before, "life {life}");
    }

    let (writer, reader) = open(&Config::at(&path)).unwrap();
    let opened = Row::SessionOpened {
        session: 1,
        user: "bob".into(),
        time_ms: TIME,
    };
    let closed = Row::SessionClosed {
        session: 1,
        time_ms: TIME,
    };
    let rows = vec![opened, closed];
    assert_eq!(
        commit_now(&writer, Batch { rows, position: 1 }),
        Outcome::Stored
    );
    let sessions = reader.sessions(None, 100).unwrap();
    assert_eq!(sessions.len(), 7);
    assert_eq!(
        sessions[1].out_time, None,
        "what the original left open stays open"
    );
    assert_eq!(
        sessions[2].user.as_deref(),
        Some("it's \"quoted\" 🦀\nand long")
    );
    assert_eq!(sessions[3].user.as_deref(), Some("a\0b"));
    assert_eq!(sessions[3].out_time.as_deref(), Some("3.5"));
    assert_eq!(sessions[5].out_time.as_deref(), Some("\u{fffd}"));
    assert!(sessions[6].out_time.is_some());
    writer.close(LONG).unwrap();
    let after = dump(&path);
    assert_eq!(after.len(), 15);
    assert!(before.iter().all(|line| after.contains(line)));
}

#[test]
fn its_figures_go_on() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("storage.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch(ORIGINAL)
        .unwrap();
    let (writer, reader) = open(&Config::at(&path)).unwrap();
    let servers = writer.start_state("2019-05-02").unwrap().servers;
    let one = servers
        .iter()
        .find(|server| server.name == "Server-1")
        .unwrap();
    assert_eq!(
        (one.today, one.month, one.total_approaches, one.lost),
        (0, 15, 122, 7)
    );
    let two = servers
        .iter()
        .find(|server| server.name == "Server-2")
        .unwrap();
    assert_eq!(
        (two.today, two.month, two.total_approaches, two.lost),
        (0, 0, 0, 0)
    );

    // Of a pair that is there twice the last one counts, and the first is left alone.
    assert_eq!(reader.figures("2019-05-01").unwrap().len(), 2);
    let day = DayFigures {
        date: "2019-05-01".into(),
        name: "Server-1".into(),
        average_rating: 5.0,
        today: 14,
        month: 14,
        total_approaches: 123,
        lost: 8,
    };
    writer.save_figures(vec![day.clone()], |_| {});
    writer.flush(LONG).unwrap();
    let rows = reader.figures("2019-05-01").unwrap();
    assert_eq!((rows.len(), rows[0].today), (2, 12));
    assert_eq!(rows[1], day);
}
