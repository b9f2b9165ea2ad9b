//! Keys that mean something on the chat screen.

use std::collections::HashMap;

use chat_client::slash;
use iced::Task;
use iced::keyboard::{Key as Pressed, Modifiers, key::Named};

use super::reading::scroll_by;
use super::{Chat, Message, certificate, search, switcher};

/// How far a press of PageUp scrolls, in logical pixels.
const PAGE_SCROLL: f32 = 420.0;

/// Who spoke within so many lines is completed before who did not.
const LATELY: usize = 300;

/// A key, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The buffer above: Ctrl+PageUp, Alt+Up.
    Previous,
    /// The buffer below: Ctrl+PageDown, Alt+Down.
    Next,
    /// The next buffer with something new: Alt+A.
    NextUnread,
    /// The line sent before: Up.
    Older,
    /// The line sent after: Down.
    Newer,
    /// Completes a name: Tab.
    Complete,
    /// The buffer with this number, from the top: Alt+1 to Alt+9.
    Nth(usize),
    /// Searches: Ctrl+F.
    Search,
    /// Goes to another conversation by a part of its name: Ctrl+K.
    Switch,
    /// Closes what is open: Escape.
    Escape,
    /// Scrolls up: PageUp.
    PageUp,
    /// Scrolls down: PageDown.
    PageDown,
}

impl Key {
    /// What a pressed key means here, if anything.
    #[must_use]
    pub fn of(key: &Pressed, modifiers: Modifiers) -> Option<Key> {
        let (alt, control) = (modifiers.alt(), modifiers.control());
        let named = match key {
            Pressed::Named(named) => *named,
            Pressed::Character(c) if alt && c.eq_ignore_ascii_case("a") => {
                return Some(Key::NextUnread);
            }
            Pressed::Character(c) if control && c.eq_ignore_ascii_case("f") => {
                return Some(Key::Search);
            }
            Pressed::Character(c) if control && c.eq_ignore_ascii_case("k") => {
                return Some(Key::Switch);
            }
            Pressed::Character(c) if alt => {
                let number = c.parse().ok().filter(|number| (1..=9).contains(number));
                return number.map(Key::Nth);
            }
            _ => return None,
        };
        Some(match (named, control, alt) {
            (Named::PageUp, true, _) | (Named::ArrowUp, _, true) => Key::Previous,
            (Named::PageDown, true, _) | (Named::ArrowDown, _, true) => Key::Next,
            (Named::ArrowUp, false, false) => Key::Older,
            (Named::ArrowDown, false, false) => Key::Newer,
            (Named::Tab, false, false) => Key::Complete,
            (Named::Escape, ..) => Key::Escape,
            (Named::PageUp, false, false) => Key::PageUp,
            (Named::PageDown, false, false) => Key::PageDown,
            _ => return None,
        })
    }
}

impl Chat {
    pub(super) fn key(&mut self, key: Key) -> Task<Message> {
        match key {
            Key::Search => self.searching(search::Action::Toggle),
            Key::Switch => self.switching(switcher::Action::Toggle),
            Key::Older | Key::Newer if self.switcher.is_some() => {
                let by = if key == Key::Older { -1 } else { 1 };
                self.switching(switcher::Action::Move(by))
            }
            Key::Nth(number) => {
                let nth = self.model.buffers().nth(number - 1).map(|b| b.id().clone());
                nth.map_or_else(Task::none, |id| self.show_and_reveal(&id))
            }
            Key::Previous => self.step(-1),
            Key::Next => self.step(1),
            Key::NextUnread => self.next_unread(),
            Key::Older if self.input.older() => self.focus(),
            Key::Newer if self.input.newer() => self.focus(),
            Key::Complete => self.complete(),
            Key::Escape if self.rating.is_open() => {
                self.rating.close();
                self.focus()
            }
            Key::Escape => self.escape(),
            Key::PageUp => scroll_by(-PAGE_SCROLL),
            Key::PageDown => scroll_by(PAGE_SCROLL),
            Key::Older | Key::Newer => Task::none(),
        }
    }

    /// Closes what is open, one thing at a time; at last it leads back to what is new.
    fn escape(&mut self) -> Task<Message> {
        if self.asks_about_certificate() {
            let _ = self.certificate(certificate::Action::Close);
        } else if self.model.listing().is_some() {
            self.model.end_listing();
        } else if self.switcher.take().is_some()
            || self.selection.take().is_some()
            || std::mem::take(&mut self.topic_open)
            || std::mem::take(&mut self.unsure)
            || self.choice.take().is_some()
            || self.replying.take().is_some()
        {
            return self.focus();
        } else if self.search.is_open() {
            self.close_search();
        } else {
            return self.jump_to_end();
        }
        self.focus()
    }

    fn complete(&mut self) -> Task<Message> {
        let buffer = self.model.active();
        let lately = buffer.lines().iter().rev().take(LATELY);
        let mut spoke: HashMap<&str, usize> = HashMap::new();
        for (ago, line) in lately.enumerate().filter(|(_, line)| line.kind.is_talk()) {
            spoke.entry(&line.sender).or_insert(ago);
        }
        let members = buffer.members().iter();
        let mut names: Vec<&str> = members.map(|member| member.nick.as_str()).collect();
        // One answers who spoke last, and hardly ever oneself.
        names.sort_by_cached_key(|name| {
            let ago = spoke.get(name).copied().unwrap_or(LATELY);
            (*name == self.model.nick(), ago, name.to_lowercase())
        });
        names.extend(self.model.buffers().map(|buffer| buffer.name()));
        let commands: Vec<String> = slash::COMMANDS
            .iter()
            .map(|c| format!("/{}", c.name))
            .collect();
        names.extend(commands.iter().map(String::as_str));
        self.input.complete(names.into_iter());
        self.focus()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortcuts_are_told_apart_from_typing() {
        let up = Pressed::Named(Named::ArrowUp);
        assert_eq!(Key::of(&up, Modifiers::empty()), Some(Key::Older));
        assert_eq!(Key::of(&up, Modifiers::ALT), Some(Key::Previous));
        let down = Pressed::Named(Named::PageDown);
        assert_eq!(Key::of(&down, Modifiers::CTRL), Some(Key::Next));
        assert_eq!(Key::of(&down, Modifiers::empty()), Some(Key::PageDown));
        let a = Pressed::Character("a".into());
        assert_eq!(Key::of(&a, Modifiers::empty()), None);
        assert_eq!(Key::of(&a, Modifiers::ALT), Some(Key::NextUnread));
        let three = Pressed::Character("3".into());
        assert_eq!(Key::of(&three, Modifiers::ALT), Some(Key::Nth(3)));
        assert_eq!(Key::of(&three, Modifiers::empty()), None);
        let f = Pressed::Character("f".into());
        assert_eq!(Key::of(&f, Modifiers::CTRL), Some(Key::Search));
        let k = Pressed::Character("k".into());
        assert_eq!(Key::of(&k, Modifiers::CTRL), Some(Key::Switch));
        assert_eq!(Key::of(&k, Modifiers::empty()), None);
    }
}
