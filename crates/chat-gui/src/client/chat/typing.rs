//! Who is writing, and telling others that one is.

use chat_client::{BufferId, BufferKind, Command, Typing};
use iced::widget::{container, text};
use iced::{Element, Fill};
use jiff::{SignedDuration, Timestamp};

use super::{Chat, Message};
use crate::client::link;
use crate::theme::{size, space as gap, style};

/// Not told more often than this while one goes on writing.
const AGAIN: SignedDuration = SignedDuration::from_secs(3);

/// What others have been told.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnTyping {
    wanted: bool,
    told: Option<(BufferId, Timestamp)>,
}

impl OwnTyping {
    pub(super) fn new(wanted: bool) -> OwnTyping {
        OwnTyping { wanted, told: None }
    }

    /// What to tell when this is the text now: that one writes, now and then; that one has stopped,
    /// once.
    fn tell(&mut self, buffer: &BufferId, text: &str, now: Timestamp) -> Option<Typing> {
        let writing = !text.trim().is_empty() && !text.starts_with('/');
        let told = self.told.as_ref().filter(|(told, _)| told == buffer);
        match (writing, told) {
            (true, Some((_, at))) if now.duration_since(*at) < AGAIN => None,
            (true, _) => {
                self.told = Some((buffer.clone(), now));
                Some(Typing::Active)
            }
            (false, Some(_)) => {
                self.told = None;
                Some(Typing::Done)
            }
            (false, None) => None,
        }
    }

    /// It was said: that tells enough.
    pub(super) fn said(&mut self) {
        self.told = None;
    }
}

impl Chat {
    /// The text has changed: others are told, if the user wants that and the server passes it on.
    pub(super) fn tell_typing(&mut self) {
        let buffer = self.model.active();
        let nobody = buffer.kind() == BufferKind::Server || !buffer.joined();
        if !self.typing.wanted || nobody || !self.model.takes_tags() {
            return;
        }
        let (id, target) = (buffer.id().clone(), buffer.name().into());
        if let Some(state) = self.typing.tell(&id, self.input.text(), self.now) {
            // If there is no room it is not worth a word.
            let client = self.client.as_ref();
            let _ = client.map(|client| client.try_send(Command::Typing { target, state }));
        }
    }

    pub(super) fn is_somebody_typing(&self) -> bool {
        self.model.active().typing(self.now).next().is_some()
    }

    /// The line below the messages: the link that the pointer is on, or who is writing. As high
    /// without either, so that nothing jumps.
    pub(super) fn typing_line(&self) -> Element<'_, Message> {
        let told = match &self.link {
            Some(link) => link::told(link),
            None => in_words(&self.model.active().typing(self.now).collect::<Vec<_>>()),
        };
        let told = text(told)
            .size(size::SMALL)
            .wrapping(text::Wrapping::None)
            .style(style::muted);
        let line = container(told).height(18).padding([0.0, gap::XS]);
        line.width(Fill).clip(true).into()
    }
}

fn in_words(who: &[&str]) -> String {
    match who {
        [] => String::new(),
        [one] => format!("{one} is writing…"),
        [one, other] => format!("{one} and {other} are writing…"),
        [one, other, third] => format!("{one}, {other} and {third} are writing…"),
        more => format!("{} people are writing…", more.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_now_and_then_and_once_at_the_end() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (one, other) = (BufferId::server(), BufferId::server());
        let mut typing = OwnTyping::new(true);
        assert_eq!(typing.tell(&one, "/join #x", at(0)), None);
        assert_eq!(typing.tell(&one, "h", at(0)), Some(Typing::Active));
        assert_eq!(typing.tell(&one, "he", at(2)), None);
        assert_eq!(typing.tell(&other, "hel", at(3)), Some(Typing::Active));
        assert_eq!(typing.tell(&one, "", at(4)), Some(Typing::Done));
        assert_eq!(typing.tell(&one, "", at(5)), None);
        typing.tell(&one, "x", at(6));
        typing.said();
        assert_eq!(typing.tell(&one, "", at(6)), None);
    }

    #[test]
    fn few_are_named_and_many_counted() {
        assert_eq!(in_words(&[]), "");
        assert_eq!(in_words(&["ana"]), "ana is writing…");
        assert_eq!(in_words(&["a", "b", "c"]), "a, b and c are writing…");
        assert_eq!(in_words(&["a", "b", "c", "d"]), "4 people are writing…");
    }
}
