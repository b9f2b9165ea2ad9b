//! How far somebody has read, channel by channel and person by person.

use hashbrown::DefaultHashBuilder;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{AccountId, Timestamp, folded};

/// Targets that are remembered for one account; at the bound the one that was marked longest ago is
/// forgotten.
const MARKERS: usize = 128;

/// How far somebody has read; by folded target, in the order in which they were marked.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Markers(IndexMap<SmolStr, Timestamp, DefaultHashBuilder>);

/// A read marker as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MarkerRecord {
    /// Whose.
    pub account: AccountId,
    /// The folded channel or nick.
    pub target: SmolStr,
    /// When the last message that was read was sent.
    pub time: Timestamp,
}

impl Markers {
    /// How far a target is read; `None`: that was never said, or is forgotten. Of a channel the
    /// target is its [place](crate::Network::place_of).
    #[must_use]
    pub fn get(&self, target: &str) -> Option<Timestamp> {
        self.0.get(folded(target).as_str()).copied()
    }

    pub(crate) fn records(&self, account: AccountId) -> impl Iterator<Item = MarkerRecord> {
        self.0.iter().map(move |(target, time)| MarkerRecord {
            account,
            target: target.clone(),
            time: *time,
        })
    }

    /// A target is read so far.
    pub fn set(&mut self, target: &str, time: Timestamp) {
        let target = SmolStr::new(folded(target));
        self.0.shift_remove(&target);
        if self.0.len() >= MARKERS {
            self.0.shift_remove_index(0);
        }
        self.0.insert(target, time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_mark_gives_way() {
        let mut markers = Markers::default();
        for number in 0..130 {
            markers.set(&format!("#C{number}"), Timestamp(number));
            markers.set("#always", Timestamp(number));
        }
        assert_eq!(markers.0.len(), MARKERS);
        assert_eq!(markers.get("#c0"), None);
        assert_eq!(markers.get("#c129"), Some(Timestamp(129)));
        assert_eq!(markers.get("#ALWAYS"), Some(Timestamp(129)));
    }
}
