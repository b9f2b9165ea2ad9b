//! Above the messages: what is shown, and how it stands with the connection.

use chat_client::{BufferKind, ConnectionState};
use iced::widget::{Column, button, canvas, column, container, row, text, tooltip};
use iced::{Center, Element, Fill};

use super::{Chat, Message, certificate};
use crate::theme::{Colors, size, space as gap, style};
use crate::widget::{Star, dot};

/// What is longer than this, in bytes, has its offers below.
const LONG: usize = 110;

/// What the banner says, and offers.
struct Banner {
    color: fn(&Colors) -> iced::Color,
    text: String,
    offers: &'static [(&'static str, Message)],
}

impl Chat {
    pub(super) fn header(&self) -> Element<'_, Message> {
        let buffer = self.model.active();
        let topic = self.topic_line();
        let title = text(buffer.name())
            .size(size::TITLE)
            .wrapping(text::Wrapping::None);
        let words = column![title, container(topic).clip(true).width(Fill)].spacing(2);
        let mut head = row![container(words).width(Fill).clip(true)]
            .spacing(gap::S)
            .align_y(Center);
        if buffer.kind() == BufferKind::Channel && self.has_room_for_people() {
            let people = match buffer.members().len() {
                1 => "1 person".to_owned(),
                count => format!("{count} people"),
            };
            let tip = "Show or hide who is here";
            head = head.push(quiet(people, tip, Message::TogglePeople));
        }
        if self.model.can_search() || self.search.is_open() {
            let toggle = Message::Search(super::search::Action::Toggle);
            head = head.push(quiet("Search".to_owned(), "Search (Ctrl+F)", toggle));
        }
        let head = head.push(rate(self.has_room_for_people()));
        container(head)
            .padding([gap::S, gap::L])
            .height(62)
            .align_y(Center)
            .into()
    }

    /// Says what is wrong with the connection; nothing when nothing is.
    pub(super) fn banner(&self) -> Element<'_, Message> {
        let Some(banner) = self.banner_of_state() else {
            // Not a space without a height: a column leaves such out, and what comes after it would
            // forget its state, such as where one is writing.
            return Column::new().into();
        };
        let long = banner.text.len() > LONG;
        let words = text(banner.text)
            .size(size::NOTE)
            .wrapping(text::Wrapping::WordOrGlyph)
            .width(Fill);
        let line = row![dot(banner.color), words]
            .spacing(gap::M)
            .align_y(Center);
        let offers = banner.offers.iter().map(|(label, message)| {
            let label = text(*label).size(size::NOTE);
            let offer = button(label).padding([5, 12]).style(style::secondary);
            offer.on_press(message.clone()).into()
        });
        let offers = iced::widget::Row::with_children(offers).spacing(gap::M);
        let content: Element<'_, Message> = match long {
            true => column![line, container(offers).align_right(Fill)]
                .spacing(gap::S)
                .into(),
            false => line.push(offers).into(),
        };
        let color = banner.color;
        let field = container(content)
            .padding([gap::S, gap::M])
            .width(Fill)
            .style(move |theme| style::tinted(color(Colors::of(theme)))(theme));
        Column::new().push(field).padding([gap::S, gap::L]).into()
    }

    fn banner_of_state(&self) -> Option<Banner> {
        Some(match self.model.state() {
            ConnectionState::Online if self.leaving => Banner {
                color: |c| c.accent,
                text: "Leaving…".to_owned(),
                offers: &[],
            },
            ConnectionState::Online => return None,
            ConnectionState::Connecting { attempt } => Banner {
                color: |c| c.accent,
                text: match attempt {
                    1 => "Connecting…".to_owned(),
                    n => format!("Connecting… (attempt {n})"),
                },
                offers: &[("Cancel", Message::GiveUp)],
            },
            ConnectionState::Registering => Banner {
                color: |c| c.accent,
                text: "Saying hello…".to_owned(),
                offers: &[("Cancel", Message::GiveUp)],
            },
            ConnectionState::Waiting { .. } if self.changed.is_some() => Banner {
                color: |c| c.danger,
                text: "The server shows another certificate than before.".to_owned(),
                offers: &[
                    (
                        "Look at it",
                        Message::Certificate(certificate::Action::Look),
                    ),
                    ("Give up", Message::GiveUp),
                ],
            },
            ConnectionState::Waiting { reason, until } => {
                let left = until.as_millisecond() - self.now.as_millisecond();
                let seconds = (left.max(0) + 999) / 1000;
                let what = match self.was_online {
                    true => "Connection lost",
                    false => "No connection yet",
                };
                Banner {
                    color: |c| c.warning,
                    text: format!("{what}: {reason}. Next attempt in {seconds} s."),
                    offers: &[
                        ("Reconnect now", Message::Reconnect),
                        ("Give up", Message::GiveUp),
                    ],
                }
            }
            ConnectionState::Ended { reason } => Banner {
                color: |c| c.danger,
                text: format!("Disconnected: {reason}."),
                offers: &[("Back", Message::GiveUp)],
            },
        })
    }
}

/// The way to the stars.
fn rate<'a>(in_words: bool) -> Element<'a, Message> {
    let star = canvas(Star { filled: 1.0 }).width(15).height(15);
    let word = in_words.then(|| text("Rate").size(size::NOTE));
    let label = row![star, word].spacing(6).align_y(Center);
    button(label)
        .padding([6, 12])
        .style(style::secondary)
        .on_press(Message::Rate)
        .into()
}

/// A button that is a word, and says more when the pointer rests on it.
pub(super) fn quiet<'a>(label: String, tip: &'a str, message: Message) -> Element<'a, Message> {
    let label = text(label).size(size::NOTE).wrapping(text::Wrapping::None);
    explained(label.into(), tip, message, tooltip::Position::Bottom)
}

/// A button that says more when the pointer rests on it.
pub(super) fn explained<'a>(
    sign: Element<'a, Message>,
    tip: &'a str,
    message: Message,
    position: tooltip::Position,
) -> Element<'a, Message> {
    let pressed = button(sign)
        .padding([6, 10])
        .style(style::quiet)
        .on_press(message);
    let tip = container(text(tip).size(size::SMALL))
        .padding([4, 8])
        .style(style::card);
    tooltip(pressed, tip, position).gap(4).into()
}
