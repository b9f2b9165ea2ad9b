//! The pane in the middle: the messages, and the line to write in.

use iced::widget::{
    Column, button, column, container, row, scrollable, space, stack, text, text_input,
};
use iced::{Bottom, Center, Element, Fill, Theme};

use super::choice::or_nothing;
use super::page::Place;
use super::reading::{Beginning, MESSAGES, held};
use super::rows;
use super::update::ENTRY;
use super::{Chat, Message, Notice};
use crate::theme::{self, size, space as gap, style};

/// Nearer to an edge than this, in logical pixels, is at the edge.
const EDGE: f32 = 24.0;

impl Chat {
    pub(super) fn messages(&self) -> Element<'_, Message> {
        let buffer = self.model.active();
        let held = held(buffer);
        let range = self.page.range(&held);
        if held.is_empty() {
            let told = text("Nothing has been said here yet.").style(style::faint);
            return container(told).center(Fill).into();
        }
        let top = (range.start == held.start).then(|| self.top());
        let look = rows::Look {
            zone: &self.zone,
            now: self.now,
            chosen: self.chosen(),
            jumped: self.jumped,
        };
        let rows = rows::rows(buffer, range, &look);
        let list = column![or_nothing(top), rows].width(Fill);
        let list = scrollable(container(list).padding([gap::M, 0.0]).width(Fill))
            .id(MESSAGES)
            .direction(style::thin_bar())
            .anchor_bottom()
            .width(Fill)
            .style(style::scroll)
            .on_scroll(|viewport| Message::Scrolled(place(&viewport)));
        // A few messages stand at the bottom, next to where one writes.
        let list = container(list).height(Fill).align_y(Bottom);
        // Always a stack of two: another tree of widgets would forget where it is scrolled to.
        stack![list, self.way_back(self.page.newer(&held))].into()
    }

    /// Above the first line held: whether it is the beginning.
    fn top(&self) -> Element<'_, Message> {
        let name = self.model.active().name();
        let words = match self.beginning() {
            Beginning::Unknown => return space().into(),
            Beginning::More => {
                let label = text("Show what was said before").size(size::NOTE);
                let more = button(label)
                    .padding([4, 12])
                    .style(style::link)
                    .on_press(Message::Earlier);
                return container(more).center_x(Fill).into();
            }
            Beginning::Here => format!("This is the beginning of {name}."),
            Beginning::Loading => "Looking for what was said before…".to_owned(),
            Beginning::Full => {
                "No more lines are kept here. A search finds what was said before.".to_owned()
            }
        };
        let words = text(words).size(size::NOTE).style(style::muted);
        container(words).center_x(Fill).padding(gap::S).into()
    }

    /// The way to what is new, for a reader of what is old.
    fn way_back(&self, newer: u64) -> Element<'_, Message> {
        let excerpt = self.model.active().is_excerpt();
        if self.page.follows() && !excerpt {
            return space().into();
        }
        let label = match newer {
            _ if excerpt => "Back to the newest".to_owned(),
            0 => "Jump to the newest".to_owned(),
            1 => "1 newer message".to_owned(),
            n => format!("{n} newer messages"),
        };
        let pill = button(text(format!("↓  {label}")).size(size::NOTE))
            .padding([6, 14])
            .style(style::floating)
            .on_press(Message::JumpToEnd);
        container(pill)
            .center_x(Fill)
            .align_bottom(Fill)
            .padding(gap::S)
            .into()
    }

    pub(super) fn composer(&self) -> Element<'_, Message> {
        let buffer = self.model.active();
        let placeholder = match buffer.kind() {
            chat_client::BufferKind::Server => {
                "Type /join #channel, or any other command".to_owned()
            }
            _ if !buffer.joined() => format!("You are not on {} now", buffer.name()),
            _ => format!("Message {}", buffer.name()),
        };
        let entry = text_input(&placeholder, self.input.text())
            .id(ENTRY)
            .on_input(Message::Typed)
            .on_submit(Message::Submit)
            .padding([11, 14])
            .size(size::BODY)
            .font(theme::FONT)
            .style(style::bare_field);
        let send = button(text("Send").size(size::NOTE))
            .padding([7, 14])
            .style(style::primary)
            .on_press_maybe((!self.input.text().trim().is_empty()).then_some(Message::Submit));
        let line = row![entry, send]
            .align_y(Center)
            .padding(iced::Padding::ZERO.right(7));
        let field = container(line).style(style::card);
        // Always a column, empty or not: the field below keeps its place, and so the keyboard.
        let mut notice = Column::new();
        if let Some(told) = &self.notice {
            let (words, tone): (&str, fn(&Theme) -> text::Style) = match told {
                Notice::Done(words) => (words, style::muted),
                Notice::Refused(words) => (words, style::warning),
            };
            let told = text(words).size(size::NOTE).style(tone);
            notice = notice.push(container(told).padding([2, 4]));
        }
        let below = Column::new().spacing(2).padding(iced::Padding {
            top: 0.0,
            right: gap::L,
            bottom: gap::M,
            left: gap::L,
        });
        let bars = Column::new().push(self.choice_bar()).push(self.reply_bar());
        below
            .push(self.typing_line())
            .push(bars)
            .push(notice)
            .push(field)
            .into()
    }
}

fn place(viewport: &scrollable::Viewport) -> Place {
    // The list is anchored at its end: offsets count from there.
    let from_end = viewport.absolute_offset().y;
    let from_start = viewport.absolute_offset_reversed().y;
    if from_end < EDGE {
        Place::End
    } else if from_start < EDGE {
        Place::Start
    } else {
        Place::Middle
    }
}
