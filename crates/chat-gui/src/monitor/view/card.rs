//! One server's counts.

use chat_stats::{ServerFigures, State};
use iced::widget::{column, container, progress_bar, row, space, text};
use iced::{Alignment, Element, Length, Theme, border};

use super::server_dot;
use crate::monitor::app::Message;
use crate::monitor::record::{Record, is_down};
use crate::theme::{Colors, size, space as gap, style};
use crate::widget::section;

/// The card of a server.
pub(super) fn view<'a>(record: &Record, server: &ServerFigures) -> Element<'a, Message> {
    let counts = counts(server, record.rate(server));
    let content = column![head(record, server), places(server), counts].spacing(gap::S);
    let down = is_down(server.state) || record.stuck(server).is_some();
    container(content)
        .style(move |theme: &Theme| match down {
            true => style::tinted_danger(theme),
            false => style::card(theme),
        })
        .padding(gap::M)
        .width(Length::Fill)
        .into()
}

fn head<'a>(record: &Record, server: &ServerFigures) -> Element<'a, Message> {
    let (word, tone): (_, fn(&Colors) -> iced::Color) = match server.state {
        State::Running if record.stuck(server).is_some() => ("not answering", |c| c.danger),
        State::Running => ("running", |colors| colors.success),
        State::Starting => ("starting", |colors| colors.warning),
        State::Draining => ("draining", |colors| colors.warning),
        State::Failed => ("failed", |colors| colors.danger),
        _ => ("down", |colors| colors.danger),
    };
    let process = match server.pid {
        0 => String::new(),
        pid => format!("process {pid}"),
    };
    row![
        server_dot(server.index),
        text(server.name()).size(size::TITLE),
        text(word).size(size::NOTE).style(style::tone(tone)),
        behind(server),
        restarts(record, server),
        space().width(Length::Fill),
        text(process)
            .size(size::SMALL)
            .wrapping(text::Wrapping::None)
            .style(style::faint),
    ]
    .spacing(gap::S)
    .align_y(Alignment::Center)
    .into()
}

/// How often it was started again while one looked.
fn restarts<'a>(record: &Record, server: &ServerFigures) -> Element<'a, Message> {
    let times = record.courses.get(server.index).map_or(0, |c| c.restarts);
    let words = match times {
        0 => String::new(),
        1 => "restarted".to_owned(),
        times => format!("restarted {times} times"),
    };
    text(words)
        .size(size::NOTE)
        .wrapping(text::Wrapping::None)
        .style(style::tone(|colors| colors.warning))
        .into()
}

/// How much of the journal it has not got to, if it should have.
fn behind<'a>(server: &ServerFigures) -> Element<'a, Message> {
    let words = match server.behind {
        0 => String::new(),
        entries => format!("{entries} behind"),
    };
    text(words)
        .size(size::NOTE)
        .wrapping(text::Wrapping::None)
        .style(style::tone(|colors| colors.warning))
        .into()
}

/// How many places are taken, as a bar.
fn places<'a>(server: &ServerFigures) -> Element<'a, Message> {
    let (taken, capacity) = (server.places_taken, server.capacity.max(1));
    let bar = progress_bar(0.0..=capacity as f32, taken as f32)
        .girth(5)
        .style(|theme: &Theme| {
            let colors = Colors::of(theme);
            progress_bar::Style {
                background: colors.line.into(),
                bar: colors.accent.into(),
                border: border::rounded(3),
            }
        });
    let words = format!("{taken} of {} places taken", server.capacity);
    column![bar, section(words)].spacing(gap::XS).into()
}

fn counts<'a>(server: &ServerFigures, rate: f32) -> Element<'a, Message> {
    let rating = match server.rating_count {
        0 => "–".to_owned(),
        _ => format!("{:.2}", server.average_rating),
    };
    let pairs = [
        [
            ("now", server.now.to_string()),
            ("today", server.today.to_string()),
            ("month", server.month.to_string()),
            ("total", server.total.to_string()),
            ("a second", format!("{rate:.0}")),
        ],
        [
            ("lost", server.lost.to_string()),
            ("rejected", server.rejected.to_string()),
            ("cut off", server.sendq_exceeded.to_string()),
            ("rating", rating),
            ("messages", server.messages.to_string()),
        ],
    ];
    pairs
        .into_iter()
        .fold(column![].spacing(gap::S), |column, line| {
            column.push(line.into_iter().fold(row![], |row, (label, value)| {
                let cell = column![text(value).size(size::BODY), section(label.to_owned())];
                row.push(cell.width(Length::FillPortion(1)))
            }))
        })
        .into()
}
