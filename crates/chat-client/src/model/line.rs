//! What is shown in a buffer.

use std::sync::Arc;

use jiff::Timestamp;
use smol_str::SmolStr;

/// One line of a buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in its buffer: one more than that of the line before it, and never given twice,
    /// also when old lines have been dropped.
    pub number: u64,
    /// When it was said: by the server's clock where it tells, else when it came.
    pub at: Timestamp,
    /// The server's id of the message, where it gives one.
    pub id: Option<SmolStr>,
    /// Who said or did it; empty for what the client itself says.
    pub sender: SmolStr,
    /// What it is.
    pub kind: LineKind,
    /// What was said, or for events what happened, so that "sender text" is a sentence.
    pub text: Arc<str>,
    /// Whether it speaks of the user.
    pub highlight: bool,
    /// Whether the user said or did it.
    pub own: bool,
}

/// What a [`Line`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LineKind {
    /// Something said.
    Message,
    /// Something done: "* Ana waves".
    Action,
    /// A notice.
    Notice,
    /// Somebody joined.
    Join,
    /// Somebody left the channel.
    Part,
    /// Somebody left the network.
    Quit,
    /// Somebody was removed.
    Kick,
    /// Somebody has another nickname.
    Nick,
    /// The topic was set.
    Topic,
    /// Modes were set.
    Mode,
    /// The user was invited.
    Invite,
    /// Something the server or the client tells.
    Info,
    /// Something was refused, or failed.
    Error,
}

/// A line before it is put into a buffer.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) at: Timestamp,
    pub(crate) id: Option<SmolStr>,
    pub(crate) sender: SmolStr,
    pub(crate) kind: LineKind,
    pub(crate) text: String,
    pub(crate) highlight: bool,
    pub(crate) own: bool,
}

// === impl LineKind ===

impl LineKind {
    /// Whether it is conversation, which counts as unread, and not an event around it.
    #[must_use]
    pub fn is_talk(self) -> bool {
        matches!(
            self,
            LineKind::Message | LineKind::Action | LineKind::Notice
        )
    }
}

// === impl Draft ===

impl Draft {
    pub(crate) fn info(at: Timestamp, text: impl Into<String>) -> Draft {
        Draft {
            at,
            id: None,
            sender: SmolStr::default(),
            kind: LineKind::Info,
            text: text.into(),
            highlight: false,
            own: false,
        }
    }

    /// The line with its number.
    pub(crate) fn numbered(self, number: u64) -> Line {
        Line {
            number,
            at: self.at,
            id: self.id,
            sender: self.sender,
            kind: self.kind,
            text: self.text.into(),
            highlight: self.highlight,
            own: self.own,
        }
    }

    pub(crate) fn of(self, kind: LineKind) -> Draft {
        Draft { kind, ..self }
    }

    pub(crate) fn by(self, sender: &str) -> Draft {
        Draft {
            sender: sender.into(),
            ..self
        }
    }
}
