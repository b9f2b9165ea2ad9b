//! What was said before: batches of history, whose lines are put where they belong in time, none
//! twice.

use chat_proto::Message;
use jiff::Timestamp;
use smol_str::SmolStr;

use super::ask::What;
use super::line::Draft;
use super::search::Found;
use super::stretch::{Edge, GiveWay, Ties};
use super::tags::{Reacted, reacted};
use super::{BufferId, BufferKind, Change, Incoming, Model};

/// Lines of one batch that are taken; more are left out.
const LINES: usize = 1000;

/// Batches that may be open at once.
const BATCHES: usize = 8;

/// Lines of an excerpt; where it grows, the far end gives way.
const EXCERPT: usize = 1000;

/// The tag of a batch behind which there is nothing.
const END: &str = "draft/chathistory-end";

/// A batch on its way.
#[derive(Debug, Clone)]
pub(super) struct Past {
    reference: SmolStr,
    kind: Kind,
    drafts: Vec<Draft>,
    reacted: Vec<Reacted>,
    withdrawn: Vec<SmolStr>,
    /// How many lines it has had, those that nothing was made of included.
    lines: usize,
}

#[derive(Debug, Clone)]
enum Kind {
    /// A part of a conversation's history; whether the server says that there is no more.
    History {
        target: SmolStr,
        buffer: BufferId,
        end: bool,
    },
    /// What a search has found.
    Search(Vec<Found>),
    /// Whom the user has written with.
    Conversations,
}

impl Model {
    /// Whether a message is part of a batch that is on its way.
    pub(super) fn is_past(&self, message: &Message) -> bool {
        let reference = message.tag("batch");
        reference.is_some_and(|reference| self.past.iter().any(|p| p.reference == *reference))
    }

    /// A batch begins or ends; only those of history and searches matter.
    pub(super) fn batch(&mut self, incoming: &Incoming<'_>) {
        let reference = incoming.param(0).unwrap_or_default();
        if let Some(reference) = reference.strip_prefix('+') {
            let kind = match incoming.param(1) {
                Some("chathistory") => self.history_begins(incoming),
                Some("soju.im/search") => Some(Kind::Search(Vec::new())),
                Some("draft/chathistory-targets") => Some(Kind::Conversations),
                _ => None,
            };
            if let (Some(kind), true) = (kind, self.past.len() < BATCHES) {
                self.past.push(Past {
                    reference: reference.into(),
                    kind,
                    drafts: Vec::new(),
                    reacted: Vec::new(),
                    withdrawn: Vec::new(),
                    lines: 0,
                });
            }
        } else if let Some(reference) = reference.strip_prefix('-')
            && let Some(at) = self.past.iter().position(|p| p.reference == *reference)
        {
            let past = self.past.remove(at);
            self.complete(past);
        }
    }

    fn history_begins(&self, incoming: &Incoming<'_>) -> Option<Kind> {
        let target = incoming.param(2)?;
        let waiting = self
            .asked
            .iter()
            .find(|asked| asked.is_for(&self.fold(target)));
        let buffer = match waiting {
            Some(asked) => asked.buffer.clone(),
            None => self.find(target)?.id().clone(),
        };
        Some(Kind::History {
            target: target.into(),
            buffer,
            end: incoming.message.tag(END).is_some(),
        })
    }

    /// A line of a batch.
    pub(super) fn past(&mut self, incoming: &Incoming<'_>, command: &str) {
        let reference = incoming.tag("batch").unwrap_or_default();
        let Some(at) = self.past.iter().position(|p| *p.reference == *reference) else {
            return;
        };
        self.past[at].lines += 1;
        match &self.past[at].kind {
            Kind::Conversations => self.conversation(incoming, command),
            Kind::Search(_) => {
                if let (Some(found), Kind::Search(all)) =
                    (self.found(incoming, command), &mut self.past[at].kind)
                    && all.len() < LINES
                {
                    all.push(found);
                }
            }
            Kind::History { buffer, .. } => {
                let buffer = buffer.clone();
                let draft = self.past_line(incoming, command, &buffer);
                let past = &mut self.past[at];
                match command {
                    "TAGMSG" => past.reacted.extend(reacted(incoming)),
                    "REDACT" => past.withdrawn.extend(incoming.param(1).map(SmolStr::from)),
                    _ => past.drafts.extend(draft),
                }
                past.drafts.truncate(LINES);
                past.reacted.truncate(LINES);
                past.withdrawn.truncate(LINES);
            }
        }
    }

    fn past_line(
        &mut self,
        incoming: &Incoming<'_>,
        command: &str,
        buffer: &BufferId,
    ) -> Option<Draft> {
        match command {
            "PRIVMSG" | "NOTICE" => {
                let (_, draft) = self.said_in(incoming, buffer)?;
                Some(draft)
            }
            _ => super::event::told(incoming, command, &self.nick),
        }
    }

    fn complete(&mut self, past: Past) {
        let Past {
            kind,
            mut drafts,
            reacted,
            withdrawn,
            lines,
            ..
        } = past;
        match kind {
            Kind::Conversations => {}
            Kind::Search(found) => self.search_done(found),
            Kind::History {
                target,
                buffer,
                end,
            } => {
                self.quoted(&buffer, &mut drafts);
                let asked = self.answered(&target);
                let buffer = asked.as_ref().map_or(buffer, |asked| asked.buffer.clone());
                match asked.map(|asked| asked.what) {
                    Some(What::Earlier { limit }) => {
                        let last = end || lines < usize::from(limit);
                        self.grown(&buffer, drafts, GiveWay::Last, last);
                    }
                    Some(What::Later { limit }) => {
                        let last = end || lines < usize::from(limit);
                        self.grown(&buffer, drafts, GiveWay::First, last);
                    }
                    Some(What::Around { id }) => self.jumped(&buffer, id, drafts),
                    Some(What::Latest { limit, missed }) => {
                        let all = end || lines < usize::from(limit);
                        self.newest(&buffer, drafts, missed, all);
                    }
                    None => self.newest(&buffer, drafts, true, true),
                }
                for reacted in &reacted {
                    self.react(&buffer, reacted);
                }
                for id in &withdrawn {
                    self.withdraw(&buffer, id);
                }
            }
        }
    }

    /// The newest lines, which join those that are there. `all`: as far back as was asked for.
    fn newest(&mut self, id: &BufferId, drafts: Vec<Draft>, missed: bool, all: bool) {
        let seen = self.is_seen(id);
        let Some(buffer) = self.buffers.get_mut(&id.0) else {
            return;
        };
        let first = drafts.iter().map(|draft| draft.at).min();
        if let (true, false, Some(first)) = (missed, all, first) {
            // Between what was there and what came is a hole: what was there can be asked for again.
            buffer.live_mut().forget_before(first);
        } else if !missed {
            buffer.live_mut().before = if all { Edge::Nothing } else { Edge::More };
        }
        let moved = buffer.fill(drafts, Ties::After, missed, seen);
        self.changes.push(match moved {
            true => Change::Past(id.clone()),
            false => Change::Read(id.clone()),
        });
    }

    /// Lines before or after those shown. `last`: there are no more in that direction.
    fn grown(&mut self, id: &BufferId, drafts: Vec<Draft>, far: GiveWay, last: bool) {
        let seen = self.is_seen(id);
        let Some(buffer) = self.buffers.get_mut(&id.0) else {
            return;
        };
        let edge = if last { Edge::Nothing } else { Edge::More };
        let earlier = far == GiveWay::Last;
        if !buffer.is_excerpt() {
            if earlier {
                buffer.live_mut().before = edge;
                buffer.fill(drafts, Ties::Before, false, seen);
                self.changes.push(Change::Past(id.clone()));
            }
            return;
        }
        let meets = drafts.iter().filter_map(|draft| draft.id.as_deref());
        let meets = !earlier
            && meets
                .clone()
                .any(|id| buffer.live_mut().by_id(id).is_some());
        let stretch = buffer.stretch_mut();
        let ties = match earlier {
            true => Ties::Before,
            false => Ties::After,
        };
        match earlier {
            true => stretch.before = edge,
            false => stretch.after = edge,
        }
        stretch.merge(drafts, ties, far);
        if meets || (!earlier && last) {
            let last = buffer.join_excerpt();
            self.changes.push(Change::Joined(id.clone(), last));
        } else {
            self.changes.push(Change::Past(id.clone()));
        }
    }

    /// What is around a message that the user wants to see.
    fn jumped(&mut self, id: &BufferId, message: SmolStr, drafts: Vec<Draft>) {
        let there = drafts
            .iter()
            .any(|draft| draft.id.as_ref() == Some(&message));
        if let (Some(buffer), true) = (self.buffers.get_mut(&id.0), there) {
            buffer.show_excerpt(message, drafts, EXCERPT);
            self.changes.push(Change::Excerpt(id.clone()));
        }
    }

    /// `CHATHISTORY TARGETS name timestamp`: somebody the user has written with.
    fn conversation(&mut self, incoming: &Incoming<'_>, command: &str) {
        let name = match (command, incoming.param(0)) {
            ("CHATHISTORY", Some("TARGETS")) => incoming.param(1),
            _ => None,
        };
        let Some(name) = name.filter(|name| !chat_proto::name::is_channel_like(name)) else {
            return;
        };
        let when: Option<Timestamp> = incoming.param(2).and_then(|at| at.parse().ok());
        // What the user has closed stays closed until there is something new.
        let closed = self.closed.get(&self.fold(name));
        if closed.is_some_and(|closed| when.is_none_or(|when| when <= *closed)) {
            return;
        }
        self.open(name, BufferKind::Query);
    }
}
