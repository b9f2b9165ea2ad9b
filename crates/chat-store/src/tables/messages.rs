//! `messages`: what was said.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Result, Row, params};

use crate::history::{Order, Span};
use crate::sweep;
use crate::{Message, MessageKind, View};

const COLUMNS: &str = "id, time_ms, sender, sender_key, account, server, target, target_key, \
                       recipient_key, rank, kind, text, tags";

/// The prepared insertion, kept through a transaction.
pub(crate) fn insertion(connection: &Connection) -> Result<CachedStatement<'_>> {
    connection.prepare_cached(
        "INSERT INTO messages(id, time_ms, sender, sender_key, account, server, target, target_key, \
         recipient_key, rank, kind, text, tags) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )
}

pub(crate) fn insert(statement: &mut CachedStatement<'_>, message: &Message) -> Result<()> {
    let tags = (!message.tags.is_empty()).then(|| tags_to_text(&message.tags));
    statement
        .execute(params![
            message.id,
            message.time_ms,
            message.sender,
            message.sender_key,
            message.account,
            message.server,
            message.target,
            message.target_key,
            message.recipient_key,
            message.rank,
            message.kind.code(),
            &*message.text,
            tags,
        ])
        .map(|_| ())
}

/// What may be seen of a place within a span, in the order asked for.
pub(crate) fn walk(
    connection: &Connection,
    view: &View<'_>,
    span: Span,
    order: Order,
    limit: u32,
) -> Result<Vec<Message>> {
    connection
        .prepare_cached(&walk_sql(order))?
        .query_map(
            params![
                view.place,
                span.after,
                span.before,
                view.rank,
                view.own,
                view.last_kind().code(),
                limit
            ],
            message,
        )?
        .collect()
}

fn walk_sql(order: Order) -> String {
    let direction = order.sql();
    format!(
        "SELECT {COLUMNS} FROM messages \
         WHERE target_key = ?1 AND id > ?2 AND id < ?3 AND (rank <= ?4 OR sender_key = ?5) \
         AND kind <= ?6 ORDER BY id {direction} LIMIT ?7"
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
    "SELECT id, time_ms FROM messages WHERE target_key = ?1 AND id >= ?2 ORDER BY id LIMIT 1";

/// The id and the time of the newest of all.
pub(crate) fn newest(connection: &Connection) -> Result<Option<(u64, i64)>> {
    connection
        .prepare_cached("SELECT id, time_ms FROM messages ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Whether there is a message with this id.
pub(crate) fn is_known(connection: &Connection, id: u64) -> Result<bool> {
    let Ok(id) = i64::try_from(id) else {
        return Ok(false);
    };
    connection
        .prepare_cached("SELECT 1 FROM messages WHERE id = ?1")?
        .exists([id])
}

/// The message with this id.
pub(crate) fn by_id(connection: &Connection, id: u64) -> Result<Option<Message>> {
    let Ok(id) = i64::try_from(id) else {
        return Ok(None);
    };
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM messages WHERE id = ?1"))?
        .query_row([id], message)
        .optional()
}

/// The oldest above an id, of all places.
pub(crate) fn following(connection: &Connection, after: i64, limit: u32) -> Result<Vec<Message>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM messages WHERE id > ?1 ORDER BY id LIMIT ?2"
        ))?
        .query_map(params![after, limit], message)?
        .collect()
}

/// The oldest of a place.
pub(crate) fn oldest(connection: &Connection, place: &str, limit: u32) -> Result<Vec<Message>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM messages WHERE target_key = ?1 ORDER BY id LIMIT ?2"
        ))?
        .query_map(params![place, limit], message)?
        .collect()
}

/// The id of the message that so many of its place are newer than.
pub(crate) fn nth_newest(connection: &Connection, place: &str, count: u32) -> Result<Option<i64>> {
    connection
        .prepare_cached(NTH_NEWEST)?
        .query_row(params![place, count], |row| row.get(0))
        .optional()
}

const NTH_NEWEST: &str =
    "SELECT id FROM messages WHERE target_key = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2";

/// The first place after another one.
pub(crate) fn place_after(connection: &Connection, place: &str) -> Result<Option<String>> {
    sweep::place_after(connection, PLACE_AFTER, place)
}

const PLACE_AFTER: &str =
    "SELECT target_key FROM messages WHERE target_key > ?1 ORDER BY target_key LIMIT 1";

/// Deletes one.
pub(crate) fn delete(connection: &Connection, id: u64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM messages WHERE id = ?1")?
        .execute([id])
        .map(|_| ())
}

pub(crate) fn count(connection: &Connection) -> Result<u64> {
    connection
        .prepare_cached("SELECT count(*) FROM messages")?
        .query_row([], |row| row.get(0))
}

pub(crate) fn message(row: &Row<'_>) -> Result<Message> {
    let tags = row.get_ref(12)?.as_str_or_null()?;
    Ok(Message {
        id: row.get(0)?,
        time_ms: row.get(1)?,
        sender: row.get(2)?,
        sender_key: row.get(3)?,
        account: row.get(4)?,
        server: row.get(5)?,
        target: row.get(6)?,
        target_key: row.get(7)?,
        recipient_key: row.get(8)?,
        rank: row.get(9)?,
        kind: MessageKind::from_code(row.get(10)?),
        text: Arc::from(row.get_ref(11)?.as_str()?),
        tags: tags.map(tags_from_text).unwrap_or_default(),
    })
}

fn tags_to_text(tags: &[(String, String)]) -> String {
    serde_json::to_string(tags).unwrap_or_default()
}

/// What is no list of tags is none: somebody else's hand was in it.
fn tags_from_text(text: &str) -> Vec<(String, String)> {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    let walks = [Order::Oldest, Order::Newest].map(walk_sql);
    let others = [FIRST_FROM, NTH_NEWEST, PLACE_AFTER].map(str::to_owned);
    walks.into_iter().chain(others).collect()
}
