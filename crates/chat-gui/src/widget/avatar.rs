//! A person as a round sign with a letter.

use iced::widget::{container, text};
use iced::{Element, Theme, border};

use crate::theme::Colors;

/// A disc in the person's colour with the first letter of the name. `size` is its width in logical
/// pixels.
#[must_use]
pub fn avatar<'a, Message: 'a>(nick: &str, size: f32) -> Element<'a, Message> {
    let name = nick.to_owned();
    let letter = text(initial(nick))
        .size(size * 0.5)
        .line_height(1.0)
        .style(|theme: &Theme| text::Style {
            color: Some(Colors::of(theme).on_accent),
        });
    container(letter)
        .center(size)
        .style(move |theme: &Theme| {
            let color = Colors::of(theme).name(&name);
            container::Style::default()
                .background(color)
                .border(border::rounded(size * 0.32))
        })
        .into()
}

/// The letter that stands for a name: its first letter or digit in upper case.
#[must_use]
pub fn initial(nick: &str) -> String {
    let letter = nick.chars().find(|c| c.is_alphanumeric());
    letter.map_or_else(|| "?".to_owned(), |c| c.to_uppercase().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_letter_stands_for_a_name() {
        assert_eq!(initial("ana"), "A");
        assert_eq!(initial("_ß"), "SS");
        assert_eq!(initial("[7]"), "7");
        assert_eq!(initial("^^"), "?");
    }
}
