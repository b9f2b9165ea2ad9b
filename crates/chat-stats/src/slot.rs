//! What one server counts, and its places.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ServerIndex;
use crate::layout::Cells;
use crate::memory::Memory;
use crate::process::Identity;
use crate::rating::Rating;

/// One server's part of a board: its counts, its state, the semaphore of its places.
///
/// No method blocks or takes a lock; a clone is a reference to the same slot.
#[derive(Clone)]
pub struct Slot {
    memory: Arc<Memory>,
    index: ServerIndex,
}

/// A place that was taken, to be given back with [`Slot::give_back_place`].
///
/// It knows in which life of the server it was taken: given back after the slot was
/// [reset](Slot::reset) it frees nothing, for the reset has already freed it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "a place that is dropped stays taken"]
pub struct Place {
    life: u32,
}

/// What a server is doing, as its supervisor sees it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum State {
    /// Not ready for clients yet; also before its first start.
    #[default]
    Starting,
    /// Takes clients.
    Running,
    /// Keeps its clients and takes no new ones.
    Draining,
    /// Ended; may be started again.
    Dead,
    /// Ended too often; is not started again.
    Failed,
}

/// The semaphore's word: the server's life in the upper half, places taken in the lower.
#[derive(Clone, Copy)]
struct Places {
    life: u32,
    taken: u32,
}

impl Slot {
    /// `index` is within the board.
    pub(crate) fn new(memory: Arc<Memory>, index: ServerIndex) -> Self {
        Self { memory, index }
    }

    /// Which server it is, from 0.
    #[must_use]
    pub fn index(&self) -> ServerIndex {
        self.index
    }

    // --- places ---

    /// How many places there are.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.cells().capacity.load(Ordering::Relaxed)
    }

    /// How many places are taken: by clients and by connections not registered yet.
    #[must_use]
    pub fn places_taken(&self) -> u32 {
        Places::from_word(self.cells().places.load(Ordering::Acquire)).taken
    }

    /// Takes a place for one connection; false if none is free.
    #[must_use]
    pub fn take_place(&self) -> bool {
        self.take().is_some()
    }

    /// Like [`take_place`](Self::take_place), and remembers in which life of the server: for
    /// whoever may give it back after the server was restarted.
    pub fn take(&self) -> Option<Place> {
        let capacity = self.capacity();
        self.update_places(|places| {
            let taken = places.taken.checked_add(1)?;
            (taken <= capacity).then_some(Places { taken, ..places })
        })
        .map(|before| Place { life: before.life })
    }

    /// Gives back a place of the server's present life. False if none was taken, as after a reset:
    /// the count never goes below zero.
    pub fn give_back(&self) -> bool {
        self.update_places(|places| {
            let taken = places.taken.checked_sub(1)?;
            Some(Places { taken, ..places })
        })
        .is_some()
    }

    /// Gives back this place; false, and nothing changes, if the slot was reset since it was taken.
    pub fn give_back_place(&self, place: Place) -> bool {
        self.update_places(|places| {
            let taken = places.taken.checked_sub(1)?;
            (places.life == place.life).then_some(Places { taken, ..places })
        })
        .is_some()
    }

    // --- counts ---

    /// A client has registered: one more is on, today, this month and in all.
    pub fn admitted(&self) {
        self.cells().now.fetch_add(1, Ordering::Relaxed);
        self.cells().admitted.fetch_add(1, Ordering::Relaxed);
    }

    /// A registered client has gone. Never below zero.
    pub fn left(&self) {
        // Refused only at zero, which is where a reset has left it.
        let _ = update(&self.cells().now, |now| now.checked_sub(1));
    }

    /// A connection ended before registration for another reason than want of places.
    pub fn rejected(&self) {
        self.cells().rejected.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection found no free place on any server.
    pub fn lost(&self) {
        self.cells().lost.fetch_add(1, Ordering::Relaxed);
    }

    /// A client gave one to five stars, having given `previous` before. False, and nothing is
    /// counted, for any other number of stars.
    pub fn rated(&self, stars: u8, previous: Option<u8>) -> bool {
        let rate = |word| {
            Rating::from_word(word)
                .rated(stars, previous)
                .map(Rating::to_word)
        };
        update(&self.cells().rating, rate).is_some()
    }

    /// A client was cut off because it read too slowly.
    pub fn sendq_exceeded(&self) {
        self.cells().sendq_exceeded.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection that has not registered is being closed: it keeps its place until
    /// [`gone`](Self::gone).
    pub fn leaving(&self) {
        self.cells().leaving.fetch_add(1, Ordering::Relaxed);
    }

    /// Such a connection is closed. Never below zero.
    pub fn gone(&self) {
        let less = |count: u32| count.checked_sub(1);
        let cell = &self.cells().leaving;
        // Refused only at zero, which is where a reset has left it.
        let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// The server is so many entries of the journal behind; written by whoever keeps the order.
    pub fn set_behind(&self, entries: u32) {
        self.cells().behind.store(entries, Ordering::Relaxed);
    }

    /// Clients of this server sent so many more messages.
    pub fn messages(&self, count: u64) {
        self.cells().messages.fetch_add(count, Ordering::Relaxed);
    }

    // --- the server's process ---

    /// The server is this process from now on.
    pub fn occupy(&self, pid: u32, start_time: u64) {
        self.cells().start_time.store(start_time, Ordering::Relaxed);
        self.cells().pid.store(pid, Ordering::Release);
    }

    /// The process the server is, if it has one.
    #[must_use]
    pub fn occupant(&self) -> Option<Identity> {
        let pid = self.cells().pid.load(Ordering::Acquire);
        let start_time = self.cells().start_time.load(Ordering::Relaxed);
        (pid != 0).then_some(Identity { pid, start_time })
    }

    /// What the server is doing.
    #[must_use]
    pub fn state(&self) -> State {
        State::from_word(self.cells().state.load(Ordering::Acquire))
    }

    /// The server is doing something else now.
    pub fn set_state(&self, state: State) {
        self.cells().state.store(state.to_word(), Ordering::Release);
    }

    /// The server has died: nobody is on, all places are free, a new life begins, and the state is
    /// [`State::Dead`]. Today, the month, the totals and the rating stay.
    ///
    /// For the supervisor, after it has waited for the process.
    pub fn reset(&self) {
        let cells = self.cells();
        self.set_state(State::Dead);
        cells.pid.store(0, Ordering::Release);
        cells.now.store(0, Ordering::Relaxed);
        cells.leaving.store(0, Ordering::Relaxed);
        self.set_behind(0);
        self.update_places(|places| {
            Some(Places {
                life: places.life.wrapping_add(1),
                taken: 0,
            })
        });
    }

    fn cells(&self) -> &Cells {
        &self.memory.cells()[self.index]
    }

    /// Gives what was there before, or `None` if `change` refused.
    fn update_places(&self, change: impl Fn(Places) -> Option<Places>) -> Option<Places> {
        let change = |word| change(Places::from_word(word)).map(Places::to_word);
        update(&self.cells().places, change).map(Places::from_word)
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("index", &self.index)
            .field("state", &self.state())
            .finish()
    }
}

impl State {
    fn to_word(self) -> u32 {
        match self {
            Self::Starting => 0,
            Self::Running => 1,
            Self::Draining => 2,
            Self::Dead => 3,
            Self::Failed => 4,
        }
    }

    /// A word that no version writes is taken for the state that gets no clients.
    pub(crate) fn from_word(word: u32) -> Self {
        match word {
            0 => Self::Starting,
            1 => Self::Running,
            2 => Self::Draining,
            4 => Self::Failed,
            _ => Self::Dead,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Draining => "draining",
            Self::Dead => "dead",
            Self::Failed => "failed",
        })
    }
}

impl Places {
    fn to_word(self) -> u64 {
        (u64::from(self.life) << 32) | u64::from(self.taken)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    fn from_word(word: u64) -> Self {
        Self {
            life: (word >> 32) as u32,
            taken: word as u32,
        }
    }
}

/// How many places are taken in a semaphore's word.
pub(crate) fn places_taken(word: u64) -> u32 {
    Places::from_word(word).taken
}

/// Compare-and-swap until it succeeds or `change` refuses. Gives what was there before.
fn update(cell: &AtomicU64, change: impl Fn(u64) -> Option<u64>) -> Option<u64> {
    cell.fetch_update(Ordering::AcqRel, Ordering::Acquire, change)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Board, SlotSetup};

    fn slot(capacity: u32) -> Slot {
        Board::private(&[SlotSetup { capacity }]).slot(0)
    }

    #[test]
    fn places_end_at_the_capacity_and_at_zero() {
        let slot = slot(2);
        assert!(!slot.give_back());
        assert!(slot.take_place() && slot.take_place() && !slot.take_place());
        assert_eq!(slot.places_taken(), 2);
        assert!(slot.give_back() && slot.give_back() && !slot.give_back());
        assert_eq!(slot.places_taken(), 0);
    }

    #[test]
    fn who_is_being_closed_is_counted_until_it_is_gone() {
        let slot = slot(2);
        let leaving = || slot.cells().leaving.load(Ordering::Relaxed);
        slot.leaving();
        assert_eq!(leaving(), 1);
        slot.gone();
        slot.gone();
        assert_eq!(leaving(), 0, "never below zero");
        slot.leaving();
        slot.set_behind(7);
        slot.reset();
        let behind = slot.cells().behind.load(Ordering::Relaxed);
        assert_eq!((leaving(), behind), (0, 0));
    }

    #[test]
    fn no_capacity_no_place() {
        assert_eq!(slot(0).take(), None);
    }

    #[test]
    fn the_largest_capacity_does_not_overflow() {
        let slot = slot(u32::MAX);
        let full = Places {
            life: 3,
            taken: u32::MAX,
        };
        slot.cells().places.store(full.to_word(), Ordering::Relaxed);
        assert!(!slot.take_place());
        assert!(slot.give_back());
        assert_eq!(slot.take(), Some(Place { life: 3 }));
    }

    #[test]
    fn a_place_of_an_earlier_life_frees_nothing() {
        let slot = slot(2);
        let old = slot.take().unwrap();
        slot.admitted();
        slot.reset();
        assert_eq!((slot.places_taken(), slot.state()), (0, State::Dead));
        assert!(!slot.give_back());
        slot.left();
        let new = slot.take().unwrap();
        assert!(!slot.give_back_place(old));
        assert_eq!(slot.places_taken(), 1);
        assert!(slot.give_back_place(new));
    }

    #[test]
    fn the_occupant_is_forgotten_with_the_reset() {
        let slot = slot(1);
        assert_eq!(slot.occupant(), None);
        slot.occupy(42, 7);
        assert_eq!(
            slot.occupant(),
            Some(Identity {
                pid: 42,
                start_time: 7
            })
        );
        slot.reset();
        assert_eq!(slot.occupant(), None);
    }

    #[test]
    fn states_go_both_ways_and_nonsense_gets_no_clients() {
        use State::{Dead, Draining, Failed, Running, Starting};
        for state in [Starting, Running, Draining, Dead, Failed] {
            assert_eq!(State::from_word(state.to_word()), state);
        }
        assert_eq!(State::from_word(77), Dead);
    }
}
