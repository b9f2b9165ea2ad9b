//! `forgetting`: what is to be forgotten and is not yet.

use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::Happening;
use crate::tables::{events, messages, recent_events, search};

/// Messages that are looked at in one step for what somebody has said.
const LOOKED_AT: u32 = 512;

/// One thing to be forgotten.
struct Wanted {
    id: i64,
    sender_key: Option<String>,
    account: Option<String>,
    target_key: Option<String>,
    done: i64,
    until: i64,
    /// The last event that was looked at.
    event: (String, i64),
}

pub(crate) fn want(
    connection: &Connection,
    (sender_key, account): (Option<&str>, Option<&str>),
    target_key: Option<&str>,
    until: u64,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO forgetting(sender_key, account, target_key, done, until) \
             VALUES (?1, ?2, ?3, -1, ?4)",
        )?
        .execute(params![sender_key, account, target_key, until])
        .map(|_| ())
}

/// How much is still to be forgotten.
pub(crate) fn count(connection: &Connection) -> Result<u64> {
    connection
        .prepare_cached("SELECT count(*) FROM forgetting")?
        .query_row([], |row| row.get(0))
}

/// Forgets some of the oldest wish, at most `rows` messages; `false`: there is none. Part of a
/// transaction.
pub(crate) fn step(connection: &Connection, rows: u32) -> Result<bool> {
    let Some(wanted) = first(connection)? else {
        return Ok(false);
    };
    recent_events::settle(connection)?;
    let over = match (&wanted.sender_key, &wanted.target_key) {
        (Some(sender), _) => {
            forget_sender(connection, &wanted, sender)? && forget_events(connection, &wanted)?
        }
        (None, Some(target)) => forget_place(connection, &wanted, target, rows)?,
        (None, None) => true,
    };
    if over {
        connection
            .prepare_cached("DELETE FROM forgetting WHERE id = ?1")?
            .execute([wanted.id])?;
    }
    Ok(true)
}

fn first(connection: &Connection) -> Result<Option<Wanted>> {
    connection
        .prepare_cached(
            "SELECT id, sender_key, account, target_key, done, until, event_place, event_id \
             FROM forgetting ORDER BY id LIMIT 1",
        )?
        .query_row([], |row| {
            Ok(Wanted {
                id: row.get(0)?,
                sender_key: row.get(1)?,
                account: row.get(2)?,
                target_key: row.get(3)?,
                done: row.get(4)?,
                until: row.get(5)?,
                event: (row.get(6)?, row.get(7)?),
            })
        })
        .optional()
}

/// Whether all is done.
fn forget_sender(connection: &Connection, wanted: &Wanted, sender: &str) -> Result<bool> {
    let next = messages::following(connection, wanted.done, LOOKED_AT)?;
    let is_wanted = |id: u64| i64::try_from(id).is_ok_and(|id| id <= wanted.until);
    for message in next.iter().filter(|message| message.sender_key == sender) {
        if is_wanted(message.id) {
            search::forget(connection, message)?;
            messages::delete(connection, message.id)?;
        }
    }
    let Some(last) = next.last().filter(|last| is_wanted(last.id)) else {
        return Ok(true);
    };
    connection
        .prepare_cached("UPDATE forgetting SET done = ?2 WHERE id = ?1")?
        .execute(params![wanted.id, last.id])?;
    Ok(false)
}

/// What somebody did, in all places. Whether all is done.
fn forget_events(connection: &Connection, wanted: &Wanted) -> Result<bool> {
    let Some(account) = &wanted.account else {
        return Ok(true);
    };
    let (place, id) = &wanted.event;
    let next = events::following(connection, place, *id, LOOKED_AT)?;
    let is_wanted = |event: &Happening| {
        let old = i64::try_from(event.id).is_ok_and(|id| id <= wanted.until);
        let mut accounts = event
            .account
            .iter()
            .flat_map(|accounts| accounts.split('\n'));
        old && accounts.any(|own| own == account)
    };
    for event in next.iter().filter(|event| is_wanted(event)) {
        events::forget(connection, event, account)?;
    }
    let Some(last) = next.last() else {
        return Ok(true);
    };
    connection
        .prepare_cached("UPDATE forgetting SET event_place = ?2, event_id = ?3 WHERE id = ?1")?
        .execute(params![wanted.id, last.target_key, last.id])?;
    Ok(false)
}

/// Whether all is done.
fn forget_place(connection: &Connection, wanted: &Wanted, target: &str, rows: u32) -> Result<bool> {
    let oldest = messages::oldest(connection, target, rows)?;
    let mut deleted = 0;
    for message in &oldest {
        if i64::try_from(message.id).is_ok_and(|id| id > wanted.until) {
            break;
        }
        search::forget(connection, message)?;
        messages::delete(connection, message.id)?;
        deleted += 1;
    }
    if deleted == rows as usize {
        return Ok(false);
    }
    events::delete_up_to(connection, target, wanted.until.max(0).unsigned_abs())?;
    Ok(true)
}
