//! The numbers of a board as plain values.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::ServerIndex;
use crate::day::Day;
use crate::layout::Cells;
use crate::rating::Rating;
use crate::slot::{State, places_taken};

/// All numbers of a board at one moment.
///
/// Each server's numbers are read one after the other while it goes on counting, so two of them may
/// differ by what happened between; those of one day are never mixed with those of another.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Snapshot {
    /// The day that 'today' means; `None` until the first [`roll`](crate::Board::roll).
    pub day: Option<Day>,
    /// Rows that wait in memory because the database cannot be written; 0: it can.
    pub held: u32,
    /// One for each server, in order.
    pub servers: Vec<ServerFigures>,
    /// All servers together.
    pub totals: Totals,
}

/// The numbers of one server.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ServerFigures {
    /// Which server, from 0: Server-1 is 0.
    pub index: ServerIndex,
    /// What it is doing.
    pub state: State,
    /// Its process; 0 if there is none.
    pub pid: u32,
    /// Places in all.
    pub capacity: u32,
    /// Places taken by clients and by connections not registered yet.
    pub places_taken: u32,
    /// Registered clients that are on.
    pub now: u64,
    /// Clients registered today.
    pub today: u64,
    /// Clients registered this month.
    pub month: u64,
    /// Clients that came, ever, with whatever outcome: the same as `approaches`.
    pub total: u64,
    /// Connections that found no place on any server.
    pub lost: u64,
    /// Connections that ended before registration for another reason.
    pub rejected: u64,
    /// Clients registered, ever.
    pub admitted: u64,
    /// `admitted + lost + rejected`.
    pub approaches: u64,
    /// All stars given.
    pub rating_sum: u64,
    /// Those who gave them.
    pub rating_count: u64,
    /// Stars per rating; 0 if there is none.
    pub average_rating: f64,
    /// Clients cut off because they read too slowly.
    pub sendq_exceeded: u64,
    /// Messages sent by this server's clients since the board was made.
    pub messages: u64,
    /// Connections that have not registered and are being closed; they still have their places.
    pub leaving: u32,
    /// Entries of the journal that were there a second ago and that it has not rendered: more than a
    /// few, or for more than a moment, and it is stuck.
    pub behind: u32,
}

/// The numbers of all servers together; see [`ServerFigures`] for each.
#[derive(Clone, PartialEq, Debug, Default)]
#[expect(missing_docs, reason = "the same words as in ServerFigures")]
pub struct Totals {
    pub capacity: u64,
    pub places_taken: u64,
    pub now: u64,
    pub today: u64,
    pub month: u64,
    pub total: u64,
    pub lost: u64,
    pub rejected: u64,
    pub admitted: u64,
    pub approaches: u64,
    pub rating_sum: u64,
    pub rating_count: u64,
    pub average_rating: f64,
    pub sendq_exceeded: u64,
    pub messages: u64,
}

impl ServerFigures {
    /// The server's name: `Server-1` for index 0.
    #[must_use]
    pub fn name(&self) -> String {
        format!("Server-{}", self.index + 1)
    }

    /// Reads one server's numbers, with `admitted` as the end of what is today, and this month,
    /// since the given bases.
    pub(crate) fn read(
        index: ServerIndex,
        cells: &Cells,
        admitted: u64,
        (day_base, month_base): (u64, u64),
    ) -> Self {
        let get = |cell: &AtomicU64| cell.load(Ordering::Relaxed);
        let (lost, rejected) = (get(&cells.lost), get(&cells.rejected));
        let approaches = admitted.wrapping_add(lost).wrapping_add(rejected);
        let rating = Rating::from_word(get(&cells.rating));
        let (rating_sum, rating_count) = (u64::from(rating.sum), u64::from(rating.count));
        Self {
            index,
            state: State::from_word(cells.state.load(Ordering::Relaxed)),
            pid: cells.pid.load(Ordering::Relaxed),
            capacity: cells.capacity.load(Ordering::Relaxed),
            places_taken: places_taken(get(&cells.places)),
            now: get(&cells.now),
            today: since(day_base, admitted),
            month: since(month_base, admitted),
            total: approaches,
            lost,
            rejected,
            admitted,
            approaches,
            rating_sum,
            rating_count,
            average_rating: Rating::average(rating_sum, rating_count),
            sendq_exceeded: get(&cells.sendq_exceeded),
            messages: get(&cells.messages),
            leaving: cells.leaving.load(Ordering::Relaxed),
            behind: cells.behind.load(Ordering::Relaxed),
        }
    }
}

impl Snapshot {
    pub(crate) fn new(day: Option<Day>, servers: Vec<ServerFigures>) -> Self {
        let totals = Totals::of(&servers);
        Self {
            day,
            held: 0,
            servers,
            totals,
        }
    }
}

impl Totals {
    fn of(servers: &[ServerFigures]) -> Self {
        // Wrapping: whatever another process wrote there, adding it up must not end this one.
        let sum = |number: fn(&ServerFigures) -> u64| {
            servers.iter().map(number).fold(0, u64::wrapping_add)
        };
        let (rating_sum, rating_count) = (sum(|s| s.rating_sum), sum(|s| s.rating_count));
        Self {
            capacity: sum(|s| s.capacity.into()),
            places_taken: sum(|s| s.places_taken.into()),
            now: sum(|s| s.now),
            today: sum(|s| s.today),
            month: sum(|s| s.month),
            total: sum(|s| s.total),
            lost: sum(|s| s.lost),
            rejected: sum(|s| s.rejected),
            admitted: sum(|s| s.admitted),
            approaches: sum(|s| s.approaches),
            rating_sum,
            rating_count,
            average_rating: Rating::average(rating_sum, rating_count),
            sendq_exceeded: sum(|s| s.sendq_exceeded),
            messages: sum(|s| s.messages),
        }
    }
}

/// How far `admitted` is from `base`. A base may lie 'below zero' (more was restored for today than
/// in all), hence wrapping; a distance of more than half the circle is one that is no distance.
fn since(base: u64, admitted: u64) -> u64 {
    u64::try_from(admitted.wrapping_sub(base).cast_signed()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_never_negative() {
        assert_eq!(since(3, 10), 7);
        assert_eq!(since(0_u64.wrapping_sub(5), 2), 7);
        assert_eq!(since(10, 3), 0);
    }
}
