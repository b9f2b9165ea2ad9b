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
        if let Some(user) = self.users.get_mut(user.0) {
            user.change_rare(|rare| {
                rare.accepted.retain(|old| *old != other);
                if on {
                    rare.accepted.push(other);
                }
                if rare.accepted.len() > bound {
                    rare.accepted.remove(0);
                }
            });
        }
    }
}
