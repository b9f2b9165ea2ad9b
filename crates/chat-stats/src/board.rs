//! The board: made, opened, rolled, restored, read.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ServerIndex;
use crate::day::{Day, DayWord};
use crate::error::Error;
use crate::layout::{Cells, MAX_SLOTS};
use crate::memory::Memory;
use crate::rating::Rating;
use crate::segment::Segment;
use crate::slot::Slot;
use crate::snapshot::{ServerFigures, Snapshot};

/// How often a snapshot is begun anew because the day changed meanwhile.
const SNAPSHOT_ATTEMPTS: usize = 8;

/// The counts and places of a fleet's servers. A clone is the same board.
#[derive(Clone)]
pub struct Board {
    memory: Arc<Memory>,
}

/// What a new board says of one server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SlotSetup {
    /// Its places.
    pub capacity: u32,
}

/// What storage remembers of one server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Restored {
    /// Clients registered today.
    pub today: u64,
    /// Clients registered this month.
    pub month: u64,
    /// All approaches.
    pub total: u64,
    /// Those of them that found no place.
    pub lost: u64,
    /// Those of them that were rejected. If that is not known, 0: they then count as admitted, and
    /// the sum is right.
    pub rejected: u64,
    /// All stars given.
    pub rating_sum: u64,
    /// Those who gave them.
    pub rating_count: u64,
}

impl Board {
    /// Makes a board in shared memory under this name, in place of whatever leftover has it: of a
    /// process that died, of another version, damaged, or no board at all.
    ///
    /// The name is one of up to 200 ASCII letters, digits and `. _ -`; it should hold the user and
    /// the instance. It is removed when the last clone of this handle is dropped in this process.
    /// Let one process at a time do this for one name (the instance's lock file sees to that).
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] if the board of that name belongs to a process that is alive; otherwise
    /// a name or slot count that cannot be, or what the system says.
    pub fn create(name: &str, slots: &[SlotSetup]) -> Result<Self, Error> {
        if !(1..=MAX_SLOTS).contains(&slots.len()) {
            return Err(Error::SlotCount(slots.len()));
        }
        let memory = Memory::Shared(Segment::create(name, slots.len())?);
        set_up(&memory, slots);
        // Last of all: now it can be opened.
        memory.header().set_ready();
        Ok(Self {
            memory: Arc::new(memory),
        })
    }

    /// Opens the board that another process made under this name.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] if there is none, [`Error::Refused`] if what is there is not a complete
    /// board of this version and user; nothing is changed then.
    pub fn open(name: &str) -> Result<Self, Error> {
        Ok(Self {
            memory: Arc::new(Memory::Shared(Segment::open(name)?)),
        })
    }

    /// A board in ordinary memory, for a server alone and for tests.
    #[must_use]
    pub fn private(slots: &[SlotSetup]) -> Self {
        let memory = Memory::private(slots.len());
        set_up(&memory, slots);
        Self {
            memory: Arc::new(memory),
        }
    }

    /// How many servers the board has; fixed when it is made.
    #[must_use]
    pub fn slot_count(&self) -> usize {
        self.memory.cells().len()
    }

    /// The slot of one server, from 0.
    ///
    /// # Panics
    ///
    /// If the board has no such server. When the index comes from outside use
    /// [`try_slot`](Self::try_slot).
    #[must_use]
    pub fn slot(&self, index: ServerIndex) -> Slot {
        assert!(
            index < self.slot_count(),
            "a board of {} has no {index}",
            self.slot_count()
        );
        Slot::new(Arc::clone(&self.memory), index)
    }

    /// The slot of one server, if the board has it.
    #[must_use]
    pub fn try_slot(&self, index: ServerIndex) -> Option<Slot> {
        (index < self.slot_count()).then(|| self.slot(index))
    }

    /// All slots, in order.
    pub fn slots(&self) -> impl ExactSizeIterator<Item = Slot> + '_ {
        (0..self.slot_count()).map(|index| self.slot(index))
    }

    /// So many rows wait in memory because the database cannot be written; 0: it can. Written by
    /// whoever keeps the database.
    pub fn set_held(&self, rows: u32) {
        self.memory.header().held.store(rows, Ordering::Relaxed);
    }

    /// All numbers, without stopping anyone.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut attempts = 1;
        loop {
            let word = self.day_word();
            let snapshot = self.read(word);
            if self.day_word() == word || attempts == SNAPSHOT_ATTEMPTS {
                return snapshot;
            }
            attempts += 1;
        }
    }

    /// Begins `day` if a later day than the one being counted has come: exactly one of all callers
    /// gets the final figures of the day that ended (of the month too, if that changed).
    ///
    /// To be called at local midnight, or simply every few seconds: the same day, or an earlier one
    /// after the clock was set back, changes nothing and costs one load. The first call of all says
    /// which day it is and ends none. `None` also when the board's lock could not be had (the log
    /// says so); the next call tries again.
    ///
    /// Whoever is admitted at this very moment counts for one of the two days, never for both or
    /// none. If the caller dies here, the day either goes on, or has ended and the next has begun.
    #[must_use = "the final figures of the day that ended are told only once"]
    pub fn roll(&self, day: Day) -> Option<Snapshot> {
        if !is_later(day, self.day_word()) {
            return None;
        }
        match self.memory.locked(|| self.roll_locked(day)) {
            Ok(ended) => ended,
            Err(error) => {
                tracing::warn!(%error, %day, "the day could not be begun");
                None
            }
        }
    }

    /// Sets one server's counts to what storage remembers. At start, before anyone is counted.
    ///
    /// # Errors
    ///
    /// [`Error::LockBusy`] when the board's lock cannot be had.
    ///
    /// # Panics
    ///
    /// If the board has no such server.
    pub fn restore(&self, index: ServerIndex, restored: Restored) -> Result<(), Error> {
        let cells = &self.memory.cells()[index];
        self.memory.locked(|| {
            let admitted = restored
                .total
                .saturating_sub(restored.lost)
                .saturating_sub(restored.rejected);
            let base = self.day_word().parity();
            let set = |cell: &AtomicU64, number| cell.store(number, Ordering::Relaxed);
            set(&cells.admitted, admitted);
            set(&cells.lost, restored.lost);
            set(&cells.rejected, restored.rejected);
            set(&cells.day_base[base], admitted.wrapping_sub(restored.today));
            set(
                &cells.month_base[base],
                admitted.wrapping_sub(restored.month),
            );
            set(
                &cells.rating,
                Rating::new(restored.rating_sum, restored.rating_count).to_word(),
            );
        })
    }

    /// Which board of its name this is; one more for each that was replaced. 0 if private.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.memory.header().generation.load(Ordering::Relaxed)
    }

    /// Whether the name still leads to this board: false once its owner has ended or made another,
    /// when a monitor should [open](Self::open) it anew. Always true for a private board.
    #[must_use]
    pub fn is_current(&self) -> bool {
        match &*self.memory {
            Memory::Shared(segment) => segment.is_current(),
            Memory::Private(_) => true,
        }
    }

    /// The name stays when this handle and its clones are dropped.
    ///
    /// A forked child never removes the name of the board its parent made, for it is another
    /// process; this is for a child that wants to say so, or an owner that leaves the board behind.
    pub fn disown(&self) {
        if let Memory::Shared(segment) = &*self.memory {
            segment.disown();
        }
    }

    fn day_word(&self) -> DayWord {
        DayWord(self.memory.header().day.load(Ordering::Acquire))
    }

    /// The numbers, with the day and the bases that `word` says.
    fn read(&self, word: DayWord) -> Snapshot {
        let base = word.parity();
        let figures = |(index, cells): (ServerIndex, &Cells)| {
            // These bases were stored before the word that led here, by someone who had read
            // what was admitted by then: what we read of it now can only be more.
            let day_base = cells.day_base[base].load(Ordering::Relaxed);
            let month_base = cells.month_base[base].load(Ordering::Relaxed);
            let admitted = cells.admitted.load(Ordering::Relaxed);
            ServerFigures::read(index, cells, admitted, (day_base, month_base))
        };
        let servers = self
            .memory
            .cells()
            .iter()
            .enumerate()
            .map(figures)
            .collect();
        Snapshot {
            held: self.memory.header().held.load(Ordering::Relaxed),
            ..Snapshot::new(word.day(), servers)
        }
    }

    /// The roll itself. Nothing of it is seen before the last store: until then only the bases that
    /// are not in use are written, and whoever comes after a death writes them again.
    fn roll_locked(&self, day: Day) -> Option<Snapshot> {
        let ending = self.day_word();
        if !is_later(day, ending) {
            return None;
        }
        let beginning = ending.next(day);
        let ended = match ending.day() {
            Some(ended) => ended,
            None => {
                self.keep_bases(ending, beginning);
                self.memory
                    .header()
                    .day
                    .store(beginning.0, Ordering::Release);
                return None;
            }
        };
        let is_same_month = (ended.year, ended.month) == (day.year, day.month);
        let (old, new) = (ending.parity(), beginning.parity());
        let mut servers = Vec::with_capacity(self.slot_count());
        for (index, cells) in self.memory.cells().iter().enumerate() {
            let day_base = cells.day_base[old].load(Ordering::Relaxed);
            let month_base = cells.month_base[old].load(Ordering::Relaxed);
            let admitted = cells.admitted.load(Ordering::Relaxed);
            let next_month_base = if is_same_month { month_base } else { admitted };
            cells.day_base[new].store(admitted, Ordering::Relaxed);
            cells.month_base[new].store(next_month_base, Ordering::Relaxed);
            servers.push(ServerFigures::read(
                index,
                cells,
                admitted,
                (day_base, month_base),
            ));
        }
        self.memory
            .header()
            .day
            .store(beginning.0, Ordering::Release);
        Some(Snapshot::new(Some(ended), servers))
    }

    /// The first day of all begins: what was counted or restored before belongs to it.
    fn keep_bases(&self, ending: DayWord, beginning: DayWord) {
        for cells in self.memory.cells() {
            for bases in [&cells.day_base, &cells.month_base] {
                let base = bases[ending.parity()].load(Ordering::Relaxed);
                bases[beginning.parity()].store(base, Ordering::Relaxed);
            }
        }
    }
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &*self.memory {
            Memory::Shared(_) => "shared",
            Memory::Private(_) => "private",
        };
        f.debug_struct("Board")
            .field("memory", &kind)
            .field("slots", &self.slot_count())
            .finish()
    }
}

/// Whether `day` comes after the one in `word`. The first day always does.
fn is_later(day: Day, word: DayWord) -> bool {
    day.year > 0 && word.day().is_none_or(|counted| day > counted)
}

fn set_up(memory: &Memory, slots: &[SlotSetup]) {
    for (cells, setup) in memory.cells().iter().zip(slots) {
        cells.capacity.store(setup.capacity, Ordering::Relaxed);
    }
}
