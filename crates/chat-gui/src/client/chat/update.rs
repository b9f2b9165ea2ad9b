//! What happens on the chat screen.

use std::ops::Range;

use chat_client::{
    Buffer, BufferId, BufferKind, Change, Client, Command, ConnectionState, LineKind, Update, slash,
};
use iced::Task;
use iced::widget::{operation, scrollable};
use jiff::Timestamp;

use super::page::{Page, Snap};
use super::{Chat, Event, Key, Message, Notice};
use crate::client::settings::People;

/// The id of the input line.
pub(super) const ENTRY: &str = "entry";

/// The id of the messages.
pub(super) const MESSAGES: &str = "messages";

/// How far a press of PageUp scrolls, in logical pixels.
const PAGE_SCROLL: f32 = 420.0;

type Outcome = (Task<Message>, Option<Event>);

impl Chat {
    /// The worker is up: commands go here.
    pub fn ready(&mut self, client: Client) {
        self.client = Some(client);
    }

    /// Time has passed: the countdown goes on.
    pub fn tick(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// The window was chosen or left by the user.
    pub fn focused(&mut self, focused: bool) {
        self.model.set_attentive(focused);
    }

    /// Puts the keyboard into the input line.
    pub fn focus<M: Send + 'static>(&self) -> Task<M> {
        operation::focus(ENTRY)
    }

    /// Takes in what came from the server.
    pub fn apply(&mut self, updates: &[Update], now: Timestamp) -> Outcome {
        self.now = now;
        let shown = self.model.active().id().clone();
        for update in updates {
            for change in self.model.apply(update) {
                self.changed(change);
            }
        }
        let task = match shown == *self.model.active().id() {
            true => Task::none(),
            false => Task::batch([self.jump_to_end(), self.to_cursor_end()]),
        };
        match self.model.state() {
            ConnectionState::Online => {
                self.was_online = true;
                (task, None)
            }
            ConnectionState::Ended { reason } if self.leaving || !self.was_online => {
                let error = (!self.leaving).then(|| reason.clone());
                (task, Some(Event::Over(error)))
            }
            _ => (task, None),
        }
    }

    fn changed(&mut self, change: Change) {
        match change {
            Change::Opened(id) => {
                // The first channel, and one that was asked for, are what the user wants to see. A
                // stranger's message is not, nor are channels that are joined again.
                let Some(buffer) = self.model.buffer(&id) else {
                    return;
                };
                let wanted = self
                    .joining
                    .take_if(|name| buffer.name().eq_ignore_ascii_case(name));
                let lone = self.model.active().kind() == BufferKind::Server;
                if wanted.is_some() || (lone && buffer.kind() == BufferKind::Channel) {
                    self.switch(&id);
                }
            }
            Change::Closed(id) => {
                self.drafts.remove(&id);
                if self.model.active().kind() == BufferKind::Server {
                    self.show_first_channel();
                }
            }
            Change::Renamed { from, to } => {
                if let Some(draft) = self.drafts.remove(&from) {
                    self.drafts.insert(to, draft);
                }
            }
            Change::Line(id, number) => {
                let line = self.model.line(&id, number);
                if line.is_some_and(|line| line.own && line.kind.is_talk())
                    && id == *self.model.active().id()
                {
                    self.page = Page::default();
                }
            }
            _ => {}
        }
    }

    /// Takes in what the user does.
    pub fn update(&mut self, message: Message) -> Outcome {
        match message {
            Message::Typed(text) => {
                self.notice = None;
                self.input.typed(text);
            }
            Message::Submit => return (self.submit(), None),
            Message::Select(id) => return (self.show(&id), None),
            Message::Person(nick) => {
                let id = self.model.open_query(&nick);
                return (self.show(&id), None);
            }
            Message::Close(id) => self.close(&id),
            Message::Scrolled(place) => return (self.scrolled(place), None),
            Message::JumpToEnd => return (self.jump_to_end(), None),
            Message::TogglePeople => {
                self.people = match self.people {
                    People::Shown => People::Hidden,
                    People::Hidden => People::Shown,
                };
                return (Task::none(), Some(Event::People(self.people)));
            }
            Message::Begin(text) => {
                self.input.typed(text.to_owned());
                return (self.to_cursor_end(), None);
            }
            Message::Key(key) => return (self.key(key), None),
            Message::Reconnect => self.send(Command::Reconnect),
            Message::Copy(text) => {
                self.notice = Some(Notice::Done("Copied."));
                return (iced::clipboard::write(text), None);
            }
            Message::ToggleMode => return (Task::none(), Some(Event::ToggleMode)),
            other => return self.leave_taking(other),
        }
        (Task::none(), None)
    }

    /// The part of `update` that is about rating and leaving.
    fn leave_taking(&mut self, message: Message) -> Outcome {
        match message {
            Message::Rate => self.rating.open(false),
            Message::Leave if self.rating.given() || !self.model.state().is_online() => {
                return (Task::none(), self.leave());
            }
            Message::Leave => self.rating.open(true),
            Message::Stars(stars) => self.rating.choose(stars),
            Message::GiveStars => {
                let leaving = self.rating.leaving();
                if let Some(stars) = self.rating.give() {
                    self.send(Command::Rate(stars));
                    self.notice = Some(Notice::Done("Thank you for your rating!"));
                }
                if leaving {
                    return (Task::none(), self.leave());
                }
                return (self.focus(), None);
            }
            Message::LeaveUnrated | Message::GiveUp => return (Task::none(), self.leave()),
            Message::Dismiss => {
                self.rating.close();
                return (self.focus(), None);
            }
            _ => {}
        }
        (Task::none(), None)
    }

    /// Says good-bye; the screen is over when the client has ended, or at once if it has already.
    fn leave(&mut self) -> Option<Event> {
        self.rating.close();
        self.leaving = true;
        let ended = matches!(self.model.state(), ConnectionState::Ended { .. });
        if ended || self.client.is_none() {
            return Some(Event::Over(None));
        }
        self.send(Command::Quit(None));
        None
    }

    fn submit(&mut self) -> Task<Message> {
        let active = self.model.active();
        let target = (active.kind() != BufferKind::Server).then(|| active.name().to_owned());
        let command = match slash::parse(self.input.text(), target.as_deref()) {
            Ok(command) => command,
            Err(slash::Error::Empty) => return Task::none(),
            Err(error) => {
                self.notice = Some(Notice::Refused(error.to_string()));
                return Task::none();
            }
        };
        self.notice = None;
        self.input.take();
        match command {
            Command::Quit(_) => self.leaving = true,
            // A conversation that one begins is one that one wants to see.
            Command::Say { ref target, .. } if !is_channel(target) => {
                let id = self.model.open_query(target);
                self.switch(&id);
            }
            Command::Join { ref channel, .. } => {
                let there = self.model.find(channel).map(|b| b.id().clone());
                match there {
                    Some(id) => self.switch(&id),
                    None => self.joining = Some(channel.clone()),
                }
            }
            _ => {}
        }
        self.send(command);
        self.jump_to_end()
    }

    fn send(&mut self, command: Command) {
        let sent = match &self.client {
            Some(client) => client.try_send(command).map_err(|error| error.to_string()),
            None => Err("not connected yet".to_owned()),
        };
        if let Err(error) = sent {
            let id = self.model.active().id().clone();
            let text = format!("That was not sent: {error}");
            self.model.note(&id, LineKind::Error, self.now, &text);
        }
    }

    /// Shows a buffer and lets the user write in it.
    pub(super) fn show(&mut self, id: &BufferId) -> Task<Message> {
        self.switch(id);
        Task::batch([self.jump_to_end(), self.to_cursor_end()])
    }

    /// Shows a buffer; what is being written stays with the one that is left.
    fn switch(&mut self, id: &BufferId) {
        let old = self.model.active().id().clone();
        if old != *id {
            self.model.look_at(id);
            let text = self.drafts.remove(id).unwrap_or_default();
            let draft = self.input.exchange(text);
            if !draft.is_empty() {
                self.drafts.insert(old, draft);
            }
            self.notice = None;
            self.page = Page::default();
        }
    }

    fn show_first_channel(&mut self) {
        let channel = self
            .model
            .buffers()
            .find(|b| b.kind() == BufferKind::Channel);
        if let Some(id) = channel.map(|b| b.id().clone()) {
            self.switch(&id);
        }
    }

    fn close(&mut self, id: &BufferId) {
        let Some(buffer) = self.model.buffer(id) else {
            return;
        };
        if buffer.kind() == BufferKind::Channel && buffer.joined() {
            let channel = buffer.name().into();
            self.send(Command::Part {
                channel,
                reason: None,
            });
        } else {
            self.model.close(id);
            self.drafts.remove(id);
            if self.model.active().kind() == BufferKind::Server {
                self.show_first_channel();
            }
        }
    }

    fn key(&mut self, key: Key) -> Task<Message> {
        match key {
            Key::Previous => self.step(-1),
            Key::Next => self.step(1),
            Key::NextUnread => self.next_unread(),
            Key::Older if self.input.older() => self.to_cursor_end(),
            Key::Newer if self.input.newer() => self.to_cursor_end(),
            Key::Complete => self.complete(),
            Key::Escape if self.rating.is_open() => {
                self.rating.close();
                self.focus()
            }
            Key::Escape => self.jump_to_end(),
            Key::PageUp => scroll_by(-PAGE_SCROLL),
            Key::PageDown => scroll_by(PAGE_SCROLL),
            Key::Older | Key::Newer => Task::none(),
        }
    }

    fn step(&mut self, by: isize) -> Task<Message> {
        let ids: Vec<BufferId> = self.model.buffers().map(|b| b.id().clone()).collect();
        let active = self.model.active().id();
        let at = ids.iter().position(|id| id == active).unwrap_or(0);
        let count = ids.len();
        let next = (at + count).saturating_add_signed(by) % count;
        self.show(&ids[next])
    }

    fn next_unread(&mut self) -> Task<Message> {
        let news = |b: &&Buffer| b.unread() > 0;
        let loud = self
            .model
            .buffers()
            .filter(news)
            .max_by_key(|b| b.highlights());
        match loud.map(|b| b.id().clone()) {
            Some(id) => self.show(&id),
            None => Task::none(),
        }
    }

    fn complete(&mut self) -> Task<Message> {
        let members = self.model.active().members().iter();
        let mut names: Vec<&str> = members.map(|member| member.nick.as_str()).collect();
        names.sort_by_key(|name| name.to_lowercase());
        names.extend(self.model.buffers().map(|buffer| buffer.name()));
        let commands: Vec<String> = slash::COMMANDS
            .iter()
            .map(|c| format!("/{}", c.name))
            .collect();
        names.extend(commands.iter().map(String::as_str));
        self.input.complete(names.into_iter());
        Task::batch([self.focus(), self.to_cursor_end()])
    }

    fn scrolled(&mut self, place: super::Place) -> Task<Message> {
        let held = held(self.model.active());
        match self.page.scrolled(place, &held) {
            Some(Snap(y)) => {
                let at = scrollable::RelativeOffset { x: 0.0, y };
                operation::snap_to(MESSAGES, at)
            }
            None => Task::none(),
        }
    }

    fn jump_to_end(&mut self) -> Task<Message> {
        self.page = Page::default();
        // The messages are anchored at their end.
        operation::snap_to(MESSAGES, scrollable::RelativeOffset { x: 0.0, y: 0.0 })
    }

    fn to_cursor_end(&self) -> Task<Message> {
        Task::batch([self.focus(), operation::move_cursor_to_end(ENTRY)])
    }
}

/// The numbers of the lines that a buffer holds.
pub(super) fn held(buffer: &Buffer) -> Range<u64> {
    let lines = buffer.lines();
    let first = lines.front().map_or(0, |line| line.number);
    let end = lines.back().map_or(0, |line| line.number + 1);
    first..end
}

fn is_channel(target: &str) -> bool {
    target.starts_with(['#', '&'])
}

fn scroll_by(y: f32) -> Task<Message> {
    operation::scroll_by(MESSAGES, scrollable::AbsoluteOffset { x: 0.0, y })
}
