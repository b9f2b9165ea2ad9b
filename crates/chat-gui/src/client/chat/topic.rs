//! What a channel is about: a line above the messages, and all of it where it is pressed.

use chat_client::{BufferKind, Command, Topic};
use iced::widget::{button, column, container, row, rule, scrollable, space, text, tooltip};
use iced::{Center, Element, Fill, Task};
use jiff::tz::TimeZone;

use super::{Chat, Message};
use crate::client::link;
use crate::theme::{size, space as gap, style};
use crate::widget::{Words, words};

/// No higher than this, in logical pixels; a longer topic is scrolled.
const HIGHEST: f32 = 120.0;

/// What the user does with a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Shows all of it, or one line.
    Toggle,
    /// Writes it into the input line, to be changed.
    Change,
    /// Copies it.
    Copy,
}

impl Chat {
    pub(super) fn topic(&mut self, action: Action) -> Task<Message> {
        let topic = self.model.active().topic().map(|topic| topic.text.clone());
        let topic = topic.unwrap_or_default();
        match action {
            Action::Toggle => {
                self.topic_open = !self.topic_open;
                self.focus()
            }
            Action::Change => {
                self.topic_open = false;
                self.input.set(format!("/topic {topic}"));
                self.focus()
            }
            Action::Copy => {
                self.tell("Copied.".to_owned());
                iced::clipboard::write(topic)
            }
        }
    }

    /// Who asks for the topic of the channel shown sees all of it.
    pub(super) fn asks_for_topic(&mut self, command: &Command) {
        if let Command::Topic { channel, text } = command
            && text.is_none()
            && self.model.find(channel).map(chat_client::Buffer::id)
                == Some(self.model.active().id())
        {
            self.topic_open = true;
        }
    }

    /// One line under the name of what is shown.
    pub(super) fn topic_line(&self) -> Element<'_, Message> {
        let buffer = self.model.active();
        let told = |words: String| text(words).size(size::NOTE).wrapping(text::Wrapping::None);
        let pressed = |line: Element<'static, Message>, action| {
            button(line)
                .padding(0)
                .width(Fill)
                .style(style::link_muted)
                .on_press(Message::Topic(action))
        };
        let topic = match (buffer.kind(), buffer.topic()) {
            (BufferKind::Channel, Some(topic)) => topic,
            (BufferKind::Channel, None) => {
                let told = told("No topic yet: press to set one".to_owned());
                return pressed(told.into(), Action::Change).into();
            }
            (BufferKind::Query, _) => {
                let told = told("A conversation between the two of you".to_owned());
                return told.style(style::muted).into();
            }
            (BufferKind::Server, _) => return told(self.server_topic()).style(style::muted).into(),
        };
        let line = linked(&topic.text.replace('\n', "  ")).on_one_line();
        let line = pressed(line.into(), Action::Toggle);
        if self.topic_open {
            return line.into();
        }
        let whole = container(text(&topic.text).size(size::NOTE)).max_width(520);
        let whole = whole.padding([gap::S, gap::M]).style(style::card);
        tooltip(line, whole, tooltip::Position::Bottom)
            .gap(6)
            .into()
    }

    fn server_topic(&self) -> String {
        match self.model.server() {
            Some(server) => format!("Messages from the network. You are on {server}."),
            None => "Messages from the network".to_owned(),
        }
    }

    /// All of the topic, below the line, where it was pressed.
    pub(super) fn topic_pane(&self) -> Option<Element<'_, Message>> {
        let topic = self.model.active().topic().filter(|_| self.topic_open)?;
        let whole = scrollable(container(linked(&topic.text)).width(Fill))
            .direction(style::thin_bar())
            .style(style::scroll);
        let act = |label: &'static str, action| {
            button(text(label).size(size::NOTE))
                .padding([4, 10])
                .style(style::quiet)
                .on_press(Message::Topic(action))
        };
        let by = text(set_by(topic, &self.zone)).size(size::SMALL);
        let below = row![
            by.style(style::faint),
            space().width(Fill),
            act("Copy", Action::Copy),
            act("Change", Action::Change),
            act("×", Action::Toggle),
        ];
        let pane = column![
            container(whole).max_height(HIGHEST),
            below.align_y(Center).spacing(2),
        ];
        let pane = container(pane.spacing(gap::XS)).padding([gap::S, gap::L]);
        Some(column![rule::horizontal(1).style(style::divider), pane].into())
    }
}

/// The words of a topic, links in them to be pressed.
fn linked(topic: &str) -> Words<'static, Message> {
    words(topic.to_owned())
        .size(size::NOTE, 1.3)
        .tone(|colors| colors.muted)
        .links(link::find(topic), Message::OnLink, Message::Open)
}

/// Who set a topic, and when, as far as that is known.
fn set_by(topic: &Topic, zone: &TimeZone) -> String {
    let by = topic.by.as_ref().map(|by| format!("by {by}"));
    let at = topic.at.map(|at| {
        let at = at.to_zoned(zone.clone());
        at.strftime("on %-d %b %Y, %H:%M").to_string()
    });
    let known: Vec<String> = by.into_iter().chain(at).collect();
    match known.is_empty() {
        true => String::new(),
        false => format!("Set {}", known.join(" ")),
    }
}
