//! `storage.db` at the root of the repository is an empty database of the current schema. Made by
//!
//! ```text
//! rm storage.db && cargo run -p chat-store --example empty_database -- storage.db
//! ```

use std::path::{Path, PathBuf};

use chat_store::{Error, create_empty};
use rusqlite::{Connection, OpenFlags};
use tempfile::tempdir;

fn look(path: &Path) -> Connection {
    // Immutable: not even a lock is taken, so no file appears beside it.
    let uri = format!("file:{}?immutable=1", path.display());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri, flags).unwrap()
}

/// Header, tables and rows, one line each.
fn describe(connection: &Connection) -> Vec<String> {
    let number = |name| -> i64 {
        connection
            .pragma_query_value(None, name, |row| row.get(0))
            .unwrap()
    };
    let mut lines: Vec<_> = ["application_id", "user_version"]
        .into_iter()
        .map(|name| format!("{name} {}", number(name)))
        .collect();
    let mut query = connection
        .prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")
        .unwrap();
    let items: Vec<(String, String, Option<String>)> = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (kind, name, sql) in items {
        // An index of words cannot be counted, and the tables in it are SQLite's own.
        if kind == "table" && !name.starts_with("messages_text") {
            let rows: i64 = connection
                .query_row(&format!("SELECT count(*) FROM \"{name}\""), [], |row| {
                    row.get(0)
                })
                .unwrap();
            lines.push(format!("rows of {name}: {rows}"));
        }
        lines.push(format!("{kind} {name} {}", sql.unwrap_or_default()));
    }
    lines
}

#[test]
fn storage_db_is_empty_and_of_the_current_schema() {
    let folder = tempdir().unwrap();
    let fresh = folder.path().join("fresh.db");
    create_empty(&fresh).unwrap();
    let expected = describe(&look(&fresh));
    let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../storage.db");
    assert_eq!(
        describe(&look(&kept)),
        expected,
        "make it again: cargo run -p chat-store --example empty_database -- storage.db"
    );
    let filled: Vec<_> = expected
        .iter()
        .filter(|l| l.starts_with("rows of") && !l.ends_with(": 0"))
        .collect();
    assert_eq!(
        filled,
        ["rows of journal: 1", "rows of search: 1"],
        "its secret is made when it is first written to"
    );
}

#[test]
fn an_empty_database_is_not_made_over_a_file() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.db");
    std::fs::write(&path, "precious").unwrap();
    assert!(matches!(create_empty(&path), Err(Error::Io { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
}
