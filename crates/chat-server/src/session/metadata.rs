//! What a session wants to know of metadata, and what it has told of itself too early.

use std::collections::BTreeSet;

use chat_network::{Metadata, MetadataChanges};
use smol_str::SmolStr;

/// Keys that one session may subscribe to.
pub(crate) const SUBSCRIPTIONS: usize = 50;

/// What a session wants to know of metadata, and what it has told of itself too early.
#[derive(Default)]
pub(crate) struct Interests {
    /// The keys whose changes it is told.
    pub(crate) keys: BTreeSet<SmolStr>,
    /// What it has set before it was a user.
    pub(crate) early: Metadata,
    /// That is on its way to the network now: no answer is wanted.
    pub(crate) arriving: bool,
}

impl Interests {
    /// Whether there is anything in it to be kept.
    pub(super) fn is_used(&self) -> bool {
        !self.keys.is_empty() || !self.early.is_empty() || self.arriving
    }

    /// Subscribes to a key; false if there are too many already.
    pub(crate) fn subscribe(&mut self, key: &str) -> bool {
        if self.keys.contains(key) {
            return true;
        }
        self.keys.len() < SUBSCRIPTIONS && self.keys.insert(key.into())
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
