//! `conversations`: who has written with whom, seen from each of the two.

use rusqlite::{Connection, Result};

/// The two have written with each other.
pub(crate) fn note(connection: &Connection, one: &str, other: &str) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO conversations(owner, peer) VALUES (?1, ?2), (?2, ?1)",
        )?
        .execute([one, other])
        .map(|_| ())
}

/// With whom somebody has written, at most so many.
pub(crate) fn peers(connection: &Connection, owner: &str, limit: u32) -> Result<Vec<String>> {
    connection
        .prepare_cached(PEERS)?
        .query_map(rusqlite::params![owner, limit], |row| row.get(0))?
        .collect()
}

const PEERS: &str = "SELECT peer FROM conversations WHERE owner = ?1 LIMIT ?2";

/// Nothing of what the two have written is left.
pub(crate) fn forget(connection: &Connection, one: &str, other: &str) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM conversations \
             WHERE (owner = ?1 AND peer = ?2) OR (owner = ?2 AND peer = ?1)",
        )?
        .execute([one, other])
        .map(|_| ())
}

#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    vec![PEERS.to_owned()]
}
