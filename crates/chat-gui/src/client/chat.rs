//! The screen that shows the conversation.
//!
//! What is said and who is there is in [`Model`]; this adds what only a screen has: what is being
//! written, which part is scrolled to, which dialog is open.

mod certificate;
mod channels;
mod choice;
mod composer;
mod fold;
mod header;
mod input;
mod keys;
mod messages;
mod page;
mod people;
mod places;
mod rating;
mod reading;
mod rows;
mod search;
mod selecting;
mod sending;
mod sidebar;
mod switcher;
#[cfg(test)]
mod tests;
mod topic;
mod typing;
mod update;

use std::collections::{HashMap, HashSet};

use chat_client::tls::Fingerprint;
use chat_client::{BufferId, Client, Model};
use iced::widget::{column, container, row, rule, space, stack, text_editor};
use iced::{Element, Fill};
use jiff::{Timestamp, tz::TimeZone};
use smol_str::SmolStr;

pub use keys::Key;
pub use page::Place;

use super::settings::People;
use crate::theme::style;
use crate::widget::Selecting;
use certificate::Changed;
use choice::{Choice, Replying, or_nothing};
use input::Input;
use page::Page;
use rating::Rating;
use search::Searching;
use selecting::Selection;
use switcher::Switcher;
use typing::OwnTyping;

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
    /// The reader is at the oldest line that there is, and waits for more.
    at_start: bool,
    /// The message that was jumped to.
    jumped: Option<u64>,
    rating: Rating,
    people: People,
    search: Searching,
    /// The word that the list of channels is narrowed down by.
    channel_filter: String,
    /// Where the user wants to go, while they say it.
    switcher: Option<Switcher>,
    /// All of the topic is shown.
    topic_open: bool,
    /// Comings and goings of the conversation shown that are shown each, by the number of a line among them.
    unfolded: HashSet<u64>,
    /// What is selected of what was said.
    selection: Option<Selection>,
    /// The message that the user does something with.
    choice: Option<Choice>,
    /// The message that what is being written replies to.
    replying: Option<Replying>,
    typing: OwnTyping,
    /// So much is written that the user is asked whether it is to be sent.
    unsure: bool,
    /// The server's certificate, where it is another one than before.
    changed: Option<Changed>,
    /// The window has the keyboard.
    attentive: bool,
    /// Somebody spoke to the user while it had not, and the window has yet to be told.
    called: bool,
    /// Channels have come or gone since that was asked last.
    moved: bool,
    /// The link that the pointer is on.
    link: Option<String>,
    /// When the server was told last how far was read.
    marks_told: Timestamp,
    /// How wide the window is, in logical pixels.
    width: f32,
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
    Done(String),
    /// Something cannot be done, and why.
    Refused(String),
}

/// What the user does.
#[derive(Debug, Clone)]
pub enum Message {
    /// Wrote, or moved about in what is written.
    Edit(text_editor::Action),
    /// Does not want to send so much after all.
    Unsure,
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
    /// Does something with the topic.
    Topic(topic::Action),
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
    /// Does something about the server's certificate.
    Certificate(certificate::Action),
    /// The pointer has come upon a link, or left it.
    OnLink(String, bool),
    /// Pressed a link.
    Open(String),
    /// Wants to see what was said before.
    Earlier,
    /// Shows each of the comings and goings that the line with this number stands with.
    Unfold(u64),
    /// Selects with the mouse, on the line with this number.
    Selecting(u64, Selecting),
    /// Copies what is selected.
    CopySelected,
    /// Chooses a message by its number, to do something with it.
    Choose(u64),
    /// Does something with the chosen message.
    Choice(choice::Action),
    /// Puts a sign to a message, or takes it away.
    Sign(u64, SmolStr),
    /// Replies to nothing after all.
    NoReply,
    /// Searches.
    Search(search::Action),
    /// Goes to another conversation by its name.
    Switcher(switcher::Action),
    /// Asks for the list of channels.
    ListChannels,
    /// Narrows the list of channels down.
    FilterChannels(String),
    /// Joins a channel of the list.
    JoinListed(SmolStr),
    /// Closes the list of channels.
    CloseChannels,
    /// Changes between dark and light.
    ToggleMode,
}

/// What the screen asks of the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The connection is over: back to where one connects, with the reason if it is an error.
    Over(Option<String>),
    /// Trusts a certificate that is another one than before, and connects again.
    Trust {
        /// The server, as the pins name it.
        server: String,
        /// The certificate.
        certificate: Fingerprint,
    },
    /// Opens a link in whatever the user opens links with.
    Open(String),
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
            at_start: false,
            jumped: None,
            rating: Rating::default(),
            people,
            search: Searching::default(),
            channel_filter: String::new(),
            switcher: None,
            topic_open: false,
            unfolded: HashSet::new(),
            selection: None,
            choice: None,
            replying: None,
            typing: OwnTyping::default(),
            unsure: false,
            changed: None,
            attentive: true,
            called: false,
            moved: false,
            link: None,
            marks_told: Timestamp::UNIX_EPOCH,
            width: 1120.0,
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

    /// The screen of a user who tells others that they are writing, or does not.
    #[must_use]
    pub fn telling(mut self, typing: bool) -> Chat {
        self.typing = OwnTyping::new(typing);
        self
    }

    /// The window is this wide now.
    pub fn resized(&mut self, width: f32) {
        self.width = width;
    }

    /// What the window is called: how much is unread, and what is shown.
    #[must_use]
    pub fn title(&self) -> String {
        let unread: usize = self.model.buffers().map(chat_client::Buffer::unread).sum();
        let name = self.model.active().name();
        match unread {
            0 => name.to_owned(),
            n => format!("({n}) {name}"),
        }
    }

    /// Draws the screen.
    #[must_use]
    pub fn view(&self) -> Element<'_, Message> {
        let middle = column![self.header(), or_nothing(self.topic_pane())]
            .push(rule::horizontal(1).style(style::divider))
            .push(self.banner())
            .push(self.messages())
            .push(self.composer());
        let middle = container(middle)
            .width(Fill)
            .height(Fill)
            .style(style::main_pane);
        let aside = self.search_pane().or_else(|| self.people_pane());
        // Always the same panes in the same places: a widget that moves forgets its state.
        let left = self.shows_sidebar().then(|| self.sidebar());
        let edge = |there: bool| {
            let edge = || rule::vertical(1).style(style::divider).into();
            or_nothing(there.then(edge))
        };
        let edges = (edge(left.is_some()), edge(aside.is_some()));
        let panes = row![
            or_nothing(left),
            edges.0,
            middle,
            edges.1,
            or_nothing(aside)
        ];
        // Always a stack of two: another tree of widgets would forget what was scrolled and typed.
        let dialog = self
            .certificate_dialog()
            .or_else(|| self.rating.view())
            .or_else(|| self.channels_dialog())
            .or_else(|| self.switcher_dialog());
        stack![panes, dialog.unwrap_or_else(|| space().into())].into()
    }

    /// In a narrow window a search takes the place of the list of conversations.
    fn shows_sidebar(&self) -> bool {
        !self.search.is_open() || self.width >= NARROW
    }

    /// In a narrow window there is no room for the people.
    fn has_room_for_people(&self) -> bool {
        self.width >= NARROW
    }
}

/// A window that has not this width, in logical pixels, is a narrow one.
const NARROW: f32 = 800.0;
