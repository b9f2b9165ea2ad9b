//! `accounts`, `channels` and `always_on`: what outlives all servers.

use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::{AccountRow, ChannelRow};

/// Writes an account, new or changed. Its secrets and its address stay as they are.
pub(crate) fn save(connection: &Connection, account: &AccountRow) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO accounts(id, name, name_key, created_ms, verified, suspended, record) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(id) DO UPDATE SET name = ?2, \
             name_key = ?3, created_ms = ?4, verified = ?5, suspended = ?6, record = ?7",
        )?
        .execute(params![
            account.id,
            account.name,
            account.name_key,
            account.created_ms,
            account.verified,
            account.suspended,
            account.record,
        ])
        .map(|_| ())
}

pub(crate) fn set_secrets(connection: &Connection, account: u64, secrets: &[u8]) -> Result<()> {
    connection
        .prepare_cached("UPDATE accounts SET secrets = ?2 WHERE id = ?1")?
        .execute(params![account, secrets])
        .map(|_| ())
}

pub(crate) fn set_email(connection: &Connection, account: u64, email: Option<&str>) -> Result<()> {
    connection
        .prepare_cached("UPDATE accounts SET email = ?2 WHERE id = ?1")?
        .execute(params![account, email])
        .map(|_| ())
}

pub(crate) fn forget(connection: &Connection, account: u64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM accounts WHERE id = ?1")?
        .execute([account])
        .map(|_| ())
}

pub(crate) fn secrets(connection: &Connection, account: u64) -> Result<Option<Vec<u8>>> {
    let secrets = connection
        .prepare_cached("SELECT secrets FROM accounts WHERE id = ?1")?
        .query_row([account], |row| row.get(0))
        .optional()?;
    Ok(secrets.flatten())
}

pub(crate) fn email(connection: &Connection, account: u64) -> Result<Option<String>> {
    let email = connection
        .prepare_cached("SELECT email FROM accounts WHERE id = ?1")?
        .query_row([account], |row| row.get(0))
        .optional()?;
    Ok(email.flatten())
}

/// Writes a channel over the one of its id, or of its name, if any.
pub(crate) fn save_channel(connection: &Connection, channel: &ChannelRow) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO channels(id, name, name_key, founder, record) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            channel.id,
            channel.name,
            channel.name_key,
            channel.founder,
            channel.record,
        ])
        .map(|_| ())
}

pub(crate) fn forget_channel(connection: &Connection, channel: u64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM channels WHERE id = ?1")?
        .execute([channel])
        .map(|_| ())
}

pub(crate) fn save_always_on(connection: &Connection, account: u64, record: &str) -> Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO always_on(account, record) VALUES (?1, ?2)")?
        .execute(params![account, record])
        .map(|_| ())
}

pub(crate) fn forget_always_on(connection: &Connection, account: u64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM always_on WHERE account = ?1")?
        .execute([account])
        .map(|_| ())
}

/// The records of all accounts, in the order of their ids.
pub(crate) fn records(connection: &Connection) -> Result<Vec<String>> {
    all(connection, "SELECT record FROM accounts ORDER BY id")
}

/// The records of all kept channels, in the order of their ids.
pub(crate) fn channel_records(connection: &Connection) -> Result<Vec<String>> {
    all(connection, "SELECT record FROM channels ORDER BY id")
}

/// The records of all users that stay on, in the order of their accounts.
pub(crate) fn always_on_records(connection: &Connection) -> Result<Vec<String>> {
    all(connection, "SELECT record FROM always_on ORDER BY account")
}

fn all(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    connection
        .prepare_cached(sql)?
        .query_map([], |row| row.get(0))?
        .collect()
}
