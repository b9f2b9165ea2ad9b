//! What was said before: a batch of history, whose lines are put where they belong in time, none twice.

use chat_proto::Message;
use smol_str::SmolStr;

use super::line::Draft;
use super::{BufferId, Change, Incoming, Model};

/// Lines of one batch that are taken; more are left out.
const LINES: usize = 1000;

/// A batch of history on its way.
#[derive(Debug, Clone)]
pub(super) struct Past {
    reference: SmolStr,
    buffer: BufferId,
    drafts: Vec<Draft>,
}

impl Model {
    /// Whether a message is part of the history that is on its way.
    pub(super) fn is_past(&self, message: &Message) -> bool {
        match (&self.past, message.tag("batch")) {
            (Some(past), Some(reference)) => past.reference == *reference,
            _ => false,
        }
    }

    /// A batch begins or ends; only those of history matter.
    pub(super) fn batch(&mut self, incoming: &Incoming<'_>) {
        let reference = incoming.param(0).unwrap_or_default();
        if let Some(reference) = reference.strip_prefix('+') {
            let target = incoming.param(2).and_then(|target| self.find(target));
            if let (Some("chathistory"), Some(buffer)) = (incoming.param(1), target) {
                self.past = Some(Past {
                    reference: reference.into(),
                    buffer: buffer.id().clone(),
                    drafts: Vec::new(),
                });
            }
        } else if let Some(reference) = reference.strip_prefix('-')
            && let Some(past) = self.past.take_if(|past| past.reference == *reference)
        {
            self.fill(past);
        }
    }

    /// A line of history.
    pub(super) fn past(&mut self, incoming: &Incoming<'_>, command: &str) {
        if !matches!(command, "PRIVMSG" | "NOTICE") {
            return;
        }
        let said = self.said(incoming);
        if let (Some((id, draft)), Some(past)) = (said, &mut self.past)
            && id == past.buffer
            && past.drafts.len() < LINES
        {
            past.drafts.push(draft);
        }
    }

    /// What is older than the buffer's first line comes before it; what was missed comes at its end.
    fn fill(&mut self, past: Past) {
        let Past {
            buffer: id,
            mut drafts,
            ..
        } = past;
        let Some(buffer) = self.buffers.get_mut(&id.0) else {
            return;
        };
        drafts.retain(|draft| draft.id.as_ref().is_none_or(|id| !buffer.has(id)));
        let first = buffer.lines().front().map(|line| line.at);
        let older = |draft: &Draft| first.is_some_and(|first| draft.at < first);
        let (before, missed): (Vec<_>, Vec<_>) = drafts.into_iter().partition(older);
        if !before.is_empty() {
            buffer.prepend(before);
            self.changes.push(Change::Past(id.clone()));
        }
        for draft in missed {
            self.put(&id, draft);
        }
    }
}
