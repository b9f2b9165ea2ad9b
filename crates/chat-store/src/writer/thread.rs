//! The thread of the writer: when transactions happen, and what is done while they fail.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{io, thread};

use parking_lot::Mutex;

use super::chores::Chores;
use super::mover::Mover;
use super::queue::{GROUP_BYTES, GROUP_ROWS, Job, Next, Shared};
use super::{Health, Outcome};
use crate::engine::{Engine, WorkKind, Written};
use crate::{FlushError, clock};

/// The first pause after a failure; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// After so long without a transaction the log is moved into the file.
const REST: Duration = Duration::from_secs(1);

/// While others write, the thread looks so often what is to be done behind them.
const LOOK: Duration = Duration::from_millis(200);

/// How often it is noted that the program still runs: how wrong an out-time can be after a crash.
const NOTE: Duration = Duration::from_secs(60);

/// While the disk fails the log says so often how much is held.
const REMIND: Duration = Duration::from_secs(60);

/// How long the last checkpoint waits for readers.
const LAST_CHECKPOINT: Duration = Duration::from_millis(500);

/// Starts the thread. It ends when [`Shared::stop`] is called, and gives up its hold on the
/// engine before it says so.
pub(super) fn spawn(
    shared: Arc<Shared>,
    core: Arc<Mutex<Engine>>,
    chores: Chores,
) -> io::Result<()> {
    let worker = Worker::new(Arc::clone(&shared), core, chores);
    thread::Builder::new()
        .name("chat-store".to_owned())
        .spawn(move || {
            let how = catch_unwind(AssertUnwindSafe(|| worker.run())).unwrap_or_else(|_| {
                tracing::error!("the store's thread panicked: nothing is stored any more");
                Err(FlushError::Unwritten {
                    rows: 0,
                    reason: "the store's thread panicked".to_owned(),
                })
            });
            shared.finish(how);
        })?;
    Ok(())
}

struct Worker {
    shared: Arc<Shared>,
    core: Arc<Mutex<Engine>>,
    /// What could not be written, in order. Its callbacks have been called.
    held: VecDeque<Job>,
    /// Set while the database can't be written.
    trouble: Option<Trouble>,
    /// The highest position given, and the number of the last work taken.
    seen: u64,
    taken: u64,
    /// When the log was last written to, if it was since the last checkpoint.
    written_at: Option<Instant>,
    note_at: Instant,
    /// What is done behind the writing.
    chores: Chores,
    /// Moves the log into the file just now.
    mover: Option<Mover>,
}

struct Trouble {
    since_ms: i64,
    pause: Duration,
    retry_at: Instant,
    remind_at: Instant,
    /// The log has told that nothing more is taken.
    full: bool,
    error: String,
}

impl Trouble {
    /// Tells the log how it stands: at once when nothing more is taken, and every minute.
    fn tell(&mut self, rows: usize, bytes: usize, accepting: bool) {
        let error = &self.error;
        if !accepting && !self.full {
            self.full = true;
            tracing::error!(
                rows,
                bytes,
                error,
                "messages are refused: the memory for what the database does not take is full"
            );
        } else if Instant::now() >= self.remind_at {
            self.remind_at = Instant::now() + REMIND;
            tracing::warn!(rows, bytes, error, "the database still can't be written");
        }
    }
}

impl Worker {
    fn new(shared: Arc<Shared>, core: Arc<Mutex<Engine>>, chores: Chores) -> Self {
        let now = Instant::now();
        Self {
            shared,
            core,
            held: VecDeque::new(),
            trouble: None,
            seen: 0,
            taken: 0,
            written_at: Some(now),
            note_at: now + NOTE,
            chores,
            mover: None,
        }
    }

    fn run(mut self) -> Result<(), FlushError> {
        let stop = loop {
            let watching = self.written_at.is_some();
            match self.shared.next(self.deadline(), watching) {
                Next::Jobs(jobs) => self.take(jobs),
                Next::Time => {}
                Next::Stop(stop) => break stop,
            }
            self.retry();
            self.rest();
        };
        self.end(stop)
    }

    /// When something is to be done though nothing is asked.
    fn deadline(&self) -> Instant {
        let retry = self.trouble.as_ref().map(|trouble| trouble.retry_at);
        let rest = self.written_at.map(|at| at + REST);
        let look = self.written_at.map(|_| Instant::now() + LOOK);
        [retry, rest, look, self.chores.due()]
            .into_iter()
            .flatten()
            .fold(self.note_at, Instant::min)
    }

    fn take(&mut self, jobs: Vec<Job>) {
        for job in &jobs {
            self.taken = job.work.serial;
            if let WorkKind::Batch(batch) = &job.work.kind {
                self.seen = self.seen.max(batch.position);
            }
        }
        if self.trouble.is_some() {
            self.hold(jobs);
            return;
        }
        let works = jobs.iter().filter(|job| !job.refused).map(|job| &job.work);
        let outcome = self.core.lock().write(works, self.seen);
        match outcome {
            Ok(written) => {
                self.count(written);
                for mut job in jobs {
                    self.shared.release(job.bytes);
                    answer(&mut job, Outcome::Stored);
                }
                self.shared.settle(self.taken);
            }
            Err(error) => {
                self.fail(&error);
                self.hold(jobs);
            }
        }
    }

    fn count(&mut self, written: Written) {
        if written.transaction {
            self.written_at = Some(Instant::now());
            self.chores.written(Instant::now());
            self.shared.report(|_, counts| counts.add(written));
        }
    }

    /// Keeps in memory what can't be written now.
    fn hold(&mut self, jobs: Vec<Job>) {
        for mut job in jobs {
            answer(&mut job, Outcome::Held);
            if !job.refused && job.work.kind.rows() > 0 {
                self.held.push_back(job);
            } else {
                self.shared.release(job.bytes);
            }
        }
        let safe = self.core.lock().covers(self.seen);
        self.shared.set_overdrawn(!safe);
        self.report_trouble();
    }

    /// Writes a part of what is held, if it is time.
    fn retry(&mut self) {
        if self
            .trouble
            .as_ref()
            .is_none_or(|trouble| Instant::now() < trouble.retry_at)
        {
            return;
        }
        let count = self.part();
        let works = self.held.iter().take(count).map(|job| &job.work);
        let outcome = self.core.lock().write(works, self.seen);
        match outcome {
            Ok(written) => {
                self.count(written);
                for job in self.held.drain(..count) {
                    self.shared.release(job.bytes);
                }
                self.recover();
            }
            Err(error) => self.fail(&error),
        }
        self.report_trouble();
    }

    /// How many of those held one transaction takes.
    fn part(&self) -> usize {
        let (mut rows, mut bytes) = (0, 0);
        let fits = self.held.iter().take_while(|job| {
            rows += job.work.kind.rows();
            bytes += job.bytes;
            rows <= GROUP_ROWS && bytes <= GROUP_BYTES
        });
        fits.count().max(1).min(self.held.len())
    }

    fn fail(&mut self, error: &rusqlite::Error) {
        let error = error.to_string();
        self.shared.report(|_, counts| counts.failures += 1);
        let now = Instant::now();
        match &mut self.trouble {
            Some(trouble) => {
                trouble.pause = (trouble.pause * 2).min(LONGEST_PAUSE);
                trouble.retry_at = now + trouble.pause;
                trouble.error = error;
            }
            None => {
                tracing::error!(
                    error,
                    "the database can't be written: messages are held in memory"
                );
                let (since_ms, pause) = (clock::now_ms(), FIRST_PAUSE);
                self.trouble = Some(Trouble {
                    since_ms,
                    pause,
                    retry_at: now + pause,
                    remind_at: now + REMIND,
                    full: false,
                    error,
                });
            }
        }
    }

    /// A transaction went well: go on with the next part at once, or all is well again.
    fn recover(&mut self) {
        if self.held.is_empty() {
            self.trouble = None;
            self.shared.set_overdrawn(false);
            self.shared.report(|health, _| *health = Health::Healthy);
            self.shared.settle(self.taken);
            // As loud as what it ends: who has read that the disk fails waits for this.
            tracing::warn!("the database is written again: nothing is held any more");
        } else if let Some(trouble) = &mut self.trouble {
            (trouble.pause, trouble.retry_at) = (FIRST_PAUSE, Instant::now());
        }
    }

    fn report_trouble(&mut self) {
        let (rows, bytes) = (
            self.held_rows(),
            self.held.iter().map(|job| job.bytes).sum(),
        );
        if let Some(trouble) = &mut self.trouble {
            trouble.tell(rows, bytes, self.shared.is_accepting());
            let degraded = Health::Degraded {
                since_ms: trouble.since_ms,
                held_rows: rows,
                held_bytes: bytes,
                error: trouble.error.clone(),
            };
            self.shared.report(|health, _| *health = degraded);
        }
    }

    fn held_rows(&self) -> usize {
        self.held.iter().map(|job| job.work.kind.rows()).sum()
    }

    /// What is done beside the writing.
    fn rest(&mut self) {
        let now = Instant::now();
        if self.shared.take_written() {
            self.written_at = Some(now);
            self.chores.written(now);
        }
        if self.trouble.is_some() {
            return;
        }
        self.shorten_log();
        self.chores.run(&self.core, now);
        if now >= self.note_at {
            self.note_at = now + NOTE;
            self.try_to("note the time", |engine| engine.note_time(clock::now_ms()));
        }
        if self.written_at.is_some_and(|at| now >= at + REST) {
            self.written_at = None;
            self.try_to("empty the log", |engine| engine.checkpoint(Duration::ZERO));
        }
    }

    /// Sees to a long log: most of it is moved beside the writing, and only what came meanwhile
    /// keeps the writing waiting.
    fn shorten_log(&mut self) {
        if let Some(mover) = self.mover.take_if(|mover| mover.is_done()) {
            mover.join();
            self.try_to("start the log anew", Engine::restart_log);
        }
        let mut engine = self.core.lock();
        if self.mover.is_none() && engine.log_is_long() {
            engine.log_is_moved();
            let path = engine.path().clone();
            drop(engine);
            let shared = Arc::clone(&self.shared);
            self.mover = Mover::start(path, move || shared.call());
        }
    }

    /// Writes what is held, again and again until the time is up, and leaves the file in order.
    fn end(mut self, until: Instant) -> Result<(), FlushError> {
        // The engine is to be the last to close the file.
        if let Some(mover) = self.mover.take() {
            mover.join();
        }
        if let Some(trouble) = &self.trouble {
            let rows = self.held_rows();
            tracing::warn!(rows, error = trouble.error, "the end waits for the disk");
        }
        while let Some(trouble) = &self.trouble {
            if Instant::now() >= until && trouble.retry_at > until {
                let rows = self.held_rows();
                tracing::error!(
                    rows,
                    error = trouble.error,
                    "closed with rows that are lost"
                );
                return Err(FlushError::Unwritten {
                    rows,
                    reason: trouble.error.clone(),
                });
            }
            let retry_at = trouble.retry_at.min(until);
            thread::sleep(retry_at.saturating_duration_since(Instant::now()));
            self.retry();
        }
        self.try_to("give back reserved positions", Engine::end);
        self.try_to("empty the log", |engine| engine.checkpoint(LAST_CHECKPOINT));
        Ok(())
    }

    /// Something whose failure costs nothing but tidiness.
    fn try_to(&self, what: &str, action: impl FnOnce(&mut Engine) -> rusqlite::Result<()>) {
        let outcome = action(&mut self.core.lock());
        if let Err(error) = outcome {
            tracing::debug!(%error, "could not {what}");
        }
    }
}

/// Calls back. A callback that panics must not end the writer.
fn answer(job: &mut Job, outcome: Outcome) {
    let outcome = if job.refused {
        Outcome::Refused
    } else {
        outcome
    };
    if let Some(done) = job.done.take()
        && catch_unwind(AssertUnwindSafe(|| done(outcome))).is_err()
    {
        tracing::error!("a callback of the store panicked");
    }
}
