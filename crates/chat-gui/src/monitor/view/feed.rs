//! What clients write, as it happens.

use iced::widget::{Column, container, row, scrollable, text};
use iced::{Alignment, Element, Length, Theme};

use super::{pane, server_dot, thin};
use crate::monitor::app::{Message, Monitor};
use crate::monitor::watch::{Line, LineKind};
use crate::theme::{Colors, size, space as gap, style};

/// Lines that are drawn; older ones are remembered but not shown.
const SHOWN: usize = 200;

/// The feed of all servers or of one.
pub(super) fn view(monitor: &Monitor) -> Element<'_, Message> {
    let only = monitor.only;
    let all: Box<dyn DoubleEndedIterator<Item = &Line>> = match &monitor.held {
        Some(held) => Box::new(held.iter()),
        None => Box::new(monitor.record.lines.iter()),
    };
    let lines: Vec<&Line> = all
        .rev()
        .filter(|line| only.is_none_or(|index| usize::from(line.server) == index + 1))
        .take(SHOWN)
        .collect();
    let content: Element<'_, Message> = if lines.is_empty() {
        text("Nothing was said since this window was opened.")
            .size(size::NOTE)
            .style(style::faint)
            .into()
    } else {
        Column::with_children(lines.into_iter().rev().map(line_view))
            .spacing(gap::XS)
            .into()
    };
    let list = scrollable(container(content).width(Length::Fill))
        .direction(scrollable::Direction::Vertical(
            thin().anchor(scrollable::Anchor::End),
        ))
        .height(Length::Fill)
        .style(style::scroll);
    let head = match monitor.held {
        Some(_) => "What was said; held, Space lets it go on",
        None => "What is being said; Space holds it",
    };
    container(pane(head.to_owned(), list.into()))
        .width(Length::FillPortion(3))
        .into()
}

fn line_view(line: &Line) -> Element<'_, Message> {
    let name = line.who.clone();
    let who = text(&line.who)
        .size(size::BODY)
        .style(move |theme: &Theme| {
            let color = Colors::of(theme).name(&name);
            text::Style { color: Some(color) }
        });
    let words = text(&line.text)
        .size(size::BODY)
        .width(Length::Fill)
        .style(match line.kind {
            LineKind::Said => style::normal,
            LineKind::Came | LineKind::Left => style::faint,
            LineKind::Rated => |theme: &Theme| style::tone(|colors| colors.star)(theme),
            LineKind::Trouble => |theme: &Theme| style::tone(|colors| colors.danger)(theme),
        });
    let clock = text(clock(line.time.0))
        .size(size::SMALL)
        .style(style::faint);
    row![
        clock,
        server_dot(usize::from(line.server.saturating_sub(1))),
        who,
        words
    ]
    .spacing(gap::S)
    .align_y(Alignment::Center)
    .into()
}

/// Local time of day of a moment in milliseconds since 1970.
fn clock(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds).map_or_else(
        |_| String::new(),
        |moment| {
            let here = moment.to_zoned(jiff::tz::TimeZone::system());
            here.strftime("%H:%M:%S").to_string()
        },
    )
}
