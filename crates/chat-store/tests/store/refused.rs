//! What is not ours is refused with a clear word, and left as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chat_store::{Config, Error, Reader, open};
use rusqlite::Connection;
use tempfile::tempdir;

use crate::support::{LONG, commit_now, said};

/// Every file of a folder with its bytes. An empty log and the index of a log are no content:
/// whoever only looks makes them.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        .filter(|(name, bytes)| {
            !(name.ends_with("-shm") || name.ends_with("-wal") && bytes.is_empty())
        })
        .collect()
}

/// Opens `x.db` in the folder for writing and for reading, and checks that nothing changes.
fn refused(folder: &Path) -> Error {
    let before = contents(folder);
    let path = folder.join("x.db");
    let error = open(&Config::at(&path)).unwrap_err();
    assert_eq!(
        contents(folder),
        before,
        "changed by a writer that was refused"
    );
    assert!(Reader::open(&path).is_err());
    assert_eq!(
        contents(folder),
        before,
        "changed by a reader that was refused"
    );
    assert!(error.to_string().contains("x.db"), "{error}");
    error
}

fn with_sql(sql: &str) -> Error {
    let folder = tempdir().unwrap();
    Connection::open(folder.path().join("x.db"))
        .unwrap()
        .execute_batch(sql)
        .unwrap();
    refused(folder.path())
}

#[test]
fn files_that_are_no_database() {
    let mut noise = vec![0_u8; 9000];
    let mut state = 1_u32;
    for byte in &mut noise {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = state.to_be_bytes()[0];
    }
    let files: [&[u8]; 6] = [
        b"x",
        b"hello\n",
        &[0; 700],
        &[0xff; 4096],
        &noise,
        b"SQLite format 2\0 and so on",
    ];
    for file in files {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("x.db"), file).unwrap();
        let error = refused(folder.path());
        assert!(matches!(error, Error::NotADatabase { .. }), "{error}");
    }
}

#[test]
fn a_folder_and_a_file_in_a_folder_that_is_not_there() {
    let folder = tempdir().unwrap();
    let error = open(&Config::at(folder.path())).unwrap_err();
    assert!(
        matches!(error, Error::NotADatabase { .. } | Error::Io { .. }),
        "{error}"
    );
    let error = open(&Config::at(folder.path().join("no/x.db"))).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    let error = Reader::open(folder.path().join("x.db")).unwrap_err();
    assert!(matches!(error, Error::Sqlite { .. }), "{error}");
    assert!(contents_are_none(folder.path()));
}

fn contents_are_none(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn a_database_cut_short_is_an_error() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("x.db");
    let (writer, _) = open(&Config::at(&path)).unwrap();
    writer.close(LONG).unwrap();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..5000]).unwrap();
    assert!(open(&Config::at(&path)).is_err());
    assert_eq!(fs::read(&path).unwrap(), &whole[..5000]);
}

#[test]
fn databases_of_other_programs() {
    for sql in [
        "CREATE TABLE places(id INTEGER)",
        "PRAGMA application_id = 77; CREATE TABLE session(Date, User, In_Time, Out_Time)",
        "PRAGMA user_version = 3",
        "CREATE TABLE session(id INTEGER, cookie TEXT)",
        "CREATE TABLE servers(Date, Name); CREATE TABLE session(Date, User, In_Time, Out_Time)",
        "CREATE TABLE session(Date, User, In_Time, Out_Time); CREATE TABLE more(x)",
        "CREATE VIEW session AS SELECT 1 AS Date, 2 AS User, 3 AS In_Time, 4 AS Out_Time",
        "PRAGMA journal_mode = WAL; CREATE TABLE places(id INTEGER)",
    ] {
        let error = with_sql(sql);
        assert!(matches!(error, Error::Foreign { .. }), "{sql}: {error}");
    }
}

#[test]
fn a_newer_schema() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("x.db");
    let (writer, _) = open(&Config::at(&path)).unwrap();
    commit_now(&writer, said(1, "#a", "x"));
    writer.close(LONG).unwrap();
    fs::remove_file(folder.path().join("x.db-lock")).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = refused(folder.path());
    assert!(matches!(error, Error::Newer { found: 99, .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("99") && text.contains("newer"), "{text}");
}

#[test]
fn a_newer_schema_that_is_still_in_the_log_of_a_crashed_owner() {
    let folder = tempdir().unwrap();
    let elsewhere = tempdir().unwrap();
    let path = elsewhere.path().join("x.db");
    let (writer, _) = open(&Config::at(&path)).unwrap();
    writer.close(LONG).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("PRAGMA user_version = 99; CREATE TABLE more(x)")
        .unwrap();
    // As a crash would leave it: with its log.
    for name in ["x.db", "x.db-wal"] {
        fs::copy(elsewhere.path().join(name), folder.path().join(name)).unwrap();
    }
    assert!(contents(folder.path())["x.db-wal"].len() > 1000);
    let error = refused(folder.path());
    assert!(matches!(error, Error::Newer { found: 99, .. }), "{error}");
}

#[test]
fn a_reader_wants_the_current_schema() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("x.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch("VACUUM")
        .unwrap();
    let error = Reader::open(&path).unwrap_err();
    assert!(matches!(error, Error::Older { found: 0, .. }), "{error}");
    open(&Config::at(&path)).unwrap();
    Reader::open(&path).unwrap();
}
