//! The only unsafe code: a mapping as references, and the system's lock within it.
//!
//! What the safety arguments below rest on:
//!
//! 1. A [`Mapping`] is made only when the segment is at least as long as its slot count asks for
//!    (checked against the length that was mapped), and it stays mapped until the value is dropped.
//! 2. The mapping begins on a page, and all offsets in `layout` are multiples of 64: aligned.
//! 3. The structures consist of atomics alone: any bytes are valid values, and other threads and
//!    processes may write them at any time.
//!
//! A segment that somebody shortens while it is mapped would end the process with SIGBUS; only the
//! same user could, and nothing of ours does.

use std::marker::PhantomData;
use std::mem::{forget, size_of};
use std::ptr::null_mut;
use std::slice;
use std::time::Duration;

use raw_sync::Timeout;
use raw_sync::locks::{LockImpl, LockInit, Mutex};
use shared_memory::{Shmem, ShmemConf, ShmemError};

use crate::error::Refusal;
use crate::layout::{CELLS_AT, Cells, Header, LOCKS, LOCKS_AT, LockArea, segment_size};

/// A segment in this process's memory, long enough for what it says it holds.
pub(crate) struct Mapping {
    shmem: Shmem,
    slots: usize,
}

/// Why a segment could not be mapped.
pub(crate) enum MapError {
    System(ShmemError),
    Refused(Refusal),
}

/// The system's lock of one area, held. Not `Send`: the thread that locked must unlock.
pub(crate) struct RawGuard<'m> {
    lock: Box<dyn LockImpl>,
    mapping: PhantomData<&'m Mapping>,
}

// SAFETY: nothing of a `Shmem` belongs to a thread: a descriptor, an address and a name. Dropping
// it unmaps, which any thread may do.
unsafe impl Send for Mapping {}

// SAFETY: through `&Mapping` only atomics are reached (point 3), and the `Shmem` itself is only
// asked for its address and length, which do not change.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Makes a segment for `slots` servers, all zero; fails if the name is taken.
    pub(crate) fn create(os_id: &str, slots: usize) -> Result<Self, ShmemError> {
        let size = segment_size(slots);
        let mut shmem = ShmemConf::new().os_id(os_id).size(size).create()?;
        // Its idea of removing the name on drop does not know about forks and successors.
        shmem.set_owner(false);
        Ok(Self { shmem, slots })
    }

    /// Maps an existing segment, if it is a board.
    pub(crate) fn open(os_id: &str) -> Result<Self, MapError> {
        let shmem = ShmemConf::new()
            .os_id(os_id)
            .open()
            .map_err(MapError::System)?;
        if shmem.len() < segment_size(0) {
            return Err(MapError::Refused(Refusal::TooSmall(shmem.len())));
        }
        let unchecked = Self { shmem, slots: 0 };
        let checked = unchecked.header().check(unchecked.shmem.len());
        let slots = checked.map_err(MapError::Refused)?;
        Ok(Self { slots, ..unchecked })
    }

    pub(crate) fn header(&self) -> &Header {
        let header = self.at::<Header>(0);
        // SAFETY: points 1 to 3; the mapping is longer than a header.
        unsafe { &*header }
    }

    pub(crate) fn locks(&self) -> &[LockArea] {
        let first = self.at::<LockArea>(LOCKS_AT);
        // SAFETY: points 1 to 3; every segment has this many lock areas.
        unsafe { slice::from_raw_parts(first, LOCKS) }
    }

    pub(crate) fn cells(&self) -> &[Cells] {
        let first = self.at::<Cells>(CELLS_AT);
        // SAFETY: points 1 to 3; the slot count is our own copy of what was checked, so that
        // nobody can raise it afterwards.
        unsafe { slice::from_raw_parts(first, self.slots) }
    }

    /// Makes the system's lock in an area. Only while nobody else knows the segment.
    pub(crate) fn init_lock(&self, area: &LockArea) -> Result<(), &'static str> {
        let memory = raw_lock(area);
        if Mutex::size_of(Some(memory)) > size_of_val(&area.raw) {
            return Err("the system's lock is larger than its place");
        }
        // SAFETY: the area lies in shared memory, is aligned and, as just checked, long enough;
        // nobody uses it yet. The data pointer is never followed.
        let made = unsafe { Mutex::new(memory, null_mut()) };
        made.map(drop)
            .map_err(|_| "the system cannot make a lock between processes")
    }

    /// Takes the system's lock of an area if it is free at this moment.
    pub(crate) fn try_lock<'m>(&'m self, area: &'m LockArea) -> Option<RawGuard<'m>> {
        // SAFETY: `init_lock` was called on every area before the segment was made ready; the
        // guard borrows the mapping, so the memory outlives it. The data pointer is not followed.
        let existing = unsafe { Mutex::from_existing(raw_lock(area), null_mut()) };
        let (lock, _) = existing.ok()?;
        // Nought is the one waiting time that can neither be lengthened by a step of the wall
        // clock nor fail with EINVAL because of a missing carry.
        let taken = lock.try_lock(Timeout::Val(Duration::ZERO));
        // Its own guard would panic if the lock could not be released.
        taken.map(forget).ok()?;
        Some(RawGuard {
            lock,
            mapping: PhantomData,
        })
    }

    /// The address of what lies `offset` bytes into the segment.
    fn at<T>(&self, offset: usize) -> *const T {
        debug_assert!(offset + size_of::<T>() <= self.shmem.len() || self.slots == 0);
        self.shmem.as_ptr().wrapping_add(offset).cast()
    }
}

impl Drop for RawGuard<'_> {
    fn drop(&mut self) {
        if self.lock.release().is_err() {
            tracing::error!("the board's lock could not be released");
        }
    }
}

/// Where the system's lock lies; written only through the atomics' interior mutability.
fn raw_lock(area: &LockArea) -> *mut u8 {
    (&raw const area.raw).cast_mut().cast()
}
