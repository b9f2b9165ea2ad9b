//! The screen that shows the conversation.
//!
//! What is said and who is there is in [`Model`]; this adds what only a screen has: what is being
//! written, which part is scrolled to, which dialog is open.

mod header;
mod input;
mod keys;
mod messages;
mod page;
mod people;
mod rating;
mod rows;
mod sidebar;
#[cfg(test)]
mod tests;
mod update;

use std::collections::HashMap;

use chat_client::{BufferId, Client, Model};
use iced::widget::{column, container, row, rule, space, stack};
use iced::{Element, Fill};
use jiff::{Timestamp, tz::TimeZone};
use smol_str::SmolStr;

pub use keys::Key;
pub use page::Place;

use super::settings::People;
use crate::theme::style;
use input::Input;
use page::Page;
use rating::Rating;

/// The screen's state.
#[derive(Debug)]
pub struct Chat {
    model: Model,
    /// Where commands go; `None` until the worker is up.
    client: Option<Client>,
    input: Input,
    /// What was being written in other buffers.
    drafts: HashMap<BufferId, String>,
    page: Page,
    rating: Rating,
    people: People,
    /// What just went wrong with what was typed, or was done; shown above the input.
    notice: Option<Notice>,
    now: Timestamp,
    zone: TimeZone,
    /// The channel that the user has asked to join and is not on yet.
    joining: Option<SmolStr>,
    /// The user has asked to leave.
    leaving: bool,
    /// Whether the client has ever been registered: before, errors belong to the connect screen.
    was_online: bool,
}

/// A sentence above the input line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Notice {
    /// Something was done.
    Done(&'static str),
    /// Something cannot be done, and why.
    Refused(String),
}

/// What the user does.
#[derive(Debug, Clone)]
pub enum Message {
    /// Typed into the input line.
    Typed(String),
    /// Pressed Enter, or the send button.
    Submit,
    /// Chose a buffer.
    Select(BufferId),
    /// Chose a person to talk to.
    Person(SmolStr),
    /// Closes a conversation, or leaves a channel.
    Close(BufferId),
    /// Scrolled the messages.
    Scrolled(Place),
    /// Wants to see what is new.
    JumpToEnd,
    /// Shows or hides the people.
    TogglePeople,
    /// Begins a command in the input line.
    Begin(&'static str),
    /// Pressed a key that means something here.
    Key(Key),
    /// Opens the dialog for rating.
    Rate,
    /// Chose a number of stars.
    Stars(u8),
    /// Gives the chosen stars.
    GiveStars,
    /// Wants to leave.
    Leave,
    /// Leaves without a rating.
    LeaveUnrated,
    /// Closes the dialog.
    Dismiss,
    /// Connects again at once.
    Reconnect,
    /// Gives up waiting for the server.
    GiveUp,
    /// Copies a text, such as a link.
    Copy(String),
    /// Changes between dark and light.
    ToggleMode,
}

/// What the screen asks of the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The connection is over: back to where one connects, with the reason if it is an error.
    Over(Option<String>),
    /// Dark becomes light, or the other way round.
    ToggleMode,
    /// The list of people is shown, or not, from now on.
    People(People),
}

impl Chat {
    /// The screen around an empty model.
    #[must_use]
    pub fn new(model: Model, people: People, zone: TimeZone, now: Timestamp) -> Chat {
        Chat {
            model,
            client: None,
            input: Input::default(),
            drafts: HashMap::new(),
            page: Page::default(),
            rating: Rating::default(),
            people,
            notice: None,
            now,
            zone,
            joining: None,
            leaving: false,
            was_online: false,
        }
    }

    /// What is known of the network.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What the window is called: how much is unread, and what is shown.
    #[must_use]
    pub fn title(&self) -> String {
        let highlights: usize = self.model.buffers().map(|b| b.highlights()).sum();
        let name = self.model.active().name();
        match highlights {
            0 => name.to_owned(),
            n => format!("({n}) {name}"),
        }
    }

    /// Draws the screen.
    #[must_use]
    pub fn view(&self) -> Element<'_, Message> {
        let middle = column![self.header()]
            .push(rule::horizontal(1).style(style::divider))
            .push(self.banner())
            .push(self.messages())
            .push(self.composer());
        let mut panes = row![
            self.sidebar(),
            rule::vertical(1).style(style::divider),
            container(middle)
                .width(Fill)
                .height(Fill)
                .style(style::main_pane),
        ];
        if let Some(people) = self.people_pane() {
            panes = panes
                .push(rule::vertical(1).style(style::divider))
                .push(people);
        }
        // Always a stack of two: another tree of widgets would forget what was scrolled and typed.
        let dialog = self.rating.view().unwrap_or_else(|| space().into());
        stack![panes, dialog].into()
    }
}
