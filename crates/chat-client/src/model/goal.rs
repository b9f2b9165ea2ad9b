//! Where one may want to go: a conversation, a person or a channel, by a part of its name.

use std::cmp::Reverse;
use std::collections::HashSet;

use chat_proto::name::is_channel_like;
use smol_str::SmolStr;

use super::{Buffer, BufferId, BufferKind, Model};

/// Somewhere to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// A buffer that is there.
    Buffer(BufferId),
    /// Somebody on a channel whom one has no conversation with.
    Person(SmolStr),
    /// A channel that one is not on.
    Channel(SmolStr),
}

/// How well a name fits; the smaller the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Whole,
    Beginning,
    Inside,
}

impl Model {
    /// Where one may want to go who has typed `part`, in any case and with the sign of a channel or
    /// without: the buffers it fits, the best fit first, and among equals those with something new and
    /// those looked at last, the server's own at the end; then people; and where `part` is a channel's
    /// name and no buffer's, that channel. Without a `part` all buffers but the one looked at. At most
    /// `most`.
    #[must_use]
    pub fn goals(&self, part: &str, most: usize) -> Vec<Goal> {
        let part = part.trim();
        let mut buffers: Vec<(Fit, &Buffer)> = match part {
            "" => {
                let others = self.buffers().filter(|b| b.id() != self.active().id());
                others.map(|b| (Fit::Inside, b)).collect()
            }
            part => self
                .buffers()
                .filter_map(|b| Some((fit(b.name(), part)?, b)))
                .collect(),
        };
        buffers.sort_by_key(|(fit, b)| {
            let news = (b.highlights() > 0, b.unread() > 0, b.looked);
            (*fit, b.kind() == BufferKind::Server, Reverse(news))
        });
        let mut goals: Vec<Goal> = buffers
            .iter()
            .map(|(_, b)| Goal::Buffer(b.id().clone()))
            .collect();
        if !part.is_empty() {
            goals.extend(self.people(part));
        }
        if is_channel_like(part) && !part.contains([' ', ',']) && self.find(part).is_none() {
            // However many others there are, it can be chosen.
            goals.truncate(most.saturating_sub(1));
            goals.push(Goal::Channel(part.into()));
        }
        goals.truncate(most);
        goals
    }

    /// Those on the channels whose names have the part, and with whom there is no conversation.
    fn people(&self, part: &str) -> Vec<Goal> {
        let channels = self.buffers().filter(|b| b.kind() == BufferKind::Channel);
        let mut met = HashSet::new();
        let mut people: Vec<(Fit, &SmolStr)> = channels
            .flat_map(|channel| channel.members().iter())
            .filter_map(|member| Some((fit(&member.nick, part)?, &member.nick)))
            .filter(|(_, nick)| !self.same(nick, self.nick()) && self.find(nick).is_none())
            .filter(|(_, nick)| met.insert(*nick))
            .collect();
        people.sort();
        let people = people.into_iter();
        people.map(|(_, nick)| Goal::Person(nick.clone())).collect()
    }
}

/// How well a name fits what was typed, if at all.
fn fit(name: &str, part: &str) -> Option<Fit> {
    let name = name.to_lowercase();
    let part = part.to_lowercase();
    let bare = name.trim_start_matches(['#', '&']);
    if name == part || bare == part {
        return Some(Fit::Whole);
    }
    if name.starts_with(&part) || bare.starts_with(&part) {
        return Some(Fit::Beginning);
    }
    name.contains(&part).then_some(Fit::Inside)
}
