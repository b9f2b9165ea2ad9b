//! `events`: what else happened, once for each place. What is newest is in
//! [`recent_events`](super::recent_events).

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::history::{Order, Span};
use crate::sweep;
use crate::{EventKind, Happening};

/// Whether there is an event of this place with this id.
pub(crate) fn is_known(connection: &Connection, event: &Happening) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM events WHERE target_key = ?1 AND id = ?2")?
        .exists(params![event.target_key, event.id])
}

/// What happened in a place within a span, in the order asked for.
pub(crate) fn walk(
    connection: &Connection,
    place: &str,
    span: Span,
    order: Order,
    limit: u32,
) -> Result<Vec<Happening>> {
    connection
        .prepare_cached(&walk_sql(order))?
        .query_map(params![place, span.after, span.before, limit], event)?
        .collect()
}

fn walk_sql(order: Order) -> String {
    let direction = order.sql();
    format!(
        "SELECT target_key, id, time_ms, kind, sender, account, detail FROM events \
         WHERE target_key = ?1 AND id > ?2 AND id < ?3 ORDER BY id {direction} LIMIT ?4"
    )
}

/// The first of a place from an id on: its id and time.
pub(crate) fn first_from(
    connection: &Connection,
    place: &str,
    id: i64,
) -> Result<Option<(i64, i64)>> {
    connection
        .prepare_cached(FIRST_FROM)?
        .query_row(params![place, id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

const FIRST_FROM: &str =
    "SELECT id, time_ms FROM events WHERE target_key = ?1 AND id >= ?2 ORDER BY id LIMIT 1";

/// The id of the event that so many of its place are newer than.
pub(crate) fn nth_newest(connection: &Connection, place: &str, count: u32) -> Result<Option<i64>> {
    connection
        .prepare_cached(NTH_NEWEST)?
        .query_row(params![place, count], |row| row.get(0))
        .optional()
}

const NTH_NEWEST: &str =
    "SELECT id FROM events WHERE target_key = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2";

/// The first place after another one.
pub(crate) fn place_after(connection: &Connection, place: &str) -> Result<Option<String>> {
    sweep::place_after(connection, PLACE_AFTER, place)
}

const PLACE_AFTER: &str =
    "SELECT target_key FROM events WHERE target_key > ?1 ORDER BY target_key LIMIT 1";

/// The next of all places, in the order of places and then of ids.
pub(crate) fn following(
    connection: &Connection,
    place: &str,
    id: i64,
    limit: u32,
) -> Result<Vec<Happening>> {
    connection
        .prepare_cached(FOLLOWING)?
        .query_map(params![place, id, limit], event)?
        .collect()
}

const FOLLOWING: &str = "SELECT target_key, id, time_ms, kind, sender, account, detail FROM events \
                         WHERE (target_key, id) > (?1, ?2) ORDER BY target_key, id LIMIT ?3";

/// Deletes what somebody did; of what several did at once (one to a line), their part.
pub(crate) fn forget(connection: &Connection, event: &Happening, account: &str) -> Result<()> {
    let accounts = event.account.as_deref().unwrap_or_default().split('\n');
    let others: Vec<(&str, &str)> = event
        .sender
        .split('\n')
        .zip(accounts)
        .filter(|(_, own)| *own != account)
        .collect();
    if others.is_empty() {
        return connection
            .prepare_cached("DELETE FROM events WHERE target_key = ?1 AND id = ?2")?
            .execute(params![event.target_key, event.id])
            .map(|_| ());
    }
    let (senders, accounts): (Vec<&str>, Vec<&str>) = others.into_iter().unzip();
    connection
        .prepare_cached(
            "UPDATE events SET sender = ?3, account = ?4 WHERE target_key = ?1 AND id = ?2",
        )?
        .execute(params![
            event.target_key,
            event.id,
            senders.join("\n"),
            accounts.join("\n")
        ])
        .map(|_| ())
}

/// Deletes all of a place up to an id.
pub(crate) fn delete_up_to(connection: &Connection, place: &str, id: u64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM events WHERE target_key = ?1 AND id <= ?2")?
        .execute(params![place, id])
        .map(|_| ())
}

/// From the columns as all of these name them.
pub(crate) fn event(row: &Row<'_>) -> Result<Happening> {
    Ok(Happening {
        target_key: row.get(0)?,
        id: row.get(1)?,
        time_ms: row.get(2)?,
        kind: EventKind::from_code(row.get(3)?),
        sender: row.get(4)?,
        account: row.get(5)?,
        detail: row.get(6)?,
    })
}

#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    let walks = [Order::Oldest, Order::Newest].map(walk_sql);
    let others = [FIRST_FROM, NTH_NEWEST, PLACE_AFTER, FOLLOWING].map(str::to_owned);
    walks.into_iter().chain(others).collect()
}
