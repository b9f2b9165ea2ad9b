//! What can be done with one message: reply, put a sign to it, copy it, withdraw it.

use chat_client::{BufferId, Command, Line};
use iced::widget::{Column, button, column, container, row, text};
use iced::{Center, Element, Fill, Task};
use smol_str::SmolStr;

use super::{Chat, Message};
use crate::client::link;
use crate::theme::{size, space as gap, style};

/// The signs that are offered: in fonts that are everywhere, and plain text for the rest.
const SIGNS: [&str; 5] = ["+1", "❤", "😄", "😮", "✔"];

/// A message that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    buffer: BufferId,
    number: u64,
}

/// The message that is replied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Replying {
    pub(super) buffer: BufferId,
    pub(super) id: SmolStr,
    sender: SmolStr,
    text: String,
}

/// What the user does with the chosen message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Replies to it.
    Reply,
    /// Puts a sign to it, or takes it away.
    Sign(SmolStr),
    /// Copies its text.
    Copy,
    /// Copies the links in it.
    CopyLinks,
    /// Withdraws it.
    Withdraw,
    /// Does nothing.
    Done,
}

impl Chat {
    /// The number of the chosen message, if it is one of those shown.
    pub(super) fn chosen(&self) -> Option<u64> {
        let choice = self.choice.as_ref()?;
        (choice.buffer == *self.model.active().id()).then_some(choice.number)
    }

    pub(super) fn shown_line(&self, number: u64) -> Option<&Line> {
        let lines = self.model.active().shown();
        let first = lines.front()?.number;
        lines.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    pub(super) fn choose(&mut self, number: u64) {
        let again = self.chosen() == Some(number);
        let talk = self.shown_line(number).is_some_and(|l| !l.text.is_empty());
        self.choice = (talk && !again).then(|| Choice {
            buffer: self.model.active().id().clone(),
            number,
        });
    }

    pub(super) fn act(&mut self, action: Action) -> Task<Message> {
        let number = self.chosen();
        self.choice = None;
        let Some(line) = number.and_then(|number| self.shown_line(number)).cloned() else {
            return Task::none();
        };
        match action {
            Action::Copy => {
                self.tell("Copied.".to_owned());
                return iced::clipboard::write(line.text.to_string());
            }
            Action::CopyLinks => {
                self.tell("Copied.".to_owned());
                let links = link::find(&line.text);
                let links: Vec<&str> = links.into_iter().map(|at| &line.text[at]).collect();
                return iced::clipboard::write(links.join("\n"));
            }
            Action::Reply => {
                self.replying = line.id.map(|id| Replying {
                    buffer: self.model.active().id().clone(),
                    id,
                    sender: line.sender,
                    text: line.text.replace('\n', "  "),
                });
                return self.focus();
            }
            Action::Sign(sign) => self.sign(line.number, &sign),
            Action::Withdraw => {
                if let Some(id) = line.id {
                    let target = self.model.active().name().into();
                    self.send(Command::Redact { target, id });
                }
            }
            Action::Done => {}
        }
        Task::none()
    }

    /// Puts a sign to a message; takes it away where the user has put it there.
    pub(super) fn sign(&mut self, number: u64, sign: &str) {
        let Some(line) = self.shown_line(number) else {
            return;
        };
        let Some(id) = line.id.clone().filter(|_| self.model.takes_tags()) else {
            return;
        };
        let there = line.reactions.iter().any(|r| r.sign == sign && r.own);
        self.send(Command::React {
            target: self.model.active().name().into(),
            id,
            sign: sign.into(),
            on: !there,
        });
    }

    /// The bar above the input line, while a message is chosen.
    pub(super) fn choice_bar(&self) -> Option<Element<'_, Message>> {
        let line = self.shown_line(self.chosen()?)?;
        let act = |label: &'static str, action: Action| {
            button(text(label).size(size::NOTE))
                .padding([4, 10])
                .style(style::quiet)
                .on_press(Message::Choice(action))
        };
        let tags = self.model.takes_tags() && line.id.is_some() && line.kind.is_talk();
        let mut offers = row![].spacing(2).align_y(Center);
        if tags {
            offers = offers.push(act("Reply", Action::Reply));
            for sign in SIGNS {
                offers = offers.push(act(sign, Action::Sign(sign.into())));
            }
        }
        offers = offers.push(act("Copy", Action::Copy));
        match link::find(&line.text).len() {
            0 => {}
            1 => offers = offers.push(act("Copy link", Action::CopyLinks)),
            _ => offers = offers.push(act("Copy links", Action::CopyLinks)),
        }
        if line.own && line.id.is_some() && self.model.can_withdraw() {
            offers = offers.push(act("Withdraw", Action::Withdraw));
        }
        offers = offers.push(act("×", Action::Done));
        let words = format!("{}: {}", line.sender, line.text.replace('\n', "  "));
        let words = text(words)
            .size(size::NOTE)
            .wrapping(text::Wrapping::None)
            .style(style::muted);
        let bar = column![container(words).clip(true).width(Fill), offers].spacing(2);
        let bar = container(bar).padding([gap::XS, gap::M]).width(Fill);
        Some(bar.style(style::card).into())
    }

    /// What is replied to, above the input line.
    pub(super) fn reply_bar(&self) -> Option<Element<'_, Message>> {
        let to = self.replying.as_ref()?;
        if to.buffer != *self.model.active().id() {
            return None;
        }
        let words = text(format!("Reply to {}: {}", to.sender, to.text))
            .size(size::NOTE)
            .wrapping(text::Wrapping::None)
            .style(style::accent);
        let none = button(text("×").size(size::BODY).line_height(1.0))
            .padding([1, 6])
            .style(style::quiet)
            .on_press(Message::NoReply);
        let bar = row![container(words).clip(true).width(Fill), none];
        let bar = bar.spacing(gap::S).align_y(Center);
        Some(container(bar).padding([0, 4]).into())
    }
}

/// An empty column where there is nothing. Not a space: rows and columns leave such out, and what
/// comes after it would forget its state, such as where one is writing.
pub(super) fn or_nothing(there: Option<Element<'_, Message>>) -> Element<'_, Message> {
    there.unwrap_or_else(|| Column::new().into())
}
