//! Reading: which part of a conversation is shown, and going back in it.

use std::ops::Range;

use chat_client::{Buffer, BufferId, BufferKind, Edge};
use iced::Task;
use iced::widget::{operation, scrollable};

use super::page::{Page, Place, Snap};
use super::{Chat, Message};

/// The id of the messages.
pub(super) const MESSAGES: &str = "messages";

impl Chat {
    /// The reader has scrolled: at an end that is none, more is asked for.
    pub(super) fn scrolled(&mut self, place: Place) -> Task<Message> {
        let held = held(self.model.active());
        let snap = self.page.scrolled(place, &held);
        let shown = self.page.range(&held);
        self.at_start = place == Place::Start && shown.start == held.start;
        if self.at_start {
            self.ask_earlier();
        }
        if place == Place::End && shown.end == held.end && self.model.active().is_excerpt() {
            let id = self.model.active().id().clone();
            self.model.want_later(&id);
            self.send_wishes();
        }
        snapped(snap)
    }

    /// Asks for what was said before what is shown.
    pub(super) fn ask_earlier(&mut self) {
        let id = self.model.active().id().clone();
        self.at_start = true;
        self.model.want_earlier(&id);
        self.send_wishes();
    }

    /// What was said before has come.
    pub(super) fn past_came(&mut self, id: &BufferId) -> Task<Message> {
        let active = self.model.active();
        if *id != *active.id() || !std::mem::take(&mut self.at_start) {
            return Task::none();
        }
        snapped(self.page.backward(&held(active)))
    }

    /// Shows a message of the active buffer by its id, wherever in time it is.
    pub(super) fn jump_to(&mut self, message: &str) -> Task<Message> {
        let active = self.model.active();
        let id = active.id().clone();
        let here = |buffer: &Buffer| {
            let line = buffer.by_id(message)?;
            let among = buffer.shown().front()?.number..=buffer.shown().back()?.number;
            among.contains(&line.number).then_some(line.number)
        };
        if let Some(number) = here(active) {
            return self.jump(number);
        }
        // Not among the lines shown, but perhaps among the newest.
        self.model.show_newest(&id);
        if let Some(number) = here(self.model.active()) {
            return self.jump(number);
        }
        self.model.want_around(&id, message);
        self.send_wishes();
        Task::none()
    }

    /// Lines from long ago are there, as was asked for.
    pub(super) fn excerpt_came(&mut self, id: &BufferId) -> Task<Message> {
        let active = self.model.active();
        match active.target().filter(|_| active.id() == id) {
            Some(number) => self.jump(number),
            None => Task::none(),
        }
    }

    fn jump(&mut self, number: u64) -> Task<Message> {
        self.page.jump(number, &held(self.model.active()));
        self.jumped = Some(number);
        to_end()
    }

    pub(super) fn jump_to_end(&mut self) -> Task<Message> {
        let id = self.model.active().id().clone();
        self.model.show_newest(&id);
        self.page = Page::default();
        self.jumped = None;
        to_end()
    }

    /// What is to be said about what lies before the first line held.
    pub(super) fn beginning(&self) -> Beginning {
        let buffer = self.model.active();
        if buffer.kind() == BufferKind::Server || !self.model.has_history() {
            return Beginning::Unknown;
        }
        match buffer.earlier() {
            Edge::Nothing => Beginning::Here,
            Edge::Asked => Beginning::Loading,
            Edge::More if buffer.is_full() => Beginning::Full,
            Edge::More => Beginning::More,
        }
    }
}

/// What lies before the first line held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beginning {
    /// Nobody knows.
    Unknown,
    /// Nothing: it is the beginning.
    Here,
    /// It is on its way.
    Loading,
    /// More, for who asks.
    More,
    /// More, but no room for it.
    Full,
}

/// The numbers of the lines that a buffer shows.
pub(super) fn held(buffer: &Buffer) -> Range<u64> {
    let lines = buffer.shown();
    let first = lines.front().map_or(0, |line| line.number);
    let end = lines.back().map_or(0, |line| line.number + 1);
    first..end
}

fn to_end() -> Task<Message> {
    // The messages are anchored at their end.
    operation::snap_to(MESSAGES, scrollable::RelativeOffset { x: 0.0, y: 0.0 })
}

fn snapped(snap: Option<Snap>) -> Task<Message> {
    match snap {
        Some(Snap(y)) => operation::snap_to(MESSAGES, scrollable::RelativeOffset { x: 0.0, y }),
        None => Task::none(),
    }
}

pub(super) fn scroll_by(y: f32) -> Task<Message> {
    operation::scroll_by(MESSAGES, scrollable::AbsoluteOffset { x: 0.0, y })
}
