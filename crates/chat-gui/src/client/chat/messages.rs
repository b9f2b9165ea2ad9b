//! The pane in the middle: the messages.

use iced::widget::{button, column, container, scrollable, space, stack, text};
use iced::{Bottom, Element, Fill};

use super::choice::or_nothing;
use super::page::Place;
use super::reading::{Beginning, MESSAGES, held};
use super::rows;
use super::{Chat, Message};
use crate::theme::{size, space as gap, style};

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
            selection: self.selection(),
            unfolded: &self.unfolded,
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
