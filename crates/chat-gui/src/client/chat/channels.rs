//! The dialog that lists the channels that there are.

use chat_client::Listed;
use iced::widget::{
    Column, button, column, container, mouse_area, opaque, row, scrollable, space, text, text_input,
};
use iced::{Center, Element, Fill};

use super::{Chat, Message};
use crate::theme::{self, size, space as gap, style};

/// The id of the field that narrows the list down.
pub(super) const FILTER: &str = "channel-filter";

/// Channels that are drawn; the rest is found by narrowing the list down.
const SHOWN: usize = 200;

impl Chat {
    pub(super) fn channels_dialog(&self) -> Option<Element<'_, Message>> {
        let listing = self.model.listing()?;
        let wanted = self.channel_filter.to_lowercase();
        let fits = |c: &&Listed| {
            let words = format!("{} {}", c.name, c.topic);
            wanted.is_empty() || words.to_lowercase().contains(&wanted)
        };
        let fitting: Vec<&Listed> = listing.channels.iter().filter(fits).collect();
        let head = match (listing.complete, fitting.len()) {
            (false, _) => "Asking for the channels…".to_owned(),
            (true, 1) => "1 channel".to_owned(),
            (true, n) => format!("{n} channels"),
        };
        let close = button(text("Close").size(size::NOTE))
            .padding([6, 12])
            .style(style::quiet)
            .on_press(Message::CloseChannels);
        let head = row![text(head).size(size::TITLE), space().width(Fill), close].align_y(Center);
        let filter = text_input("Part of a name or topic", &self.channel_filter)
            .id(FILTER)
            .on_input(Message::FilterChannels)
            .padding([9, 12])
            .size(size::BODY)
            .font(theme::FONT)
            .style(style::field_on_card);
        let surplus = fitting.len().saturating_sub(SHOWN);
        let entries = fitting.into_iter().take(SHOWN).map(|c| self.listed(c));
        let mut list = Column::with_children(entries).spacing(1);
        if surplus > 0 {
            let told = text(format!("and {surplus} more")).size(size::NOTE);
            list = list.push(container(told.style(style::faint)).padding([4, 8]));
        }
        let list = scrollable(list)
            .direction(style::thin_bar())
            .height(Fill)
            .style(style::scroll);
        let card = container(column![head, filter, list].spacing(gap::M))
            .padding(gap::L)
            .max_width(620)
            .max_height(560)
            .style(style::dialog);
        let veil = container(opaque(card))
            .center(Fill)
            .padding(gap::L)
            .style(style::veil);
        Some(opaque(mouse_area(veil).on_press(Message::CloseChannels)))
    }

    fn listed<'a>(&self, channel: &'a Listed) -> Element<'a, Message> {
        let here = self.model.find(&channel.name).is_some_and(|b| b.joined());
        let members = match (here, channel.members) {
            (true, n) => format!("{n}, you among them"),
            (false, n) => n.to_string(),
        };
        let head = row![
            text(channel.name.as_str()).size(size::BODY),
            space().width(Fill),
            text(members).size(size::SMALL).style(style::muted),
        ]
        .align_y(Center);
        let mut words = column![head].spacing(1);
        if !channel.topic.is_empty() {
            let topic = text(&channel.topic)
                .size(size::NOTE)
                .wrapping(text::Wrapping::None)
                .style(style::muted);
            words = words.push(container(topic).clip(true).width(Fill));
        }
        button(words)
            .width(Fill)
            .padding([6, 10])
            .style(style::list_row(false))
            .on_press(Message::JoinListed(channel.name.clone()))
            .into()
    }
}
