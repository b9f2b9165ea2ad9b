//! Counts, dots and heads of lists.

use iced::widget::{container, space, text};
use iced::{Color, Element, Theme, border};

use crate::theme::{Colors, size, style};

/// A count in a pill; `loud` for what speaks to the user. Above 99 it says "99+".
#[must_use]
pub fn badge<'a, Message: 'a>(count: usize, loud: bool) -> Element<'a, Message> {
    let label = match count {
        0..=99 => count.to_string(),
        _ => "99+".to_owned(),
    };
    container(text(label).size(size::SMALL - 1.0).line_height(1.2))
        .padding([1, 7])
        .style(move |theme: &Theme| {
            let colors = Colors::of(theme);
            match loud {
                true => style::pill(colors.accent, colors.on_accent)(theme),
                false => style::pill(colors.line, colors.text)(theme),
            }
        })
        .into()
}

/// A small dot that says how something is.
#[must_use]
pub fn dot<'a, Message: 'a>(color: fn(&Colors) -> Color) -> Element<'a, Message> {
    container(space().width(8).height(8))
        .style(move |theme: &Theme| {
            container::Style::default()
                .background(color(Colors::of(theme)))
                .border(border::rounded(4))
        })
        .into()
}

/// The head of a part of a list.
#[must_use]
pub fn section<'a, Message: 'a>(label: String) -> Element<'a, Message> {
    text(label).size(size::SMALL).style(style::faint).into()
}
