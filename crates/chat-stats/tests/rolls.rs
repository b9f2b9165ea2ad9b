//! Days and months, and counts that outlive a restart.

use chat_stats::{Board, Day, Restored, SlotSetup, Snapshot};

fn day(year: i16, month: i8, day: i8) -> Day {
    Day { year, month, day }
}

fn board(first: Day) -> Board {
    let board = Board::private(&[SlotSetup { capacity: 100 }; 2]);
    assert_eq!(board.roll(first), None, "the first day ends none");
    board
}

fn admit(board: &Board, counts: [usize; 2]) {
    for (slot, count) in board.slots().zip(counts) {
        (0..count).for_each(|_| slot.admitted());
    }
}

fn today_and_month(snapshot: &Snapshot) -> Vec<(u64, u64)> {
    snapshot
        .servers
        .iter()
        .map(|server| (server.today, server.month))
        .collect()
}

#[test]
fn a_day_within_the_month() {
    let board = board(day(2024, 2, 28));
    admit(&board, [3, 1]);
    board.slot(0).lost();
    let ended = board.roll(day(2024, 2, 29)).unwrap();
    assert_eq!(ended.day, Some(day(2024, 2, 28)));
    assert_eq!(today_and_month(&ended), [(3, 3), (1, 1)]);
    assert_eq!(
        (
            ended.totals.today,
            ended.totals.lost,
            ended.totals.approaches
        ),
        (4, 1, 5)
    );

    admit(&board, [2, 0]);
    let now = board.snapshot();
    assert_eq!(now.day, Some(day(2024, 2, 29)));
    assert_eq!(today_and_month(&now), [(2, 5), (0, 1)]);
    assert_eq!(
        (now.totals.admitted, now.totals.now),
        (6, 6),
        "only the day began anew"
    );
}

#[test]
fn a_month_and_a_year_end_with_their_last_day() {
    let board = board(day(2024, 2, 29));
    for (ended_on, next, counts) in [
        (day(2024, 2, 29), day(2024, 3, 1), [4, 2]),
        (day(2024, 3, 1), day(2024, 12, 31), [1, 0]),
        (day(2024, 12, 31), day(2025, 1, 1), [0, 7]),
        // A year later to the day: neither the day nor the month is the same.
        (day(2025, 1, 1), day(2026, 1, 1), [5, 5]),
    ] {
        admit(&board, counts);
        let ended = board.roll(next).unwrap();
        assert_eq!(ended.day, Some(ended_on));
        let expected: Vec<_> = counts
            .iter()
            .map(|&count| (count as u64, count as u64))
            .collect();
        assert_eq!(today_and_month(&ended), expected);
        assert_eq!(today_and_month(&board.snapshot()), [(0, 0), (0, 0)]);
    }
}

#[test]
fn the_same_day_an_earlier_one_and_none_change_nothing() {
    let board = board(day(2024, 5, 2));
    admit(&board, [1, 1]);
    let before = board.snapshot();
    for same_or_earlier in [
        day(2024, 5, 2),
        day(2024, 5, 1),
        day(2023, 12, 31),
        day(0, 0, 0),
    ] {
        assert_eq!(board.roll(same_or_earlier), None);
        assert_eq!(board.snapshot(), before);
    }
    assert!(board.roll(day(2024, 5, 3)).is_some());
    assert_eq!(board.roll(day(2024, 5, 3)), None, "told once");
}

#[test]
fn what_came_before_the_first_day_was_known_belongs_to_it() {
    let board = Board::private(&[SlotSetup { capacity: 1 }]);
    board.slot(0).admitted();
    assert_eq!(board.snapshot().day, None);
    assert_eq!(board.roll(day(2024, 1, 1)), None);
    assert_eq!(today_and_month(&board.snapshot()), [(1, 1)]);
}

#[test]
fn restored_counts_go_on() {
    let restored = Restored {
        today: 5,
        month: 50,
        total: 1000,
        lost: 30,
        rejected: 20,
        rating_sum: 9,
        rating_count: 2,
    };
    // Before the first day is known, or after: both orders are natural at start.
    for day_first in [true, false] {
        let board = Board::private(&[SlotSetup { capacity: 9 }]);
        if day_first {
            assert_eq!(board.roll(day(2024, 1, 30)), None);
        }
        board.restore(0, restored).unwrap();
        assert_eq!(board.roll(day(2024, 1, 30)), None);

        board.slot(0).admitted();
        let server = board.snapshot().servers.remove(0);
        assert_eq!((server.now, server.today, server.month), (1, 6, 51));
        assert_eq!(
            (server.total, server.approaches, server.admitted),
            (1001, 1001, 951)
        );
        assert_eq!(
            (server.lost, server.rejected, server.average_rating),
            (30, 20, 4.5)
        );

        assert_eq!(
            today_and_month(&board.roll(day(2024, 1, 31)).unwrap()),
            [(6, 51)]
        );
        assert_eq!(
            today_and_month(&board.roll(day(2024, 2, 1)).unwrap()),
            [(0, 51)]
        );
        assert_eq!(today_and_month(&board.snapshot()), [(0, 0)]);
    }
}

#[test]
fn contradictory_storage_is_taken_as_it_is() {
    let board = Board::private(&[SlotSetup { capacity: 9 }]);
    // An original database may say anything: more today than ever, more lost than came.
    let odd = Restored {
        today: 10,
        month: 20,
        total: 3,
        lost: 8,
        ..Restored::default()
    };
    board.restore(0, odd).unwrap();
    board.slot(0).admitted();
    let server = board.snapshot().servers.remove(0);
    assert_eq!((server.today, server.month), (11, 21));
    assert_eq!(
        server.approaches,
        server.admitted + server.lost + server.rejected
    );
}
