//! `messages_text` and `search`: the words of messages, and how far they are in the index.

use std::collections::HashSet;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Result, params};

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
    let mut next = connection.prepare_cached(NEXT)?;
    let mut insertion = connection.prepare_cached(INSERT)?;
    let mut found = next.query(params![from, rows])?;
    let (mut count, mut last, mut marks) = (0, from, String::new());
    // Nothing of a message is copied on the way.
    while let Some(row) = found.next()? {
        count += 1;
        last = row.get(0)?;
        let text = row.get_ref(1)?.as_str()?;
        if text.is_empty() {
            continue;
        }
        marks.clear();
        let said = Said {
            place: row.get_ref(2)?.as_str()?,
            sender: row.get_ref(3)?.as_str()?,
            sender_key: row.get_ref(4)?.as_str()?,
            recipient_key: row.get_ref(5)?.as_str_or_null()?,
        };
        said.mark(&mut marks);
        insertion.execute(params![last, text, marks])?;
    }
    if count > 0 {
        connection
            .prepare_cached("UPDATE search SET indexed = ?1 WHERE id = 1")?
            .execute([last])?;
    }
    Ok(count)
}

const NEXT: &str = "SELECT id, text, target_key, sender, sender_key, recipient_key FROM messages \
                    WHERE id > ?1 ORDER BY id LIMIT ?2";
const INSERT: &str = "INSERT INTO messages_text(rowid, text, place) VALUES (?1, ?2, ?3)";

/// Takes a message's words into the index, where they are not.
pub(crate) fn remember(connection: &Connection, message: &Message) -> Result<()> {
    connection
        .prepare_cached(INSERT)?
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

/// Those of messages that are not in the index yet which an expression finds, by the same words: they
/// are put into an index of their own, which is gone afterwards.
pub(crate) fn matches_among(
    connection: &Connection,
    expression: &str,
    messages: &[Message],
) -> Result<HashSet<u64>> {
    connection.prepare_cached(TAIL)?.execute([])?;
    let _trial = Trial::begin(connection)?;
    let mut insertion = connection
        .prepare_cached("INSERT INTO messages_tail(rowid, text, place) VALUES (?1, ?2, ?3)")?;
    for message in messages.iter().filter(|message| has_words(message)) {
        insertion.execute(params![message.id, &*message.text, marks(message)])?;
    }
    connection
        .prepare_cached("SELECT rowid FROM messages_tail WHERE messages_tail MATCH ?1")?
        .query_map([expression], |row| row.get(0))?
        .collect()
}

/// As `messages_text` is, but seen by this connection only.
const TAIL: &str = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.messages_tail USING fts5(\
                    text, place, content='', columnsize=0, \
                    tokenize=\"unicode61 remove_diacritics 2\")";

/// A transaction that is taken back in any case.
struct Trial<'a>(&'a Connection);

impl<'a> Trial<'a> {
    fn begin(connection: &'a Connection) -> Result<Self> {
        connection.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        let rollback = self.0.prepare_cached("ROLLBACK");
        if let Err(error) = rollback.and_then(|mut rollback| rollback.execute([])) {
            tracing::debug!(%error, "a trial could not be taken back");
        }
    }
}

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

/// Where something was said, and by whom.
struct Said<'a> {
    place: &'a str,
    sender: &'a str,
    sender_key: &'a str,
    recipient_key: Option<&'a str>,
}

impl Said<'_> {
    /// Appends its marks, each one word: its place, its sender's nick, and the two of a conversation.
    fn mark(&self, marks: &mut String) {
        append_mark(marks, 'k', self.place);
        let nick = self.sender.split('!').next().unwrap_or_default();
        marks.push(' ');
        append_mark(marks, 'f', nick);
        if let Some(recipient) = self.recipient_key {
            for one in [recipient, self.sender_key] {
                marks.push(' ');
                append_mark(marks, 'o', one);
            }
        }
    }
}

/// The marks of a message.
fn marks(message: &Message) -> String {
    let mut marks = String::new();
    let said = Said {
        place: &message.target_key,
        sender: &message.sender,
        sender_key: &message.sender_key,
        recipient_key: message.recipient_key.as_deref(),
    };
    said.mark(&mut marks);
    marks
}

/// A word that stands for a text, the same in every spelling. Two texts may share one: whoever
/// finds a message by it looks at the message.
pub(crate) fn mark(kind: char, text: &str) -> String {
    let mut mark = String::new();
    append_mark(&mut mark, kind, text);
    mark
}

fn append_mark(marks: &mut String, kind: char, text: &str) {
    let hash = if text.is_ascii() {
        fnv(text.bytes().map(|byte| byte.to_ascii_lowercase()))
    } else {
        fnv(text.to_lowercase().bytes())
    };
    marks.push(kind);
    let digits = hash.to_be_bytes().into_iter();
    let digits = digits.flat_map(|byte| [byte >> 4, byte & 15]);
    marks.extend(digits.map(|digit| char::from(DIGITS[usize::from(digit)])));
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// FNV-1a.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Indexes of older programs have them.
    #[test]
    fn marks_are_as_they_were() {
        assert_eq!(mark('k', "#Lobby"), "kdf8c4ffc1ae75dc2");
        assert_eq!(mark('k', "#lobby"), mark('k', "#LOBBY"));
        assert_eq!(mark('f', "\u{c9}t\u{c9}"), "f009a8f0e88b51857");
        assert_eq!(mark('f', ""), "fcbf29ce484222325");
    }
}
