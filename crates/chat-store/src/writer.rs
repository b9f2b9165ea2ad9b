//! The handle of the one writer. Its thread is in `thread`, what lies between them in `queue`.

mod chores;
mod mover;
mod queue;
#[cfg(test)]
mod tests;
mod thread;

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use chores::Chores;
use parking_lot::Mutex;
use queue::Shared;

use crate::engine::{Engine, Work, WorkKind, Written};
use crate::reader::Reader;
use crate::{Batch, Config, DayFigures, Error, FlushError, Start};

/// What the last writer may take to write what is left when nobody called [`Writer::close`].
const FAREWELL: Duration = Duration::from_secs(2);

/// A batch of more rows is worth the way to the store's thread, which writes it while its giver
/// does something else.
const INLINE_ROWS: usize = 16;

/// The handle of the one writer of a database: clones are the same writer.
///
/// Nothing here waits for the disk except [`Writer::flush`] and [`Writer::close`]. Everything is
/// written in the order in which it was given. When the last clone is dropped, what is left is
/// still written (for two seconds at most), in the background.
#[derive(Clone)]
pub struct Writer {
    shared: Arc<Shared>,
    /// Where small batches may be written by who gives them; gone with the thread.
    core: Weak<Mutex<Engine>>,
    reader: Reader,
    _last: Arc<Last>,
}

/// What became of something given to the [`Writer`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It is in the database.
    Stored,
    /// The disk fails: it is kept in memory, and written when the disk recovers. A crash before
    /// then loses it.
    Held,
    /// It is lost: far more than [`crate::Config::held_bytes`] is waiting (which only happens to
    /// those who ignore [`Writer::accepting`]), or the writer is closed.
    Refused,
}

/// How the writer fares.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Health {
    /// What is committed is in the database.
    #[default]
    Healthy,
    /// The database can't be written (disk full, failing or locked). It is tried again and again.
    Degraded {
        /// Since when, ms since 1970 UTC.
        since_ms: i64,
        /// Rows in memory that wait for it.
        held_rows: usize,
        /// What they occupy.
        held_bytes: usize,
        /// The last failure.
        error: String,
    },
}

/// What the writer has done since it was opened.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Transactions that committed.
    pub transactions: u64,
    /// Rows in them.
    pub rows: u64,
    /// Rows lost: refused at the bound, or never acceptable to the database (an id used twice).
    pub lost_rows: u64,
    /// Transactions that failed.
    pub failures: u64,
}

/// Dropped with the last clone.
struct Last(Arc<Shared>);

impl Writer {
    /// Starts the thread over an engine.
    pub(crate) fn start(
        core: Arc<Mutex<Engine>>,
        reader: Reader,
        config: &Config,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::new(*core.lock().journal(), config.held_bytes));
        let weak = if core.lock().is_quick() {
            Arc::downgrade(&core)
        } else {
            Weak::new()
        };
        thread::spawn(
            Arc::clone(&shared),
            core,
            Chores::new(config.search, config.retention),
        )?;
        let last = Arc::new(Last(Arc::clone(&shared)));
        Ok(Self {
            shared,
            core: weak,
            reader,
            _last: last,
        })
    }

    /// Stores a batch: all of its rows or (after a crash) none. Whatever waits is written in one
    /// transaction; `done` is called afterwards, batch by batch in order, on the store's thread,
    /// so it must be quick and must not wait. Where the writer is closed it is called at once,
    /// on this thread.
    ///
    /// Positions must rise from batch to batch, and start at [`Start::position`].
    pub fn commit(&self, batch: Batch, done: impl FnOnce(Outcome) + Send + 'static) {
        let bytes = batch.bytes();
        self.shared
            .give(WorkKind::Batch(batch), bytes, Box::new(done));
    }

    /// Like [`Writer::commit`], but a small batch is written on this thread where that takes no
    /// waiting: nothing else is being written, the disk is well, and a commit does not wait for it
    /// ([`Durability::Normal`](crate::Durability::Normal)). Then `done` is called before this
    /// returns. A commit of few rows costs less than to wake another thread twice.
    pub fn commit_soon(&self, batch: Batch, done: impl FnOnce(Outcome) + Send + 'static) {
        if batch.rows.len() > INLINE_ROWS {
            return self.commit(batch, done);
        }
        match self.write_here(batch, done) {
            Ok(done) => done(Outcome::Stored),
            Err(Some((batch, done))) => self.commit(batch, done),
            Err(None) => {}
        }
    }

    /// Writes a batch here and now. Where that cannot be, both are given back; where it failed,
    /// the thread has them.
    fn write_here<D>(&self, batch: Batch, done: D) -> Result<D, Option<(Batch, D)>>
    where
        D: FnOnce(Outcome) + Send + 'static,
    {
        let Some(core) = self.core.upgrade() else {
            return Err(Some((batch, done)));
        };
        let Some(mut engine) = core.try_lock() else {
            return Err(Some((batch, done)));
        };
        let Some(serial) = self.shared.begin_inline() else {
            return Err(Some((batch, done)));
        };
        let (bytes, seen) = (batch.bytes(), batch.position);
        let kind = WorkKind::Batch(batch);
        let work = Work { serial, kind };
        let outcome = engine.write(std::iter::once(&work), seen);
        let urgent = engine.log_is_long();
        drop(engine);
        // Before it is said that the work is over: who closes waits for that, and counts on being
        // the last to hold the engine.
        drop(core);
        match outcome {
            Ok(written) => {
                self.shared.end_inline(serial, written, urgent);
                Ok(done)
            }
            Err(error) => {
                tracing::debug!(%error, "a commit is left to the store's thread");
                self.shared.fail_inline(work, bytes, Box::new(done));
                Err(None)
            }
        }
    }

    /// Writes rows of `servers`, each over the row of the same date and name. `done` as in
    /// [`Writer::commit`].
    pub fn save_figures(
        &self,
        figures: Vec<DayFigures>,
        done: impl FnOnce(Outcome) + Send + 'static,
    ) {
        let text = |day: &DayFigures| day.date.len() + day.name.len();
        let bytes = figures
            .iter()
            .map(|day| size_of::<DayFigures>() + text(day))
            .sum();
        self.shared
            .give(WorkKind::Figures(figures), bytes, Box::new(done));
    }

    /// Ends every live session at this time (ms since 1970 UTC), after everything given before.
    pub fn close_open_sessions(&self, time_ms: i64) {
        self.shared
            .give(WorkKind::CloseSessions(time_ms), 0, Box::new(|_| {}));
    }

    /// False while so much is waiting that new messages must be refused: more than
    /// [`crate::Config::held_bytes`], or the disk fails and no position is left that is safe to
    /// show. Costs two atomic loads.
    #[must_use]
    pub fn accepting(&self) -> bool {
        self.shared.is_accepting()
    }

    /// How the writer fares.
    #[must_use]
    pub fn health(&self) -> Health {
        self.shared.health()
    }

    /// What it has done so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// The first free position of this life and the figures of each server to go on with at
    /// `date` (`YYYY-MM-DD`, local). The position is the one found at opening: ask before the
    /// first [`Writer::commit`].
    ///
    /// # Errors
    ///
    /// [`Error::Sqlite`] where the figures can't be read.
    pub fn start_state(&self, date: &str) -> Result<Start, Error> {
        let servers = self.reader.servers_as_of(date)?;
        Ok(Start {
            position: self.shared.first_position(),
            servers,
        })
    }

    /// Waits until everything given so far is in the database.
    ///
    /// # Errors
    ///
    /// [`FlushError::Unwritten`] after `wait`, [`FlushError::Closed`] where the writer is closed.
    pub fn flush(&self, wait: Duration) -> Result<(), FlushError> {
        self.shared.flush(Instant::now() + wait)
    }

    /// Writes what is left, moves the log into the file, closes it. Everything that is given to
    /// any clone from now on is refused. Sessions that are still live are closed at the next
    /// start; [`Writer::close_open_sessions`] does it now.
    ///
    /// # Errors
    ///
    /// [`FlushError::Unwritten`] where the disk did not take it within `wait`: it is lost then.
    /// [`FlushError::Closed`] where it was closed before.
    pub fn close(&self, wait: Duration) -> Result<(), FlushError> {
        // Who only reads cannot remove the log: the engine is to be the last to leave the file.
        self.reader.rest();
        self.shared.close(Instant::now() + wait)
    }
}

impl Counts {
    /// A transaction more, if it was one.
    fn add(&mut self, written: Written) {
        self.transactions += u64::from(written.transaction);
        self.rows += written.rows as u64;
        self.lost_rows += written.refused as u64;
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}

impl Drop for Last {
    fn drop(&mut self) {
        self.0.stop(Instant::now() + FAREWELL);
    }
}
