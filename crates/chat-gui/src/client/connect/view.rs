//! How the screen looks that asks where to go.

use iced::widget::{
    Column, button, checkbox, column, container, scrollable, space, text, text_input,
};
use iced::{Center, Element, Fill};

use super::{Connect, DEFAULT_ADDRESS, Message};
use crate::theme::{self, size, space as gap, style};
use crate::widget::bubble;

impl Connect {
    /// Draws the screen.
    #[must_use]
    pub fn view(&self) -> Element<'_, Message> {
        // With all options there is no room for a picture in a low window.
        let picture = (!self.more).then(|| column![bubble(56.0), space().height(gap::S)]);
        let head = column![
            picture,
            text("Welcome").size(size::HERO),
            text("Connect to a chat server to meet everybody on it.")
                .size(size::NOTE)
                .style(style::muted),
        ]
        .spacing(gap::XS)
        .align_x(Center)
        .width(Fill);
        let card = column![head, self.form()].spacing(gap::L);
        let card = container(card)
            .padding(gap::XL)
            .width(400)
            .style(style::card);
        let note = text("Works with any IRC server")
            .size(size::SMALL)
            .style(style::faint);
        let all = column![card, note].spacing(gap::M).align_x(Center);
        // In a low window the form is scrolled.
        let all = scrollable(container(all).center_x(Fill).padding([gap::M, 0.0]))
            .direction(style::thin_bar())
            .style(style::scroll);
        container(all).center(Fill).style(style::side_pane).into()
    }

    fn form(&self) -> Element<'_, Message> {
        let mut form = column![
            labelled("Server", self.address_field()),
            labelled(
                "Nickname",
                field("nick", "Your name here", &self.nick, Message::Nick)
            ),
        ]
        .spacing(gap::M);
        if let Some(error) = &self.error {
            let told = text(error).size(size::NOTE).style(text::danger);
            let told = container(told).padding([gap::S, gap::M]).width(Fill);
            form = form.push(told.style(style::tinted_danger));
        }
        // Above the options, so that it is in sight however many there are.
        let connect = button(text("Connect").size(size::BODY).width(Fill).align_x(Center))
            .padding(11)
            .width(Fill)
            .style(style::primary)
            .on_press(Message::Submit);
        let more = match self.more {
            true => "Fewer options",
            false => "More options",
        };
        let more = button(text(more).size(size::NOTE))
            .padding([2, 0])
            .style(style::link)
            .on_press(Message::More);
        let form = form.push(space().height(1)).push(connect).push(more);
        match self.more {
            true => self.more_fields(form).into(),
            false => form.into(),
        }
    }

    /// The fields that few need.
    fn more_fields<'a>(&'a self, form: Column<'a, Message>) -> Column<'a, Message> {
        let password = field(
            "password",
            "Only if it asks for one",
            &self.password,
            Message::Password,
        );
        let certificate = field(
            "certificate",
            "A PEM file of your own, to log in with",
            &self.certificate,
            Message::Certificate,
        );
        let mut form = form
            .push(labelled("Real name", self.realname_field()))
            .push(labelled("Account", self.account_field()))
            .push(labelled("Account password", self.secret_field()))
            .push(labelled("Server password", password.secure(true)))
            .push(labelled("Certificate", certificate));
        if !self.certificate.trim().is_empty() {
            let tip = "If it is in a file of its own";
            let key = field("certificate-key", tip, &self.key, Message::CertificateKey);
            form = form.push(labelled("Key of the certificate", key));
        }
        let kept = "Remember the passwords (only you can read them)";
        form = form
            .push(check(self.remember, kept, Message::Remember))
            .push(check(
                self.typing,
                "Show others when I am writing",
                Message::Typing,
            ))
            .push(check(
                self.insecure,
                "Accept any certificate of the server",
                Message::Insecure,
            ));
        if self.insecure {
            let words = "Whoever is between you and the server can then read and change everything, \
                         your password too. This is not remembered.";
            let told = text(words).size(size::NOTE).style(text::danger);
            let told = container(told).padding([gap::S, gap::M]).width(Fill);
            form = form.push(told.style(style::tinted_danger));
        }
        form
    }

    fn address_field(&self) -> text_input::TextInput<'_, Message> {
        field("address", DEFAULT_ADDRESS, &self.address, Message::Address)
            .on_submit(Message::AddressDone)
    }

    fn account_field(&self) -> text_input::TextInput<'_, Message> {
        field(
            "account",
            "If you have one",
            &self.account,
            Message::Account,
        )
    }

    fn secret_field(&self) -> text_input::TextInput<'_, Message> {
        field(
            "secret",
            "Not needed with a certificate",
            &self.secret,
            Message::Secret,
        )
        .secure(true)
    }

    fn realname_field(&self) -> text_input::TextInput<'_, Message> {
        field(
            "realname",
            "Shown to who asks about you",
            &self.realname,
            Message::RealName,
        )
    }
}

fn field<'a>(
    id: &'static str,
    placeholder: &str,
    value: &str,
    on_input: fn(String) -> Message,
) -> text_input::TextInput<'a, Message> {
    text_input(placeholder, value)
        .id(id)
        .on_input(on_input)
        .on_submit(Message::Submit)
        .padding([10, 12])
        .size(size::BODY)
        .font(theme::FONT)
        .style(style::field_on_card)
}

fn labelled<'a>(label: &'a str, field: text_input::TextInput<'a, Message>) -> Element<'a, Message> {
    let label = text(label).size(size::NOTE).style(style::muted);
    column![label, field].spacing(gap::XS + 2.0).into()
}

fn check<'a>(on: bool, label: &'a str, message: fn(bool) -> Message) -> Element<'a, Message> {
    checkbox(on)
        .label(label)
        .on_toggle(message)
        .size(16)
        .text_size(size::NOTE)
        .style(style::check)
        .into()
}
