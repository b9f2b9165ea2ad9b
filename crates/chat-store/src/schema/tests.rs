use super::*;

type Item = (String, String, String, Option<String>);

fn schema(connection: &Connection) -> Vec<Item> {
    connection
        .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
        .unwrap()
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap()
}

/// A database as the first `version` migrations made it.
fn old(version: usize) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for sql in &MIGRATIONS[..version] {
        connection.execute_batch(sql).unwrap();
    }
    if version > 0 {
        connection
            .pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        connection
            .pragma_update(None, "user_version", version)
            .unwrap();
        connection
            .execute(
                "INSERT INTO session VALUES ('2020-01-01', 'ann', '10:00:00', NULL)",
                [],
            )
            .unwrap();
    }
    connection
}

fn migrated(mut connection: Connection) -> Connection {
    migrate(&mut connection, Path::new("test")).unwrap();
    connection
}

#[test]
fn every_older_version_ends_in_the_same_schema_and_keeps_its_rows() {
    let fresh = schema(&migrated(old(0)));
    for version in 1..=MIGRATIONS.len() {
        let connection = migrated(old(version));
        assert_eq!(schema(&connection), fresh, "from version {version}");
        let rows: i64 = connection
            .query_row("SELECT count(*) FROM session", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 1);
        assert_eq!(inspect(&connection, Path::new("test")).unwrap(), CURRENT);
    }
}

#[test]
fn the_original_tables_are_word_for_word() {
    let items = schema(&migrated(old(0)));
    let sql = |name: &str| {
        items
            .iter()
            .find(|item| item.1 == name)
            .unwrap()
            .3
            .clone()
            .unwrap()
    };
    assert_eq!(
        sql("servers"),
        "CREATE TABLE servers(Date TEXT, Name TEXT, Average_Rating REAL, Today_Count INTEGER, \
         Monthly_Count INTEGER, Total_Approaches INTEGER, Lost_Count INTEGER)"
    );
    assert_eq!(
        sql("session"),
        "CREATE TABLE session(Date TEXT, User TEXT, In_Time TEXT, Out_Time TEXT)"
    );
}

#[test]
fn a_migration_that_fails_leaves_nothing_behind() {
    // The mark of version 1, but a table of version 3 is in the way.
    let mut connection = old(1);
    connection
        .execute_batch("CREATE TABLE messages(x)")
        .unwrap();
    let before = schema(&connection);
    assert!(matches!(
        migrate(&mut connection, Path::new("test")),
        Err(Error::Sqlite { .. })
    ));
    assert_eq!(schema(&connection), before);
    assert_eq!(inspect(&connection, Path::new("test")).unwrap(), 1);
}

#[test]
fn a_database_with_one_original_table_gets_the_other() {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch("CREATE TABLE session(Date TEXT, User TEXT, In_Time TEXT, Out_Time TEXT)")
        .unwrap();
    assert_eq!(schema(&migrated(connection)), schema(&migrated(old(0))));
}

/// What was said before history knew its people: a channel keeps it, a rank's is the rank's, and
/// nobody finds what went to one person.
#[test]
fn older_messages_stay_where_their_readers_are_known() {
    let connection = old(4);
    for (id, target) in [(1, "#A"), (2, "@#A"), (3, "+#A"), (4, "Bob")] {
        connection
            .execute(
                "INSERT INTO messages VALUES (?1, 5, 'ann!a@b', NULL, 1, ?2, lower(?2), 1, 'x')",
                rusqlite::params![id, target],
            )
            .unwrap();
    }
    let connection = migrated(connection);
    let found: Vec<(i64, String, i64, i64)> = connection
        .prepare("SELECT id, target_key, rank, kind FROM messages ORDER BY id")
        .unwrap()
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    let place = |id, key: &str, rank| (id, key.to_owned(), rank, 1);
    assert_eq!(
        found,
        [
            place(1, "#a", 0),
            place(2, "#a", 3),
            place(3, "#a", 1),
            place(4, "?bob", 0)
        ]
    );
}

/// Whom an older program had on when it crashed is known from a table that is no more.
#[test]
fn sessions_that_an_older_program_left_open_are_still_known() {
    let from = |connection: &Connection| -> i64 {
        connection
            .query_row("SELECT sessions_from FROM journal", [], |row| row.get(0))
            .unwrap()
    };
    // Row 1 is of the original program.
    assert_eq!(from(&migrated(old(12))), 2);
    let connection = old(12);
    connection
        .execute_batch(
            "INSERT INTO session VALUES ('2026-01-01', 'bob', '10:00:00', '10:00:01'),
                                        ('2026-01-01', 'eve', '10:00:00', NULL),
                                        ('2026-01-01', 'dan', '10:00:00', NULL);
             INSERT INTO live_sessions(session, row) VALUES (1, 4), (2, 3);",
        )
        .unwrap();
    assert_eq!(from(&migrated(connection)), 3);
}

fn folding(version: u32) -> crate::Folding {
    crate::Folding {
        version,
        fold: |name| name.to_lowercase(),
    }
}

/// Names of channels were once folded as ASCII alone: with what was said there they move to where
/// they are looked for now, words in the index, events and markers too.
#[test]
fn keys_of_older_rules_are_made_again_once() {
    let connection = old(11);
    connection
        .execute_batch(
            "INSERT INTO messages(id, time_ms, sender, sender_key, server, target, target_key, rank, \
                                  kind, text)
               VALUES (1, 5, 'ann!a@b', 'u1', 1, '#\u{c9}T\u{c9}', '#\u{c9}t\u{c9}', 0, 0, 'summer'),
                      (2, 5, 'ann!a@b', 'u1', 1, '#A', '#a', 0, 0, 'summer');
             INSERT INTO events VALUES ('#\u{c9}t\u{c9}', 3, 5, 0, 'ann!a@b', NULL, 'Ann');
             INSERT INTO read_markers VALUES (7, '#\u{c9}t\u{c9}', 5), (7, 'bob', 5);
             INSERT INTO channels VALUES (9, '#\u{c9}T\u{c9}', '#\u{c9}t\u{c9}', NULL, '{}');",
        )
        .unwrap();
    assert_eq!(crate::tables::search::index(&connection, 9).unwrap(), 2);
    let mut connection = migrated(connection);
    crate::folding::renew(&mut connection, &folding(1)).unwrap();
    let keys = |sql: &str| -> Vec<String> {
        connection
            .prepare(sql)
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap()
    };
    let new = "#\u{e9}t\u{e9}";
    assert_eq!(
        keys("SELECT target_key FROM messages ORDER BY id"),
        [new, "#a"]
    );
    assert_eq!(keys("SELECT target_key FROM events"), [new]);
    assert_eq!(keys("SELECT name_key FROM channels"), [new]);
    assert_eq!(
        keys("SELECT target_key FROM read_markers ORDER BY target_key DESC"),
        ["bob", new]
    );
    let found = |place: &str| {
        let asked = crate::Search {
            text: Some("summer".to_owned()),
            places: [(place.to_owned(), (0, 0))].into(),
            last: u64::MAX,
            limit: 9,
            ..crate::Search::default()
        };
        let found = crate::search::search(&connection, &asked).unwrap();
        found.iter().map(|message| message.id).collect::<Vec<_>>()
    };
    assert_eq!(found(new), [1]);
    assert_eq!(found("#a"), [2]);
}

/// By the same rules nothing is looked at again.
#[test]
fn keys_are_made_again_when_the_rules_change() {
    let mut connection = migrated(old(11));
    connection
        .execute(
            "INSERT INTO events VALUES ('#\u{c9}', 3, 5, 0, 'ann!a@b', NULL, 'Ann')",
            [],
        )
        .unwrap();
    let key = |connection: &Connection| -> String {
        connection
            .query_row("SELECT target_key FROM events", [], |row| row.get(0))
            .unwrap()
    };
    for (version, expected) in [(1, "#\u{e9}"), (1, "#\u{c9}"), (2, "#\u{e9}")] {
        connection
            .execute("UPDATE events SET target_key = '#\u{c9}'", [])
            .unwrap();
        crate::folding::renew(&mut connection, &folding(version)).unwrap();
        assert_eq!(key(&connection), expected, "version {version}");
    }
}

/// What is in the table of events before the newest have one of their own stays there, and a page has
/// both.
#[test]
fn older_events_stay_where_they_are() {
    let connection = old(14);
    let insert = "INSERT INTO events VALUES ('#a', ?1, 5, 0, 'ann!a@b', NULL, 'Ann')";
    for id in [1, 2] {
        connection.execute(insert, [id]).unwrap();
    }
    let connection = migrated(connection);
    let newer = crate::Happening {
        target_key: "#a".to_owned(),
        id: 3,
        time_ms: 6,
        kind: crate::EventKind::Quit,
        sender: "ann!a@b".to_owned(),
        account: None,
        detail: String::new(),
    };
    crate::tables::recent_events::insert(&connection, &newer).unwrap();
    let count: i64 = connection
        .query_row("SELECT count(*) FROM events", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 2);
    let view = crate::View {
        place: "#a",
        first: 0,
        last: u64::MAX,
        rank: 0,
        own: "u9",
        events: true,
    };
    let latest = crate::Selection::Latest(None);
    let page = crate::history::page(&connection, &view, latest, 9).unwrap();
    let ids: Vec<u64> = page.records.iter().map(crate::Record::id).collect();
    assert_eq!(ids, [1, 2, 3]);
}

/// Recent events are made again too.
#[test]
fn keys_of_recent_events_are_made_again() {
    let mut connection = migrated(old(14));
    connection
        .execute(
            "INSERT INTO recent_events VALUES (1, '#\u{c9}', 3, 5, 0, 'ann!a@b', NULL, 'Ann')",
            [],
        )
        .unwrap();
    crate::folding::renew(&mut connection, &folding(1)).unwrap();
    let keys: Vec<String> = connection
        .prepare("SELECT target_key FROM events UNION ALL SELECT target_key FROM recent_events")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    assert_eq!(keys, ["#\u{e9}"]);
}
