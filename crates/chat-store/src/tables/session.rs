//! `session`, a table of the original program, and `live_sessions`, which finds the row to close.

use rusqlite::{Connection, Result, params};

use super::servers::text;
use crate::SessionRow;
use crate::clock::local;

/// A new row. A session that is live already is refused before anything is written.
pub(crate) fn open(connection: &Connection, session: u64, user: &str, time_ms: i64) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO live_sessions(session, row) \
             VALUES (?1, (SELECT coalesce(max(rowid), 0) + 1 FROM session))",
        )?
        .execute([session.cast_signed()])?;
    let at = local(time_ms);
    connection
        .prepare_cached(
            "INSERT INTO session(rowid, Date, User, In_Time) \
             VALUES ((SELECT row FROM live_sessions WHERE session = ?1), ?2, ?3, ?4)",
        )?
        .execute(params![session.cast_signed(), at.date, user, at.time])
        .map(|_| ())
}

/// The end of a live session; of another: nothing.
pub(crate) fn close(connection: &Connection, session: u64, time_ms: i64) -> Result<()> {
    let session = session.cast_signed();
    connection
        .prepare_cached(
            "UPDATE session SET Out_Time = ?2 \
             WHERE rowid = (SELECT row FROM live_sessions WHERE session = ?1) AND Out_Time IS NULL",
        )?
        .execute(params![session, local(time_ms).time])?;
    connection
        .prepare_cached("DELETE FROM live_sessions WHERE session = ?1")?
        .execute([session])
        .map(|_| ())
}

/// The end of all live sessions; how many there were.
pub(crate) fn close_all(connection: &Connection, time_ms: i64) -> Result<usize> {
    connection
        .prepare_cached(
            "UPDATE session SET Out_Time = ?1 \
             WHERE rowid IN (SELECT row FROM live_sessions) AND Out_Time IS NULL",
        )?
        .execute([local(time_ms).time])?;
    connection
        .prepare_cached("DELETE FROM live_sessions")?
        .execute([])
}

/// True while anyone is on.
pub(crate) fn any_live(connection: &Connection) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM live_sessions LIMIT 1")?
        .exists([])
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
