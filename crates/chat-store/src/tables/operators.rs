//! `operator_acts` and `network_bans`: what operators have done, and whom they keep out.

use rusqlite::{Connection, OptionalExtension as _, Result, params};

use crate::OperatorAct;

pub(crate) fn write_act(connection: &Connection, act: &OperatorAct) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO operator_acts(id, time_ms, operator, who, act, detail) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            act.id,
            act.time_ms,
            act.operator,
            act.who,
            act.act,
            act.detail
        ])
        .map(|_| ())
}

/// The newest, oldest first.
pub(crate) fn newest_acts(connection: &Connection, limit: u32) -> Result<Vec<OperatorAct>> {
    let acts = connection
        .prepare_cached(
            "SELECT id, time_ms, operator, who, act, detail FROM operator_acts \
             ORDER BY id DESC LIMIT ?1",
        )?
        .query_map([limit], |row| {
            Ok(OperatorAct {
                id: row.get(0)?,
                time_ms: row.get(1)?,
                operator: row.get(2)?,
                who: row.get(3)?,
                act: row.get(4)?,
                detail: row.get(5)?,
            })
        })?
        .collect::<Result<Vec<_>>>()?;
    Ok(acts.into_iter().rev().collect())
}

/// What the last act of a kind was about; `None`: there is none.
pub(crate) fn last_of(connection: &Connection, act: &str) -> Result<Option<String>> {
    connection
        .prepare_cached("SELECT detail FROM operator_acts WHERE act = ?1 ORDER BY id DESC LIMIT 1")?
        .query_row([act], |row| row.get(0))
        .optional()
}

pub(crate) fn save_ban(connection: &Connection, mask: &str, record: &str) -> Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO network_bans(mask, record) VALUES (?1, ?2)")?
        .execute([mask, record])
        .map(|_| ())
}

pub(crate) fn forget_ban(connection: &Connection, mask: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM network_bans WHERE mask = ?1")?
        .execute([mask])
        .map(|_| ())
}

/// The records of all bans, in the order in which they were set.
pub(crate) fn bans(connection: &Connection) -> Result<Vec<String>> {
    connection
        .prepare_cached("SELECT record FROM network_bans ORDER BY rowid")?
        .query_map([], |row| row.get(0))?
        .collect()
}
