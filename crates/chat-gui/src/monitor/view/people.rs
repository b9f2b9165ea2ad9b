//! Who is on.

use iced::widget::{Column, container, row, scrollable, space, text};
use iced::{Alignment, Element, Length};

use super::{pane, server_dot, thin};
use crate::monitor::app::Message;
use crate::monitor::record::Record;
use crate::monitor::watch::Person;
use crate::theme::{size, space as gap, style};
use crate::widget::avatar;

/// People that are drawn; of more, the number is told.
const SHOWN: usize = 300;

/// The people on all servers or on one.
pub(super) fn view(record: &Record, only: Option<usize>) -> Element<'_, Message> {
    let people: Vec<&Person> = record
        .people
        .iter()
        .filter(|person| only.is_none_or(|index| usize::from(person.server) == index + 1))
        .collect();
    let head = format!("Who is on ({})", people.len());
    let surplus = people.len().saturating_sub(SHOWN);
    let mut list = Column::with_children(people.into_iter().take(SHOWN).map(person_view));
    if surplus > 0 {
        let words = format!("and {surplus} more");
        list = list.push(text(words).size(size::NOTE).style(style::faint));
    }
    let list = scrollable(container(list.spacing(gap::XS)).width(Length::Fill))
        .direction(scrollable::Direction::Vertical(thin()))
        .height(Length::Fill)
        .style(style::scroll);
    container(pane(head, list.into()))
        .width(Length::FillPortion(1))
        .into()
}

fn person_view(person: &Person) -> Element<'_, Message> {
    let tone = if person.away {
        style::faint
    } else {
        style::normal
    };
    let rooms = match person.channels {
        1 => "1 channel".to_owned(),
        count => format!("{count} channels"),
    };
    row![
        avatar(&person.nick, 20.0),
        text(&person.nick).size(size::BODY).style(tone),
        space().width(Length::Fill),
        text(rooms).size(size::SMALL).style(style::faint),
        server_dot(usize::from(person.server.saturating_sub(1))),
        space().width(gap::S),
    ]
    .spacing(gap::S)
    .align_y(Alignment::Center)
    .into()
}
