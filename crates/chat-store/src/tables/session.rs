//! `session`, a table of the original program: one row for each who registered.

use rusqlite::{Connection, OptionalExtension, Result, params};

use super::servers::text;
use crate::SessionRow;
use crate::clock::Local;

/// A new row; its number.
pub(crate) fn insert(connection: &Connection, user: &str, at: &Local) -> Result<i64> {
    connection
        .prepare_cached("INSERT INTO session(Date, User, In_Time) VALUES (?1, ?2, ?3)")?
        .insert(params![at.date, user, at.time])
}

/// The end of the one in a row, unless it has ended.
pub(crate) fn end(connection: &Connection, row: i64, at: &Local) -> Result<()> {
    connection
        .prepare_cached("UPDATE session SET Out_Time = ?2 WHERE rowid = ?1 AND Out_Time IS NULL")?
        .execute(params![row, at.time])
        .map(|_| ())
}

/// The end of all that are open, from a row on; how many there were.
pub(crate) fn end_all(connection: &Connection, from: i64, at: &Local) -> Result<usize> {
    connection
        .prepare_cached("UPDATE session SET Out_Time = ?2 WHERE rowid >= ?1 AND Out_Time IS NULL")?
        .execute(params![from, at.time])
}

/// The number that the next row gets.
pub(crate) fn next_row(connection: &Connection) -> Result<i64> {
    connection
        .prepare_cached("SELECT coalesce(max(rowid), 0) + 1 FROM session")?
        .query_row([], |row| row.get(0))
}

/// When the last row from one on began, as local date and time.
pub(crate) fn last_begin(connection: &Connection, from: i64) -> Result<Option<Local>> {
    let found = connection
        .prepare_cached(
            "SELECT Date, In_Time FROM session WHERE rowid >= ?1 ORDER BY rowid DESC LIMIT 1",
        )?
        .query_row([from], |row| {
            Ok((text(row.get_ref(0)?), text(row.get_ref(1)?)))
        })
        .optional()?;
    Ok(found.and_then(|(date, time)| {
        Some(Local {
            date: date?,
            time: time?,
        })
    }))
}

/// The newest `limit` rows (of a date, if given), oldest first.
pub(crate) fn newest(
    connection: &Connection,
    date: Option<&str>,
    limit: u32,
) -> Result<Vec<SessionRow>> {
    let mut rows: Vec<SessionRow> = connection
        .prepare_cached(
            "SELECT Date, User, In_Time, Out_Time FROM session \
             WHERE ?1 IS NULL OR Date = ?1 ORDER BY rowid DESC LIMIT ?2",
        )?
        .query_map(params![date, limit], |row| {
            Ok(SessionRow {
                date: text(row.get_ref(0)?),
                user: text(row.get_ref(1)?),
                in_time: text(row.get_ref(2)?),
                out_time: text(row.get_ref(3)?),
            })
        })?
        .collect::<Result<_>>()?;
    rows.reverse();
    Ok(rows)
}
