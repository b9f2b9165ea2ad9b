//! Sending: what was typed, and what the model wants to know.

use chat_client::{BufferKind, Command, LineKind, SendError, slash};
use iced::Task;
use iced::widget::operation;

use super::channels::FILTER;
use super::{Chat, Message, Notice};

impl Chat {
    pub(super) fn submit(&mut self) -> Task<Message> {
        if let Some(entries) = slash::help(self.input.text()) {
            return self.help(entries);
        }
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
        if let Err(error) = command.lines() {
            self.notice = Some(Notice::Refused(error.to_string()));
            return Task::none();
        }
        if self.is_much() && !std::mem::replace(&mut self.unsure, true) {
            return self.focus();
        }
        self.unsure = false;
        self.notice = None;
        self.input.take();
        self.typing.said();
        let command = self.replied(command);
        self.asks_for_topic(&command);
        match command {
            Command::Quit(_) => self.leaving = true,
            Command::Search(search) => {
                self.search_for(search.text);
                return Task::none();
            }
            Command::List(conditions) => {
                self.list_channels(conditions);
                return operation::focus(FILTER);
            }
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
        self.send_wishes();
        self.jump_to_end()
    }

    /// What is said while a message is replied to is the reply.
    pub(super) fn replied(&mut self, command: Command) -> Command {
        let here = self.model.active();
        let to = self.replying.take_if(|to| to.buffer == *here.id());
        match (command, to) {
            (Command::Say { target, text }, Some(to)) if *target == *here.name() => {
                let id = to.id;
                Command::Reply { target, id, text }
            }
            (command, to) => {
                self.replying = to;
                command
            }
        }
    }

    /// Tells in the conversation what can be typed.
    fn help(&mut self, entries: &[slash::Entry]) -> Task<Message> {
        self.input.take();
        let id = self.model.active().id().clone();
        for entry in entries {
            let text = format!("/{} {}: {}", entry.name, entry.usage, entry.help);
            let text = text.replace(" : ", ": ");
            self.model.note(&id, LineKind::Info, self.now, &text);
        }
        self.jump_to_end()
    }

    pub(super) fn list_channels(&mut self, conditions: Option<String>) {
        self.channel_filter.clear();
        self.model.list_channels(conditions);
        self.send_wishes();
    }

    pub(super) fn send(&mut self, command: Command) {
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

    /// Sends what the model wants to know, as much as there is room for; the rest waits.
    pub(super) fn send_wishes(&mut self) {
        let Some(client) = &self.client else { return };
        while let Some(wish) = self.model.wish() {
            if client.try_send(wish.clone()) == Err(SendError::Full) {
                return;
            }
            self.model.wish_sent();
        }
    }
}

fn is_channel(target: &str) -> bool {
    target.starts_with(['#', '&'])
}
