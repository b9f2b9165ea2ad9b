//! The lock between processes, and how it heals.
//!
//! The system's lock (raw_sync) stays locked for ever when its holder dies, its waiting follows the
//! wall clock, and it cannot say who holds it. So beside each there is a word that names the
//! holder, there are [`LOCKS`] of them, and the header says which one, the *generation*, counts.
//!
//! | holder word | means |
//! | --- | --- |
//! | 0 | free, or about to be named, or just released |
//! | pid and start time | held by that process |
//! | `ABANDONED` | this generation is over, the next one counts |
//!
//! To take the lock: take the system's lock of the generation, then change the word from 0 to
//! oneself. If that fails the generation was abandoned meanwhile: go to the next. To release:
//! the word back to 0, then the system's lock.
//!
//! Who finds the lock taken looks at the word. A holder that is dead, or unnamed for a second (it
//! died between the two steps), is replaced by `ABANDONED` and the generation goes up by one; both
//! are single compare-and-swaps that anyone may do or finish for another, so a healer may die too.
//! Since only the word decides, two can never hold the lock, not even when a process slept through
//! all this between its two steps. A holder that is alive is waited for, two seconds at most.
//!
//! When all generations are used up (64 deaths within some microseconds each) a last word serves
//! as the lock by itself, taken over from the dead directly.
//!
//! Nothing blocks in the system: the lock is held for microseconds and rarely, so waiting is
//! asking again each millisecond by the monotonic clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::layout::{LOCKS, LockArea};
use crate::map::{Mapping, RawGuard};
use crate::memory::PATIENCE;
use crate::process::Identity;

/// In a holder word: this generation of the lock is over. No process has this number.
const ABANDONED: u64 = u64::MAX;

/// How long a holder may stay unnamed before it counts as dead.
const UNNAMED: Duration = Duration::from_secs(1);

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(1);

/// Does `act` under the lock.
///
/// # Errors
///
/// [`Error::LockBusy`] if a process that is alive has held the lock all the time.
pub(crate) fn with<T>(mapping: &Mapping, act: impl FnOnce() -> T) -> Result<T, Error> {
    let held = acquire(mapping)?;
    let result = act();
    drop(held);
    Ok(result)
}

/// The lock, held until dropped.
struct Held<'m> {
    word: &'m AtomicU64,
    me: u64,
    /// Released after the word, being dropped after it.
    _raw: Option<RawGuard<'m>>,
}

/// What came of one attempt.
enum Attempt<'m> {
    Held(Held<'m>),
    /// The state has moved on; try again at once.
    Again,
    /// Somebody else has it: the word seen.
    Taken(u64),
}

fn acquire(mapping: &Mapping) -> Result<Held<'_>, Error> {
    let me = holder_word(Identity::current());
    let started = Instant::now();
    loop {
        let generation = mapping.header().lock_generation.load(Ordering::Acquire);
        let area = mapping.locks().get(generation as usize);
        let attempt = match area {
            Some(area) => try_generation(mapping, generation, area, me),
            None => try_last(&mapping.header().last_holder, me),
        };
        let word = match attempt {
            Attempt::Held(held) => return Ok(held),
            Attempt::Again => continue,
            Attempt::Taken(word) => word,
        };
        let is_over = if word == 0 {
            started.elapsed() >= UNNAMED
        } else {
            is_dead(word)
        };
        if is_over {
            if let Some(area) = area {
                abandon(mapping, generation, area, word);
            }
        } else if word != 0 && started.elapsed() >= PATIENCE {
            return Err(Error::LockBusy(identity(word).pid));
        }
        thread::sleep(PAUSE);
    }
}

/// Tries the lock of one generation.
fn try_generation<'m>(
    mapping: &'m Mapping,
    generation: u32,
    area: &'m LockArea,
    me: u64,
) -> Attempt<'m> {
    let word = area.holder.load(Ordering::Acquire);
    if word == ABANDONED {
        // Whoever abandoned it may have died before it could say so in the header.
        abandon(mapping, generation, area, word);
        return Attempt::Again;
    }
    let Some(raw) = mapping.try_lock(area) else {
        return Attempt::Taken(area.holder.load(Ordering::Acquire));
    };
    match area
        .holder
        .compare_exchange(0, me, Ordering::AcqRel, Ordering::Acquire)
    {
        Ok(_) => Attempt::Held(Held {
            word: &area.holder,
            me,
            _raw: Some(raw),
        }),
        Err(found) => {
            // Abandoned meanwhile; or a name on a lock that was free, which is damage.
            abandon(mapping, generation, area, found);
            Attempt::Again
        }
    }
}

/// Tries the last lock, which is nothing but its word.
fn try_last(word: &AtomicU64, me: u64) -> Attempt<'_> {
    let held = || {
        Attempt::Held(Held {
            word,
            me,
            _raw: None,
        })
    };
    match word.compare_exchange(0, me, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => held(),
        Err(found) if is_dead(found) => {
            match word.compare_exchange(found, me, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => held(),
                Err(_) => Attempt::Again,
            }
        }
        Err(found) => Attempt::Taken(found),
    }
}

/// Ends a generation of the lock whose holder word is still `word`.
fn abandon(mapping: &Mapping, generation: u32, area: &LockArea, word: u64) {
    let ended = area
        .holder
        .compare_exchange(word, ABANDONED, Ordering::AcqRel, Ordering::Acquire);
    if ended.is_ok() && word != ABANDONED {
        tracing::warn!(
            generation,
            of = LOCKS,
            pid = identity(word).pid,
            "lock holder is dead"
        );
    }
    if ended.is_ok() || ended == Err(ABANDONED) {
        let counter = &mapping.header().lock_generation;
        // Fails if another has done it: just as well.
        let _ = counter.compare_exchange(
            generation,
            generation + 1,
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // Fails if somebody took this process for dead: then the generation is over anyway.
        let _ = self
            .word
            .compare_exchange(self.me, 0, Ordering::AcqRel, Ordering::Relaxed);
    }
}

/// The process number in the upper half, the lower half of the start time in the lower.
fn holder_word(identity: Identity) -> u64 {
    (u64::from(identity.pid) << 32) | (identity.start_time & u64::from(u32::MAX))
}

/// The process of a holder word; of the start time only the lower half is right.
fn identity(word: u64) -> Identity {
    let pid = u32::try_from(word >> 32).unwrap_or(u32::MAX);
    Identity {
        pid,
        start_time: word & u64::from(u32::MAX),
    }
}

/// Whether the process of a holder word runs no more.
fn is_dead(word: u64) -> bool {
    let named = identity(word);
    if named.start_time == 0 {
        return !named.is_alive();
    }
    Identity::of(named.pid).is_none_or(|found| holder_word(found) != word)
}

#[cfg(test)]
#[cfg(not(miri))]
mod tests;
