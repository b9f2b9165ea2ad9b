//! One server's counts.

use chat_stats::{ServerFigures, State};
use iced::widget::{column, container, progress_bar, row, space, text};
use iced::{Alignment, Element, Length, Theme, border};

use super::server_dot;
use crate::monitor::app::Message;
use crate::theme::{Colors, size, space as gap, style};
use crate::widget::section;

/// The card of a server.
pub(super) fn view<'a>(server: &ServerFigures) -> Element<'a, Message> {
    let content = column![head(server), places(server), counts(server)].spacing(gap::S);
    container(content)
        .style(style::card)
        .padding(gap::M)
        .width(Length::Fill)
        .into()
}

fn head<'a>(server: &ServerFigures) -> Element<'a, Message> {
    let (word, tone): (_, fn(&Colors) -> iced::Color) = match server.state {
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
        space().width(Length::Fill),
        text(process).size(size::SMALL).style(style::faint),
    ]
    .spacing(gap::S)
    .align_y(Alignment::Center)
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
        .style(style::tone(|colors| colors.warning))
        .into()
}

/// How many places are taken, as a bar.
#[expect(clippy::cast_precision_loss, reason = "a bar of a few hundred pixels")]
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

fn counts<'a>(server: &ServerFigures) -> Element<'a, Message> {
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
        ],
        [
            ("lost", server.lost.to_string()),
            ("rejected", server.rejected.to_string()),
            ("cut off", server.sendq_exceeded.to_string()),
            ("rating", rating),
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
