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
    /// Whether the user has yet to read it.
    pub unread: bool,
    /// Whether it was withdrawn; the text is gone then.
    pub withdrawn: bool,
    /// The message that it replies to.
    pub reply: Option<Reply>,
    /// Signs that people put to it, in the order of their coming.
    pub reactions: Vec<Reaction>,
}

/// What a message replies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The message's id.
    pub id: SmolStr,
    /// Who said what, where the message was held when the reply came.
    pub quote: Option<(SmolStr, Arc<str>)>,
}

/// A sign put to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The sign.
    pub sign: SmolStr,
    /// Who put it there.
    pub by: Vec<SmolStr>,
    /// Whether the user is among them.
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
    pub(crate) unread: bool,
    pub(crate) withdrawn: bool,
    pub(crate) reply: Option<Reply>,
    pub(crate) reactions: Vec<Reaction>,
}

/// How many different signs one message keeps, and how many people of each.
const SIGNS: usize = 20;
const PEOPLE: usize = 50;

// === impl Line ===

impl Line {
    /// Whether it can be unread: what others say.
    pub(crate) fn counts(&self) -> bool {
        self.kind.is_talk() && !self.own
    }

    /// Somebody puts a sign there, or takes it away.
    pub(crate) fn react(&mut self, sign: &str, who: &str, own: bool, on: bool) {
        let at = self.reactions.iter().position(|r| r.sign == sign);
        match (at, on) {
            (Some(at), true) => {
                let reaction = &mut self.reactions[at];
                let known = reaction.by.iter().any(|one| one.eq_ignore_ascii_case(who));
                if !known && reaction.by.len() < PEOPLE {
                    reaction.by.push(who.into());
                }
                reaction.own |= own;
            }
            (None, true) if self.reactions.len() < SIGNS => self.reactions.push(Reaction {
                sign: sign.into(),
                by: vec![who.into()],
                own,
            }),
            (Some(at), false) => {
                let reaction = &mut self.reactions[at];
                reaction.by.retain(|one| !one.eq_ignore_ascii_case(who));
                reaction.own &= !own;
                if reaction.by.is_empty() {
                    self.reactions.remove(at);
                }
            }
            (None, _) => {}
        }
    }

    /// The text is taken back.
    pub(crate) fn withdraw(&mut self) {
        self.withdrawn = true;
        self.text = "".into();
        self.reactions.clear();
        self.reply = None;
    }
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
            unread: false,
            withdrawn: false,
            reply: None,
            reactions: Vec::new(),
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
            unread: self.unread,
            withdrawn: self.withdrawn,
            reply: self.reply,
            reactions: self.reactions,
        }
    }

    /// The draft of a line that is put in somewhere else.
    pub(crate) fn again(line: &Line) -> Draft {
        Draft {
            at: line.at,
            id: line.id.clone(),
            sender: line.sender.clone(),
            kind: line.kind,
            text: line.text.to_string(),
            highlight: line.highlight,
            own: line.own,
            unread: false,
            withdrawn: line.withdrawn,
            reply: line.reply.clone(),
            reactions: line.reactions.clone(),
        }
    }

    /// Whether it can be unread: what others say.
    pub(crate) fn counts(&self) -> bool {
        self.kind.is_talk() && !self.own
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
