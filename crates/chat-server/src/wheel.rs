//! One wheel of seconds for all sessions, instead of a timer in each of them.

/// Slots, one per second. What is due later is put into the last one and looked at again then.
const SLOTS: usize = 512;

/// Which sessions are to be looked at in which second. A session is in it once.
pub(crate) struct Wheel {
    slots: Vec<Vec<u32>>,
    at: usize,
}

impl Wheel {
    /// An empty wheel.
    pub(crate) fn new() -> Self {
        Self {
            slots: vec![Vec::new(); SLOTS],
            at: 0,
        }
    }

    /// Puts a session in, to come out after so many seconds (at least one).
    pub(crate) fn insert(&mut self, serial: u32, seconds: u32) {
        let ahead = (seconds as usize).clamp(1, SLOTS - 1);
        self.slots[(self.at + ahead) % SLOTS].push(serial);
    }

    /// A second has passed: takes out who is due.
    pub(crate) fn advance(&mut self) -> Vec<u32> {
        self.at = (self.at + 1) % SLOTS;
        std::mem::take(&mut self.slots[self.at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_comes_out_once_in_the_right_second() {
        let mut wheel = Wheel::new();
        for (serial, seconds) in [(1, 1), (2, 3), (3, 3), (4, 0), (5, 511)] {
            wheel.insert(serial, seconds);
        }
        let due: Vec<Vec<u32>> = (0..600).map(|_| wheel.advance()).collect();
        assert_eq!(due[0], [1, 4]);
        assert_eq!(due[2], [2, 3]);
        assert_eq!(due[510], [5]);
        assert_eq!(due.concat().len(), 5);
    }

    #[test]
    fn the_far_future_is_looked_at_early_rather_than_late() {
        let mut wheel = Wheel::new();
        wheel.insert(1, 100_000);
        let turns = (1..).find(|_| !wheel.advance().is_empty());
        assert_eq!(turns, Some(SLOTS - 1));
    }
}
