//! The pane at the left: the network, its channels and conversations, and the user.

use chat_client::tls::Judgement;
use chat_client::{Buffer, BufferKind, ConnectionState};
use iced::widget::tooltip::Position::Top;
use iced::widget::{Column, button, column, container, operation, row, scrollable, space, text};
use iced::{Center, Element, Fill, Task};

use super::header::{explained, quiet};
use super::{Chat, Message};
use crate::theme::{Colors, size, space as gap, style};
use crate::widget::{avatar, badge, dot, half_moon, section};

const WIDTH: f32 = 236.0;

/// The id of the list.
const CONVERSATIONS: &str = "conversations";

impl Chat {
    pub(super) fn sidebar(&self) -> Element<'_, Message> {
        let of = |kind| {
            self.model
                .buffers()
                .filter(move |b: &&Buffer| b.kind() == kind)
        };
        let mut list = Column::new().spacing(1).padding([0.0, gap::S]);
        let channels = head("Channels", Some(("+", "Join a channel", "/join #")));
        let browse = quiet("…".to_owned(), "See all channels", Message::ListChannels);
        list = list.push(row![container(channels).width(Fill), browse].align_y(Center));
        for buffer in of(BufferKind::Channel) {
            list = list.push(self.entry(buffer));
        }
        list = list.push(space().height(gap::M));
        list = list.push(head(
            "Conversations",
            Some(("+", "Write to somebody", "/msg ")),
        ));
        for buffer in of(BufferKind::Query) {
            list = list.push(self.entry(buffer));
        }
        let list = scrollable(list)
            .id(CONVERSATIONS)
            .direction(style::thin_bar())
            .height(Fill)
            .style(style::scroll);
        container(column![self.network(), list, self.user()])
            .width(WIDTH)
            .height(Fill)
            .style(style::side_pane)
            .into()
    }

    /// Scrolls the list so far that the conversation shown is in sight: as far down as it stands in it.
    #[expect(clippy::cast_precision_loss, reason = "some hundred conversations")]
    pub(super) fn reveal(&self) -> Task<Message> {
        let active = self.model.active().id();
        let at = self.model.buffers().position(|b| b.id() == active);
        let last = self.model.buffers().count().saturating_sub(1).max(1);
        let y = at.unwrap_or(0) as f32 / last as f32;
        operation::snap_to(CONVERSATIONS, scrollable::RelativeOffset { x: 0.0, y })
    }

    /// The network's name; pressing it shows what the server said.
    fn network(&self) -> Element<'_, Message> {
        let server = self
            .model
            .buffers()
            .find(|b| b.kind() == BufferKind::Server);
        let Some(server) = server else {
            return space().into();
        };
        let color: fn(&Colors) -> iced::Color = match self.model.state() {
            ConnectionState::Online => |c| c.success,
            ConnectionState::Ended { .. } => |c| c.danger,
            _ => |c| c.warning,
        };
        let place = match (self.model.state(), self.model.server(), self.model.lag()) {
            (ConnectionState::Online, Some(name), Some(lag)) => {
                format!("{name}  ·  {} ms", lag.as_millis())
            }
            (ConnectionState::Online, Some(name), None) => name.to_owned(),
            (ConnectionState::Online, None, _) => "online".to_owned(),
            _ => "offline".to_owned(),
        };
        let unchecked = self.model.judgement() == Some(Judgement::Unchecked);
        let (place, tone): (_, fn(&iced::Theme) -> text::Style) = match unchecked {
            true => (format!("{place}  ·  not checked"), style::warning),
            false => (place, style::muted),
        };
        let place = text(place)
            .size(size::SMALL)
            .wrapping(text::Wrapping::None)
            .style(tone);
        let name = text(server.name())
            .size(size::TITLE)
            .wrapping(text::Wrapping::None);
        let mut line = row![
            column![
                container(name).clip(true).width(Fill),
                row![dot(color), place].spacing(6).align_y(Center),
            ]
            .spacing(3)
            .width(Fill)
        ]
        .align_y(Center);
        if server.unread() > 0 {
            line = line.push(badge(server.unread(), server.highlights() > 0));
        }
        let selected = self.model.active().id() == server.id();
        let pressed = button(line)
            .width(Fill)
            .padding([gap::S, gap::S + 2.0])
            .style(style::list_row(selected))
            .on_press(Message::Select(server.id().clone()));
        container(pressed).padding(gap::S).into()
    }

    fn entry<'a>(&'a self, buffer: &'a Buffer) -> Element<'a, Message> {
        let selected = self.model.active().id() == buffer.id();
        let (sign, name): (Element<'_, Message>, &str) = match buffer.kind() {
            BufferKind::Query => (avatar(buffer.name(), 20.0), buffer.name()),
            _ => {
                let name = buffer.name();
                let bare = name.strip_prefix('#').unwrap_or(name);
                let sign = text("#").size(size::TITLE).style(style::faint);
                (container(sign).center_x(20).into(), bare)
            }
        };
        let tone = match (selected || buffer.unread() > 0, buffer.joined()) {
            (_, false) => style::faint,
            (true, true) => style::normal,
            (false, true) => style::muted,
        };
        let name = text(name)
            .size(size::BODY)
            .wrapping(text::Wrapping::None)
            .style(tone);
        let mut line = row![sign, container(name).width(Fill).clip(true)]
            .spacing(gap::S)
            .align_y(Center);
        if buffer.unread() > 0 {
            line = line.push(badge(buffer.unread(), buffer.highlights() > 0));
        } else if selected {
            let close = button(text("×").size(size::BODY).line_height(1.0))
                .padding([1, 6])
                .style(style::quiet)
                .on_press(Message::Close(buffer.id().clone()));
            line = line.push(close);
        }
        button(container(line).center_y(Fill))
            .width(Fill)
            .height(34)
            .padding([0, 8])
            .style(style::list_row(selected))
            .on_press(Message::Select(buffer.id().clone()))
            .into()
    }

    /// Who the user is, and the way out.
    fn user(&self) -> Element<'_, Message> {
        let state = match (self.model.state().is_online(), self.model.is_away()) {
            (false, _) => "offline",
            (true, true) => "away",
            (true, false) => "online",
        };
        let name = text(self.model.nick())
            .size(size::BODY)
            .wrapping(text::Wrapping::None);
        let words = column![
            container(name).clip(true),
            text(state).size(size::SMALL).style(style::muted),
        ];
        let leave = text("Leave").size(size::NOTE);
        let line = row![
            avatar(self.model.nick(), 32.0),
            container(words).width(Fill).clip(true),
            explained(half_moon(14.0), "Dark or light", Message::ToggleMode, Top),
            explained(leave.into(), "Disconnect", Message::Leave, Top),
        ]
        .spacing(gap::S)
        .align_y(Center);
        container(line).padding([gap::M, gap::M]).into()
    }
}

fn head<'a>(label: &str, offer: Option<(&'a str, &'a str, &'static str)>) -> Element<'a, Message> {
    let label = container(section(label.to_owned()))
        .padding([0, 8])
        .width(Fill);
    let mut line = row![label].align_y(Center);
    if let Some((sign, tip, begin)) = offer {
        line = line.push(quiet(sign.to_owned(), tip, Message::Begin(begin)));
    }
    line.into()
}
