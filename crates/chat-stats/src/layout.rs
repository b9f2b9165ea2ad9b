//! What lies where in a segment.
//!
//! ```text
//! 0                Header          two cache lines
//! 128              LockArea x 64   one cache line each: who holds the lock, and the lock
//! 128 + 64 * 64    Cells x slots   two cache lines each: the numbers of one server
//! ```
//!
//! Everything is an atomic of fixed width, so every bit pattern is a value and nothing that another
//! process writes can be undefined here. There are no pointers, no `bool` and no enums. Numbers are
//! in the machine's own byte order: a segment never leaves the machine.
//!
//! The header's magic, layout, size and slot count never change once `ready` is set, which is
//! written last; `ready` is what makes a segment a board.

use std::mem::size_of;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::error::Refusal;

/// The first eight bytes of a board.
pub(crate) const MAGIC: u64 = u64::from_ne_bytes(*b"chatstat");

/// Raised with every change to the structures below. The low byte is the width of a pointer: the
/// system's lock within the segment depends on it.
#[expect(clippy::cast_possible_truncation, reason = "a pointer has few bytes")]
pub(crate) const LAYOUT: u32 = (3 << 8) | size_of::<usize>() as u32;

/// The most servers a board can have.
pub const MAX_SLOTS: usize = 1024;

/// How many generations of the lock there are: as many holders may die while they hold it before
/// the board falls back to its last lock.
pub(crate) const LOCKS: usize = 64;

/// The beginning of a segment.
#[repr(C, align(64))]
#[derive(Default)]
pub(crate) struct Header {
    magic: AtomicU64,
    layout: AtomicU32,
    slots: AtomicU32,
    size: AtomicU64,
    /// Which board of this name it is: one more than the board it replaced.
    pub(crate) generation: AtomicU64,
    pub(crate) creator_pid: AtomicU32,
    ready: AtomicU32,
    pub(crate) creator_start: AtomicU64,
    reserved: [AtomicU64; 2],
    /// The day that is being counted; see `day::DayWord`.
    pub(crate) day: AtomicU64,
    /// Which of the lock areas is in use.
    pub(crate) lock_generation: AtomicU32,
    /// Rows that wait in memory because the database cannot be written; 0: it can.
    pub(crate) held: AtomicU32,
    /// The holder of the last lock, used when all areas are worn out.
    pub(crate) last_holder: AtomicU64,
}

/// One generation of the lock between processes.
#[repr(C, align(64))]
#[derive(Default)]
pub(crate) struct LockArea {
    /// Who holds it; see `lock`.
    pub(crate) holder: AtomicU64,
    /// Room for the system's lock.
    pub(crate) raw: [AtomicU64; 7],
}

/// The numbers of one server.
#[repr(C, align(64))]
#[derive(Default)]
pub(crate) struct Cells {
    /// The server's life in the upper half, its places taken in the lower.
    pub(crate) places: AtomicU64,
    pub(crate) capacity: AtomicU32,
    pub(crate) state: AtomicU32,
    pub(crate) now: AtomicU64,
    pub(crate) admitted: AtomicU64,
    pub(crate) lost: AtomicU64,
    pub(crate) rejected: AtomicU64,
    pub(crate) pid: AtomicU32,
    reserved: AtomicU32,
    pub(crate) start_time: AtomicU64,
    // The second cache line: away from the places, which the edge writes.
    pub(crate) messages: AtomicU64,
    pub(crate) sendq_exceeded: AtomicU64,
    /// The sum of all stars in the upper half, the number of ratings in the lower.
    pub(crate) rating: AtomicU64,
    /// What `admitted` was when the day began; which of the two counts is in the day word.
    pub(crate) day_base: [AtomicU64; 2],
    /// The same for the month.
    pub(crate) month_base: [AtomicU64; 2],
    /// Connections that have not registered and are being closed.
    pub(crate) leaving: AtomicU32,
    /// Entries of the journal that it should have and has not.
    pub(crate) behind: AtomicU32,
}

const _: () = assert!(size_of::<Header>() == 128);
const _: () = assert!(size_of::<LockArea>() == 64);
const _: () = assert!(size_of::<Cells>() == 128);

/// Where the lock areas begin, in bytes.
pub(crate) const LOCKS_AT: usize = size_of::<Header>();

/// Where the numbers of the first server begin, in bytes.
pub(crate) const CELLS_AT: usize = LOCKS_AT + LOCKS * size_of::<LockArea>();

/// The size in bytes of a segment for so many servers.
pub(crate) fn segment_size(slots: usize) -> usize {
    CELLS_AT + slots * size_of::<Cells>()
}

impl Header {
    /// Describes a segment of `slots` servers; all but `ready`.
    pub(crate) fn describe(&self, slots: usize, generation: u64) {
        self.magic.store(MAGIC, Ordering::Relaxed);
        self.layout.store(LAYOUT, Ordering::Relaxed);
        // Both fit: the caller allows no more than MAX_SLOTS.
        self.slots
            .store(u32::try_from(slots).unwrap_or(u32::MAX), Ordering::Relaxed);
        self.size
            .store(segment_size(slots) as u64, Ordering::Relaxed);
        self.generation.store(generation, Ordering::Relaxed);
    }

    /// From here on others may use the board: everything else has been written.
    pub(crate) fn set_ready(&self) {
        self.ready.store(1, Ordering::Release);
    }

    /// Checks that a segment of `size` bytes with this header is a board; gives its slot count.
    pub(crate) fn check(&self, size: usize) -> Result<usize, Refusal> {
        // First of all, so that what is read afterwards is what was written before it.
        let ready = self.ready.load(Ordering::Acquire);
        match self.magic.load(Ordering::Relaxed) {
            MAGIC => {}
            0 if ready == 0 => return Err(Refusal::NotReady),
            _ => return Err(Refusal::Foreign),
        }
        let found = self.layout.load(Ordering::Relaxed);
        if found != LAYOUT && (found != 0 || ready != 0) {
            return Err(Refusal::Layout {
                found,
                expected: LAYOUT,
            });
        }
        match ready {
            0 => return Err(Refusal::NotReady),
            1 => {}
            _ => return Err(Refusal::Damaged),
        }
        let slots = self.slots.load(Ordering::Relaxed) as usize;
        let told = self.size.load(Ordering::Relaxed);
        let right =
            (1..=MAX_SLOTS).contains(&slots) && size == segment_size(slots) && told == size as u64;
        if right {
            Ok(slots)
        } else {
            Err(Refusal::Damaged)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(slots: usize) -> Header {
        let header = Header::default();
        header.describe(slots, 1);
        header
    }

    #[test]
    fn a_board_is_one_only_when_it_is_ready() {
        let header = described(3);
        assert_eq!(header.check(segment_size(3)), Err(Refusal::NotReady));
        header.set_ready();
        assert_eq!(header.check(segment_size(3)), Ok(3));
    }

    #[test]
    fn an_empty_segment_is_one_that_is_being_made() {
        assert_eq!(
            Header::default().check(segment_size(3)),
            Err(Refusal::NotReady)
        );
    }

    #[test]
    fn whatever_does_not_fit_is_refused() {
        let size = segment_size(3);
        let refused = |damage: &dyn Fn(&Header)| {
            let header = described(3);
            header.set_ready();
            damage(&header);
            header.check(size).unwrap_err()
        };
        assert_eq!(
            refused(&|h| h.magic.store(7, Ordering::Relaxed)),
            Refusal::Foreign
        );
        assert_eq!(
            refused(&|h| h.layout.store(99, Ordering::Relaxed)),
            Refusal::Layout {
                found: 99,
                expected: LAYOUT
            }
        );
        for slots in [0, 2, 4, u32::MAX] {
            assert_eq!(
                refused(&|h| h.slots.store(slots, Ordering::Relaxed)),
                Refusal::Damaged
            );
        }
        assert_eq!(
            refused(&|h| h.size.store(1, Ordering::Relaxed)),
            Refusal::Damaged
        );
        assert_eq!(
            refused(&|h| h.ready.store(2, Ordering::Relaxed)),
            Refusal::Damaged
        );
        let header = described(3);
        header.set_ready();
        assert_eq!(header.check(size - 1), Err(Refusal::Damaged));
    }
}
