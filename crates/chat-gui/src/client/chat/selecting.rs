//! Selecting in what was said, over as many messages as one likes, and copying it.

use std::ops::Range;

use chat_client::{BufferId, Line, LineKind};
use iced::Task;
use jiff::tz::TimeZone;

use super::{Chat, Message, rows};
use crate::widget::Selecting;

/// A place: the number of a line, and an offset into its words.
type Spot = (u64, usize);

/// What is selected, if anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selection {
    buffer: BufferId,
    /// What the button went down on; selected whatever the pointer does then.
    first: (Spot, Spot),
    /// All of it.
    from: Spot,
    to: Spot,
    /// The button is down still.
    dragging: bool,
}

impl Selection {
    fn begin(buffer: BufferId, number: u64, range: &Range<usize>) -> Selection {
        let (from, to) = ((number, range.start), (number, range.end));
        Selection {
            buffer,
            first: (from, to),
            from,
            to,
            dragging: true,
        }
    }

    fn reach(&mut self, spot: Spot) {
        self.from = self.first.0.min(spot);
        self.to = self.first.1.max(spot);
    }

    fn is_empty(&self) -> bool {
        self.from == self.to
    }

    pub(super) fn is_dragging(&self) -> bool {
        self.dragging
    }

    /// What is selected of the words of a line.
    pub(super) fn part(&self, number: u64, words: &str) -> Option<Range<usize>> {
        if !(self.from.0..=self.to.0).contains(&number) {
            return None;
        }
        let start = if number == self.from.0 {
            self.from.1
        } else {
            0
        };
        let end = match number == self.to.0 {
            true => self.to.1,
            false => words.len(),
        };
        // A message may have been changed since.
        let end = words.floor_char_boundary(end);
        Some(words.floor_char_boundary(start).min(end)..end)
    }
}

impl Chat {
    /// What is selected in the conversation shown.
    pub(super) fn selection(&self) -> Option<&Selection> {
        let here = self.model.active().id();
        self.selection.as_ref().filter(|s| s.buffer == *here)
    }

    /// Whether there is something that could be copied.
    pub(super) fn has_selection(&self) -> bool {
        self.selection().is_some_and(|s| !s.is_empty())
    }

    pub(super) fn selecting(&mut self, number: u64, what: &Selecting) -> Task<Message> {
        let buffer = self.model.active().id().clone();
        match (what, &mut self.selection) {
            (Selecting::Begin(range), _) => {
                self.selection = Some(Selection::begin(buffer, number, range));
            }
            (Selecting::To(offset), Some(selection)) => selection.reach((number, *offset)),
            (Selecting::End, Some(_)) => return self.released(),
            (_, None) => {}
        }
        Task::none()
    }

    /// The button is up. The window tells it too: the words on which it went down may be gone by then.
    pub fn released(&mut self) -> Task<Message> {
        let Some(selection) = self.selection.as_mut().filter(|s| s.dragging) else {
            return Task::none();
        };
        selection.dragging = false;
        if selection.is_empty() {
            self.selection = None;
            return self.focus();
        }
        // Where the desktop has it, the middle button puts it elsewhere.
        let text = self.selected_text();
        Task::batch([self.focus(), iced::clipboard::write_primary(text)])
    }

    pub(super) fn copy_selected(&mut self) -> Task<Message> {
        if !self.has_selection() {
            return Task::none();
        }
        self.tell("Copied.".to_owned());
        iced::clipboard::write(self.selected_text())
    }

    /// What is selected: a part of one message as it is; of several, each with its time and who said it.
    pub(super) fn selected_text(&self) -> String {
        let Some(selection) = self.selection() else {
            return String::new();
        };
        let one = selection.from.0 == selection.to.0;
        let mut text = Vec::new();
        for line in self.model.active().shown().iter().filter(|l| !l.withdrawn) {
            let words = rows::words_of(line);
            let Some(part) = selection.part(line.number, &words) else {
                continue;
            };
            let head = match one {
                true => String::new(),
                false => head(line, &self.zone),
            };
            text.push(head + &words[part]);
        }
        text.join("\n")
    }
}

/// What stands before the words of one of several lines.
fn head(line: &Line, zone: &TimeZone) -> String {
    let at = line.at.to_zoned(zone.clone());
    let (hour, minute, sender) = (at.hour(), at.minute(), &line.sender);
    match line.kind {
        LineKind::Message | LineKind::Notice => format!("[{hour:02}:{minute:02}] <{sender}> "),
        LineKind::Action => format!("[{hour:02}:{minute:02}] * {sender} "),
        _ => format!("[{hour:02}:{minute:02}] "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_grows_to_either_side_of_where_it_began() {
        let mut selection = Selection::begin(BufferId::server(), 7, &(4..4));
        assert!(selection.is_empty());
        selection.reach((7, 6));
        assert_eq!(selection.part(7, "some words"), Some(4..6));
        selection.reach((9, 2));
        assert_eq!(selection.part(7, "some words"), Some(4..10));
        assert_eq!(selection.part(8, "all"), Some(0..3));
        assert_eq!(selection.part(9, "begins"), Some(0..2));
        assert_eq!(selection.part(10, "no"), None);
        selection.reach((6, 1));
        assert_eq!(selection.part(6, "before"), Some(1..6));
        assert_eq!(selection.part(7, "some words"), Some(0..4));
        assert_eq!(selection.part(8, "all"), None);
    }

    #[test]
    fn a_word_stays_selected_whichever_way_one_goes() {
        let mut selection = Selection::begin(BufferId::server(), 7, &(4..8));
        selection.reach((7, 2));
        assert_eq!(selection.part(7, "some more words"), Some(2..8));
        selection.reach((7, 11));
        assert_eq!(selection.part(7, "some more words"), Some(4..11));
    }

    #[test]
    fn a_message_that_is_shorter_now_has_still_a_part() {
        let mut selection = Selection::begin(BufferId::server(), 7, &(4..4));
        selection.reach((7, 9));
        assert_eq!(selection.part(7, "ää"), Some(4..4));
        assert_eq!(selection.part(7, "äää"), Some(4..6));
        assert_eq!(selection.part(7, "aää"), Some(3..5));
    }
}
