//! Whose database a file is, and how it becomes one of the current schema.
//!
//! The list of migrations only ever grows at its end. All that are missing run in one transaction,
//! which also checks again what it found: either all of them happened or none.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::Error;

/// "Chat", in the header of every database of ours.
pub(crate) const APPLICATION_ID: i64 = 0x4368_6174;

/// In order; the version of a database is how many of them it has seen. Never edit one that was
/// released.
pub(crate) const MIGRATIONS: [&str; 15] = [
    include_str!("migrations/0001_original.sql"),
    include_str!("migrations/0002_journal.sql"),
    include_str!("migrations/0003_messages.sql"),
    include_str!("migrations/0004_ratings.sql"),
    include_str!("migrations/0005_history.sql"),
    include_str!("migrations/0006_accounts.sql"),
    include_str!("migrations/0007_search.sql"),
    include_str!("migrations/0008_read_markers.sql"),
    include_str!("migrations/0009_forgetting.sql"),
    include_str!("migrations/0010_operators.sql"),
    include_str!("migrations/0011_secret.sql"),
    include_str!("migrations/0012_memory.sql"),
    include_str!("migrations/0013_sessions.sql"),
    include_str!("migrations/0014_search.sql"),
    include_str!("migrations/0015_recent_events.sql"),
];

/// The newest version known.
pub(crate) const CURRENT: i64 = MIGRATIONS.len() as i64;

const SERVERS: &[&str] = &[
    "date",
    "name",
    "average_rating",
    "today_count",
    "monthly_count",
    "total_approaches",
    "lost_count",
];
const SESSION: &[&str] = &["date", "user", "in_time", "out_time"];

/// The version of a database that we may write to: 0 for an empty file and for one that the
/// original program left behind. Reads only.
pub(crate) fn inspect(connection: &Connection, path: &Path) -> Result<i64, Error> {
    let application: i64 = pragma(connection, path, "application_id")?;
    let version: i64 = pragma(connection, path, "user_version")?;
    let foreign = |found: String| {
        Err(Error::Foreign {
            path: path.to_owned(),
            found,
        })
    };
    match application {
        APPLICATION_ID if (0..=CURRENT).contains(&version) => Ok(version),
        APPLICATION_ID => Err(Error::Newer {
            path: path.to_owned(),
            found: version,
            supported: CURRENT,
        }),
        0 if version == 0 => match stranger(connection).map_err(|e| sqlite(path, e))? {
            None => Ok(0),
            Some(found) => foreign(found),
        },
        0 => foreign(format!("schema version {version} of no known application")),
        other => foreign(format!("application id {other:#010x}")),
    }
}

/// Runs what is missing.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    if inspect(connection, path)? == CURRENT {
        return Ok(());
    }
    let wrong = |source| sqlite(path, source);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(wrong)?;
    // Again, now that nobody else can change it.
    let version = inspect(&transaction, path)?;
    let done = usize::try_from(version).unwrap_or(0);
    for sql in &MIGRATIONS[done..] {
        transaction.execute_batch(sql).map_err(wrong)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(wrong)?;
    transaction
        .pragma_update(None, "user_version", CURRENT)
        .map_err(wrong)?;
    transaction.commit().map_err(wrong)?;
    if done > 0 || version == 0 {
        tracing::info!(path = %path.display(), from = version, to = CURRENT, "schema migrated");
    }
    Ok(())
}

/// Wraps what SQLite said, with the file it said it of.
pub(crate) fn sqlite(path: &Path, source: rusqlite::Error) -> Error {
    if source.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
        Error::NotADatabase {
            path: path.to_owned(),
        }
    } else {
        Error::Sqlite {
            path: path.to_owned(),
            source,
        }
    }
}

fn pragma(connection: &Connection, path: &Path, name: &str) -> Result<i64, Error> {
    connection
        .pragma_query_value(None, name, |row| row.get(0))
        .map_err(|e| sqlite(path, e))
}

/// The first thing in a database without our mark that the original program did not put there.
fn stranger(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let mut query = connection.prepare(
        "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
        let expected = match (kind.as_str(), name.to_ascii_lowercase().as_str()) {
            ("table", "servers") => SERVERS,
            ("table", "session") => SESSION,
            _ => return Ok(Some(format!("{kind} {name:?}"))),
        };
        if columns(connection, &name)? != expected {
            return Ok(Some(format!("table {name:?} with other columns")));
        }
    }
    Ok(None)
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut query = connection.prepare("SELECT lower(name) FROM pragma_table_info(?1)")?;
    query.query_map([table], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests;
