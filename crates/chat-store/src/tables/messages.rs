//! `messages`: what was said.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Result, Row, params};

use crate::{Message, MessageKind};

/// The prepared insertion, kept through a transaction.
pub(crate) fn insertion(connection: &Connection) -> Result<CachedStatement<'_>> {
    connection.prepare_cached(
        "INSERT INTO messages(id, time_ms, sender, account, server, target, target_key, kind, text) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
}

pub(crate) fn insert(statement: &mut CachedStatement<'_>, message: &Message) -> Result<()> {
    statement
        .execute(params![
            message.id,
            message.time_ms,
            message.sender,
            message.account,
            message.server,
            message.target,
            message.target_key,
            message.kind.code(),
            &*message.text,
        ])
        .map(|_| ())
}

/// The newest `limit` of a target with an id below `before`, oldest first.
pub(crate) fn recent(
    connection: &Connection,
    target_key: &str,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Message>> {
    let before = before.map_or(i64::MAX, clamp);
    let mut messages: Vec<Message> = connection
        .prepare_cached(
            "SELECT id, time_ms, sender, account, server, target, target_key, kind, text \
             FROM messages WHERE target_key = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
        )?
        .query_map(params![target_key, before, limit], message)?
        .collect::<Result<_>>()?;
    messages.reverse();
    Ok(messages)
}

/// The oldest `limit` of a target with an id above `after`, oldest first.
pub(crate) fn following(
    connection: &Connection,
    target_key: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<Message>> {
    connection
        .prepare_cached(
            "SELECT id, time_ms, sender, account, server, target, target_key, kind, text \
             FROM messages WHERE target_key = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        )?
        .query_map(params![target_key, clamp(after), limit], message)?
        .collect()
}

pub(crate) fn by_id(connection: &Connection, id: u64) -> Result<Option<Message>> {
    let Ok(id) = i64::try_from(id) else {
        return Ok(None);
    };
    connection
        .prepare_cached(
            "SELECT id, time_ms, sender, account, server, target, target_key, kind, text \
             FROM messages WHERE id = ?1",
        )?
        .query_row([id], message)
        .optional()
}

pub(crate) fn count(connection: &Connection) -> Result<u64> {
    connection
        .prepare_cached("SELECT count(*) FROM messages")?
        .query_row([], |row| row.get(0))
}

fn clamp(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

fn message(row: &Row<'_>) -> Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        time_ms: row.get(1)?,
        sender: row.get(2)?,
        account: row.get(3)?,
        server: row.get(4)?,
        target: row.get(5)?,
        target_key: row.get(6)?,
        kind: MessageKind::from_code(row.get(7)?),
        text: Arc::from(row.get_ref(8)?.as_str()?),
    })
}
