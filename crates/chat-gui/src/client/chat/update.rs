//! What happens on the chat screen.

use chat_client::{BufferKind, Change, Client, Command, ConnectionState, Update};
use iced::Task;
use iced::widget::{operation, text_editor};
use jiff::{SignedDuration, Timestamp};

use super::channels::FILTER;
use super::composer::ENTRY;
use super::page::Page;
use super::{Chat, Event, Message, Notice};
use crate::client::link;
use crate::client::settings::People;

/// While one reads what comes, the server is told no more often how far one has read.
const MARKS: SignedDuration = SignedDuration::from_secs(3);

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
        self.attentive = focused;
        self.model.set_attentive(focused);
        self.send_wishes();
    }

    /// Whether somebody has spoken to the user, who is looking elsewhere, since this was asked last.
    pub fn called(&mut self) -> bool {
        std::mem::take(&mut self.called)
    }

    /// Puts the keyboard into the input line.
    pub fn focus<M: Send + 'static>(&self) -> Task<M> {
        operation::focus(ENTRY)
    }

    /// Tells the user something above the input line.
    pub fn tell(&mut self, words: String) {
        self.notice = Some(Notice::Done(words));
    }

    /// Takes in what came from the server.
    pub fn apply(&mut self, updates: &[Update], now: Timestamp) -> Outcome {
        self.now = now;
        let shown = self.model.active().id().clone();
        let mut tasks = Vec::new();
        for update in updates {
            self.certificate_of(update);
            self.nick_of(update);
            for change in self.model.apply(update) {
                tasks.push(self.changed(change));
            }
        }
        self.send_wishes();
        if shown != *self.model.active().id() {
            tasks.extend([self.jump_to_end(), self.focus()]);
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

    /// Who has got another nickname than the one asked for is told so.
    fn nick_of(&mut self, update: &Update) {
        let Update::Registered { nick } = update else {
            return;
        };
        let wanted = self.model.nick();
        if !wanted.eq_ignore_ascii_case(nick) {
            let told = format!(
                "{wanted} is taken here: you are {nick}. If it is yours, leave, and log in with the \
                 password of its account."
            );
            self.notice = Some(Notice::Refused(told));
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
                self.moved = true;
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
                self.moved = true;
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
                let loud = line.is_some_and(|line| line.highlight && line.unread);
                self.called |= loud && !self.attentive;
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
            Message::Edit(action) => self.edit(action),
            Message::Unsure => {
                self.unsure = false;
                return (self.focus(), None);
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
                self.input.set(text.to_owned());
                return (self.focus(), None);
            }
            Message::Key(key) => return (self.key(key), None),
            Message::Reconnect => self.send(Command::Reconnect),
            Message::OnLink(link, true) => self.link = Some(link),
            Message::OnLink(link, false) => {
                self.link.take_if(|shown| *shown == link);
            }
            Message::Open(link) if link::host(&link).is_some() => {
                return (Task::none(), Some(Event::Open(link)));
            }
            Message::Certificate(action) => return (self.focus(), self.certificate(action)),
            Message::ToggleMode => return (Task::none(), Some(Event::ToggleMode)),
            other => return self.update_more(other),
        }
        (Task::none(), None)
    }

    fn edit(&mut self, action: text_editor::Action) {
        let edits = action.is_edit();
        if selects(&action) {
            // What is copied is what was selected last.
            self.selection = None;
        }
        self.input.act(action);
        self.unsure = false;
        if edits {
            self.notice = None;
            self.link = None;
            self.tell_typing();
        }
    }

    /// Text was typed that no field has taken: it is written into the input line, where a dialog does not
    /// hide it.
    pub fn typed(&mut self, text: &str) -> Task<Message> {
        let hidden = self.rating.is_open()
            || self.asks_about_certificate()
            || self.model.listing().is_some()
            || self.switcher.is_some();
        if hidden {
            return Task::none();
        }
        for letter in text.chars().filter(|letter| !letter.is_control()) {
            self.edit(text_editor::Action::Edit(text_editor::Edit::Insert(letter)));
        }
        self.focus()
    }

    /// The part of `update` that is about single messages, searching and the list of channels.
    fn update_more(&mut self, message: Message) -> Outcome {
        let task = match message {
            Message::Earlier => {
                self.ask_earlier();
                Task::none()
            }
            Message::Selecting(number, what) => self.selecting(number, &what),
            Message::CopySelected => self.copy_selected(),
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
            Message::Unfold(number) => self.unfold(number),
            Message::Topic(action) => self.topic(action),
            Message::Switcher(action) => self.switching(action),
            Message::ListChannels => {
                self.list_channels(None);
                operation::focus(FILTER)
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
                    self.notice = Some(Notice::Done("Thank you for your rating!".to_owned()));
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
}

/// Whether something is selected in what is being written.
fn selects(action: &text_editor::Action) -> bool {
    use text_editor::Action::{Drag, Select, SelectAll, SelectLine, SelectWord};
    matches!(
        action,
        Drag(_) | Select(_) | SelectAll | SelectLine | SelectWord
    )
}
