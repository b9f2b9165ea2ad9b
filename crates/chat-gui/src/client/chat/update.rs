//! What happens on the chat screen.

use chat_client::{
    Buffer, BufferId, BufferKind, Change, Client, Command, ConnectionState, Update, slash,
};
use iced::Task;
use iced::widget::operation;
use jiff::{SignedDuration, Timestamp};

use super::page::Page;
use super::reading::scroll_by;
use super::search;
use super::{Chat, Event, Key, Message, Notice};
use crate::client::settings::People;

/// The id of the input line.
pub(super) const ENTRY: &str = "entry";

/// While one reads what comes, the server is told no more often how far one has read.
const MARKS: SignedDuration = SignedDuration::from_secs(3);

/// How far a press of PageUp scrolls, in logical pixels.
const PAGE_SCROLL: f32 = 420.0;

type Outcome = (Task<Message>, Option<Event>);

impl Chat {
    /// The worker is up: commands go here.
    pub fn ready(&mut self, client: Client) {
        self.client = Some(client);
        self.send_wishes();
    }

    /// Time has passed: the countdown goes on, and the server is told how far was read.
    pub fn tick(&mut self, now: Timestamp) {
        self.now = now;
        if self.model.has_untold_marks() && now.duration_since(self.marks_told) >= MARKS {
            self.marks_told = now;
            self.model.tell_marks();
        }
        self.send_wishes();
    }

    /// Whether something will change by time passing alone.
    #[must_use]
    pub fn needs_ticks(&self) -> bool {
        !self.model.state().is_online()
            || self.model.has_untold_marks()
            || self.model.wish().is_some()
            || self.is_somebody_typing()
    }

    /// The window was chosen or left by the user.
    pub fn focused(&mut self, focused: bool) {
        self.model.set_attentive(focused);
        self.send_wishes();
    }

    /// Puts the keyboard into the input line.
    pub fn focus<M: Send + 'static>(&self) -> Task<M> {
        operation::focus(ENTRY)
    }

    /// Takes in what came from the server.
    pub fn apply(&mut self, updates: &[Update], now: Timestamp) -> Outcome {
        self.now = now;
        let shown = self.model.active().id().clone();
        let mut tasks = Vec::new();
        for update in updates {
            for change in self.model.apply(update) {
                tasks.push(self.changed(change));
            }
        }
        self.send_wishes();
        if shown != *self.model.active().id() {
            tasks.extend([self.jump_to_end(), self.to_cursor_end()]);
        }
        let task = Task::batch(tasks);
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

    fn changed(&mut self, change: Change) -> Task<Message> {
        match change {
            Change::Past(id) => return self.past_came(&id),
            Change::Excerpt(id) => return self.excerpt_came(&id),
            Change::Joined(id, Some(last)) if id == *self.model.active().id() => {
                self.page.ends_at(last);
                self.jumped = None;
            }
            Change::Opened(id) => {
                // The first channel, and one that was asked for, are what the user wants to see. A
                // stranger's message is not, nor are channels that are joined again.
                let Some(buffer) = self.model.buffer(&id) else {
                    return Task::none();
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
                    && !self.model.active().is_excerpt()
                {
                    self.page = Page::default();
                }
            }
            _ => {}
        }
        Task::none()
    }

    /// Takes in what the user does.
    pub fn update(&mut self, message: Message) -> Outcome {
        match message {
            Message::Typed(text) => {
                self.notice = None;
                self.input.typed(text);
                self.tell_typing();
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
            other => return self.update_more(other),
        }
        (Task::none(), None)
    }

    /// The part of `update` that is about single messages, searching and the list of channels.
    fn update_more(&mut self, message: Message) -> Outcome {
        let task = match message {
            Message::Earlier => {
                self.ask_earlier();
                Task::none()
            }
            Message::Choose(number) => {
                self.choose(number);
                Task::none()
            }
            Message::Choice(action) => self.act(action),
            Message::Sign(number, sign) => {
                self.sign(number, &sign);
                Task::none()
            }
            Message::NoReply => {
                self.replying = None;
                self.focus()
            }
            Message::Search(action) => self.searching(action),
            Message::ListChannels => {
                self.list_channels(None);
                operation::focus("channel-filter")
            }
            Message::FilterChannels(text) => {
                self.channel_filter = text;
                Task::none()
            }
            Message::JoinListed(channel) => self.join_listed(channel),
            Message::CloseChannels => {
                self.model.end_listing();
                self.focus()
            }
            other => return self.leave_taking(other),
        };
        (task, None)
    }

    fn join_listed(&mut self, channel: smol_str::SmolStr) -> Task<Message> {
        self.model.end_listing();
        let there = self.model.find(&channel).filter(|b| b.joined());
        if let Some(id) = there.map(|b| b.id().clone()) {
            return self.show(&id);
        }
        self.joining = Some(channel.clone());
        self.send(Command::Join { channel, key: None });
        self.focus()
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

    /// Shows a buffer and lets the user write in it.
    pub(super) fn show(&mut self, id: &BufferId) -> Task<Message> {
        self.switch(id);
        Task::batch([self.jump_to_end(), self.to_cursor_end()])
    }

    /// Shows a buffer; what is being written stays with the one that is left.
    pub(super) fn switch(&mut self, id: &BufferId) {
        let old = self.model.active().id().clone();
        if old != *id {
            self.model.look_at(id);
            let text = self.drafts.remove(id).unwrap_or_default();
            let draft = self.input.exchange(text);
            if !draft.is_empty() {
                self.drafts.insert(old, draft);
            }
            self.notice = None;
            self.choice = None;
            self.page = Page::default();
            self.jumped = None;
            self.at_start = false;
            self.send_wishes();
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
            Key::Search => self.searching(search::Action::Toggle),
            Key::Nth(number) => {
                let nth = self.model.buffers().nth(number - 1).map(|b| b.id().clone());
                nth.map_or_else(Task::none, |id| self.show(&id))
            }
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
            Key::Escape => self.escape(),
            Key::PageUp => scroll_by(-PAGE_SCROLL),
            Key::PageDown => scroll_by(PAGE_SCROLL),
            Key::Older | Key::Newer => Task::none(),
        }
    }

    /// Closes what is open, one thing at a time; at last it leads back to what is new.
    fn escape(&mut self) -> Task<Message> {
        if self.model.listing().is_some() {
            self.model.end_listing();
        } else if self.choice.take().is_some() || self.replying.take().is_some() {
            return self.focus();
        } else if self.search.is_open() {
            self.search.close();
        } else {
            return self.jump_to_end();
        }
        self.focus()
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

    fn to_cursor_end(&self) -> Task<Message> {
        Task::batch([self.focus(), operation::move_cursor_to_end(ENTRY)])
    }
}
