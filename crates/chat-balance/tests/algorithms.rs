//! What must hold for every algorithm, with random loads.

use chat_balance::{Algorithm, AlgorithmKind, Load};
use proptest::prelude::*;

fn loads() -> impl Strategy<Value = Vec<Load>> {
    let capacity = prop_oneof![Just(0), 1..5_u32, Just(100), Just(u32::MAX)];
    let load = (any::<prop::sample::Index>(), capacity, any::<bool>()).prop_map(
        |(taken, capacity, available)| {
            // Also beyond the capacity: a segment that another process writes may hold anything.
            let taken = taken.index(capacity as usize / 2 * 3 + 2);
            Load {
                taken: u32::try_from(taken).unwrap_or(u32::MAX),
                capacity,
                available,
            }
        },
    );
    prop::collection::vec(load, 0..8)
}

proptest! {
    #[test]
    fn only_open_servers_are_picked_and_one_is_when_there_is_one(history in prop::collection::vec(loads(), 1..20)) {
        for kind in AlgorithmKind::ALL {
            let mut algorithm = kind.build();
            for loads in &history {
                match algorithm.pick(loads) {
                    Some(index) => prop_assert!(loads[index].is_open()),
                    None => prop_assert!(!loads.iter().any(Load::is_open)),
                }
            }
        }
    }

    #[test]
    fn clients_that_stay_fill_every_place_in_proportion(
        capacities in prop::collection::vec(1..40_u32, 1..6),
    ) {
        for kind in AlgorithmKind::ALL {
            let mut algorithm = kind.build();
            let mut loads: Vec<_> =
                capacities.iter().map(|&capacity| Load { taken: 0, capacity, available: true }).collect();
            let total: u32 = capacities.iter().sum();
            for come in 1..=total {
                let index = algorithm.pick(&loads).expect("a place is free");
                loads[index].taken += 1;
                for load in &loads {
                    // Fair: never further from its share than one round of all servers.
                    let share = f64::from(come) * f64::from(load.capacity) / f64::from(total);
                    prop_assert!((f64::from(load.taken) - share).abs() <= capacities.len() as f64);
                }
            }
            prop_assert_eq!(algorithm.pick(&loads), None);
        }
    }
}

#[test]
fn no_servers_no_pick() {
    for kind in AlgorithmKind::ALL {
        assert_eq!(kind.build().pick(&[]), None);
    }
}

#[test]
fn full_draining_and_dead_are_skipped() {
    let full = Load {
        taken: 10,
        capacity: 10,
        available: true,
    };
    let away = Load {
        taken: 0,
        capacity: 10,
        available: false,
    };
    let open = Load {
        taken: 9,
        capacity: 10,
        available: true,
    };
    for kind in AlgorithmKind::ALL {
        let mut algorithm: Box<dyn Algorithm> = kind.build();
        for _ in 0..4 {
            assert_eq!(algorithm.pick(&[full, away, open, full]), Some(2));
        }
        assert_eq!(algorithm.pick(&[full, away]), None);
    }
}
