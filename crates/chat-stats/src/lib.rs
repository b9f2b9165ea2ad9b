//! Live counts and free places in shared memory.
//!
//! A [`Board`] has one [`Slot`] for each server of a fleet: how many clients are on, were on today,
//! this month and ever, how many found no place, how the service was rated; and the semaphore of
//! the server's free places. The launcher creates it, every server and every monitor opens it by
//! name, and what `STATS`, the monitor, the metrics and the database say comes from this one board.
//! A server alone, or a test, uses [`Board::private`]: the same logic on ordinary memory.
//!
//! The numbers are atomics, so counting takes no lock and may be done per message. The segment
//! holds numbers only: the chat stays correct if it is lost.
//!
//! # Layout
//!
//! - [`Board`]: create, open, roll the day, restore, snapshot.
//! - [`Slot`]: what one server counts, its places ([`Place`]) and its [`State`].
//! - [`Snapshot`], [`ServerFigures`], [`Totals`]: the numbers as plain values.
//! - [`Day`]: a day of the calendar; the one that is being counted is on the board.
//! - [`Identity`]: a process by number and start time, never by number alone.
//! - [`Error`]: why there is no board; [`Refusal`]: why a segment is not taken for one.
//! - Inside: `layout` (what lies where in the segment), `map` (the only unsafe code), `memory` (a
//!   segment or ordinary memory), `segment` (names, leftovers, who removes what), `lock` (the lock
//!   between processes and how it heals), `rating` (stars in one word).
//!
//! # Accounting
//!
//! Every connection that was accepted ends up counted exactly once, when its outcome is known:
//! [admitted](Slot::admitted), [lost](Slot::lost) (no place on any server) or
//! [rejected](Slot::rejected) (all else that ended before registration). The approaches are not
//! counted at all, they are the sum of these three; so the equation always holds. Likewise 'today'
//! is not a counter but the distance from what was admitted when the day began, so that midnight
//! is one store and no count can fall between two days.
//!
//! # Example
//!
//! ```
//! use chat_stats::{Board, Day, SlotSetup, State};
//!
//! let board = Board::private(&[SlotSetup { capacity: 1 }]);
//! assert!(board.roll(Day { year: 2024, month: 2, day: 29 }).is_none());
//! let slot = board.slot(0);
//! slot.set_state(State::Running);
//! assert!(slot.take_place());
//! slot.admitted();
//! assert!(!slot.take_place());
//! slot.lost();
//! assert!(slot.rated(5, None));
//!
//! let figures = &board.snapshot().servers[0];
//! assert_eq!((figures.now, figures.today, figures.lost, figures.approaches), (1, 1, 1, 2));
//! assert_eq!(figures.average_rating, 5.0);
//! ```

mod board;
mod day;
mod error;
mod layout;
mod lock;
#[expect(
    unsafe_code,
    reason = "the one place that turns a mapping into references"
)]
mod map;
mod memory;
mod process;
mod rating;
mod segment;
mod slot;
mod snapshot;

pub use board::{Board, Restored, SlotSetup};
pub use day::Day;
pub use error::{Error, Refusal};
pub use layout::MAX_SLOTS;
pub use process::Identity;
pub use slot::{Place, Slot, State};
pub use snapshot::{ServerFigures, Snapshot, Totals};

/// A server's place on the board, from 0: Server-1 is 0.
pub type ServerIndex = usize;
