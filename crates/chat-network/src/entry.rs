//! An event in its place in the order.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{Event, Origin, Secrets, Stamp};

/// An event in its place in the order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Position and time.
    pub stamp: Stamp,
    /// Whose request led to it.
    pub origin: Origin,
    /// What happened.
    pub event: Event,
}

impl Entry {
    /// The entry as far as the state is concerned: of what an operator did, what came of it.
    #[must_use]
    pub fn effect(&self) -> Cow<'_, Self> {
        match &self.event {
            Event::Operated { effect, .. } => Cow::Owned(Self {
                stamp: self.stamp,
                origin: self.origin,
                event: (**effect).clone(),
            }),
            _ => Cow::Borrowed(self),
        }
    }

    /// The same entry without what only the database may keep: secrets, and where the owner of an
    /// account can be reached. Replicas become the same with it.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        let event = match &mut self.event {
            Event::Operated { effect, .. } => &mut **effect,
            event => event,
        };
        match event {
            Event::AccountRegistered { account, .. } => {
                account.secrets = Secrets::default();
                account.email = None;
            }
            Event::SecretsSet { secrets, .. } => *secrets = Secrets::default(),
            Event::EmailSet { email, .. } => *email = None,
            _ => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    /// Each is moved several times on its way, and waits in queues.
    #[test]
    fn requests_and_entries_are_small() {
        let sizes = (size_of::<Request>(), size_of::<Entry>());
        assert!(sizes.0 <= 88 && sizes.1 <= 112, "{sizes:?} bytes");
    }
}
