//! The dialog in which one types where to go.

use chat_client::{BufferKind, Command, Goal};
use iced::widget::{Column, button, column, container, mouse_area, opaque, row, text, text_input};
use iced::{Center, Element, Fill, Task};

use super::{Chat, Message};
use crate::theme::{self, size, space as gap, style};
use crate::widget::{avatar, badge};

/// The id of the field.
pub(super) const WHERE: &str = "where";

/// How many goals are offered.
const OFFERED: usize = 8;

/// What is typed, and which goal is taken by Enter.
#[derive(Debug, Clone, Default)]
pub(super) struct Switcher {
    part: String,
    at: usize,
}

/// What the user does in the dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Opens it, or closes it.
    Toggle,
    /// Types a part of a name.
    Typed(String),
    /// Goes down in the list by so many, or up.
    Move(isize),
    /// Goes where the list says.
    Submit,
    /// Goes there.
    Go(Goal),
}

impl Chat {
    pub(super) fn switching(&mut self, action: Action) -> Task<Message> {
        // A question is answered before.
        let asked = self.rating.is_open() || self.asks_about_certificate();
        match (action, &mut self.switcher) {
            (Action::Toggle, Some(_)) => {
                self.switcher = None;
                return self.focus();
            }
            (Action::Toggle, None) if !asked => {
                self.model.end_listing();
                self.switcher = Some(Switcher::default());
                return iced::widget::operation::focus(WHERE);
            }
            (Action::Typed(part), Some(switcher)) => *switcher = Switcher { part, at: 0 },
            (Action::Move(by), Some(switcher)) => {
                let count = self.model.goals(&switcher.part, OFFERED).len().max(1);
                switcher.at = (switcher.at + count).saturating_add_signed(by) % count;
            }
            (Action::Submit, Some(switcher)) => {
                let mut goals = self.model.goals(&switcher.part, OFFERED).into_iter();
                if let Some(goal) = goals.nth(switcher.at) {
                    return self.go(goal);
                }
            }
            (Action::Go(goal), Some(_)) => return self.go(goal),
            (_, None) => {}
        }
        Task::none()
    }

    fn go(&mut self, goal: Goal) -> Task<Message> {
        self.switcher = None;
        match goal {
            Goal::Buffer(id) => self.show_and_reveal(&id),
            Goal::Person(nick) => {
                let id = self.model.open_query(&nick);
                self.show_and_reveal(&id)
            }
            Goal::Channel(channel) => {
                self.joining = Some(channel.clone());
                self.send(Command::Join { channel, key: None });
                self.focus()
            }
        }
    }

    pub(super) fn switcher_dialog(&self) -> Option<Element<'_, Message>> {
        let switcher = self.switcher.as_ref()?;
        let field = text_input("Where to? A part of a name is enough", &switcher.part)
            .id(WHERE)
            .on_input(|part| Message::Switcher(Action::Typed(part)))
            .on_submit(Message::Switcher(Action::Submit))
            .padding([9, 12])
            .size(size::BODY)
            .font(theme::FONT)
            .style(style::field_on_card);
        let goals = self.model.goals(&switcher.part, OFFERED);
        let nothing = goals.is_empty().then(|| {
            let told = "Nothing here has such a name. With # in front it is a channel to join.";
            let told = text(told).size(size::NOTE).style(style::muted);
            container(told).padding([4, 10])
        });
        let goals = goals.into_iter().enumerate();
        let list = Column::with_children(goals.map(|(n, goal)| self.goal(goal, n == switcher.at)));
        let card = container(column![field, nothing, list.spacing(1)].spacing(gap::S))
            .padding(gap::M)
            .max_width(440)
            .style(style::dialog);
        // At the top: the field stays where it is while the list grows and shrinks.
        let veil = container(opaque(card))
            .center_x(Fill)
            .height(Fill)
            .padding(iced::Padding::new(gap::L).top(gap::XL * 2.0))
            .style(style::veil);
        let close = Message::Switcher(Action::Toggle);
        Some(opaque(mouse_area(veil).on_press(close)))
    }

    fn goal(&self, goal: Goal, chosen: bool) -> Element<'_, Message> {
        let buffer = match &goal {
            Goal::Buffer(id) => self.model.buffer(id),
            _ => None,
        };
        let (name, note) = match &goal {
            Goal::Buffer(_) => (buffer.map_or("", |b| b.name()), ""),
            Goal::Person(nick) => (nick.as_str(), "write to"),
            Goal::Channel(name) => (name.as_str(), "join"),
        };
        let person = buffer.is_none_or(|b| b.kind() == BufferKind::Query);
        let sign = match goal {
            Goal::Channel(_) => None,
            _ => person.then(|| avatar(name, 20.0)),
        };
        let name = text(name.to_owned())
            .size(size::BODY)
            .wrapping(text::Wrapping::None);
        let note = text(note).size(size::SMALL).style(style::muted);
        let news = buffer.filter(|b| b.unread() > 0);
        let news = news.map(|b| badge(b.unread(), b.highlights() > 0));
        let line = row![sign, container(name).width(Fill).clip(true), note, news];
        button(line.spacing(gap::S).align_y(Center))
            .width(Fill)
            .padding([6, 10])
            .style(style::list_row(chosen))
            .on_press(Message::Switcher(Action::Go(goal)))
            .into()
    }
}
