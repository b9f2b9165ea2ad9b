//! Random histories against a plain model of the board, on ordinary memory.

use chat_stats::{Board, Day, Place, Restored, SlotSetup, State};
use proptest::prelude::*;

const CAPACITIES: [u32; 3] = [0, 2, 5];

#[derive(Clone, Debug)]
enum Operation {
    Take,
    GiveBack,
    TakeToken,
    /// Gives back one of the tokens held, even one of an earlier life.
    GiveToken(prop::sample::Index),
    Admitted,
    Left,
    Lost,
    Rejected,
    Rated(u8, Option<u8>),
    Reset,
    Set(State),
    /// Goes to the day so many days away.
    Roll(i16),
    Restore(Restored),
}

#[derive(Default)]
struct Server {
    life: u32,
    taken: u32,
    tokens: Vec<(Place, u32)>,
    now: u64,
    today: u64,
    month: u64,
    admitted: u64,
    lost: u64,
    rejected: u64,
    stars: u64,
    ratings: u64,
    state: State,
}

struct Model {
    servers: [Server; 3],
    /// Days since 2000-01-01 in a calendar of months of 30 days, as far as the board can tell.
    date: i16,
}

fn calendar(date: i16) -> Day {
    let small = |number: i16| i8::try_from(number).expect("a month or a day");
    Day {
        year: 2000 + date / 360,
        month: small(date % 360 / 30 + 1),
        day: small(date % 30 + 1),
    }
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation::*;
    let state = prop::sample::select(vec![
        State::Starting,
        State::Running,
        State::Draining,
        State::Failed,
    ]);
    let restored = (
        0..9_u64,
        0..90_u64,
        100..900_u64,
        0..50_u64,
        0..50_u64,
        1..20_u64,
    )
        .prop_map(|(today, month, total, lost, rejected, rating_count)| {
            let rating_sum = rating_count * 3;
            Restored {
                today,
                month,
                total,
                lost,
                rejected,
                rating_sum,
                rating_count,
            }
        });
    prop_oneof![
        4 => Just(Take),
        3 => Just(GiveBack),
        3 => Just(TakeToken),
        2 => any::<prop::sample::Index>().prop_map(GiveToken),
        4 => Just(Admitted),
        2 => Just(Left),
        1 => Just(Lost),
        1 => Just(Rejected),
        2 => (0..7_u8, prop::option::of(1..6_u8)).prop_map(|(stars, previous)| Rated(stars, previous)),
        1 => Just(Reset),
        1 => state.prop_map(Set),
        1 => (-2..40_i16).prop_map(Roll),
        1 => restored.prop_map(Restore),
    ]
}

impl Model {
    fn new() -> Self {
        Self {
            servers: Default::default(),
            date: 100,
        }
    }

    /// Does the operation on both; everything the board answers must be what the model says.
    fn apply(&mut self, board: &Board, index: usize, operation: &Operation) {
        let (slot, server) = (board.slot(index), &mut self.servers[index]);
        let has_room = server.taken < CAPACITIES[index];
        match operation {
            Operation::Take => {
                assert_eq!(slot.take_place(), has_room);
                server.taken += u32::from(has_room);
            }
            Operation::TakeToken => {
                let place = slot.take();
                assert_eq!(place.is_some(), has_room);
                server.taken += u32::from(has_room);
                server
                    .tokens
                    .extend(place.map(|place| (place, server.life)));
            }
            Operation::GiveBack => {
                assert_eq!(slot.give_back(), server.taken > 0);
                server.taken = server.taken.saturating_sub(1);
            }
            Operation::GiveToken(which) if !server.tokens.is_empty() => {
                let (place, life) = server.tokens.swap_remove(which.index(server.tokens.len()));
                let is_valid = life == server.life && server.taken > 0;
                assert_eq!(slot.give_back_place(place), is_valid);
                server.taken -= u32::from(is_valid);
            }
            Operation::Rated(stars, previous) => {
                let counts = (1..=5).contains(stars);
                assert_eq!(slot.rated(*stars, *previous), counts);
                if counts {
                    server.rate(u64::from(*stars), previous.map(u64::from));
                }
            }
            Operation::Set(state) => {
                slot.set_state(*state);
                server.state = *state;
            }
            Operation::Roll(days) => self.roll(board, *days),
            Operation::Restore(restored) => {
                board
                    .restore(index, *restored)
                    .expect("nobody holds the lock");
                server.restore(restored);
            }
            other => {
                tell(&slot, other);
                server.count(other);
            }
        }
    }

    fn roll(&mut self, board: &Board, days: i16) {
        let to = (self.date + days).max(0);
        let (before, after) = (calendar(self.date), calendar(to));
        let ended = board.roll(after);
        assert_eq!(ended.is_some(), to > self.date);
        let Some(ended) = ended else { return };
        assert_eq!(ended.day, Some(before));
        for (figures, server) in ended.servers.iter().zip(&mut self.servers) {
            assert_eq!((figures.today, figures.month), (server.today, server.month));
            server.today = 0;
            if (before.year, before.month) != (after.year, after.month) {
                server.month = 0;
            }
        }
        self.date = to;
    }

    fn check(&self, board: &Board) {
        let snapshot = board.snapshot();
        assert_eq!(snapshot.day, Some(calendar(self.date)));
        for ((figures, server), capacity) in
            snapshot.servers.iter().zip(&self.servers).zip(CAPACITIES)
        {
            assert!(figures.places_taken <= capacity);
            assert_eq!(
                figures.approaches,
                figures.admitted + figures.lost + figures.rejected
            );
            assert_eq!(figures.total, figures.approaches);
            assert_eq!(
                (figures.places_taken, figures.capacity),
                (server.taken, capacity)
            );
            assert_eq!(
                (figures.now, figures.today, figures.month),
                (server.now, server.today, server.month)
            );
            let outcomes = (figures.admitted, figures.lost, figures.rejected);
            assert_eq!(outcomes, (server.admitted, server.lost, server.rejected));
            assert_eq!(
                (figures.rating_sum, figures.rating_count),
                (server.stars, server.ratings)
            );
            assert_eq!(figures.state, server.state);
        }
        let approaches: u64 = snapshot
            .servers
            .iter()
            .map(|figures| figures.approaches)
            .sum();
        assert_eq!(snapshot.totals.approaches, approaches);
    }
}

/// The operations that answer nothing.
fn tell(slot: &chat_stats::Slot, operation: &Operation) {
    match operation {
        Operation::Admitted => slot.admitted(),
        Operation::Left => slot.left(),
        Operation::Lost => slot.lost(),
        Operation::Rejected => slot.rejected(),
        Operation::Reset => slot.reset(),
        _ => {}
    }
}

impl Server {
    fn count(&mut self, operation: &Operation) {
        match operation {
            Operation::Admitted => {
                self.now += 1;
                self.today += 1;
                self.month += 1;
                self.admitted += 1;
            }
            Operation::Left => self.now = self.now.saturating_sub(1),
            Operation::Lost => self.lost += 1,
            Operation::Rejected => self.rejected += 1,
            Operation::Reset => {
                (self.life, self.taken, self.now) = (self.life + 1, 0, 0);
                self.state = State::Dead;
            }
            _ => {}
        }
    }

    fn rate(&mut self, stars: u64, previous: Option<u64>) {
        match previous {
            Some(before) if self.ratings > 0 => {
                self.stars = self.stars.saturating_sub(before) + stars;
            }
            _ => {
                self.stars += stars;
                self.ratings += 1;
            }
        }
    }

    fn restore(&mut self, restored: &Restored) {
        (self.today, self.month) = (restored.today, restored.month);
        (self.lost, self.rejected) = (restored.lost, restored.rejected);
        self.admitted = restored
            .total
            .saturating_sub(restored.lost + restored.rejected);
        (self.stars, self.ratings) = (restored.rating_sum, restored.rating_count);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 3 } else { 256 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_board_does_what_the_model_does(
        history in prop::collection::vec((0..3_usize, operation()), 0..200),
    ) {
        let board = Board::private(&CAPACITIES.map(|capacity| SlotSetup { capacity }));
        let mut model = Model::new();
        prop_assert!(board.roll(calendar(model.date)).is_none());
        for (index, operation) in &history {
            model.apply(&board, *index, operation);
            model.check(&board);
        }
    }
}
