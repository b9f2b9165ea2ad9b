//! `journal`: one row, where everything is.

use rusqlite::{Connection, Result, params};

use crate::watermark::Watermark;

/// The row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Journal {
    pub(crate) mark: Watermark,
    /// The last unit of work written.
    pub(crate) serial: u64,
    /// The last time the program is known to have run.
    pub(crate) last_time_ms: i64,
    /// Rows of `session` before this one are none of this life, or have ended.
    pub(crate) sessions_from: i64,
}

pub(crate) fn read(connection: &Connection) -> Result<Journal> {
    connection
        .prepare_cached(
            "SELECT position, reserved, serial, last_time_ms, sessions_from FROM journal \
             WHERE id = 1",
        )?
        .query_row([], |row| {
            let number = |column| row.get::<_, i64>(column).map(|n| n.max(0).unsigned_abs());
            Ok(Journal {
                mark: Watermark {
                    position: number(0)?,
                    reserved: number(1)?,
                },
                serial: number(2)?,
                last_time_ms: row.get(3)?,
                sessions_from: row.get(4)?,
            })
        })
}

pub(crate) fn write(connection: &Connection, journal: &Journal) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE journal SET position = ?1, reserved = ?2, serial = ?3, last_time_ms = ?4, \
             sessions_from = ?5 WHERE id = 1",
        )?
        .execute(params![
            journal.mark.position,
            journal.mark.reserved,
            journal.serial,
            journal.last_time_ms,
            journal.sessions_from
        ])
        .map(|_| ())
}
