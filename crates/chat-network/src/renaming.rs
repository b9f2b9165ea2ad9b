//! What stays of a channel's earlier names: where its history is kept, and where who asks for the
//! old name is sent.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use crate::{Channel, ChannelId, Network, Timestamp, User, folded, name};

/// Earlier names that are remembered of one channel; at the bound the oldest is free again.
const FORMER: usize = 4;

/// What a channel has of other names. Few have any, so it is kept apart.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct OtherNames {
    /// The place where its history is kept, if not that of its present name.
    #[serde(default)]
    pub place: Option<SmolStr>,
    /// The names that it had, latest last.
    #[serde(default)]
    pub former: Vec<FormerName>,
}

/// A name that a channel had.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FormerName {
    /// The name.
    pub name: SmolStr,
    /// From then on it is free.
    pub until: Timestamp,
}

/// Whose the former names and the places are that are not under a channel's present name.
#[derive(Clone, Default, Debug)]
pub(crate) struct Renamed {
    /// By folded name.
    names: HashMap<SmolStr, ChannelId>,
    places: HashMap<SmolStr, ChannelId>,
}

impl OtherNames {
    pub(crate) fn is_empty(&self) -> bool {
        self.place.is_none() && self.former.is_empty()
    }
}

impl Renamed {
    pub(crate) fn insert(&mut self, channel: &Channel) {
        for former in channel.former_names() {
            let name = SmolStr::new(folded(&former.name));
            self.names.insert(name, channel.id());
        }
        if let Some(place) = channel.other_place() {
            self.places.insert(place.clone(), channel.id());
        }
    }

    pub(crate) fn remove(&mut self, channel: &Channel) {
        for former in channel.former_names() {
            self.names.remove(folded(&former.name).as_str());
        }
        if let Some(place) = channel.other_place() {
            self.places.remove(place);
        }
    }

    /// How many former names and places there are.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.names.len(), self.places.len())
    }

    /// The channel that had a name.
    pub(crate) fn holder(&self, name: &str) -> Option<ChannelId> {
        if self.names.is_empty() {
            return None;
        }
        self.names.get(folded(name).as_str()).copied()
    }
}

impl Channel {
    /// Where its history is kept, read markers included: under the folded name that it was founded
    /// with, whatever it is called now. No two channels that are there share a place.
    #[must_use]
    pub fn place(&self) -> String {
        match self.other_place() {
            Some(place) => place.to_string(),
            None => folded(self.name()),
        }
    }

    /// The place, if not that of the present name.
    pub(crate) fn other_place(&self) -> Option<&SmolStr> {
        self.other_names.as_ref()?.place.as_ref()
    }

    /// The names that it had, latest last. Some may be free again.
    #[must_use]
    pub fn former_names(&self) -> &[FormerName] {
        let other = self.other_names.as_ref();
        other.map_or(&[][..], |other| &other.former)
    }

    /// Takes another name; the one it had is not free before `until`.
    pub(crate) fn rename(&mut self, wanted: &SmolStr, now: Timestamp, until: Timestamp) {
        let place = self.place();
        let mut other = self.other_names.take().unwrap_or_default();
        other.place = (folded(wanted) != place).then(|| place.into());
        let stays = |former: &FormerName| former.until > now && !name::same(&former.name, wanted);
        other.former.retain(stays);
        if !name::same(self.name(), wanted) {
            other.former.push(FormerName {
                name: self.name().clone(),
                until,
            });
        }
        if other.former.len() > FORMER {
            other.former.remove(0);
        }
        self.set_name(wanted);
        self.set_other_names(*other);
    }

    /// A name that it had is another's now.
    fn release_name(&mut self, wanted: &str) {
        if let Some(mut other) = self.other_names.take() {
            other
                .former
                .retain(|former| !name::same(&former.name, wanted));
            self.set_other_names(*other);
        }
    }

    pub(crate) fn set_other_names(&mut self, other: OtherNames) {
        self.other_names = (!other.is_empty()).then(|| Box::new(other));
    }
}

impl Network {
    /// The place of what a name stands for: that of the channel, or the folded name itself.
    #[must_use]
    pub fn place_of(&self, name: &str) -> String {
        let channel = self.channel_by_name(name);
        channel.map_or_else(|| folded(name), Channel::place)
    }

    /// The channel whose history is kept in a place.
    #[must_use]
    pub fn channel_of_place(&self, place: &str) -> Option<&Channel> {
        match self.renamed.places.get(place) {
            Some(channel) => self.channel(*channel),
            None => self
                .channel_by_name(place)
                .filter(|channel| channel.other_place().is_none()),
        }
    }

    /// The place of a channel that is founded with a name, if not that of the name: this one is then
    /// that of a channel which had the name before.
    #[must_use]
    pub fn founding_place(&self, name: &str, id: ChannelId) -> Option<SmolStr> {
        if self.renamed.places.is_empty() {
            return None;
        }
        let folded = folded(name);
        let taken = self.renamed.places.contains_key(folded.as_str());
        taken.then(|| place_of_its_own(&folded, id))
    }

    /// The channel that had a name, as far as that is remembered: whoever founds a channel of that
    /// name takes it.
    #[must_use]
    pub fn former_holder(&self, name: &str) -> Option<&Channel> {
        let holder = self.renamed.holder(name)?;
        self.channel(holder)
    }

    /// The channel that had a name not long ago, so that the name is not free yet.
    pub(crate) fn recent_holder(&self, wanted: &str, now: Timestamp) -> Option<&Channel> {
        self.former_holder(wanted).filter(|channel| {
            let mut former = channel.former_names().iter();
            former.any(|former| former.until > now && name::same(&former.name, wanted))
        })
    }

    /// Where somebody is sent who asks for a name that a channel had: not who is in it and knows
    /// that it is called otherwise now. What a secret channel is called is told to nobody outside.
    pub(crate) fn renamed_for(&self, user: &User, name: &str, now: Timestamp) -> Option<&Channel> {
        self.recent_holder(name, now).filter(|channel| {
            let secret = channel.is(crate::ChannelFlag::Secret);
            !channel.has_member(user.id()) && (!secret || user.is_invited_to(channel.id()))
        })
    }

    /// Takes a channel in, with its names.
    pub(crate) fn insert_channel(&mut self, channel: Channel) {
        self.index_name(channel.name(), channel.id());
        self.secret += usize::from(channel.is(crate::ChannelFlag::Secret));
        self.renamed.insert(&channel);
        self.channels.insert(Box::new(channel));
    }

    /// A name becomes a channel's own: nobody is sent elsewhere for it any more.
    pub(crate) fn take_name(&mut self, name: &str) {
        let Some(holder) = self.renamed.holder(name) else {
            return;
        };
        if let Some(channel) = self.channels.get_mut(holder.0) {
            self.renamed.remove(channel);
            channel.release_name(name);
            self.renamed.insert(channel);
        }
    }

    /// A channel takes another name, and those that send to it (f) follow.
    pub(crate) fn rename_channel(&mut self, id: ChannelId, wanted: &SmolStr, now: Timestamp) {
        self.take_name(wanted);
        let until = Timestamp(now.0.saturating_add(self.limits.former_name_ms));
        let Some(channel) = self.channels.get_mut(id.0) else {
            return;
        };
        let old = channel.name().clone();
        self.renamed.remove(channel);
        self.names.remove(&old, id);
        self.like_names.remove(&old, id);
        channel.rename(wanted, now, until);
        self.renamed.insert(channel);
        self.index_name(wanted, id);
        for other in self.channels.iter_mut() {
            if other.forwards_to(&old) {
                other.forward = Some(wanted.clone());
            }
        }
    }

    /// Other names as records have them, without those that are taken: records may have been
    /// tampered with. All channels are there.
    pub(crate) fn restore_other_names(&mut self, mut records: Vec<(ChannelId, OtherNames)>) {
        // Who is elsewhere leaves the place of its name to others, whichever comes first here.
        for (id, other) in &mut records {
            let Some(channel) = self.channels.get_mut(id.0) else {
                continue;
            };
            let own = folded(channel.name());
            other.place = other.place.take().filter(|place| *place != own.as_str());
            if other.place.is_some() {
                channel.set_other_names(OtherNames {
                    place: Some(place_of_its_own(&own, *id)),
                    former: Vec::new(),
                });
                self.renamed.insert(channel);
            }
        }
        for (id, other) in records {
            self.restore_names_of(id, other);
        }
    }

    fn restore_names_of(&mut self, id: ChannelId, mut other: OtherNames) {
        let mut known: Vec<SmolStr> = Vec::new();
        other.former.retain(|former| {
            let name = SmolStr::new(folded(&former.name));
            let free = self.channel_by_name(&name).is_none()
                && self.renamed.holder(&name).is_none()
                && !known.contains(&name);
            known.push(name);
            free
        });
        other.former.truncate(FORMER);
        let taken = |place: &SmolStr| self.channel_of_place(place).is_some();
        if other.place.as_ref().is_some_and(taken) {
            let present = self.channel(id).and_then(Channel::other_place);
            other.place = present.cloned();
        }
        if let Some(channel) = self.channels.get_mut(id.0) {
            self.renamed.remove(channel);
            channel.set_other_names(other);
            self.renamed.insert(channel);
        }
    }
}

/// A place for a channel where that of its name is another's. No name of a channel has a comma.
fn place_of_its_own(folded: &str, id: ChannelId) -> SmolStr {
    format_smolstr!("{folded},{}", id.0)
}
