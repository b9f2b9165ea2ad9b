//! What happens rarely: a channel has another name, somebody may write to somebody.

use crate::{Entry, Event, Network, UserId};

impl Network {
    pub(super) fn rarely_changed(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Renamed { channel, name, .. } => {
                self.rename_channel(*channel, name, entry.stamp.time);
            }
            Event::Accepted { user, other, on } => self.accepted(*user, *other, *on),
            // What is said is not part of the state.
            Event::Relayed(_) => {}
            _ => self.account_changed(entry),
        }
    }

    pub(super) fn accepted(&mut self, user: UserId, other: UserId, on: bool) {
        let bound = self.limits.accepted;
        if let Some(user) = self.users.get_mut(&user) {
            let accepted = &mut user.accepted.get_or_insert_default().0;
            accepted.retain(|old| *old != other);
            if on {
                accepted.push(other);
            }
            if accepted.len() > bound {
                accepted.remove(0);
            }
            if accepted.is_empty() {
                user.accepted = None;
            }
        }
    }
}
