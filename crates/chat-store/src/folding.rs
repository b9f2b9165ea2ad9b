//! Keys of the database in the form that the present rules for names give them.
//!
//! What two spellings of a name have in common is known above, not here. When those rules have
//! changed, the keys that they were made by are made again, once, in one transaction when the
//! database is opened. Only names with other letters than ASCII can be concerned.

use std::fmt;

use rusqlite::{Connection, Result, Transaction, TransactionBehavior, params};

use crate::tables::{events, messages, recent_events, search};

/// Messages of a place that are taken at once.
const ROWS: u32 = 512;

/// How names are folded.
#[derive(Clone, Copy)]
pub struct Folding {
    /// Grows whenever a name is folded in another way than before.
    pub version: u32,
    /// The one form of all spellings of a name. Of a folded name: the same.
    pub fold: fn(&str) -> String,
}

impl fmt::Debug for Folding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Folding({})", self.version)
    }
}

/// Makes the keys of older rules again.
pub(crate) fn renew(connection: &mut Connection, folding: &Folding) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let known: u32 =
        transaction.query_row("SELECT folding FROM journal WHERE id = 1", [], |row| {
            row.get(0)
        })?;
    if known >= folding.version {
        return Ok(());
    }
    recent_events::settle(&transaction)?;
    let mut places = 0;
    for place in places_of(&transaction)? {
        let new = (folding.fold)(&place);
        if new != place {
            renew_place(&transaction, &place, &new)?;
            places += 1;
        }
    }
    for (table, key, name) in [
        ("read_markers", "target_key", "target_key"),
        ("accounts", "name_key", "name"),
        ("channels", "name_key", "name"),
    ] {
        renew_keys(&transaction, folding, (table, key, name))?;
    }
    transaction.execute("UPDATE journal SET folding = ?1", [folding.version])?;
    transaction.commit()?;
    if places > 0 {
        tracing::info!(places, "names of channels are folded by the present rules");
    }
    Ok(())
}

/// The channels with other letters than ASCII of which something is known.
fn places_of(transaction: &Transaction<'_>) -> Result<Vec<String>> {
    let mut places = Vec::new();
    for next in [messages::place_after, events::place_after] {
        let mut last = "#".to_owned();
        while let Some(place) = next(transaction, &last)? {
            if !place.starts_with('#') {
                break;
            }
            if !place.is_ascii() && !places.contains(&place) {
                places.push(place.clone());
            }
            last = place;
        }
    }
    Ok(places)
}

/// The words of messages have marks of their place, so they are taken out of the index and put back.
fn renew_place(transaction: &Transaction<'_>, old: &str, new: &str) -> Result<()> {
    loop {
        let some = messages::oldest(transaction, old, ROWS)?;
        if some.is_empty() {
            break;
        }
        for mut message in some {
            let known = search::forget(transaction, &message)?;
            transaction
                .prepare_cached("UPDATE messages SET target_key = ?2 WHERE id = ?1")?
                .execute(params![message.id, new])?;
            new.clone_into(&mut message.target_key);
            if known {
                search::remember(transaction, &message)?;
            }
        }
    }
    for table in ["events", "forgetting"] {
        transaction.execute(
            &format!("UPDATE {table} SET target_key = ?2 WHERE target_key = ?1"),
            [old, new],
        )?;
    }
    Ok(())
}

/// Where two old keys are one now, the first stays.
fn renew_keys(
    transaction: &Transaction<'_>,
    folding: &Folding,
    (table, key, name): (&str, &str, &str),
) -> Result<()> {
    let mut query = transaction.prepare(&format!("SELECT DISTINCT {key}, {name} FROM {table}"))?;
    let all: Vec<(String, String)> = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    for (old, name) in all.iter().filter(|(_, name)| !name.is_ascii()) {
        let new = (folding.fold)(name);
        if new != *old {
            transaction.execute(
                &format!("UPDATE OR IGNORE {table} SET {key} = ?2 WHERE {key} = ?1"),
                [old, &new],
            )?;
        }
    }
    Ok(())
}
