//! The pane in which one searches in what was said.

use chat_client::{BufferKind, Found, SearchState};
use iced::widget::{Column, button, column, container, row, scrollable, space, text, text_input};
use iced::{Center, Element, Fill, Task, Theme};
use jiff::tz::TimeZone;

use super::{Chat, Message, Notice};
use crate::theme::{self, Colors, size, space as gap, style};

const WIDTH: f32 = 310.0;

/// The id of the field.
pub(super) const FIELD: &str = "search";

/// What is searched for, and where.
#[derive(Debug, Clone, Default)]
pub(super) struct Searching {
    open: bool,
    text: String,
    everywhere: bool,
}

/// What the user does in the pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Opens it, or closes it.
    Toggle,
    /// Types into the field.
    Typed(String),
    /// Chooses whether to search everywhere.
    Everywhere(bool),
    /// Searches.
    Submit,
    /// Wants to see what was found, by its place among the results.
    Found(usize),
}

impl Searching {
    pub(super) fn is_open(&self) -> bool {
        self.open
    }
}

impl Chat {
    pub(super) fn searching(&mut self, action: Action) -> Task<Message> {
        match action {
            Action::Toggle if self.search.open => {
                self.close_search();
                return self.focus();
            }
            Action::Toggle => {
                self.search.open = true;
                return iced::widget::operation::focus(FIELD);
            }
            Action::Typed(text) => self.search.text = text,
            Action::Everywhere(everywhere) => {
                self.search.everywhere = everywhere;
                if !self.search.text.trim().is_empty() {
                    self.search_now();
                }
            }
            Action::Submit => self.search_now(),
            Action::Found(index) => return self.show_found(index),
        }
        Task::none()
    }

    /// Closes the pane and lets go of what was found; the words stay for the next time.
    pub(super) fn close_search(&mut self) {
        self.search.open = false;
        self.model.end_search();
    }

    /// Opens the pane and searches for these words.
    pub(super) fn search_for(&mut self, words: String) {
        self.search.open = true;
        self.search.text = words;
        self.search_now();
    }

    fn search_now(&mut self) {
        let buffer = self.model.active();
        let here = buffer.kind() != BufferKind::Server && !self.search.everywhere;
        let place = here.then(|| buffer.name().to_owned());
        self.model.search_for(&self.search.text, place.as_deref());
        self.send_wishes();
    }

    fn show_found(&mut self, index: usize) -> Task<Message> {
        let Some(SearchState::Done(found)) = self.model.search().map(|search| &search.state) else {
            return Task::none();
        };
        let Some(Found { place, id, .. }) = found.get(index).cloned() else {
            return Task::none();
        };
        let buffer = match self.model.find(&place) {
            Some(buffer) => buffer.id().clone(),
            None if place.starts_with(['#', '&']) => {
                let told = format!("You are not on {place}: join it to see the message there.");
                self.notice = Some(Notice::Refused(told));
                return Task::none();
            }
            None => self.model.open_query(&place),
        };
        self.switch(&buffer);
        match id {
            Some(id) => self.jump_to(&id),
            None => Task::none(),
        }
    }

    pub(super) fn search_pane(&self) -> Option<Element<'_, Message>> {
        if !self.search.open {
            return None;
        }
        let close = button(text("×").size(size::TITLE).line_height(1.0))
            .padding([2, 8])
            .style(style::quiet)
            .on_press(Message::Search(Action::Toggle));
        let head = row![text("Search").size(size::TITLE), space().width(Fill), close];
        let field = text_input("Words, from:nick", &self.search.text)
            .id(FIELD)
            .on_input(|text| Message::Search(Action::Typed(text)))
            .on_submit(Message::Search(Action::Submit))
            .padding([9, 12])
            .size(size::BODY)
            .font(theme::FONT)
            .style(style::field);
        let here = match self.model.active().kind() {
            BufferKind::Server => "Here".to_owned(),
            _ => format!("In {}", self.model.active().name()),
        };
        let scope = row![
            self.scope(here, false),
            self.scope("Everywhere".to_owned(), true)
        ]
        .spacing(gap::XS);
        let head = column![head.align_y(Center), field, scope]
            .spacing(gap::S)
            .padding(gap::M);
        let pane = container(column![head, self.results()])
            .width(WIDTH)
            .height(Fill)
            .style(style::side_pane);
        Some(pane.into())
    }

    fn scope(&self, label: String, everywhere: bool) -> Element<'_, Message> {
        let label = text(label).size(size::NOTE).wrapping(text::Wrapping::None);
        button(container(label).max_width(150).clip(true))
            .padding([4, 10])
            .style(style::list_row(self.search.everywhere == everywhere))
            .on_press(Message::Search(Action::Everywhere(everywhere)))
            .into()
    }

    fn results(&self) -> Element<'_, Message> {
        let told = |words: String| -> Element<'_, Message> {
            let words = text(words).size(size::NOTE).style(style::muted);
            container(words).padding([0.0, gap::M]).into()
        };
        match self.model.search().map(|search| &search.state) {
            None if self.model.can_search() => told("Press Enter to search.".to_owned()),
            None => told("This server cannot search.".to_owned()),
            Some(SearchState::Waiting) => told("Searching…".to_owned()),
            Some(SearchState::Failed(why)) => told(why.clone()),
            Some(SearchState::Done(found)) if found.is_empty() => {
                told("Nothing was found.".to_owned())
            }
            Some(SearchState::Done(found)) => {
                let count = match found.len() {
                    1 => "1 message".to_owned(),
                    n => format!("{n} messages, the newest first"),
                };
                let entries = found.iter().enumerate();
                let entries = entries.map(|(index, found)| entry(index, found, &self.zone));
                let list = Column::with_children(entries)
                    .spacing(2)
                    .padding([gap::XS, gap::S]);
                let list = scrollable(list)
                    .direction(style::thin_bar())
                    .height(Fill)
                    .style(style::scroll);
                column![told(count), list].spacing(gap::XS).into()
            }
        }
    }
}

fn entry<'a>(index: usize, found: &'a Found, zone: &TimeZone) -> Element<'a, Message> {
    let when = found.at.to_zoned(zone.clone());
    let when = when.strftime("%-d %b %Y, %H:%M").to_string();
    let sender = found.sender.clone();
    let who = text(found.sender.as_str())
        .size(size::NOTE)
        .wrapping(text::Wrapping::None)
        .style(move |theme: &Theme| text::Style {
            color: Some(Colors::of(theme).name(&sender)),
        });
    let small = |words: String| {
        let words = text(words).size(size::SMALL).style(style::faint);
        words.wrapping(text::Wrapping::None)
    };
    let head = row![container(who).clip(true), space().width(Fill), small(when)]
        .spacing(gap::S)
        .align_y(Center);
    let words = text(&found.text)
        .size(size::NOTE)
        .wrapping(text::Wrapping::WordOrGlyph);
    let words = container(words).max_height(54).clip(true);
    button(column![head, words, small(found.place.to_string())].spacing(2))
        .width(Fill)
        .padding([6, 10])
        .style(style::list_row(false))
        .on_press(Message::Search(Action::Found(index)))
        .into()
}
