//! What happens rarely: a channel has another name, somebody may write to somebody, the
//! configuration was read again.

use crate::{ChannelId, Entry, Event, Network, Reconfiguration, UserId};

impl Network {
    pub(super) fn rarely_changed(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Renamed { channel, name, .. } => {
                self.rename_channel(*channel, name, entry.stamp.time);
            }
            Event::Accepted { user, other, on } => self.accepted(*user, *other, *on),
            Event::Configured(read) => {
                if let Some(change) = &read.change {
                    self.reconfigured(change);
                }
            }
            Event::ChannelPurged { channel, ban } => {
                self.restrictions.set_ban(ban);
                if let Some(channel) = channel {
                    self.channel_purged(*channel);
                }
            }
            // What is said is not part of the state.
            Event::Relayed(_) | Event::RehashAsked => {}
            _ => self.account_changed(entry),
        }
    }

    /// Other bounds: what is beyond them stays. An operator who is none in the new configuration
    /// is none; the others have the rights that stand there.
    fn reconfigured(&mut self, change: &Reconfiguration) {
        self.limits = change.limits.clone();
        self.settings = Some(change.settings.clone());
        for user in self.users.iter_mut() {
            let Some(own) = user.operator() else {
                continue;
            };
            let mut new = change.operators.iter();
            let new = new.find(|new| new.name == own.name).cloned();
            if new.is_none() {
                user.modes.operator = false;
                self.operators -= 1;
            }
            // The host that others see stays.
            user.change_rare(|rare| rare.operator = new);
        }
    }

    /// All leave, and it is gone.
    fn channel_purged(&mut self, id: ChannelId) {
        let members: Vec<UserId> = match self.channels.get_mut(id.0) {
            Some(channel) => {
                channel.registration = None;
                channel.members().map(|(user, _)| user).collect()
            }
            None => return,
        };
        if members.is_empty() {
            self.remove_channel(id);
        }
        for user in members {
            self.left(user, id);
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
