//! One conversation: the server's own, a channel's, or one with a person.

use std::collections::VecDeque;

use jiff::Timestamp;
use smol_str::SmolStr;

use super::line::{Draft, Line};
use super::member::Members;

/// Names a buffer within its [`Model`](crate::Model): the folded name, or nothing for the server's
/// own. Survives reconnections.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct BufferId(pub(crate) SmolStr);

/// What a buffer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BufferKind {
    /// What the server says to the user alone.
    Server,
    /// A channel.
    Channel,
    /// A conversation with one person.
    Query,
}

/// A channel's topic.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Topic {
    /// The text; never empty.
    pub text: String,
    /// Who set it, where known.
    pub by: Option<SmolStr>,
    /// When it was set, where known.
    pub at: Option<Timestamp>,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Buffer {
    id: BufferId,
    kind: BufferKind,
    pub(crate) name: SmolStr,
    lines: VecDeque<Line>,
    scrollback: usize,
    next_number: u64,
    unread: usize,
    highlights: usize,
    /// Lines from this number on are new since the buffer was last looked at.
    marker: Option<u64>,
    pub(crate) joined: bool,
    pub(crate) topic: Option<Topic>,
    pub(crate) members: Members,
}

/// The number of a buffer's first line: what was said before it gets the numbers below.
pub(super) const FIRST: u64 = 1 << 32;

// === impl BufferId ===

impl BufferId {
    /// The server's own buffer.
    #[must_use]
    pub fn server() -> BufferId {
        BufferId::default()
    }
}

// === impl Buffer ===

impl Buffer {
    pub(crate) fn new(id: BufferId, kind: BufferKind, name: SmolStr, scrollback: usize) -> Buffer {
        Buffer {
            id,
            kind,
            name,
            lines: VecDeque::new(),
            scrollback: scrollback.max(1),
            next_number: FIRST,
            unread: 0,
            highlights: 0,
            marker: None,
            joined: kind != BufferKind::Channel,
            topic: None,
            members: Members::default(),
        }
    }

    /// Its name within the model.
    #[must_use]
    pub fn id(&self) -> &BufferId {
        &self.id
    }

    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> BufferKind {
        self.kind
    }

    /// The channel's or the person's name as the server writes it; the network's for the server.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The lines kept, oldest first; a bounded number.
    #[must_use]
    pub fn lines(&self) -> &VecDeque<Line> {
        &self.lines
    }

    /// How many messages came since the buffer was last looked at.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// How many of the unread ones speak of, or to, the user.
    #[must_use]
    pub fn highlights(&self) -> usize {
        self.highlights
    }

    /// The number of the first line that was new when the buffer was last left; what a reader
    /// draws a "new messages" rule above.
    #[must_use]
    pub fn marker(&self) -> Option<u64> {
        self.marker
    }

    /// Whether one can talk there: always, but for channels that one is not on.
    #[must_use]
    pub fn joined(&self) -> bool {
        self.joined
    }

    /// The channel's topic.
    #[must_use]
    pub fn topic(&self) -> Option<&Topic> {
        self.topic.as_ref()
    }

    /// Who is on the channel.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// Whether a line with this id of the server is here.
    pub(crate) fn has(&self, id: &str) -> bool {
        let mut ids = self.lines.iter().rev().filter_map(|line| line.id.as_ref());
        ids.any(|known| known == id)
    }

    /// Adds lines before all others, as far as there is room; nothing of them is unread. Oldest first.
    pub(crate) fn prepend(&mut self, drafts: Vec<Draft>) {
        for draft in drafts.into_iter().rev() {
            let first = self
                .lines
                .front()
                .map_or(self.next_number, |line| line.number);
            let Some(number) = first.checked_sub(1) else {
                return;
            };
            if self.lines.len() >= self.scrollback {
                return;
            }
            self.lines.push_front(draft.numbered(number));
        }
    }

    /// Adds a line. `seen`: the user is looking at this buffer.
    pub(crate) fn push(&mut self, draft: Draft, seen: bool) -> &Line {
        let number = self.next_number;
        self.next_number += 1;
        if draft.kind.is_talk() && !draft.own && !seen {
            self.unread += 1;
            self.highlights += usize::from(draft.highlight);
            self.marker.get_or_insert(number);
        }
        if self.lines.len() >= self.scrollback {
            self.lines.pop_front();
        }
        self.lines.push_back(draft.numbered(number));
        &self.lines[self.lines.len() - 1]
    }

    pub(crate) fn renamed(self, id: BufferId) -> Buffer {
        Buffer { id, ..self }
    }

    /// The user looks at the buffer now: nothing in it is unread. The marker stays for the reader.
    pub(crate) fn looked_at(&mut self) {
        self.unread = 0;
        self.highlights = 0;
    }

    /// The user looks elsewhere: what comes from now on is new.
    pub(crate) fn left_alone(&mut self) {
        self.marker = None;
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::LineKind;
    use super::*;

    fn buffer() -> Buffer {
        Buffer::new(BufferId("#a".into()), BufferKind::Channel, "#a".into(), 3)
    }

    fn talk(text: &str, highlight: bool) -> Draft {
        let draft = Draft::info(Timestamp::UNIX_EPOCH, text);
        Draft {
            highlight,
            ..draft.of(LineKind::Message).by("bob")
        }
    }

    #[test]
    fn scrollback_is_bounded_and_numbers_go_on() {
        let mut buffer = buffer();
        for n in 0..5 {
            buffer.push(talk(&n.to_string(), false), true);
        }
        let numbers: Vec<u64> = buffer.lines().iter().map(|l| l.number).collect();
        assert_eq!(numbers, [2, 3, 4].map(|n| FIRST + n));
    }

    #[test]
    fn what_was_said_before_comes_before_as_far_as_there_is_room() {
        let mut buffer = buffer();
        buffer.push(talk("now", false), true);
        buffer.prepend(["a", "b", "c"].map(|text| talk(text, false)).into());
        let lines = buffer.lines().iter();
        let lines: Vec<_> = lines.map(|line| (line.number, &*line.text)).collect();
        assert_eq!(lines, [(FIRST - 2, "b"), (FIRST - 1, "c"), (FIRST, "now")]);
        assert_eq!(buffer.unread(), 0);
    }

    #[test]
    fn only_unseen_talk_of_others_is_unread() {
        let mut buffer = buffer();
        buffer.push(talk("seen", true), true);
        buffer.push(Draft::info(Timestamp::UNIX_EPOCH, "event"), false);
        let own = Draft {
            own: true,
            ..talk("mine", false)
        };
        buffer.push(own, false);
        assert_eq!((buffer.unread(), buffer.marker()), (0, None));
        buffer.push(talk("for you", true), false);
        buffer.push(talk("for all", false), false);
        assert_eq!((buffer.unread(), buffer.highlights()), (2, 1));
        assert_eq!(buffer.marker(), Some(FIRST + 3));
        buffer.looked_at();
        assert_eq!((buffer.unread(), buffer.highlights()), (0, 0));
        assert_eq!(buffer.marker(), Some(FIRST + 3), "until it is left again");
        buffer.left_alone();
        assert_eq!(buffer.marker(), None);
    }
}
