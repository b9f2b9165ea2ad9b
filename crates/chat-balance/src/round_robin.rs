//! Each server in turn.

use crate::{Algorithm, Load, ServerIndex};

/// Each server in turn, whatever its load; larger ones more often.
///
/// The smooth weighted round robin: at each pick every open server earns its capacity, the richest
/// is chosen and pays what all earned together. Equal capacities give 1, 2, 3, 1, 2, 3; capacities
/// 200 and 100 give 1, 2, 1, 1, 2, 1. A server that was away comes back in with what it had.
#[derive(Clone, Debug, Default)]
pub struct RoundRobin {
    accounts: Vec<Account>,
}

/// What a server has earned and not yet spent. The balances of all always add up to zero.
#[derive(Clone, Copy, Debug)]
struct Account {
    capacity: u32,
    balance: i64,
}

impl RoundRobin {
    /// Starts with the first server.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens fresh accounts when the servers or their capacities are not those of the last time:
    /// old balances mean nothing with new weights.
    fn match_accounts(&mut self, loads: &[Load]) {
        let same = self.accounts.len() == loads.len()
            && self
                .accounts
                .iter()
                .zip(loads)
                .all(|(a, load)| a.capacity == load.capacity);
        if !same {
            self.accounts.clear();
            let fresh = loads.iter().map(|load| Account {
                capacity: load.capacity,
                balance: 0,
            });
            self.accounts.extend(fresh);
        }
    }
}

impl Algorithm for RoundRobin {
    fn pick(&mut self, loads: &[Load]) -> Option<ServerIndex> {
        self.match_accounts(loads);
        let mut earned = 0;
        let mut richest: Option<(ServerIndex, i64)> = None;
        for (index, (account, load)) in self.accounts.iter_mut().zip(loads).enumerate() {
            if !load.is_open() {
                continue;
            }
            account.balance += i64::from(load.capacity);
            earned += i64::from(load.capacity);
            if richest.is_none_or(|(_, balance)| account.balance > balance) {
                richest = Some((index, account.balance));
            }
        }
        let (index, _) = richest?;
        self.accounts[index].balance -= earned;
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picks(algorithm: &mut RoundRobin, loads: &[Load], count: usize) -> Vec<ServerIndex> {
        (0..count).map(|_| algorithm.pick(loads).unwrap()).collect()
    }

    fn load(capacity: u32) -> Load {
        Load {
            taken: 0,
            capacity,
            available: true,
        }
    }

    #[test]
    fn each_in_turn_whatever_the_load() {
        let mut loads = [load(10); 3];
        loads[0].taken = 9;
        assert_eq!(
            picks(&mut RoundRobin::new(), &loads, 7),
            [0, 1, 2, 0, 1, 2, 0]
        );
    }

    #[test]
    fn larger_ones_more_often() {
        let loads = [load(200), load(100)];
        assert_eq!(picks(&mut RoundRobin::new(), &loads, 6), [0, 1, 0, 0, 1, 0]);
    }

    #[test]
    fn one_that_is_away_is_skipped_and_comes_back() {
        let mut algorithm = RoundRobin::new();
        let mut loads = [load(10); 3];
        loads[1].available = false;
        assert_eq!(picks(&mut algorithm, &loads, 4), [0, 2, 0, 2]);
        loads[1].available = true;
        let mut round = picks(&mut algorithm, &loads, 3);
        round.sort_unstable();
        assert_eq!(round, [0, 1, 2]);
    }

    #[test]
    fn other_servers_start_afresh() {
        let mut algorithm = RoundRobin::new();
        assert_eq!(picks(&mut algorithm, &[load(10); 2], 1), [0]);
        assert_eq!(picks(&mut algorithm, &[load(10); 3], 3), [0, 1, 2]);
    }
}
