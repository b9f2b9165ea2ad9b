//! The dialog that asks for one to five stars.

use iced::widget::{button, column, container, mouse_area, opaque, row, space, text};
use iced::{Center, Element, Fill};

use super::Message;
use crate::theme::{size, space as gap, style};
use crate::widget::stars;

/// Whether the dialog is open, what is chosen, and what was given.
#[derive(Debug, Clone, Default)]
pub(super) struct Rating {
    open: Option<Purpose>,
    chosen: Option<u8>,
    given: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Rate,
    Leave,
}

impl Rating {
    pub(super) fn open(&mut self, leaving: bool) {
        let purpose = if leaving {
            Purpose::Leave
        } else {
            Purpose::Rate
        };
        self.open = Some(purpose);
    }

    pub(super) fn close(&mut self) {
        self.open = None;
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn leaving(&self) -> bool {
        self.open == Some(Purpose::Leave)
    }

    /// Whether the user has rated since the window was opened.
    pub(super) fn given(&self) -> bool {
        self.given
    }

    pub(super) fn choose(&mut self, stars: u8) {
        self.chosen = Some(stars.clamp(1, 5));
    }

    /// The stars to send; closes the dialog.
    pub(super) fn give(&mut self) -> Option<u8> {
        self.open = None;
        self.given |= self.chosen.is_some();
        self.chosen
    }

    pub(super) fn view(&self) -> Option<Element<'_, Message>> {
        let purpose = self.open?;
        let (title, give) = match purpose {
            Purpose::Leave => ("How was it?", "Rate and leave"),
            Purpose::Rate => ("How do you like it here?", "Send rating"),
        };
        let word = match self.chosen {
            None => "Choose one to five stars",
            Some(1) => "Not good",
            Some(2) => "Could be better",
            Some(3) => "All right",
            Some(4) => "Good",
            Some(_) => "Excellent",
        };
        let give = button(text(give).size(size::BODY))
            .padding([9, 16])
            .style(style::primary)
            .on_press_maybe(self.chosen.map(|_| Message::GiveStars));
        let mut buttons = row![].spacing(gap::S).align_y(Center);
        buttons = buttons.push(plain("Stay", Message::Dismiss, purpose == Purpose::Leave));
        buttons = buttons.push(plain("Not now", Message::Dismiss, purpose == Purpose::Rate));
        let leave = plain(
            "Leave without rating",
            Message::LeaveUnrated,
            purpose == Purpose::Leave,
        );
        let buttons = buttons.push(leave).push(give);
        let card = column![
            text(title).size(size::HERO - 6.0),
            text("Your stars go to the server that you are on.")
                .size(size::NOTE)
                .style(style::muted),
            space().height(gap::XS),
            stars(self.chosen, 40.0, Message::Stars),
            text(word).size(size::BODY).style(style::muted),
            space().height(gap::S),
            buttons,
        ]
        .spacing(gap::S)
        .align_x(Center);
        let card = opaque(container(card).padding(gap::XL).style(style::dialog));
        let veil = container(card).center(Fill).style(style::veil);
        Some(opaque(mouse_area(veil).on_press(Message::Dismiss)))
    }
}

fn plain(label: &str, message: Message, shown: bool) -> Option<Element<'_, Message>> {
    let pressed = button(text(label).size(size::BODY))
        .padding([9, 14])
        .style(style::quiet)
        .on_press(message);
    shown.then(|| pressed.into())
}
