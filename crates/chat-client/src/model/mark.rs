//! How far a conversation has been read, here and on other devices.

use jiff::Timestamp;

use super::{BufferId, BufferKind, Incoming, Model};
use crate::Command;
use chat_proto::Capability;

/// How far one buffer has been read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mark {
    /// Everything up to here is read.
    read: Option<Timestamp>,
    /// What the server knows of it; `None` until it told.
    told: Option<Timestamp>,
}

impl Mark {
    /// Read here as far as this.
    pub(crate) fn read(&mut self, until: Timestamp) {
        self.read = self.read.max(Some(until));
    }

    /// The server tells how far it was read. Says whether it told for the first time.
    pub(crate) fn told(&mut self, until: Timestamp) -> bool {
        let first = self.told.is_none();
        self.told = self.told.max(Some(until));
        self.read = self.read.max(Some(until));
        first
    }

    /// Whether something said at that time is new. `missed`: what it is where no server tells.
    pub(crate) fn is_new(&self, at: Timestamp, missed: bool) -> bool {
        match self.told {
            Some(_) => self.read < Some(at),
            None => missed,
        }
    }

    /// What the server does not know yet.
    pub(crate) fn untold(&self) -> Option<Timestamp> {
        self.read.filter(|read| self.told < Some(*read))
    }
}

impl Model {
    /// `MARKREAD target timestamp=…`: how far it was read, elsewhere or here.
    pub(super) fn mark_read(&mut self, incoming: &Incoming<'_>) {
        let (Some(target), Some(point)) = (incoming.param(0), incoming.param(1)) else {
            return;
        };
        let until = point
            .strip_prefix("timestamp=")
            .and_then(|t| t.parse().ok());
        let Some(id) = self.find(target).map(|buffer| buffer.id().clone()) else {
            return;
        };
        let seen = self.is_seen(&id);
        if let (Some(until), Some(buffer)) = (until, self.buffers.get_mut(&id.0)) {
            buffer.marked(until, seen);
            self.changes.push(super::Change::Read(id));
        }
    }

    /// Whether the server has yet to be told how far something was read.
    #[must_use]
    pub fn has_untold_marks(&self) -> bool {
        self.keeps_marks() && self.buffers.values().any(|b| b.mark.untold().is_some())
    }

    /// Tells the server how far everything was read.
    pub fn tell_marks(&mut self) {
        let ids: Vec<BufferId> = self.buffers.values().map(|b| b.id().clone()).collect();
        for id in ids {
            self.tell_mark(&id);
        }
    }

    /// Tells the server how far one buffer was read, if it does not know.
    pub(super) fn tell_mark(&mut self, id: &BufferId) {
        if !self.keeps_marks() {
            return;
        }
        let Some(buffer) = self.buffers.get_mut(&id.0) else {
            return;
        };
        let Some(until) = buffer.mark.untold() else {
            return;
        };
        if buffer.kind() == BufferKind::Server {
            return;
        }
        let target = buffer.name.clone();
        buffer.mark.told(until);
        let until = Some(until);
        self.ask(Command::MarkRead { target, until });
    }

    pub(super) fn keeps_marks(&self) -> bool {
        self.state.is_online() && self.marks && self.can(Capability::ReadMarker)
    }
}
