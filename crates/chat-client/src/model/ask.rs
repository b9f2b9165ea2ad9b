//! What the model wants to know from the server, and what it has asked for.
//!
//! The model sends nothing: whoever holds it takes the [wishes](Model::wish) out and sends them.

use chat_proto::{Capability, CapabilitySet};
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;

use super::stretch::Edge;
use super::{BufferId, BufferKind, Model};
use crate::Command;
use crate::query::{Point, Span};

/// How many lines of what was said before are asked for when a conversation is opened.
const FIRST_PAGE: u16 = 50;

/// How many at a time after that.
const PAGE: u16 = 100;

/// How many conversations are looked for after connecting, and how far back.
const CONVERSATIONS: u16 = 20;
const LONG_AGO: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Wishes that may wait. More come of a user on very many channels only, whose history comes when
/// it is looked at.
const WISHES: usize = 512;

/// What history needs to be told in.
const HISTORY: CapabilitySet = CapabilitySet::of(&[
    Capability::Chathistory,
    Capability::Batch,
    Capability::ServerTime,
    Capability::MessageTags,
]);

/// A part of history that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The name that was asked with, folded.
    target: SmolStr,
    pub(super) buffer: BufferId,
    pub(super) what: What,
}

/// Which part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// The newest; `missed`: since what is there.
    Latest { limit: u16, missed: bool },
    /// What is before the lines shown.
    Earlier { limit: u16 },
    /// What is after the lines shown.
    Later { limit: u16 },
    /// What is around a message.
    Around { id: SmolStr },
}

// === impl Asked ===

impl Asked {
    pub(super) fn is_for(&self, folded: &str) -> bool {
        self.target == folded
    }

    /// Whether the user asked, and not the program by itself.
    pub(super) fn was_chosen(&self) -> bool {
        matches!(self.what, What::Around { .. })
    }
}

// === impl Model ===

impl Model {
    /// What the server should be asked next, if anything.
    #[must_use]
    pub fn wish(&self) -> Option<&Command> {
        self.wishes.front()
    }

    /// The wish was sent.
    pub fn wish_sent(&mut self) {
        self.wishes.pop_front();
    }

    /// Whether the server can do this, and we have agreed upon it.
    #[must_use]
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(capability)
    }

    /// Whether signs and replies travel, and that one is writing.
    #[must_use]
    pub fn takes_tags(&self) -> bool {
        self.state.is_online() && self.can(Capability::MessageTags)
    }

    /// Whether messages can be withdrawn.
    #[must_use]
    pub fn can_withdraw(&self) -> bool {
        self.state.is_online() && self.can(Capability::MessageRedaction)
    }

    /// Whether what was said before can be asked for.
    #[must_use]
    pub fn has_history(&self) -> bool {
        self.state.is_online() && self.capabilities.contains_all(HISTORY)
    }

    /// Asks for what was said before the lines shown, where there may be more.
    pub fn want_earlier(&mut self, id: &BufferId) {
        let Some(buffer) = self.buffers.get(&id.0) else {
            return;
        };
        if !self.has_history() || buffer.earlier() != Edge::More || buffer.is_full() {
            return;
        }
        let Some(point) = buffer.shown().iter().find_map(point) else {
            return;
        };
        let limit = self.page(PAGE);
        if self.want(id, What::Earlier { limit }, Span::Before(point), limit)
            && let Some(buffer) = self.buffers.get_mut(&id.0)
        {
            buffer.stretch_mut().before = Edge::Asked;
        }
    }

    /// Asks for what was said after the excerpt shown.
    pub fn want_later(&mut self, id: &BufferId) {
        let Some(buffer) = self.buffers.get_mut(&id.0) else {
            return;
        };
        if !buffer.is_excerpt() || buffer.stretch_mut().after != Edge::More {
            return;
        }
        let Some(point) = buffer.shown().iter().rev().find_map(point) else {
            return;
        };
        let limit = self.page(PAGE);
        if self.want(id, What::Later { limit }, Span::After(point), limit)
            && let Some(buffer) = self.buffers.get_mut(&id.0)
        {
            buffer.stretch_mut().after = Edge::Asked;
        }
    }

    /// Asks for what is around a message of a channel or person, to be shown there.
    pub fn want_around(&mut self, id: &BufferId, message: &str) {
        let limit = self.page(FIRST_PAGE);
        let around = SmolStr::from(message);
        let span = Span::Around(Point::Id(around.clone()));
        self.want(id, What::Around { id: around }, span, limit);
    }

    /// The buffer was opened, or taken up again: what was said before is asked for.
    pub(super) fn want_latest(&mut self, id: &BufferId) {
        let Some(buffer) = self.buffers.get(&id.0) else {
            return;
        };
        let held = buffer.lines().iter().rev().find(|line| line.id.is_some());
        // A moment earlier, because several things can happen in one.
        let since = held.map(|line| line.at - SignedDuration::from_millis(1));
        let missed = since.is_some() && buffer.mark.is_new(Timestamp::MAX, true);
        let limit = self.page(if missed { PAGE } else { FIRST_PAGE });
        let span = Span::Latest(since.map(Point::At));
        if self.want(id, What::Latest { limit, missed }, span, limit)
            && !missed
            && let Some(buffer) = self.buffers.get_mut(&id.0)
        {
            buffer.live_mut().before = Edge::Asked;
        }
    }

    /// Whom the user has written with lately is asked for.
    pub(super) fn want_conversations(&mut self, now: Timestamp) {
        if !self.has_history() {
            return;
        }
        let since = now
            .saturating_sub(LONG_AGO)
            .unwrap_or(Timestamp::UNIX_EPOCH);
        // The clocks need not agree.
        let until = now.saturating_add(SignedDuration::from_hours(24));
        self.ask(Command::Conversations {
            since,
            until: until.unwrap_or(now),
            limit: CONVERSATIONS.min(self.history_limit),
        });
    }

    /// How far a conversation was read is asked for. For channels the server tells by itself.
    pub(super) fn want_mark(&mut self, id: &BufferId) {
        if !self.keeps_marks() {
            return;
        }
        if let Some(buffer) = self.buffers.get(&id.0) {
            let target = buffer.name.clone();
            let until = None;
            self.ask(Command::MarkRead { target, until });
        }
    }

    pub(super) fn ask(&mut self, command: Command) -> bool {
        let room = self.wishes.len() < WISHES;
        if room {
            self.wishes.push_back(command);
        }
        room
    }

    /// The oldest request for history of that name. The server answers in order.
    pub(super) fn answered(&mut self, target: &str) -> Option<Asked> {
        let target = self.fold(target);
        let at = self.asked.iter().position(|asked| asked.target == target)?;
        self.asked.remove(at)
    }

    /// A request was refused: it is not made again by itself.
    pub(super) fn refused(&mut self, target: Option<&str>) -> Option<Asked> {
        let asked = match target {
            Some(target) => self.answered(target),
            None => self.asked.pop_front(),
        }?;
        if let Some(buffer) = self.buffers.get_mut(&asked.buffer.0) {
            match asked.what {
                What::Earlier { .. } => buffer.stretch_mut().before = Edge::Nothing,
                What::Later { .. } => buffer.stretch_mut().after = Edge::Nothing,
                What::Latest { missed: false, .. } => buffer.live_mut().before = Edge::Nothing,
                What::Latest { .. } | What::Around { .. } => {}
            }
        }
        Some(asked)
    }

    /// The connection is gone, and with it what was asked.
    pub(super) fn forget_asked(&mut self) {
        self.wishes.clear();
        self.asked.clear();
        for buffer in self.buffers.values_mut() {
            let stretch = buffer.stretch_mut();
            for edge in [&mut stretch.before, &mut stretch.after] {
                if *edge == Edge::Asked {
                    *edge = Edge::More;
                }
            }
            buffer.typists.clear();
        }
    }

    /// The person has another name.
    pub(super) fn asked_renamed(&mut self, from: &BufferId, to: &BufferId) {
        let asked = self.asked.iter_mut().filter(|a| a.buffer == *from);
        asked.for_each(|asked| asked.buffer = to.clone());
    }

    fn want(&mut self, id: &BufferId, what: What, span: Span, limit: u16) -> bool {
        let Some(buffer) = self.buffers.get(&id.0) else {
            return false;
        };
        if !self.has_history() || buffer.kind() == BufferKind::Server {
            return false;
        }
        let target = buffer.name.clone();
        let asked = Asked {
            target: self.fold(&target),
            buffer: id.clone(),
            what,
        };
        let history = Command::History {
            target,
            span,
            limit,
        };
        let sent = self.ask(history);
        if sent {
            self.asked.push_back(asked);
        }
        sent
    }

    fn page(&self, wanted: u16) -> u16 {
        wanted.min(self.history_limit).max(1)
    }
}

fn point(line: &super::Line) -> Option<Point> {
    line.id.clone().map(Point::Id)
}
