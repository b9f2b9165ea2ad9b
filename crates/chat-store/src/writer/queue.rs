//! What lies between the handles and the thread: one queue under one lock, bounded in bytes.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::{Counts, Health, Outcome};
use crate::engine::{Work, WorkKind, Written};
use crate::tables::journal::Journal;
use crate::{Batch, FlushError};

/// Called when it is known what became of a piece of work.
pub(crate) type Done = Box<dyn FnOnce(Outcome) + Send>;

/// One transaction takes at most this many rows and (beyond the first batch) bytes, so that the
/// first in it does not wait long for the last.
pub(super) const GROUP_ROWS: usize = 8192;
pub(super) const GROUP_BYTES: usize = 4 << 20;

/// Between this much more than the limit and the limit, what was accepted already still fits.
const SLACK: usize = 64 << 10;

/// How long beyond its time the thread may take to say that it ended.
const GRACE: Duration = Duration::from_secs(5);

/// A piece of work on its way.
pub(super) struct Job {
    pub(super) work: Work,
    /// What it counts for while it waits.
    pub(super) bytes: usize,
    /// Gone once called.
    pub(super) done: Option<Done>,
    /// Its rows did not fit: it is only here so that `done` is called in turn.
    pub(super) refused: bool,
}

/// What the thread finds to do.
pub(super) enum Next {
    /// At least one.
    Jobs(Vec<Job>),
    /// The time asked for has come.
    Time,
    /// Everything was taken, and nothing will come after. Be done by then.
    Stop(Instant),
}

pub(super) struct Shared {
    state: Mutex<State>,
    /// The thread waits here.
    work: Condvar,
    /// Those who flush or close wait here.
    progress: Condvar,
    /// Bytes in the queue or held by the thread.
    waiting: AtomicUsize,
    /// The disk fails and no safe position is left.
    overdrawn: AtomicBool,
    closed: AtomicBool,
    limit: usize,
    first_position: u64,
}

struct State {
    queue: VecDeque<Job>,
    /// The number of the last work given.
    given: u64,
    /// All works up to this number are in the database (or refused).
    settled: u64,
    /// Somebody writes on a thread of their own: nothing may overtake that.
    inline: bool,
    /// Something was written inline since the thread asked last.
    written: bool,
    /// The thread will ask before long, without being told.
    watching: bool,
    stop: Option<Instant>,
    finished: Option<Result<(), FlushError>>,
    health: Health,
    counts: Counts,
}

impl Shared {
    pub(super) fn new(journal: Journal, limit: usize) -> Self {
        let state = State {
            queue: VecDeque::new(),
            given: journal.serial,
            settled: journal.serial,
            inline: false,
            written: false,
            watching: false,
            stop: None,
            finished: None,
            health: Health::Healthy,
            counts: Counts::default(),
        };
        Self {
            state: Mutex::new(state),
            work: Condvar::new(),
            progress: Condvar::new(),
            waiting: AtomicUsize::new(0),
            overdrawn: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            limit,
            first_position: journal.mark.first_of_life(),
        }
    }

    // The side of the handles.

    pub(super) fn give(&self, kind: WorkKind, bytes: usize, done: Done) {
        let mut state = self.state.lock();
        if state.stop.is_some() || state.finished.is_some() {
            drop(state);
            done(Outcome::Refused);
            return;
        }
        state.given += 1;
        let bytes = bytes + size_of::<Job>();
        let fits = self.waiting.load(Ordering::Relaxed).saturating_add(bytes) <= self.hard_limit();
        let job = if fits {
            Job {
                work: Work {
                    serial: state.given,
                    kind,
                },
                bytes,
                done: Some(done),
                refused: false,
            }
        } else {
            state.counts.lost_rows += kind.rows() as u64;
            refused(state.given, &kind, done)
        };
        self.waiting.fetch_add(job.bytes, Ordering::Relaxed);
        state.queue.push_back(job);
        drop(state);
        self.work.notify_one();
    }

    /// The number of a piece of work that is written at once by who gave it, if nothing is before
    /// it; [`Shared::end_inline`] must follow.
    pub(super) fn begin_inline(&self) -> Option<u64> {
        let mut state = self.state.lock();
        let free = state.settled == state.given
            && !state.inline
            && state.stop.is_none()
            && state.finished.is_none()
            && state.health == Health::Healthy;
        free.then(|| {
            state.inline = true;
            state.given += 1;
            state.given
        })
    }

    /// It is written. `urgent`: the thread has something to tidy up.
    pub(super) fn end_inline(&self, serial: u64, written: Written, urgent: bool) {
        let mut state = self.state.lock();
        state.inline = false;
        state.settled = serial;
        state.written |= written.transaction;
        state.counts.add(written);
        state.watching &= !urgent;
        let told = !written.transaction || state.watching;
        let call = !told || !state.queue.is_empty() || state.stop.is_some();
        drop(state);
        if call {
            self.work.notify_one();
        }
        self.progress.notify_all();
    }

    /// It could not be written: the thread sees to it, before anything else.
    pub(super) fn fail_inline(&self, work: Work, bytes: usize, done: Done) {
        let bytes = bytes + size_of::<Job>();
        let mut state = self.state.lock();
        state.inline = false;
        self.waiting.fetch_add(bytes, Ordering::Relaxed);
        state.queue.push_front(Job {
            work,
            bytes,
            done: Some(done),
            refused: false,
        });
        drop(state);
        self.work.notify_one();
    }

    pub(super) fn is_accepting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) < self.limit
            && !self.overdrawn.load(Ordering::Relaxed)
            && !self.closed.load(Ordering::Relaxed)
    }

    pub(super) fn health(&self) -> Health {
        self.state.lock().health.clone()
    }

    pub(super) fn counts(&self) -> Counts {
        self.state.lock().counts
    }

    pub(super) fn first_position(&self) -> u64 {
        self.first_position
    }

    pub(super) fn flush(&self, until: Instant) -> Result<(), FlushError> {
        let mut state = self.state.lock();
        let goal = state.given;
        loop {
            if let Some(finished) = &state.finished {
                return finished.clone().and(Err(FlushError::Closed));
            }
            if state.settled >= goal {
                return Ok(());
            }
            if self.progress.wait_until(&mut state, until).timed_out() && state.settled < goal {
                return Err(unwritten(&state));
            }
        }
    }

    /// Ends the thread; what is given from now on is refused.
    pub(super) fn stop(&self, until: Instant) {
        let mut state = self.state.lock();
        state.stop.get_or_insert(until);
        self.closed.store(true, Ordering::Relaxed);
        drop(state);
        self.work.notify_one();
    }

    pub(super) fn close(&self, until: Instant) -> Result<(), FlushError> {
        if self.state.lock().stop.is_some() {
            return Err(FlushError::Closed);
        }
        self.stop(until);
        let mut state = self.state.lock();
        loop {
            if let Some(finished) = &state.finished {
                return finished.clone();
            }
            if self
                .progress
                .wait_until(&mut state, until + GRACE)
                .timed_out()
                && state.finished.is_none()
            {
                return Err(unwritten(&state));
            }
        }
    }

    // The side of the thread.

    /// Waits for work until `until`; `watching`: or until something was written inline that the
    /// thread does not know of.
    pub(super) fn next(&self, until: Instant, watching: bool) -> Next {
        let mut state = self.state.lock();
        state.watching = watching;
        loop {
            if !state.inline {
                if !state.queue.is_empty() {
                    return Next::Jobs(group(&mut state));
                }
                if let Some(stop) = state.stop {
                    return Next::Stop(stop);
                }
                if state.written && !state.watching {
                    return Next::Time;
                }
            }
            if self.work.wait_until(&mut state, until).timed_out() {
                return Next::Time;
            }
        }
    }

    /// Has the thread look around, though nothing is to be written.
    pub(super) fn call(&self) {
        let mut state = self.state.lock();
        state.written = true;
        state.watching = false;
        drop(state);
        self.work.notify_one();
    }

    /// Whether something was written inline since this was asked last.
    pub(super) fn take_written(&self) -> bool {
        std::mem::take(&mut self.state.lock().written)
    }

    /// The bytes are free again.
    pub(super) fn release(&self, bytes: usize) {
        self.waiting.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn set_overdrawn(&self, overdrawn: bool) {
        self.overdrawn.store(overdrawn, Ordering::Relaxed);
    }

    pub(super) fn report(&self, change: impl FnOnce(&mut Health, &mut Counts)) {
        let state = &mut *self.state.lock();
        change(&mut state.health, &mut state.counts);
    }

    /// Everything up to this number is written.
    pub(super) fn settle(&self, serial: u64) {
        self.state.lock().settled = serial;
        self.progress.notify_all();
    }

    /// The thread ended.
    pub(super) fn finish(&self, how: Result<(), FlushError>) {
        let mut state = self.state.lock();
        self.closed.store(true, Ordering::Relaxed);
        state.finished = Some(how);
        let left: Vec<Job> = state.queue.drain(..).collect();
        MutexGuard::unlocked(&mut state, || {
            for job in left {
                if let Some(done) = job.done {
                    done(Outcome::Refused);
                }
            }
        });
        drop(state);
        self.progress.notify_all();
    }

    /// Where even those are cut off who do not ask whether they may.
    fn hard_limit(&self) -> usize {
        self.limit
            .saturating_add(self.limit / 2)
            .saturating_add(SLACK)
    }
}

/// The front of the queue, as much as one transaction takes.
fn group(state: &mut State) -> Vec<Job> {
    let (mut rows, mut bytes, mut count) = (0, 0, 0);
    for job in &state.queue {
        rows += job.work.kind.rows();
        bytes += job.bytes;
        if count > 0 && (rows > GROUP_ROWS || bytes > GROUP_BYTES) {
            break;
        }
        count += 1;
    }
    state.queue.drain(..count).collect()
}

/// What stays of a job that does not fit: its place in the order.
fn refused(serial: u64, kind: &WorkKind, done: Done) -> Job {
    let position = match kind {
        WorkKind::Batch(batch) => batch.position,
        WorkKind::Figures(_) | WorkKind::CloseSessions(_) => 0,
    };
    let kind = WorkKind::Batch(Batch {
        rows: Vec::new(),
        position,
    });
    Job {
        work: Work { serial, kind },
        bytes: size_of::<Job>(),
        done: Some(done),
        refused: true,
    }
}

fn unwritten(state: &State) -> FlushError {
    match &state.health {
        Health::Healthy => FlushError::Unwritten {
            rows: state.queue.iter().map(|job| job.work.kind.rows()).sum(),
            reason: "time ran out".to_owned(),
        },
        Health::Degraded {
            held_rows, error, ..
        } => FlushError::Unwritten {
            rows: *held_rows,
            reason: error.clone(),
        },
    }
}
