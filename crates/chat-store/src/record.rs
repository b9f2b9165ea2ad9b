//! What history is made of: messages, and what else happened.

use std::sync::Arc;

/// A stored message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its position in the journal, at most `i64::MAX`; never used twice.
    pub id: u64,
    /// When, ms since 1970 UTC.
    pub time_ms: i64,
    /// `nick!user@host`, or a server's name.
    pub sender: String,
    /// Who that is, whatever the nick: an account, or one stay of somebody without.
    pub sender_key: String,
    /// The sender's account, if logged in.
    pub account: Option<String>,
    /// The number of the server it was said on (1 is Server-1).
    pub server: u16,
    /// The channel or nick, as displayed.
    pub target: String,
    /// Where it is found: the folded name of the channel, or [`conversation`] of the two.
    pub target_key: String,
    /// Who got it, where that is one person.
    pub recipient_key: Option<String>,
    /// The rank in the channel that one needs to read it; 0: none.
    pub rank: u8,
    /// PRIVMSG, NOTICE or TAGMSG.
    pub kind: MessageKind,
    /// The text.
    pub text: Arc<str>,
    /// Client-only tags: names with their `+`, and values.
    pub tags: Vec<(String, String)>,
}

/// Which command carried a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MessageKind {
    /// PRIVMSG.
    Privmsg,
    /// NOTICE.
    Notice,
    /// TAGMSG: tags without a text.
    Tagmsg,
}

/// Something that happened in one place and is no message. What happens in several at once (QUIT,
/// NICK) is one of these for each, with the same id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Happening {
    /// The folded name of the channel, or [`conversation`] of the two.
    pub target_key: String,
    /// Its position in the journal.
    pub id: u64,
    /// When, ms since 1970 UTC.
    pub time_ms: i64,
    /// What.
    pub kind: EventKind,
    /// `nick!user@host` of who did it, or a server's name.
    pub sender: String,
    /// Their account, if logged in.
    pub account: Option<String>,
    /// What [`EventKind`] says.
    pub detail: String,
}

/// What happened, and what its detail is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EventKind {
    /// Somebody entered: the real name.
    Join,
    /// Somebody left: the reason, perhaps empty.
    Part,
    /// Somebody left the chat: the reason.
    Quit,
    /// Another nick: the new one.
    Nick,
    /// The topic, empty where it was cleared.
    Topic,
    /// Modes: the changes with their parameters, as one writes them.
    Mode,
    /// Somebody was removed: the nick, a space, the reason.
    Kick,
    /// A message was withdrawn: its id as a number, a space, the reason (perhaps empty).
    Redact,
}

/// Where the messages between two people are found, the same for both.
#[must_use]
pub fn conversation(one: &str, other: &str) -> String {
    let (first, second) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    format!("{first} {second}")
}

impl MessageKind {
    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Privmsg => 0,
            Self::Notice => 1,
            Self::Tagmsg => 2,
        }
    }

    pub(crate) fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Notice,
            2 => Self::Tagmsg,
            _ => Self::Privmsg,
        }
    }
}

impl EventKind {
    /// By their codes.
    const ALL: [Self; 8] = [
        Self::Join,
        Self::Part,
        Self::Quit,
        Self::Nick,
        Self::Topic,
        Self::Mode,
        Self::Kick,
        Self::Redact,
    ];

    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Join => 0,
            Self::Part => 1,
            Self::Quit => 2,
            Self::Nick => 3,
            Self::Topic => 4,
            Self::Mode => 5,
            Self::Kick => 6,
            Self::Redact => 7,
        }
    }

    pub(crate) fn from_code(code: i64) -> Self {
        let found = usize::try_from(code).ok().and_then(|at| Self::ALL.get(at));
        *found.unwrap_or(&Self::Redact)
    }
}

impl Message {
    /// Bytes beside the struct itself.
    pub(crate) fn heap_bytes(&self) -> usize {
        let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let tags = self.tags.iter();
        self.sender.len()
            + self.sender_key.len()
            + optional(&self.account)
            + self.target.len()
            + self.target_key.len()
            + optional(&self.recipient_key)
            + self.text.len()
            + tags
                .map(|(name, value)| size_of::<(String, String)>() + name.len() + value.len())
                .sum::<usize>()
    }
}

impl Happening {
    /// Bytes beside the struct itself.
    pub(crate) fn heap_bytes(&self) -> usize {
        let account = self.account.as_ref().map_or(0, String::len);
        self.target_key.len() + self.sender.len() + account + self.detail.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_back_from_their_codes() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::from_code(kind.code()), kind);
        }
        for kind in [
            MessageKind::Privmsg,
            MessageKind::Notice,
            MessageKind::Tagmsg,
        ] {
            assert_eq!(MessageKind::from_code(kind.code()), kind);
        }
    }

    #[test]
    fn a_conversation_is_the_same_for_both() {
        assert_eq!(conversation("u7", "a2"), conversation("a2", "u7"));
        assert_ne!(conversation("u7", "a2"), conversation("u7", "a3"));
    }
}
