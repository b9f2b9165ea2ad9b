//! A server that shows another certificate than before: what that means, and whether to trust it.

use chat_client::Update;
use chat_client::tls::Fingerprint;
use iced::widget::{button, column, container, mouse_area, opaque, row, space, text};
use iced::{Center, Element, Fill};

use super::{Chat, Event, Message};
use crate::theme::{size, space as gap, style};

/// A certificate that is another one than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed {
    server: String,
    first: Fingerprint,
    now: Fingerprint,
    /// The user looks at it.
    open: bool,
}

/// What the user does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Looks at it.
    Look,
    /// Does not decide now.
    Close,
    /// Trusts the new one.
    Trust,
}

impl Chat {
    /// Takes in what an update says about the server's certificate.
    pub(super) fn certificate_of(&mut self, update: &Update) {
        match update {
            Update::CertificateChanged { server, first, now } => {
                let same = self.changed.take().filter(|before| before.now == *now);
                self.changed = Some(same.unwrap_or_else(|| Changed {
                    server: server.clone(),
                    first: *first,
                    now: *now,
                    open: true,
                }));
            }
            Update::Connected => self.changed = None,
            _ => {}
        }
    }

    pub(super) fn certificate(&mut self, action: Action) -> Option<Event> {
        let changed = self.changed.as_mut()?;
        changed.open = action == Action::Look;
        if action != Action::Trust {
            return None;
        }
        let Changed { server, now, .. } = self.changed.take()?;
        let certificate = now;
        Some(Event::Trust {
            server,
            certificate,
        })
    }

    /// Whether the user is asked about a certificate.
    pub(super) fn asks_about_certificate(&self) -> bool {
        self.changed.as_ref().is_some_and(|changed| changed.open)
    }

    pub(super) fn certificate_dialog(&self) -> Option<Element<'_, Message>> {
        let changed = self.changed.as_ref().filter(|changed| changed.open)?;
        let told = |words: String| text(words).size(size::NOTE).style(style::muted);
        let print = |label, print: Fingerprint| {
            let print = print.to_string();
            let (one, other) = print.split_at(print.len() / 2);
            column![
                text(label).size(size::SMALL).style(style::faint),
                text(format!("{one}\n{other}")).size(size::NOTE),
            ]
            .spacing(2)
        };
        let plain = |label, action, look: fn(&iced::Theme, button::Status) -> button::Style| {
            button(text(label).size(size::BODY))
                .padding([9, 14])
                .style(look)
                .on_press(Message::Certificate(action))
        };
        let buttons = row![
            space().width(Fill),
            plain("Trust the new one", Action::Trust, style::secondary),
            plain("Not now", Action::Close, style::primary),
        ];
        let card = column![
            text("Another certificate").size(size::HERO - 6.0),
            told(format!(
                "{} shows another certificate than the first time. It may have been renewed. Or \
                 somebody sits between you and the server, who would read and change everything, \
                 your password too.",
                changed.server
            )),
            told("Ask who runs the server for the fingerprint of its certificate.".to_owned()),
            print("The first time", changed.first),
            print("Now", changed.now),
            space().height(gap::XS),
            buttons.spacing(gap::S).align_y(Center),
        ];
        let card = container(card.spacing(gap::M)).max_width(480);
        let card = opaque(card.padding(gap::XL).style(style::dialog));
        let veil = container(card)
            .center(Fill)
            .padding(gap::L)
            .style(style::veil);
        let close = Message::Certificate(Action::Close);
        Some(opaque(mouse_area(veil).on_press(close)))
    }
}
