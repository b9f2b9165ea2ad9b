//! The transactions themselves, apart from when and on which thread they happen.

mod rows;

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use rows::Writing;
use rusqlite::{Connection, Result};

use crate::connection::{self, Opened};
use crate::sessions::Sessions;
use crate::sweep::{self, Retention, Round, Swept};
use crate::tables::journal::{self, Journal};
use crate::tables::recent_events::{self, FULL};
use crate::tables::{forgetting, messages, search, session};
use crate::transaction::within;
use crate::{Batch, DayFigures, clock};

/// Pages that a transaction writes to the log besides those of its rows, about.
const PAGES: usize = 3;

/// With so many pages in the log (64 MiB) it is moved into the file also while writing goes on.
const LONG_LOG: usize = 16_384;

/// One unit of work: wholly written, or not at all.
pub(crate) struct Work {
    /// Its number; works are written in the order of their numbers.
    pub(crate) serial: u64,
    /// What to write.
    pub(crate) kind: WorkKind,
}

pub(crate) enum WorkKind {
    /// Entries of the journal.
    Batch(Batch),
    /// Rows of `servers`.
    Figures(Vec<DayFigures>),
    /// The end of all live sessions, at this time.
    CloseSessions(i64),
}

/// What a transaction did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Written {
    /// Rows given and stored.
    pub(crate) rows: usize,
    /// There was a transaction: not for entries without rows within what is reserved.
    pub(crate) transaction: bool,
    /// Rows that the database will never take, such as an id used twice: left out, so that they
    /// do not block what comes after them.
    pub(crate) refused: usize,
}

/// The writing connection and what it knows of the row in `journal`.
pub(crate) struct Engine {
    connection: Connection,
    path: PathBuf,
    /// As last committed.
    journal: Journal,
    /// Who is on.
    sessions: Sessions,
    /// How many events wait to be moved to where their place has the others, or fewer.
    recent: u64,
    /// The highest position that was given to be seen, whoever gave it.
    seen: u64,
    /// A commit failed, which may still have reached the disk.
    in_doubt: bool,
    /// The last work of such a commit.
    doubtful: u64,
    /// A commit does not wait for the disk.
    quick: bool,
    /// Pages written to the log since it was moved into the file last, about.
    log: usize,
    /// With so many of them it is long.
    long_log: usize,
    /// Gives the file free again when it is closed.
    _lock: Option<File>,
}

impl Engine {
    /// Takes over an opened database: ends the sessions that a crash left open, and reserves the
    /// first positions of this life.
    pub(crate) fn start(opened: Opened) -> Result<Self> {
        let Opened {
            connection,
            path,
            lock,
            quick,
        } = opened;
        let (journal, closed) = within(&connection, || {
            let mut journal = journal::read(&connection)?;
            // Messages are their own word of when and how far.
            if let Some((id, time_ms)) = messages::newest(&connection)? {
                journal.mark = journal.mark.advanced(id);
                journal.last_time_ms = journal.last_time_ms.max(time_ms);
            }
            // So is the last one who came: whoever was open then ends no earlier.
            let came = session::last_begin(&connection, journal.sessions_from)?;
            if let Some(time_ms) = came.and_then(|at| at.time_ms()) {
                journal.last_time_ms = journal.last_time_ms.max(time_ms);
            }
            let at = clock::local(journal.last_time_ms);
            let closed = session::end_all(&connection, journal.sessions_from, &at)?;
            journal.sessions_from = session::next_row(&connection)?;
            journal.mark = journal.mark.advanced(journal.mark.first_free() - 1);
            journal::write(&connection, &journal)?;
            Ok((journal, closed))
        })?;
        if closed > 0 {
            tracing::warn!(closed, "sessions left open by a crash got their out-time");
        }
        Ok(Self {
            recent: recent_events::count(&connection)?,
            connection,
            path,
            sessions: Sessions::new(journal.sessions_from),
            journal,
            seen: 0,
            in_doubt: false,
            doubtful: 0,
            quick,
            log: 0,
            long_log: LONG_LOG,
            _lock: lock,
        })
    }

    /// Writes all of it in one transaction, after which positions up to `seen` may be seen. After
    /// an error nothing counts as written; the same works may be given again, also where the
    /// failed commit reached the disk after all.
    pub(crate) fn write<'a, I>(&mut self, works: I, seen: u64) -> Result<Written>
    where
        I: Iterator<Item = &'a Work> + Clone,
    {
        self.seen = self.seen.max(seen);
        let seen = self.seen;
        let covered = !self.in_doubt && self.journal.mark.covers(seen);
        if covered && works.clone().all(|work| work.kind.is_empty()) {
            return Ok(Written::default());
        }
        // What is known by itself needs no word in `journal`, and what is reserved stays.
        let noted = !(covered && works.clone().all(|work| work.kind.is_light()));
        // One more event may have all of them moved.
        let alone = !noted && self.recent + 1 < FULL && is_one_statement(works.clone());
        let last = works.clone().map(|work| work.serial).max();
        let doubt = std::mem::replace(&mut self.in_doubt, true);
        // What a transaction that panicked has left.
        self.sessions.take_back();
        let (journal, doubtful) = (self.journal, self.doubtful);
        let mut writing = Writing {
            connection: &self.connection,
            sessions: &mut self.sessions,
            journal,
            recent: self.recent,
            written: Written::default(),
            pages: 0,
            doubtful,
        };
        let outcome = if alone {
            // A statement by itself is a transaction.
            writing.fill(works, seen)
        } else {
            within(&self.connection, || {
                if doubt {
                    writing.journal = journal::read(&self.connection)?;
                    writing.settle()?;
                }
                writing.fill(works, seen)?;
                if writing.recent >= FULL {
                    writing.settle()?;
                }
                if noted {
                    journal::write(&self.connection, &writing.journal)?;
                }
                Ok(())
            })
        };
        let Writing {
            journal,
            recent,
            written,
            pages,
            ..
        } = writing;
        if let Err(error) = outcome {
            self.sessions.take_back();
            self.doubtful = self.doubtful.max(last.unwrap_or_default());
            return Err(error);
        }
        self.sessions.keep();
        (self.journal, self.recent) = (journal, recent);
        self.in_doubt = false;
        self.log += PAGES + pages;
        Ok(written)
    }

    /// Takes the next messages into the index of the search, in a transaction of its own; how many.
    pub(crate) fn index(&mut self, rows: u32) -> Result<usize> {
        let connection = &self.connection;
        let done = within(connection, || search::index(connection, rows))?;
        // About: the words of a message come in pages that many share.
        self.log += done / 2;
        Ok(done)
    }

    /// Deletes some of what is to be forgotten, in a transaction of its own; whether there is any.
    pub(crate) fn forget(&mut self, rows: u32) -> Result<bool> {
        let connection = &self.connection;
        let any = within(connection, || forgetting::step(connection, rows))?;
        self.log += usize::from(any);
        Ok(any)
    }

    /// Deletes some of what is old enough, in a transaction of its own.
    pub(crate) fn sweep(
        &mut self,
        round: &mut Round,
        retention: Retention,
        rows: u32,
    ) -> Result<Swept> {
        let connection = &self.connection;
        let swept = within(connection, || {
            sweep::step(connection, round, retention, clock::now_ms(), rows)
        })?;
        self.log += 1;
        Ok(swept)
    }

    /// True where the log should be moved into the file although there is no rest.
    pub(crate) fn log_is_long(&self) -> bool {
        self.log >= self.long_log
    }

    #[cfg(test)]
    pub(crate) fn set_long_log(&mut self, pages: usize) {
        self.long_log = pages;
    }

    /// True where a commit does not wait for the disk.
    pub(crate) fn is_quick(&self) -> bool {
        self.quick
    }

    /// What is in the log now is being moved into the file.
    pub(crate) fn log_is_moved(&mut self) {
        self.log = 0;
    }

    /// Moves the rest of the log into the file, so that the next transaction writes it from its
    /// beginning; a reader in the way puts that off.
    pub(crate) fn restart_log(&mut self) -> Result<()> {
        connection::move_log(&self.connection)
    }

    /// Notes that the program still runs, if anyone is on: should it crash, their sessions end
    /// about here.
    pub(crate) fn note_time(&mut self, now_ms: i64) -> Result<()> {
        if !self.sessions.is_empty() && now_ms > self.journal.last_time_ms {
            let from = self.sessions.first_row();
            self.connection
                .prepare_cached(
                    "UPDATE journal SET last_time_ms = ?1, sessions_from = ?2 WHERE id = 1",
                )?
                .execute([now_ms, from])?;
            (self.journal.last_time_ms, self.journal.sessions_from) = (now_ms, from);
        }
        Ok(())
    }

    /// Moves the log into the file and cuts it, unless a reader is in the way right now.
    pub(crate) fn checkpoint(&mut self, wait: Duration) -> Result<()> {
        self.log = 0;
        let usual = self
            .connection
            .pragma_query_value(None, "busy_timeout", |row| row.get(0))?;
        self.connection.busy_timeout(wait)?;
        let done = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        self.connection.busy_timeout(Duration::from_millis(usual))?;
        done
    }

    /// Gives back the positions that were reserved and not used. Nothing may be written after.
    pub(crate) fn end(&mut self) -> Result<()> {
        let connection = &self.connection;
        self.journal = within(connection, || {
            let mut journal = journal::read(connection)?;
            journal.mark = journal.mark.advanced(self.seen).closed();
            journal.serial = journal.serial.max(self.journal.serial);
            journal.last_time_ms = journal.last_time_ms.max(self.journal.last_time_ms);
            journal.sessions_from = self.sessions.first_row();
            journal::write(connection, &journal)?;
            Ok(journal)
        })?;
        Ok(())
    }

    /// True where all that was given may be seen, and `position`, although nothing is written for
    /// it now.
    pub(crate) fn covers(&self, position: u64) -> bool {
        self.seen.max(position) <= self.journal.mark.reserved
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn path(&self) -> &PathBuf {
        &self.path
    }
}

impl WorkKind {
    /// How many rows it brings.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Batch(batch) => batch.rows.len(),
            Self::Figures(figures) => figures.len(),
            Self::CloseSessions(_) => 1,
        }
    }

    /// How many pages of the log its rows take, about: each one of the table and one of its index,
    /// and what is longer than a page.
    fn pages(&self) -> usize {
        let long = match self {
            Self::Batch(batch) => batch.bytes() / 4096,
            Self::Figures(_) | Self::CloseSessions(_) => 0,
        };
        2 * self.rows() + long
    }

    /// Only rows that need no word in `journal`.
    fn is_light(&self) -> bool {
        matches!(self, Self::Batch(batch) if batch.rows.iter().all(rows::is_light))
    }

    /// Entries that leave nothing in the database.
    fn is_empty(&self) -> bool {
        self.rows() == 0
    }
}

/// Whether all of it is one row that takes one statement.
fn is_one_statement<'a>(mut works: impl Iterator<Item = &'a Work>) -> bool {
    let one = works.next().is_some_and(
        |work| matches!(&work.kind, WorkKind::Batch(batch) if rows::is_one_statement(&batch.rows)),
    );
    one && works.next().is_none()
}

#[cfg(test)]
mod tests;
