//! `recent_events`: what happened last, in the order in which it came.
//!
//! In `events` each place has a page of its own for what is new, and a commit of ten events would
//! write ten pages. Here it writes one or two; those of a thousand events are written to `events`
//! together.

use rusqlite::{Connection, OptionalExtension, Result, params};

use super::events;
use crate::Happening;

/// With so many they are moved, in the transaction that adds the last of them: no commit leaves as
/// many. Who asks for the events of a place reads all of these.
pub(crate) const FULL: u64 = 1024;

/// Adds one; how many there are then.
pub(crate) fn insert(connection: &Connection, event: &Happening) -> Result<u64> {
    connection
        .prepare_cached(
            "INSERT INTO recent_events(target_key, id, time_ms, kind, sender, account, detail) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            event.target_key,
            event.id,
            event.time_ms,
            event.kind.code(),
            event.sender,
            event.account,
            event.detail,
        ])?;
    Ok(connection.last_insert_rowid().max(0).unsigned_abs())
}

/// How many there are.
pub(crate) fn count(connection: &Connection) -> Result<u64> {
    connection
        .prepare_cached("SELECT number FROM recent_events ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()
        .map(Option::unwrap_or_default)
}

/// Moves all to `events`. Part of a transaction.
///
/// An id that its place has already is left out, which the log is told: it would otherwise be in the
/// way of all that comes after it.
pub(crate) fn settle(connection: &Connection) -> Result<()> {
    if count(connection)? == 0 {
        return Ok(());
    }
    let moved = connection
        .prepare_cached(
            "INSERT OR IGNORE INTO events(target_key, id, time_ms, kind, sender, account, detail) \
             SELECT target_key, id, time_ms, kind, sender, account, detail FROM recent_events \
             ORDER BY target_key, id",
        )?
        .execute([])?;
    let gone = connection
        .prepare_cached("DELETE FROM recent_events")?
        .execute([])?;
    if moved < gone {
        let left_out = gone - moved;
        tracing::error!(left_out, "events with ids that are used already");
    }
    Ok(())
}

/// Those of a place, oldest first.
pub(crate) fn of_place(connection: &Connection, place: &str) -> Result<Vec<Happening>> {
    let mut found: Vec<Happening> = connection
        .prepare_cached(OF_PLACE)?
        .query_map([place], events::event)?
        .collect::<Result<_>>()?;
    found.sort_by_key(|event| event.id);
    Ok(found)
}

const OF_PLACE: &str = "SELECT target_key, id, time_ms, kind, sender, account, detail \
                        FROM recent_events WHERE target_key = ?1";

#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    vec![OF_PLACE.to_owned()]
}
