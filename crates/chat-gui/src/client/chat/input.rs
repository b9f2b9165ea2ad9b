//! What is being written: its history, and completion of names.

use std::collections::VecDeque;

use iced::widget::text_editor::{Action, Content, Cursor, Edit, Motion, Position};

/// How many sent messages can be called back.
const HISTORY: usize = 100;

/// See the module. Purely what is typed; what it means is decided elsewhere.
#[derive(Debug, Clone, Default)]
pub(super) struct Input {
    content: Content,
    /// The text of the content.
    text: String,
    history: VecDeque<String>,
    /// How far back in the history the text is from; 0 is the newest.
    back: Option<usize>,
    /// What was being written before the history was called.
    draft: String,
    completion: Option<Completion>,
}

/// A completion under way: pressing Tab again takes the next candidate.
#[derive(Debug, Clone)]
struct Completion {
    /// What stands before the completed word, and after it.
    before: String,
    after: String,
    candidates: Vec<String>,
    at: usize,
}

impl Input {
    /// What is written.
    #[must_use]
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The same, as it is drawn and edited.
    #[must_use]
    pub(super) fn content(&self) -> &Content {
        &self.content
    }

    /// The user writes, or moves about in what is written. From the first line the way up leads to
    /// what was sent before, and from the last one down and back.
    pub(super) fn act(&mut self, action: Action) {
        let before = self.content.cursor();
        let (edits, motion) = match &action {
            Action::Edit(_) => (true, None),
            Action::Move(motion) => (false, Some(*motion)),
            _ => (false, None),
        };
        self.content.perform(match action {
            Action::Edit(Edit::Paste(text)) => Action::Edit(Edit::Paste(pasted(&text).into())),
            other => other,
        });
        if edits {
            self.text = self.content.text();
            self.back = None;
        }
        self.completion = None;
        let stays = self.content.cursor() == before && before.selection.is_none();
        match motion.filter(|_| stays) {
            Some(Motion::Up) => drop(self.older()),
            Some(Motion::Down) => drop(self.newer()),
            _ => {}
        }
    }

    /// This is the text now, and one writes on at its end.
    pub(super) fn set(&mut self, text: String) {
        self.back = None;
        self.completion = None;
        self.show(text);
    }

    fn show(&mut self, text: String) {
        self.content = Content::with_text(&text);
        self.content.perform(Action::Move(Motion::DocumentEnd));
        self.text = text;
    }

    /// Takes the text out, to be sent, and remembers it.
    pub(super) fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() && self.history.front() != Some(&text) {
            self.history.push_front(text.clone());
            self.history.truncate(HISTORY);
        }
        self.set(String::new());
        text
    }

    /// Exchanges the text for that of another conversation; returns the old one.
    pub(super) fn exchange(&mut self, text: String) -> String {
        let old = std::mem::take(&mut self.text);
        self.set(text);
        old
    }

    /// Calls back what was sent before. `false` if there is nothing.
    pub(super) fn older(&mut self) -> bool {
        let next = self.back.map_or(0, |back| back + 1);
        let Some(line) = self.history.get(next).cloned() else {
            return false;
        };
        if self.back.is_none() {
            self.draft = std::mem::take(&mut self.text);
        }
        self.set(line);
        self.back = Some(next);
        true
    }

    /// Goes forward again, at last to what was being written.
    pub(super) fn newer(&mut self) -> bool {
        let Some(back) = self.back else { return false };
        match back.checked_sub(1) {
            Some(next) => {
                let line = self.history[next].clone();
                self.set(line);
                self.back = Some(next);
            }
            None => {
                let draft = std::mem::take(&mut self.draft);
                self.set(draft);
            }
        }
        true
    }

    /// Completes the word before the cursor to one of `names`; again, to the next of those that fit.
    /// At the beginning a name of a person is followed by a colon. `false` if nothing fits.
    pub(super) fn complete<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> bool {
        let mut completion = match self.completion.take() {
            Some(mut completion) => {
                completion.at = (completion.at + 1) % completion.candidates.len();
                completion
            }
            None => match self.completion_of(names) {
                Some(completion) => completion,
                None => return false,
            },
        };
        let name = &completion.candidates[completion.at];
        let is_person = !name.starts_with(['#', '&', '/']);
        let sign = if is_person && completion.before.is_empty() {
            ": "
        } else {
            " "
        };
        let written = format!("{}{name}{sign}", completion.before);
        let position = position(&written);
        completion.after = completion.after.trim_start_matches(' ').to_owned();
        self.show(written + &completion.after);
        self.content.move_to(Cursor {
            position,
            selection: None,
        });
        self.back = None;
        self.completion = Some(completion);
        true
    }

    fn completion_of<'a>(&self, names: impl Iterator<Item = &'a str>) -> Option<Completion> {
        let (written, after) = self.text.split_at(self.offset());
        let start = written.rfind([' ', '\n']).map_or(0, |space| space + 1);
        let (before, word) = written.split_at(start);
        let lower = word.to_lowercase();
        let fits = |name: &&str| name.to_lowercase().starts_with(&lower);
        let candidates: Vec<String> = names.filter(fits).map(str::to_owned).collect();
        if word.is_empty() || candidates.is_empty() {
            return None;
        }
        Some(Completion {
            before: before.to_owned(),
            after: after.to_owned(),
            candidates,
            at: 0,
        })
    }

    /// Where in the text the cursor is.
    fn offset(&self) -> usize {
        let Position { line, column } = self.content.cursor().position;
        let lines = self.text.split_inclusive('\n').take(line);
        let offset = lines.map(str::len).sum::<usize>() + column;
        self.text.floor_char_boundary(offset)
    }
}

/// Where a text ends.
fn position(text: &str) -> Position {
    let last = text.rfind('\n').map_or(0, |end| end + 1);
    Position {
        line: text.matches('\n').count(),
        column: text.len() - last,
    }
}

/// What is pasted: with line ends of one kind, and none after the last line.
fn pasted(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\0'], "\n");
    text.trim_end_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn input(text: &str) -> Input {
        let mut input = Input::default();
        input.set(text.to_owned());
        input
    }

    #[test]
    fn history_goes_back_and_returns_to_what_was_being_written() {
        let mut input = input("one");
        input.take();
        input.set("two".to_owned());
        assert_eq!(input.take(), "two");
        input.set("three".to_owned());
        assert!(input.older() && input.text() == "two");
        assert!(input.older() && input.text() == "one");
        assert!(!input.older() && input.text() == "one");
        assert!(input.newer() && input.text() == "two");
        assert!(input.newer() && input.text() == "three");
        assert!(!input.newer());
    }

    #[test]
    fn history_is_bounded_and_without_repetitions_or_blanks() {
        let mut input = Input::default();
        for n in 0..300 {
            for text in [format!("line {}", n / 2), "  ".to_owned()] {
                input.set(text);
                input.take();
            }
        }
        assert_eq!(input.history.len(), HISTORY);
        assert_eq!(input.history[0], "line 149");
        assert_eq!(input.history[1], "line 148");
    }

    #[test]
    fn names_are_completed_in_turn() {
        let names = ["Ana", "anders", "bob", "#anatomy", "/join"];
        let mut input = input("an");
        assert!(input.complete(names.into_iter()) && input.text() == "Ana: ");
        assert!(input.complete(names.into_iter()) && input.text() == "anders: ");
        assert!(input.complete(names.into_iter()) && input.text() == "Ana: ");
        input.set("hello B".to_owned());
        assert!(input.complete(names.into_iter()) && input.text() == "hello bob ");
        input.set("#a".to_owned());
        assert!(input.complete(names.into_iter()) && input.text() == "#anatomy ");
        input.set("xyz".to_owned());
        assert!(!input.complete(names.into_iter()) && input.text() == "xyz");
        input.set(String::new());
        assert!(!input.complete(names.into_iter()));
    }

    #[test]
    fn the_word_at_the_cursor_is_completed_and_what_follows_stays() {
        let names = ["Ana", "bob"];
        let mut input = input("ask bo about it\nor an");
        assert!(input.complete(names.into_iter()));
        assert_eq!(input.text(), "ask bo about it\nor Ana ");
        let position = Position { line: 0, column: 6 };
        input.content.move_to(Cursor {
            position,
            selection: None,
        });
        input.completion = None;
        assert!(input.complete(names.into_iter()));
        assert_eq!(input.text(), "ask bob about it\nor Ana ");
        input.act(Action::Edit(Edit::Insert('!')));
        assert_eq!(input.text(), "ask bob !about it\nor Ana ");
    }

    #[test]
    fn the_way_up_leads_through_the_lines_and_then_to_what_was_sent() {
        let mut input = input("sent");
        input.take();
        input.set("one\ntwo".to_owned());
        input.act(Action::Move(Motion::Up));
        assert_eq!(
            (input.text(), input.content.cursor().position.line),
            ("one\ntwo", 0)
        );
        input.act(Action::Move(Motion::Up));
        assert_eq!(input.text(), "sent");
        input.act(Action::Move(Motion::Down));
        assert_eq!(input.text(), "one\ntwo");
        input.act(Action::Move(Motion::Down));
        assert_eq!(input.text(), "one\ntwo");
    }

    #[test]
    fn what_is_pasted_has_one_kind_of_line_end() {
        let mut input = input("> ");
        let text = Arc::new("a\r\n\r\n  b\rc\n\n".to_owned());
        input.act(Action::Edit(Edit::Paste(text)));
        assert_eq!(input.text(), "> a\n\n  b\nc");
        input.act(Action::Edit(Edit::Enter));
        input.act(Action::Edit(Edit::Insert('d')));
        assert_eq!(input.text(), "> a\n\n  b\nc\nd");
    }
}
