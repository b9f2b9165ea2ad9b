//! `read_markers`: how far the owner of an account has read.

use rusqlite::{Connection, Result, params};

/// Rows that are kept of one account: those with the newest times.
const KEPT: u32 = 256;

pub(crate) fn save(
    connection: &Connection,
    account: u64,
    target_key: &str,
    time_ms: i64,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO read_markers(account, target_key, time_ms) VALUES (?1, ?2, ?3) \
             ON CONFLICT(account, target_key) DO UPDATE SET time_ms = ?3",
        )?
        .execute(params![account, target_key, time_ms])?;
    connection
        .prepare_cached(
            "DELETE FROM read_markers WHERE account = ?1 AND target_key IN \
             (SELECT target_key FROM read_markers WHERE account = ?1 \
              ORDER BY time_ms DESC LIMIT -1 OFFSET ?2)",
        )?
        .execute(params![account, KEPT])
        .map(|_| ())
}

pub(crate) fn forget(connection: &Connection, account: u64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM read_markers WHERE account = ?1")?
        .execute([account])
        .map(|_| ())
}

/// All of them, oldest first.
pub(crate) fn all(connection: &Connection) -> Result<Vec<(u64, String, i64)>> {
    connection
        .prepare_cached("SELECT account, target_key, time_ms FROM read_markers ORDER BY time_ms")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect()
}
