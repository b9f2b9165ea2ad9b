//! Many threads on one board, on ordinary memory.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use chat_stats::{Board, Day, SlotSetup};

const THREADS: u64 = 4;
const ROUNDS: u64 = if cfg!(miri) { 20 } else { 5_000 };

#[test]
fn no_more_hold_a_place_than_there_are_places() {
    const CAPACITY: u32 = 2;
    let board = Board::private(&[SlotSetup { capacity: CAPACITY }]);
    let (inside, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let slot = board.slot(0);
                for _ in 0..ROUNDS {
                    if slot.take_place() {
                        let others = inside.fetch_add(1, Ordering::SeqCst);
                        assert!(others < u64::from(CAPACITY));
                        thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        assert!(slot.give_back());
                        slot.admitted();
                    } else {
                        slot.lost();
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let figures = board.snapshot().totals;
    assert_eq!(
        (figures.places_taken, figures.approaches),
        (0, THREADS * ROUNDS)
    );
    assert_eq!(figures.lost, refused.into_inner());
}

#[test]
fn every_client_counts_for_exactly_one_day_and_every_day_ends_once() {
    const DAYS: i8 = 28;
    let board = Board::private(&[SlotSetup { capacity: 1 }; 2]);
    assert!(
        board
            .roll(Day {
                year: 2024,
                month: 1,
                day: 1
            })
            .is_none()
    );
    let (ends, counted, done) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let counting: Vec<_> = (0..2)
            .map(|index| {
                let slot = board.slot(index);
                scope.spawn(move || (0..ROUNDS).for_each(|_| slot.admitted()))
            })
            .collect();
        for _ in 0..2 {
            scope.spawn(|| {
                for day in 2..=DAYS {
                    if let Some(ended) = board.roll(Day {
                        year: 2024,
                        month: 1,
                        day,
                    }) {
                        ends.fetch_add(1, Ordering::Relaxed);
                        counted.fetch_add(ended.totals.today, Ordering::Relaxed);
                    }
                    thread::yield_now();
                }
            });
        }
        scope.spawn(|| watch(&board, &done));
        for thread in counting {
            thread.join().expect("counting cannot fail");
        }
        done.store(true, Ordering::Relaxed);
    });
    let rest = board.snapshot();
    assert_eq!(
        rest.day,
        Some(Day {
            year: 2024,
            month: 1,
            day: DAYS
        })
    );
    let rest = rest.totals;
    assert_eq!(ends.into_inner(), u64::from(DAYS.unsigned_abs()) - 1);
    assert_eq!(counted.into_inner() + rest.today, 2 * ROUNDS);
    assert_eq!((rest.month, rest.admitted), (2 * ROUNDS, 2 * ROUNDS));
}

/// What a monitor may rely on while others count and days end.
fn watch(board: &Board, done: &AtomicBool) {
    let mut admitted = 0;
    while !done.load(Ordering::Relaxed) {
        let totals = board.snapshot().totals;
        assert!(totals.admitted >= admitted, "counts do not go back");
        assert!(totals.today <= totals.month && totals.month <= totals.admitted);
        admitted = totals.admitted;
        thread::yield_now();
    }
}
