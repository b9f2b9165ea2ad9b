//! `secret`: what nobody else knows.

use rusqlite::{Connection, Result};

/// Makes the secret where there is none yet. SQLite's random bytes come from a generator that the
/// system seeds.
pub(crate) fn ensure(connection: &Connection) -> Result<()> {
    let there: bool =
        connection.query_row("SELECT EXISTS (SELECT 1 FROM secret)", [], |row| row.get(0))?;
    if !there {
        connection.execute("INSERT INTO secret VALUES (1, randomblob(32))", [])?;
    }
    Ok(())
}

pub(crate) fn read(connection: &Connection) -> Result<Vec<u8>> {
    connection
        .prepare_cached("SELECT value FROM secret")?
        .query_row([], |row| row.get(0))
}
