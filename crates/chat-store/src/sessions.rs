//! Who is on: the row of `session` that each live session has, in memory only.
//!
//! The database tells who was on when the program crashed: rows of `session` without an out-time,
//! from the row on that `journal.sessions_from` says. What a transaction changes here is taken back
//! where it fails.

#[cfg(test)]
use std::collections::BTreeMap;
use std::collections::HashMap;

use rusqlite::ffi::{self, SQLITE_CONSTRAINT};
use rusqlite::{Connection, Result};

use crate::clock::Clock;
use crate::tables::ratings::{self, Rating};
use crate::tables::session;

/// The sessions that are on. Ids are the journal's, and only unique within one life of the program.
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Sessions {
    /// The row of each.
    rows: HashMap<u64, i64>,
    /// The row in `ratings` of those who rated.
    ratings: HashMap<u64, i64>,
    /// The row that the next one gets.
    next: i64,
    /// What the transaction under way has changed, and what was there before.
    changed: Vec<Change>,
    /// `next` before it.
    next_before: i64,
    clock: Clock,
}

/// What there was of a session.
#[cfg_attr(test, derive(Clone))]
struct Change {
    session: u64,
    row: Option<i64>,
    rating: Option<i64>,
}

impl Sessions {
    /// Nobody is on, and the next row is this one.
    pub(crate) fn new(next: i64) -> Self {
        Self {
            rows: HashMap::new(),
            ratings: HashMap::new(),
            next,
            changed: Vec::new(),
            next_before: next,
            clock: Clock::default(),
        }
    }

    /// Nobody is on.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// No row before this one is of somebody who is on.
    pub(crate) fn first_row(&self) -> i64 {
        self.rows.values().copied().min().unwrap_or(self.next)
    }

    /// The row that the next one gets.
    pub(crate) fn next_row(&self) -> i64 {
        self.next
    }

    /// The transaction is committed.
    pub(crate) fn keep(&mut self) {
        self.changed.clear();
        self.next_before = self.next;
    }

    /// The transaction came to nothing.
    pub(crate) fn take_back(&mut self) {
        while let Some(change) = self.changed.pop() {
            put(&mut self.rows, change.session, change.row);
            put(&mut self.ratings, change.session, change.rating);
        }
        self.next = self.next_before;
    }

    /// Somebody comes. A session that is live already is refused before anything is written.
    pub(crate) fn open(
        &mut self,
        connection: &Connection,
        id: u64,
        user: &str,
        time_ms: i64,
    ) -> Result<()> {
        if self.rows.contains_key(&id) {
            let twice = "a session that is live already".to_owned();
            let code = ffi::Error::new(SQLITE_CONSTRAINT);
            return Err(rusqlite::Error::SqliteFailure(code, Some(twice)));
        }
        let row = session::insert(connection, user, self.clock.local(time_ms))?;
        self.opened(id, row);
        Ok(())
    }

    /// Somebody has come, and the row is there.
    fn opened(&mut self, id: u64, row: i64) {
        self.note(id);
        self.rows.insert(id, row);
        self.next = row + 1;
    }

    /// The same again, of a transaction that reached the disk although it had failed.
    pub(crate) fn reopen(&mut self, id: u64) {
        if !self.rows.contains_key(&id) {
            self.opened(id, self.next);
        }
    }

    /// Somebody goes; of who is not on: nothing.
    pub(crate) fn close(&mut self, connection: &Connection, id: u64, time_ms: i64) -> Result<()> {
        if let Some(&row) = self.rows.get(&id) {
            session::end(connection, row, self.clock.local(time_ms))?;
            self.forget(id);
        }
        Ok(())
    }

    /// Who was on is on no longer; its row is as it is.
    pub(crate) fn forget(&mut self, id: u64) {
        self.note(id);
        self.rows.remove(&id);
        self.ratings.remove(&id);
    }

    /// All go.
    pub(crate) fn close_all(&mut self, connection: &Connection, time_ms: i64) -> Result<()> {
        if !self.rows.is_empty() {
            session::end_all(connection, self.first_row(), self.clock.local(time_ms))?;
            self.forget_all();
        }
        Ok(())
    }

    /// All who were on are on no longer.
    pub(crate) fn forget_all(&mut self) {
        let all: Vec<u64> = self.rows.keys().copied().collect();
        for id in all {
            self.forget(id);
        }
    }

    /// Somebody rates: a new row of `ratings`, or the one that the same session made before.
    pub(crate) fn rate(
        &mut self,
        connection: &Connection,
        id: u64,
        rating: &Rating<'_>,
    ) -> Result<()> {
        if let Some(&earlier) = self.ratings.get(&id) {
            return ratings::replace(connection, earlier, rating);
        }
        let row = ratings::insert(connection, rating)?;
        self.rated(id, row);
        Ok(())
    }

    /// The same again, of a transaction that reached the disk although it had failed.
    pub(crate) fn rerate(
        &mut self,
        connection: &Connection,
        id: u64,
        rating: &Rating<'_>,
    ) -> Result<()> {
        if let Some(row) = ratings::find(connection, rating)? {
            self.rated(id, row);
        }
        Ok(())
    }

    fn rated(&mut self, id: u64, row: i64) {
        if self.rows.contains_key(&id) {
            self.note(id);
            self.ratings.insert(id, row);
        }
    }

    /// All that is known: of each its row and its rating, and the next row.
    #[cfg(test)]
    pub(crate) fn all(&self) -> (BTreeMap<u64, (i64, Option<i64>)>, i64) {
        let all = self.rows.iter().map(|(id, row)| {
            let rating = self.ratings.get(id).copied();
            (*id, (*row, rating))
        });
        (all.collect(), self.next)
    }

    /// Keeps what there is of a session, for the case that the transaction fails.
    fn note(&mut self, session: u64) {
        let (row, rating) = (self.rows.get(&session), self.ratings.get(&session));
        self.changed.push(Change {
            session,
            row: row.copied(),
            rating: rating.copied(),
        });
    }
}

fn put(map: &mut HashMap<u64, i64>, session: u64, value: Option<i64>) {
    match value {
        Some(value) => map.insert(session, value),
        None => map.remove(&session),
    };
}
