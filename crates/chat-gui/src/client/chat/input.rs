//! The line that is being written: its history, and completion of names.

use std::collections::VecDeque;

/// How many sent lines can be called back.
const HISTORY: usize = 100;

/// See the module. Purely what is typed; what it means is decided elsewhere.
#[derive(Debug, Clone, Default)]
pub(super) struct Input {
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
    /// What stands before the completed word.
    before: String,
    candidates: Vec<String>,
    at: usize,
}

impl Input {
    /// What is written.
    #[must_use]
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The user typed: this is the text now.
    pub(super) fn typed(&mut self, text: String) {
        self.text = text;
        self.back = None;
        self.completion = None;
    }

    /// Takes the text out, to be sent, and remembers it.
    pub(super) fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() && self.history.front() != Some(&text) {
            self.history.push_front(text.clone());
            self.history.truncate(HISTORY);
        }
        self.back = None;
        self.completion = None;
        text
    }

    /// Exchanges the text for that of another conversation; returns the old one.
    pub(super) fn exchange(&mut self, text: String) -> String {
        let old = std::mem::take(&mut self.text);
        self.typed(text);
        old
    }

    /// Calls back the line sent before. `false` if there is none.
    pub(super) fn older(&mut self) -> bool {
        let next = self.back.map_or(0, |back| back + 1);
        let Some(line) = self.history.get(next) else {
            return false;
        };
        if self.back.is_none() {
            self.draft = std::mem::take(&mut self.text);
        }
        self.text.clone_from(line);
        self.back = Some(next);
        self.completion = None;
        true
    }

    /// Goes forward again, at last to what was being written.
    pub(super) fn newer(&mut self) -> bool {
        let Some(back) = self.back else { return false };
        self.completion = None;
        match back.checked_sub(1) {
            Some(next) => {
                self.text.clone_from(&self.history[next]);
                self.back = Some(next);
            }
            None => {
                self.text = std::mem::take(&mut self.draft);
                self.back = None;
            }
        }
        true
    }

    /// Completes the last word to one of `names`; again, to the next of those that fit. At the
    /// beginning of a line a name of a person is followed by a colon. `false` if nothing fits.
    pub(super) fn complete<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> bool {
        if let Some(completion) = &mut self.completion {
            completion.at = (completion.at + 1) % completion.candidates.len();
        } else {
            let start = self.text.rfind(' ').map_or(0, |space| space + 1);
            let (before, word) = self.text.split_at(start);
            if word.is_empty() {
                return false;
            }
            let lower = word.to_lowercase();
            let fits = |name: &&str| name.to_lowercase().starts_with(&lower);
            let candidates: Vec<String> = names.filter(fits).map(str::to_owned).collect();
            if candidates.is_empty() {
                return false;
            }
            self.completion = Some(Completion {
                before: before.to_owned(),
                candidates,
                at: 0,
            });
        }
        if let Some(completion) = &self.completion {
            let name = &completion.candidates[completion.at];
            let is_person = !name.starts_with(['#', '&', '/']);
            let after = if is_person && completion.before.is_empty() {
                ": "
            } else {
                " "
            };
            self.text = format!("{}{name}{after}", completion.before);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(text: &str) -> Input {
        let mut input = Input::default();
        input.typed(text.to_owned());
        input
    }

    #[test]
    fn history_goes_back_and_returns_to_what_was_being_written() {
        let mut input = input("one");
        input.take();
        input.typed("two".to_owned());
        assert_eq!(input.take(), "two");
        input.typed("three".to_owned());
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
                input.typed(text);
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
        input.typed("hello B".to_owned());
        assert!(input.complete(names.into_iter()) && input.text() == "hello bob ");
        input.typed("#a".to_owned());
        assert!(input.complete(names.into_iter()) && input.text() == "#anatomy ");
        input.typed("xyz".to_owned());
        assert!(!input.complete(names.into_iter()) && input.text() == "xyz");
        input.typed(String::new());
        assert!(!input.complete(names.into_iter()));
    }
}
