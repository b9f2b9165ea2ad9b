//! The pane at the right: who is on the channel.

use chat_client::{Buffer, BufferKind, Member};
use iced::widget::{Column, button, container, lazy, row, scrollable, space, text};
use iced::{Center, Element, Fill};

use super::{Chat, Message};
use crate::client::settings::People;
use crate::theme::{size, space as gap, style};
use crate::widget::{avatar, section};

const WIDTH: f32 = 208.0;

/// Building rows costs time: of a crowd, so many are drawn, and the rest is counted.
const SHOWN: usize = 300;

/// The parts of the list: what a member's first prefix says, and how it is called.
const RANKS: [(&str, &str); 4] = [
    ("~&@", "Operators"),
    ("%", "Helpers"),
    ("+", "Voiced"),
    ("", "People"),
];

impl Chat {
    /// The pane, where there is something to show in it.
    pub(super) fn people_pane(&self) -> Option<Element<'_, Message>> {
        let buffer = self.model.active();
        let wanted = self.people == People::Shown && buffer.kind() == BufferKind::Channel;
        if !wanted || !self.has_room_for_people() {
            return None;
        }
        // Rebuilt only when somebody has come, gone or changed.
        let key = (buffer.id().clone(), buffer.members().version());
        let list = lazy(key, move |_| list(buffer));
        let list = scrollable(list)
            .direction(style::thin_bar())
            .height(Fill)
            .width(Fill)
            .style(style::scroll);
        let pane = container(list)
            .width(WIDTH)
            .height(Fill)
            .style(style::side_pane);
        Some(pane.into())
    }
}

fn list(buffer: &Buffer) -> Element<'static, Message> {
    let mut column = Column::new().spacing(1).padding([gap::M, gap::S]);
    for (signs, label) in RANKS {
        let members = buffer.members().iter().take(SHOWN);
        let of_rank: Vec<&Member> = members.filter(|m| rank(m) == signs).collect();
        if of_rank.is_empty() {
            continue;
        }
        let all = buffer.members().iter().filter(|m| rank(m) == signs).count();
        let head = container(section(format!("{label}  {all}"))).padding([6, 8]);
        column = column.push(head);
        for member in of_rank {
            column = column.push(entry(member));
        }
        column = column.push(space().height(gap::S));
    }
    let more = buffer.members().len().saturating_sub(SHOWN);
    if more > 0 {
        let told = text(format!("and {more} more"))
            .size(size::NOTE)
            .style(style::faint);
        column = column.push(container(told).padding([4, 8]));
    }
    column.into()
}

/// Which of [`RANKS`] a member belongs to.
fn rank(member: &Member) -> &'static str {
    let first = member.prefixes.chars().next();
    let found = RANKS
        .iter()
        .find(|(signs, _)| first.is_some_and(|c| signs.contains(c)));
    found.map_or("", |(signs, _)| signs)
}

fn entry(member: &Member) -> Element<'static, Message> {
    let tone = if member.away {
        style::faint
    } else {
        style::normal
    };
    let name = text(member.nick.to_string())
        .size(size::BODY)
        .wrapping(text::Wrapping::None)
        .style(tone);
    let mut line = row![
        avatar(&member.nick, 24.0),
        container(name).width(Fill).clip(true),
    ]
    .spacing(gap::S)
    .align_y(Center);
    if !member.prefixes.is_empty() {
        let sign = text(member.prefixes.to_string())
            .size(size::NOTE)
            .style(style::accent);
        line = line.push(sign);
    }
    if member.away {
        line = line.push(text("away").size(size::SMALL).style(style::faint));
    }
    button(container(line).center_y(Fill))
        .width(Fill)
        .height(34)
        .padding([0, 8])
        .style(style::list_row(false))
        .on_press(Message::Person(member.nick.clone()))
        .into()
}
