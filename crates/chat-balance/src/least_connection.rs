//! The server with the least load.

use crate::{Algorithm, Load, ServerIndex};

/// Sends each client where the share of taken places would be lowest with it; servers that are
/// equal take turns.
///
/// With equal capacities that is the server with the fewest connections.
#[derive(Clone, Debug, Default)]
pub struct LeastConnection {
    /// Where the search starts: one after the server that was picked last.
    next: ServerIndex,
}

impl LeastConnection {
    /// Starts with the first server.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Algorithm for LeastConnection {
    fn pick(&mut self, loads: &[Load]) -> Option<ServerIndex> {
        let start = if self.next < loads.len() {
            self.next
        } else {
            0
        };
        let turn = (start..loads.len()).chain(0..start);
        let mut best: Option<(ServerIndex, &Load)> = None;
        for index in turn {
            let load = &loads[index];
            if load.is_open() && best.is_none_or(|(_, best)| is_less_loaded(load, best)) {
                best = Some((index, load));
            }
        }
        let (index, _) = best?;
        self.next = index + 1;
        Some(index)
    }
}

/// Whether `one` would be less full than `other` with one client more: compares fractions without
/// dividing. An open server has `taken < capacity`, so each product is one of two 32-bit numbers.
fn is_less_loaded(one: &Load, other: &Load) -> bool {
    let with_one_more = |load: &Load| u64::from(load.taken) + 1;
    with_one_more(one) * u64::from(other.capacity) < with_one_more(other) * u64::from(one.capacity)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(taken: u32, capacity: u32) -> Load {
        Load {
            taken,
            capacity,
            available: true,
        }
    }

    #[test]
    fn the_least_loaded_wins() {
        let mut algorithm = LeastConnection::new();
        let loads = [load(5, 10), load(2, 10), load(9, 10)];
        assert_eq!(algorithm.pick(&loads), Some(1));
        assert_eq!(algorithm.pick(&loads), Some(1));
    }

    #[test]
    fn equals_take_turns() {
        let mut algorithm = LeastConnection::new();
        let loads = [load(1, 10); 3];
        let picks: Vec<_> = (0..6).map(|_| algorithm.pick(&loads).unwrap()).collect();
        assert_eq!(picks, [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn capacity_is_the_weight() {
        let mut algorithm = LeastConnection::new();
        let mut loads = [load(0, 100), load(0, 300)];
        for _ in 0..200 {
            let index = algorithm.pick(&loads).unwrap();
            loads[index].taken += 1;
        }
        assert_eq!([loads[0].taken, loads[1].taken], [50, 150]);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let mut algorithm = LeastConnection::new();
        let loads = [load(u32::MAX - 1, u32::MAX), load(u32::MAX - 2, u32::MAX)];
        assert_eq!(algorithm.pick(&loads), Some(1));
    }
}
