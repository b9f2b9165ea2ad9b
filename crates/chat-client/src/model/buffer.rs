//! One conversation: the server's own, a channel's, or one with a person.

use std::collections::VecDeque;

use jiff::Timestamp;
use smol_str::SmolStr;

use super::line::{Draft, Line};
use super::mark::Mark;
use super::member::Members;
use super::stretch::{Edge, GiveWay, Stretch, Ties};
use super::typing::Typists;

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
    live: Stretch,
    excerpt: Option<Excerpt>,
    unread: usize,
    highlights: usize,
    /// Lines from this number on are new since the buffer was last looked at.
    marker: Option<u64>,
    /// When it was looked at last: the larger the later.
    pub(crate) looked: u64,
    pub(crate) mark: Mark,
    pub(crate) joined: bool,
    pub(crate) topic: Option<Topic>,
    pub(crate) members: Members,
    pub(crate) typists: Typists,
}

/// Lines from long ago that the user has jumped to, with a hole between them and the live ones.
#[derive(Debug, Clone)]
struct Excerpt {
    stretch: Stretch,
    /// The id of the message that was jumped to.
    target: SmolStr,
}

/// The number of a buffer's first line: what was said before it gets the numbers below.
pub(super) const FIRST: u64 = 1 << 32;

/// The same of an excerpt, so that no number of it is one of the live lines.
const EXCERPT_FIRST: u64 = 1 << 31;

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
            live: Stretch::new(FIRST, scrollback),
            excerpt: None,
            unread: 0,
            highlights: 0,
            marker: None,
            looked: 0,
            mark: Mark::default(),
            joined: kind != BufferKind::Channel,
            topic: None,
            members: Members::default(),
            typists: Typists::default(),
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

    /// The newest lines, oldest first; a bounded number without a hole.
    #[must_use]
    pub fn lines(&self) -> &VecDeque<Line> {
        self.live.lines()
    }

    /// The lines to show: the newest, or the excerpt from long ago that the user has jumped to.
    #[must_use]
    pub fn shown(&self) -> &VecDeque<Line> {
        self.stretch().lines()
    }

    /// Whether there is more before the lines shown.
    #[must_use]
    pub fn earlier(&self) -> Edge {
        self.stretch().before
    }

    /// Whether an excerpt from long ago is shown.
    #[must_use]
    pub fn is_excerpt(&self) -> bool {
        self.excerpt.is_some()
    }

    /// The number of the line that was jumped to, while an excerpt is shown.
    #[must_use]
    pub fn target(&self) -> Option<u64> {
        let excerpt = self.excerpt.as_ref()?;
        let line = excerpt.stretch.by_id(&excerpt.target)?;
        Some(line.number)
    }

    /// Whether the newest lines are as many as are kept: nothing can be put before them.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.excerpt.is_none() && self.live.is_full()
    }

    /// How many messages came since the buffer was last looked at, here or elsewhere.
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

    /// Who is writing at that moment.
    pub fn typing(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.typists.active(now)
    }

    /// The message with this id of the server, if it is held here.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Line> {
        let far = self.excerpt.as_ref().and_then(|e| e.stretch.by_id(id));
        far.or_else(|| self.live.by_id(id))
    }

    /// The stretch that is shown.
    fn stretch(&self) -> &Stretch {
        self.excerpt.as_ref().map_or(&self.live, |e| &e.stretch)
    }

    pub(crate) fn stretch_mut(&mut self) -> &mut Stretch {
        match &mut self.excerpt {
            Some(excerpt) => &mut excerpt.stretch,
            None => &mut self.live,
        }
    }

    pub(crate) fn live_mut(&mut self) -> &mut Stretch {
        &mut self.live
    }

    /// Whether one of the newest lines has this id of the server.
    pub(crate) fn has_lately(&self, id: &str) -> bool {
        self.live.has_lately(id)
    }

    /// Adds a line. `seen`: the user is looking at this buffer. Gives its number.
    pub(crate) fn push(&mut self, mut draft: Draft, seen: bool) -> u64 {
        draft.unread = draft.counts() && !seen;
        let (unread, highlight) = (draft.unread, draft.highlight);
        let (number, gone) = self.live.push(draft);
        if unread {
            self.unread += 1;
            self.highlights += usize::from(highlight);
            self.marker.get_or_insert(number);
        }
        if let Some(gone) = gone.filter(|gone| gone.unread) {
            self.unread = self.unread.saturating_sub(1);
            self.highlights = self.highlights.saturating_sub(usize::from(gone.highlight));
        }
        number
    }

    /// Puts lines of the past among the newest. `missed`: they came while the user was away.
    /// `seen`: the user is looking at this buffer.
    pub(crate) fn fill(
        &mut self,
        mut drafts: Vec<Draft>,
        ties: Ties,
        missed: bool,
        seen: bool,
    ) -> bool {
        for draft in &mut drafts {
            draft.unread = draft.counts() && self.mark.is_new(draft.at, missed);
        }
        let shift = self.live.merge(drafts, ties, GiveWay::First);
        // What moved in front of the marker's line has moved its number.
        if let Some(marker) = self
            .marker
            .as_mut()
            .filter(|marker| **marker < shift.behind)
        {
            *marker = marker.saturating_sub(shift.within as u64);
        }
        self.count(seen);
        shift.within > 0
    }

    /// The lines from long ago around a message, to be shown instead of the newest.
    pub(crate) fn show_excerpt(&mut self, target: SmolStr, drafts: Vec<Draft>, capacity: usize) {
        let mut stretch = Stretch::new(EXCERPT_FIRST, capacity);
        stretch.before = Edge::More;
        stretch.after = Edge::More;
        stretch.merge(drafts, Ties::After, GiveWay::First);
        self.excerpt = Some(Excerpt { stretch, target });
    }

    /// Shows the newest lines again.
    pub(crate) fn close_excerpt(&mut self) {
        self.excerpt = None;
    }

    /// Where the excerpt has reached the newest lines it becomes a part of them. Gives the new number
    /// of its last line.
    pub(crate) fn join_excerpt(&mut self) -> Option<u64> {
        let excerpt = self.excerpt.take()?;
        let before = excerpt.stretch.before;
        let last = excerpt.stretch.lines().back().map(|line| line.at)?;
        let drafts = excerpt.stretch.lines().iter().map(Draft::again).collect();
        self.live.before = before;
        let shift = self.live.merge(drafts, Ties::Before, GiveWay::First);
        if let Some(marker) = self
            .marker
            .as_mut()
            .filter(|marker| **marker < shift.behind)
        {
            *marker = marker.saturating_sub(shift.within as u64);
        }
        let lines = self.live.lines().iter();
        lines.rev().find(|line| line.at <= last).map(|l| l.number)
    }

    /// Changes the messages with this id. Says whether there is one.
    pub(crate) fn change(&mut self, id: &str, mut change: impl FnMut(&mut Line)) -> bool {
        let far = self.excerpt.as_mut().map(|e| e.stretch.iter_mut());
        let all = self.live.iter_mut().chain(far.into_iter().flatten());
        let mut found = false;
        for line in all.filter(|line| line.id.as_deref() == Some(id)) {
            change(line);
            found = true;
        }
        found
    }

    pub(crate) fn renamed(self, id: BufferId) -> Buffer {
        Buffer { id, ..self }
    }

    /// The user looks at the buffer now: nothing in it is unread. The marker stays for the reader.
    pub(crate) fn looked_at(&mut self) {
        if self.unread > 0 {
            self.live.iter_mut().for_each(|line| line.unread = false);
        }
        self.unread = 0;
        self.highlights = 0;
        let told = self.live.lines().iter().rev();
        let mut told = told.filter(|line| line.id.is_some() && line.kind.is_talk());
        if let Some(line) = told.next() {
            self.mark.read(line.at);
        }
    }

    /// The user looks elsewhere: what comes from now on is new.
    pub(crate) fn left_alone(&mut self) {
        self.marker = None;
    }

    /// Another device, or this one before, has read as far as this.
    pub(crate) fn marked(&mut self, until: Timestamp, seen: bool) {
        let first = self.mark.told(until);
        for line in self.live.iter_mut() {
            if line.at <= until {
                line.unread = false;
            } else if first && line.counts() {
                line.unread = true;
            }
        }
        self.count(seen);
    }

    /// Counts anew what is unread, after lines were put in or marked.
    fn count(&mut self, seen: bool) {
        let unread = self.live.lines().iter().filter(|line| line.unread);
        self.unread = unread.clone().count();
        self.highlights = unread.clone().filter(|line| line.highlight).count();
        let first = unread.map(|line| line.number).next();
        if self.unread > 0 {
            self.marker = first;
        } else if !seen {
            self.marker = None;
        }
        if seen {
            self.looked_at();
        }
    }
}

#[cfg(test)]
mod tests;
