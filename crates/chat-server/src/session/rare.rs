//! What few sessions have: what they want to know of metadata, what they have told of themselves too
//! early, and how far they have read.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chat_network::{Markers, Metadata, MetadataChanges};
use smol_str::SmolStr;

use crate::config::Flood;
use crate::flood::Bucket;

/// How often a session may change metadata: everyone who sees its user or channel is told.
const CHANGES: Flood = Flood {
    burst: 20,
    rate: 1,
    patience: Duration::ZERO,
};

/// What few sessions have.
#[derive(Default)]
pub(crate) struct Rare {
    /// The keys whose changes it is told.
    pub(crate) keys: BTreeSet<SmolStr>,
    /// What it has set before it was a user.
    pub(crate) early: Metadata,
    /// That is on its way to the network now: no answer is wanted.
    pub(crate) arriving: bool,
    /// How far it has read, where its user has no account to keep that.
    pub(crate) markers: Option<Markers>,
    /// How often it has changed something, and since when that is counted.
    changes: Option<(Instant, Bucket)>,
}

impl Rare {
    /// Whether there is anything in it to be kept.
    pub(super) fn is_used(&self) -> bool {
        !self.keys.is_empty()
            || !self.early.is_empty()
            || self.arriving
            || self.changes.is_some()
            || self.markers.is_some()
    }

    /// Counts a change. `Err(seconds)`: there were too many, the next may come then.
    pub(crate) fn change(&mut self) -> Result<(), u64> {
        let (since, bucket) = self
            .changes
            .get_or_insert_with(|| (Instant::now(), Bucket::default()));
        let now = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let taken = bucket.take(CHANGES, now);
        taken.map_err(|millis| millis.div_ceil(1000))
    }

    /// Subscribes to a key; false if there are `most` already.
    pub(crate) fn subscribe(&mut self, key: &str, most: usize) -> bool {
        if self.keys.contains(key) {
            return true;
        }
        self.keys.len() < most && self.keys.insert(key.into())
    }

    /// What was set too early, as changes, once.
    pub(crate) fn take_early(&mut self) -> Option<MetadataChanges> {
        let early = std::mem::take(&mut self.early);
        let all = early.iter();
        let changes: MetadataChanges = all
            .map(|(key, value)| (key.clone(), Some(value.clone())))
            .collect();
        self.arriving = !changes.is_empty();
        self.arriving.then_some(changes)
    }
}
