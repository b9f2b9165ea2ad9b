//! `messages_text` and `search`: the words of messages, and how far they are in the index.

use rusqlite::{CachedStatement, Connection, OptionalExtension, Result, params};

use super::messages;
use crate::Message;

/// Up to which id messages are in the index.
pub(crate) fn indexed(connection: &Connection) -> Result<i64> {
    connection
        .prepare_cached("SELECT indexed FROM search WHERE id = 1")?
        .query_row([], |row| row.get(0))
}

/// Takes the next `rows` messages into the index; how many there were. Part of a transaction.
pub(crate) fn index(connection: &Connection, rows: u32) -> Result<usize> {
    let from = indexed(connection)?;
    let next = messages::following(connection, from, rows)?;
    let Some(last) = next.last() else {
        return Ok(0);
    };
    for message in next.iter().filter(|message| has_words(message)) {
        remember(connection, message)?;
    }
    connection
        .prepare_cached("UPDATE search SET indexed = ?1 WHERE id = 1")?
        .execute([last.id])?;
    Ok(next.len())
}

/// Takes a message's words into the index, where they are not.
pub(crate) fn remember(connection: &Connection, message: &Message) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO messages_text(rowid, text, place) VALUES (?1, ?2, ?3)")?
        .execute(params![message.id, &*message.text, marks(message)])
        .map(|_| ())
}

/// Deletes a message's words, if they are in the index; whether they were. Before the message itself.
pub(crate) fn forget(connection: &Connection, message: &Message) -> Result<bool> {
    let known =
        i64::try_from(message.id).is_ok_and(|id| matches!(indexed(connection), Ok(to) if id <= to));
    if !known || !has_words(message) {
        return Ok(false);
    }
    connection
        .prepare_cached(
            "INSERT INTO messages_text(messages_text, rowid, text, place) \
             VALUES ('delete', ?1, ?2, ?3)",
        )?
        .execute(params![message.id, &*message.text, marks(message)])
        .map(|_| true)
}

/// The ids within a span that an expression finds, from one end of it.
pub(crate) fn matches(connection: &Connection, newest_first: bool) -> Result<CachedStatement<'_>> {
    connection.prepare_cached(if newest_first { NEWEST } else { OLDEST })
}

const NEWEST: &str = "SELECT rowid FROM messages_text \
                      WHERE messages_text MATCH ?1 AND rowid > ?2 AND rowid < ?3 ORDER BY rowid DESC";
const OLDEST: &str = "SELECT rowid FROM messages_text \
                      WHERE messages_text MATCH ?1 AND rowid > ?2 AND rowid < ?3 ORDER BY rowid";

/// The first message at all from an id on: its id and time.
pub(crate) fn first_from(connection: &Connection, id: i64) -> Result<Option<(i64, i64)>> {
    connection
        .prepare_cached("SELECT id, time_ms FROM messages WHERE id >= ?1 ORDER BY id LIMIT 1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

fn has_words(message: &Message) -> bool {
    !message.text.is_empty()
}

/// The marks of a message, each one word: its place, its sender's nick, and the two of a
/// conversation.
fn marks(message: &Message) -> String {
    let mut marks = mark('k', &message.target_key);
    let nick = message.sender.split('!').next().unwrap_or_default();
    for (kind, text) in [('f', Some(nick)), ('o', message.recipient_key.as_deref())] {
        if let Some(text) = text {
            marks.push(' ');
            marks.push_str(&mark(kind, text));
        }
    }
    if message.recipient_key.is_some() {
        marks.push(' ');
        marks.push_str(&mark('o', &message.sender_key));
    }
    marks
}

/// A word that stands for a text, the same in every spelling. Two texts may share one: whoever
/// finds a message by it looks at the message.
pub(crate) fn mark(kind: char, text: &str) -> String {
    let folded = text.to_lowercase();
    // FNV-1a.
    let hash = folded
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{kind}{hash:016x}")
}
