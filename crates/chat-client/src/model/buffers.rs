//! The conversations: which there are, which is looked at, and putting lines into them.

use chat_proto::CaseMapping;
use indexmap::IndexMap;
use jiff::Timestamp;
use smol_str::SmolStr;

use super::line::{Draft, Line, LineKind};
use super::{Buffer, BufferId, BufferKind, Change, Model};

/// Conversations that are remembered to have been closed.
const MAX_CLOSED: usize = 256;

impl Model {
    /// The buffers: the server's, then channels, then persons, each in the order of opening.
    pub fn buffers(&self) -> impl Iterator<Item = &Buffer> {
        let of = |kind| self.buffers.values().filter(move |b| b.kind() == kind);
        of(BufferKind::Server)
            .chain(of(BufferKind::Channel))
            .chain(of(BufferKind::Query))
    }

    /// One buffer.
    #[must_use]
    pub fn buffer(&self, id: &BufferId) -> Option<&Buffer> {
        self.buffers.get(&id.0)
    }

    /// The buffer of a channel or person, by name in any case.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Buffer> {
        self.buffers.get(&self.fold(name))
    }

    /// A line by what [`Change::Line`] tells of it.
    #[must_use]
    pub fn line(&self, id: &BufferId, number: u64) -> Option<&Line> {
        let lines = self.buffer(id)?.lines();
        let first = lines.front()?.number;
        lines.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// The buffer the user looks at.
    #[must_use]
    pub fn active(&self) -> &Buffer {
        let active = self.buffers.get(&self.active.0);
        active.unwrap_or(&self.buffers[0])
    }

    /// The user looks at this buffer from now on; nothing in it is unread any more.
    pub fn look_at(&mut self, id: &BufferId) {
        if *id != self.active
            && let Some(old) = self.buffers.get_mut(&self.active.0)
        {
            old.left_alone();
        }
        if let Some(buffer) = self.buffers.get_mut(&id.0) {
            buffer.looked_at();
            self.looks += 1;
            buffer.looked = self.looks;
            self.active = id.clone();
            self.tell_mark(id);
        }
    }

    /// Shows the newest lines of a buffer again, where an excerpt from long ago was shown.
    pub fn show_newest(&mut self, id: &BufferId) {
        if let Some(buffer) = self.buffers.get_mut(&id.0) {
            buffer.close_excerpt();
        }
    }

    /// Whether the user is looking at all: while not, everything that comes is unread.
    pub fn set_attentive(&mut self, attentive: bool) {
        self.attentive = attentive;
        let id = self.active.clone();
        if let (Some(buffer), true) = (self.buffers.get_mut(&id.0), attentive) {
            buffer.looked_at();
            self.tell_mark(&id);
        }
    }

    pub(super) fn is_seen(&self, id: &BufferId) -> bool {
        self.attentive && *id == self.active
    }

    /// Opens the buffer of a person to write to; the buffer that is there if there is one.
    pub fn open_query(&mut self, nick: &str) -> BufferId {
        let opened = self.open(nick, BufferKind::Query);
        self.changes.clear();
        opened
    }

    /// Closes a buffer. The server's stays.
    pub fn close(&mut self, id: &BufferId) {
        if *id != BufferId::server() {
            if let Some(buffer) = self.buffers.shift_remove(&id.0)
                && buffer.kind() == BufferKind::Query
                && self.closed.len() < MAX_CLOSED
            {
                let last = buffer.lines().iter().map(|line| line.at).max();
                self.closed.insert(id.0.clone(), last.unwrap_or(self.heard));
            }
            self.settle_active();
        }
    }

    /// Adds a line of the client's own, such as an explanation of what cannot be done.
    pub fn note(&mut self, id: &BufferId, kind: LineKind, at: Timestamp, text: &str) {
        self.put(id, Draft::info(at, text).of(kind));
        self.changes.clear();
    }

    pub(super) fn fold(&self, name: &str) -> SmolStr {
        self.casemapping.fold(name).into()
    }

    pub(super) fn same(&self, one: &str, other: &str) -> bool {
        self.casemapping.eq(one, other)
    }

    /// The buffer of that name, opened if need be; the server's if there are too many.
    pub(super) fn open(&mut self, name: &str, kind: BufferKind) -> BufferId {
        let folded = self.fold(name);
        if self.buffers.contains_key(&folded) {
            return BufferId(folded);
        }
        if self.buffers.len() >= self.limits.buffers.max(1) {
            return BufferId::server();
        }
        let id = BufferId(folded.clone());
        let buffer = Buffer::new(id.clone(), kind, name.into(), self.limits.lines);
        self.closed.shift_remove(&folded);
        self.buffers.insert(folded, buffer);
        self.changes.push(Change::Opened(id.clone()));
        if kind == BufferKind::Query {
            self.want_mark(&id);
            self.want_latest(&id);
        }
        id
    }

    /// Adds a line to a buffer that exists.
    pub(super) fn put(&mut self, id: &BufferId, draft: Draft) {
        let seen = self.is_seen(id);
        if let Some(buffer) = self.buffers.get_mut(&id.0) {
            if draft.id.as_ref().is_some_and(|id| buffer.has_lately(id)) {
                return;
            }
            if draft.kind.is_talk() {
                buffer.typists.gone(&draft.sender);
            }
            let number = buffer.push(draft, seen);
            if seen {
                buffer.looked_at();
            }
            self.changes.push(Change::Line(id.clone(), number));
        }
    }

    /// A buffer that is no more cannot be the active one.
    pub(super) fn settle_active(&mut self) {
        if !self.buffers.contains_key(&self.active.0) {
            self.active = BufferId::server();
            self.look_at(&BufferId::server());
        }
    }

    /// The casemapping is known late: names that were folded otherwise are folded again. Where two
    /// become one, the older buffer stays.
    pub(super) fn set_casemapping(&mut self, casemapping: CaseMapping) {
        if casemapping == self.casemapping {
            return;
        }
        self.casemapping = casemapping;
        let mut stay = IndexMap::with_capacity(self.buffers.len());
        for (key, buffer) in std::mem::take(&mut self.buffers) {
            let server = buffer.kind() == BufferKind::Server;
            let folded = if server { key } else { self.fold(&buffer.name) };
            let from = buffer.id().clone();
            let to = BufferId(folded.clone());
            if from != to {
                let (from, to) = (from.clone(), to.clone());
                self.changes.push(Change::Renamed { from, to });
            }
            if self.active == from {
                self.active = to.clone();
            }
            stay.entry(folded).or_insert_with(|| buffer.renamed(to));
        }
        self.buffers = stay;
        self.settle_active();
    }
}
