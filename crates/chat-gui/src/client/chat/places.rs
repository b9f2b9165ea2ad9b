//! Which conversation is shown, and going to another one.

use chat_client::{Buffer, BufferId, BufferKind, Command};
use iced::Task;

use super::page::Page;
use super::{Chat, Message};

impl Chat {
    /// Shows a buffer and lets the user write in it.
    pub(super) fn show(&mut self, id: &BufferId) -> Task<Message> {
        self.switch(id);
        Task::batch([self.jump_to_end(), self.focus()])
    }

    /// The same, from afar: the list of conversations is scrolled there.
    pub(super) fn show_and_reveal(&mut self, id: &BufferId) -> Task<Message> {
        Task::batch([self.show(id), self.reveal()])
    }

    /// Shows a buffer; what is being written stays with the one that is left.
    pub(super) fn switch(&mut self, id: &BufferId) {
        let old = self.model.active().id().clone();
        let arrived = self.model.active().kind() == BufferKind::Server;
        if old != *id {
            self.model.look_at(id);
            let text = self.drafts.remove(id).unwrap_or_default();
            let draft = self.input.exchange(text);
            if !draft.is_empty() {
                self.drafts.insert(old, draft);
            }
            // What is told at the beginning is to be read on the first channel too.
            self.notice.take_if(|_| !arrived);
            self.unfolded.clear();
            self.selection = None;
            self.topic_open = false;
            self.choice = None;
            self.link = None;
            self.unsure = false;
            self.page = Page::default();
            self.jumped = None;
            self.at_start = false;
            self.send_wishes();
        }
    }

    pub(super) fn show_first_channel(&mut self) {
        let channel = self
            .model
            .buffers()
            .find(|b| b.kind() == BufferKind::Channel);
        if let Some(id) = channel.map(|b| b.id().clone()) {
            self.switch(&id);
        }
    }

    pub(super) fn close(&mut self, id: &BufferId) {
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

    pub(super) fn step(&mut self, by: isize) -> Task<Message> {
        let ids: Vec<BufferId> = self.model.buffers().map(|b| b.id().clone()).collect();
        let active = self.model.active().id();
        let at = ids.iter().position(|id| id == active).unwrap_or(0);
        let count = ids.len();
        let next = (at + count).saturating_add_signed(by) % count;
        self.show_and_reveal(&ids[next])
    }

    pub(super) fn next_unread(&mut self) -> Task<Message> {
        let news = |b: &&Buffer| b.unread() > 0;
        let loud = self
            .model
            .buffers()
            .filter(news)
            .max_by_key(|b| b.highlights());
        match loud.map(|b| b.id().clone()) {
            Some(id) => self.show_and_reveal(&id),
            None => Task::none(),
        }
    }

    /// The channels that the user is on, if any have come or gone since this was asked last.
    pub fn moved(&mut self) -> Option<Vec<String>> {
        if !std::mem::take(&mut self.moved) || !self.model.state().is_online() {
            return None;
        }
        let channels = self.model.buffers();
        let channels = channels.filter(|b| b.kind() == BufferKind::Channel && b.joined());
        Some(channels.map(|b| b.name().to_owned()).collect())
    }
}
