//! How the monitor looks: a bar of totals, tabs, cards of servers, plots, people and the feed.

mod card;
mod feed;
mod people;

use chat_stats::Totals;
use iced::widget::{button, column, container, responsive, row, rule, scrollable, space, text};
use iced::{Alignment, Element, Length, Size};

use super::app::{Message, Monitor};
use super::plot::Plot;
use super::record::{Course, Record};
use crate::theme::{Colors, size, space as gap, style};
use crate::widget::{dot, section};

/// The width of a server's card where there are too many to fill the window, in logical pixels.
const CARD_WIDTH: f32 = 310.0;

/// Servers whose cards share the width of the window.
const SIDE_BY_SIDE: usize = 4;

/// Narrower than this, in logical pixels, there is no room for two things side by side.
const NARROW: f32 = 860.0;

/// Lower than this, in logical pixels, there is no room for plots.
const LOW: f32 = 430.0;

/// The height of a plot, in logical pixels.
const PLOT_HEIGHT: f32 = 100.0;

/// Everything.
pub(crate) fn window(monitor: &Monitor) -> Element<'_, Message> {
    let body = responsive(move |size| body(monitor, size));
    container(column![
        head(monitor),
        rule::horizontal(1).style(style::divider),
        body
    ])
    .style(style::main_pane)
    .width(Length::Fill)
    .height(Length::Fill)
    .into()
}

/// What is below the head; in a narrow window one thing stands below the other, and in a low one
/// there are no plots.
fn body(monitor: &Monitor, size: Size) -> Element<'_, Message> {
    let record = &monitor.record;
    let narrow = size.width < NARROW;
    let mut body = column![cards(monitor, size.width)]
        .spacing(gap::M)
        .padding(gap::L);
    if size.height > LOW {
        body = body.push(plots(record, monitor.only, narrow));
    }
    let mut below = row![feed::view(monitor)].spacing(gap::M);
    if !narrow {
        below = below.push(people::view(record, monitor.only));
    }
    body.push(below.height(Length::Fill)).into()
}

fn head(monitor: &Monitor) -> Element<'_, Message> {
    let record = &monitor.record;
    let totals = record.board.as_ref().map(|board| board.totals.clone());
    let top = row![
        health(record),
        text(format!("Instance {}", monitor.instance())).size(size::TITLE),
        trouble(record),
        alarm(record),
        space().width(Length::Fill),
        quiet(format!("Sorted {}", monitor.order.name()), Message::Sort),
        quiet("Light / dark".to_owned(), Message::SwitchMode),
    ]
    .spacing(gap::S)
    .align_y(Alignment::Center);
    let mut content = column![top].spacing(gap::M);
    if let Some(totals) = totals {
        content = content.push(figures(&totals));
    }
    container(content.push(tabs(monitor)))
        .style(style::side_pane)
        .padding(gap::L)
        .width(Length::Fill)
        .into()
}

fn quiet<'a>(label: String, message: Message) -> Element<'a, Message> {
    let label = text(label).size(size::NOTE).wrapping(text::Wrapping::None);
    button(label).style(style::quiet).on_press(message).into()
}

/// The servers that are down: nobody should have to look for that.
fn alarm(record: &Record) -> Option<Element<'_, Message>> {
    let words = record.alarm()?;
    let told = text(words)
        .size(size::BODY)
        .style(|theme: &iced::Theme| text::Style {
            color: Some(Colors::of(theme).background),
        });
    let told = container(told).padding([gap::XS, gap::M]);
    Some(
        told.style(|theme: &iced::Theme| {
            let colors = Colors::of(theme);
            style::pill(colors.danger, colors.background)(theme)
        })
        .into(),
    )
}

fn health(record: &Record) -> Element<'_, Message> {
    match (&record.board_trouble, &record.journal_trouble) {
        (None, None) if record.alarm().is_some() => dot(|colors| colors.danger),
        (None, None) if record.board.is_some() => dot(|colors| colors.success),
        (Some(_), Some(_)) => dot(|colors| colors.danger),
        _ => dot(|colors| colors.warning),
    }
}

/// What is wrong, in words.
fn trouble(record: &Record) -> Element<'_, Message> {
    let words = match (&record.board_trouble, &record.journal_trouble) {
        (None, None) => String::new(),
        (Some(_), Some(_)) => "nothing runs here just now; looking again every second".to_owned(),
        (Some(board), None) => format!("no counts: {board}"),
        (None, Some(journal)) => format!("the journal is not followed: {journal}"),
    };
    text(words)
        .size(size::NOTE)
        .style(style::tone(|colors| colors.warning))
        .into()
}

/// The numbers of all servers together.
fn figures(totals: &Totals) -> Element<'static, Message> {
    let rating = match totals.rating_count {
        0 => "–".to_owned(),
        count => format!("{:.2} ({count})", totals.average_rating),
    };
    let free = totals.capacity.saturating_sub(totals.places_taken);
    [
        ("on now", totals.now.to_string()),
        ("free places", free.to_string()),
        ("today", totals.today.to_string()),
        ("this month", totals.month.to_string()),
        ("in total", totals.total.to_string()),
        ("lost", totals.lost.to_string()),
        ("rejected", totals.rejected.to_string()),
        ("rating", rating),
    ]
    .into_iter()
    .fold(row![].spacing(gap::XL), |row, (label, value)| {
        row.push(column![
            text(value).size(size::TITLE),
            section(label.to_owned())
        ])
    })
    .wrap()
    .into()
}

fn tabs(monitor: &Monitor) -> Element<'_, Message> {
    let tab = |label: String, only: Option<usize>| {
        button(text(label).size(size::BODY))
            .padding([gap::XS, gap::M])
            .style(style::list_row(monitor.only == only))
            .on_press(Message::Show(only))
    };
    let all = row![tab("All servers".to_owned(), None)].spacing(gap::XS);
    let row = monitor.record.servers(None).fold(all, |row, server| {
        row.push(tab(server.name(), Some(server.index)))
    });
    scrollable(row)
        .direction(scrollable::Direction::Horizontal(thin()))
        .style(style::scroll)
        .into()
}

fn cards(monitor: &Monitor, room: f32) -> Element<'_, Message> {
    let count = monitor.record.servers(monitor.only).count();
    let fitting = [4.0, 3.0, 2.0].into_iter().zip((2..=SIDE_BY_SIDE).rev());
    let fitting = fitting.filter(|(cards, _)| cards * CARD_WIDTH <= room);
    let few = count <= fitting.map(|(_, count)| count).max().unwrap_or(1);
    let width = if few {
        Length::Fill
    } else {
        Length::Fixed(CARD_WIDTH)
    };
    let servers = monitor.record.sorted(monitor.only, monitor.order);
    let cards = servers.into_iter().map(|server| {
        let card = card::view(&monitor.record, server);
        container(card).width(width).into()
    });
    let row = iced::widget::Row::with_children(cards).spacing(gap::M);
    if few {
        return row.width(Length::Fill).into();
    }
    scrollable(row)
        .direction(scrollable::Direction::Horizontal(thin()))
        .width(Length::Fill)
        .style(style::scroll)
        .into()
}

/// A scrollbar that takes little room.
fn thin() -> scrollable::Scrollbar {
    scrollable::Scrollbar::new().width(5).scroller_width(5)
}

fn plots(record: &Record, only: Option<usize>, narrow: bool) -> Element<'_, Message> {
    let plot = |label: &str, pick: fn(&Course) -> &std::collections::VecDeque<f32>| {
        let courses = record
            .servers(only)
            .filter_map(|server| Some((server.index, pick(record.courses.get(server.index)?))))
            .collect();
        container(
            column![
                section(label.to_owned()),
                Plot::new(courses).view(PLOT_HEIGHT)
            ]
            .spacing(gap::XS),
        )
        .style(style::card)
        .padding(gap::M)
        .width(Length::Fill)
    };
    let messages = plot("Messages a second, last five minutes", |course| {
        &course.messages
    });
    if narrow {
        return messages.into();
    }
    let clients = plot("Clients, last five minutes", |course| &course.clients);
    row![clients, messages].spacing(gap::M).into()
}

/// A pane with a head.
fn pane<'a>(head: String, content: Element<'a, Message>) -> Element<'a, Message> {
    container(column![section(head), content].spacing(gap::S))
        .style(style::card)
        .padding(gap::M)
        .height(Length::Fill)
        .into()
}

/// A dot in the colour that a server has in the plots.
fn server_dot<'a>(server: usize) -> Element<'a, Message> {
    container(space().width(8).height(8))
        .style(move |theme: &iced::Theme| {
            let color = super::plot::server_color(Colors::of(theme), server);
            style::pill(color, color)(theme)
        })
        .into()
}
