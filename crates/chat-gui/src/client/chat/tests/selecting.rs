//! Selecting in what was said, and typing where no field has the keyboard.

use iced::widget::text_editor;

use super::*;
use crate::widget::Selecting;

fn number(chat: &Chat, text: &str) -> u64 {
    let lines = chat.model.active().lines().iter();
    let mut found = lines.filter(|line| &*line.text == text);
    found.next().unwrap().number
}

/// The events of a mouse that is moved to the left edge of a text, and is there pressed if `pressed`.
fn mouse(chat: &mut Chat, text: &str, x: f32, pressed: bool) {
    use iced_test::core::mouse::{Button, Event};
    act(chat, |ui| {
        let bounds = ui.find(text).unwrap().bounds();
        let position = iced::Point::new(bounds.x + x, bounds.center_y());
        ui.point_at(position);
        let mut events = vec![Event::CursorMoved { position }];
        if pressed {
            events.push(Event::ButtonPressed(Button::Left));
        }
        let events = events.into_iter().map(iced_test::core::Event::Mouse);
        let _ = ui.simulate(events);
    });
}

fn two_said() -> Chat {
    let mut chat = chat();
    feed(
        &mut chat,
        &[
            ":cleo!c@h PRIVMSG #lobby :first words",
            ":cleo!c@h PRIVMSG #lobby :\u{1}ACTION waves\u{1}",
            ":dora!d@h JOIN #lobby",
            ":cleo!c@h PRIVMSG #lobby :last words",
        ],
    );
    chat
}

#[test]
fn the_mouse_selects_over_several_messages() {
    let mut chat = two_said();
    mouse(&mut chat, "first words", 0.0, true);
    assert!(!chat.has_selection(), "a press alone selects nothing");
    mouse(&mut chat, "last words", 400.0, false);
    assert!(chat.has_selection());
    let last = number(&chat, "last words");
    let _ = chat.update(Message::Selecting(last, Selecting::End));
    assert_eq!(
        chat.selected_text(),
        "[08:00] <cleo> first words\n[08:00] * cleo waves\n[08:00] dora joined\n[08:00] <cleo> last words"
    );
    // With the button up the pointer selects no more.
    mouse(&mut chat, "good morning", 0.0, false);
    assert!(chat.selected_text().starts_with("[08:00] <cleo> first"));
    let _ = chat.update(Message::CopySelected);
    assert!(shows(&chat, "Copied."));
    let _ = chat.update(Message::Key(Key::Escape));
    assert!(!chat.has_selection());
}

#[test]
fn a_part_of_one_message_is_copied_as_it_is() {
    let mut chat = two_said();
    let first = number(&chat, "first words");
    let _ = chat.update(Message::Selecting(first, Selecting::Begin(0..5)));
    let _ = chat.update(Message::Selecting(first, Selecting::End));
    assert_eq!(chat.selected_text(), "first");
    feed(&mut chat, &[":cleo!c@h PRIVMSG #lobby :something new"]);
    assert_eq!(chat.selected_text(), "first");
    // What is selected last is what is copied.
    let _ = chat.update(Message::Edit(text_editor::Action::SelectAll));
    assert!(!chat.has_selection());
}

#[test]
fn a_press_without_a_move_selects_nothing_and_another_conversation_forgets() {
    let mut chat = two_said();
    press(&mut chat, "first words");
    assert!(chat.selection.is_none());
    let first = number(&chat, "first words");
    let _ = chat.update(Message::Selecting(first, Selecting::Begin(0..5)));
    let _ = chat.update(Message::Key(Key::Next));
    assert!(!chat.has_selection() && chat.selected_text().is_empty());
}

#[test]
fn the_button_is_up_also_where_the_words_are_gone() {
    let mut chat = two_said();
    let first = number(&chat, "first words");
    let _ = chat.update(Message::Selecting(first, Selecting::Begin(0..5)));
    let _ = chat.released();
    mouse(&mut chat, "last words", 400.0, false);
    assert_eq!(chat.selected_text(), "first");
}

#[test]
fn what_is_typed_anywhere_is_written() {
    let mut chat = chat();
    write(&mut chat, "hello");
    let _ = chat.typed(" you");
    assert_eq!(chat.input.text(), "hello you");
    let _ = chat.update(Message::Rate);
    let _ = chat.typed("!");
    assert_eq!(chat.input.text(), "hello you", "a dialog is in front");
}
