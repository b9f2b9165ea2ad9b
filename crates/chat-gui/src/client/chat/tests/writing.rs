//! Writing several lines, and pasting many.

use iced::keyboard::{self, Modifiers, key::Named};

use super::*;

/// Presses Enter in what is being written.
fn enter(chat: &mut Chat, modifiers: Modifiers) {
    act(chat, |ui| {
        ui.click(selector::id("entry")).unwrap();
        let key = keyboard::Key::Named(Named::Enter);
        let pressed = keyboard::Event::KeyPressed {
            key: key.clone(),
            modified_key: key,
            physical_key: keyboard::key::Physical::Code(keyboard::key::Code::Enter),
            location: keyboard::Location::Standard,
            modifiers,
            text: None,
            repeat: false,
        };
        let _ = ui.simulate([iced_test::core::Event::Keyboard(pressed)]);
    });
}

#[test]
fn enter_sends_and_with_shift_begins_a_line() {
    let mut chat = chat();
    write(&mut chat, "one");
    enter(&mut chat, Modifiers::SHIFT);
    // The click has put the cursor where the pointer was: on, or behind, what is written.
    assert!(chat.input.text().contains('\n'), "{:?}", chat.input.text());
    write(&mut chat, "one\ntwo");
    enter(&mut chat, Modifiers::empty());
    assert_eq!(chat.input.text(), "");
    let _ = chat.update(Message::Key(Key::Older));
    assert_eq!(chat.input.text(), "one\ntwo");
}

#[test]
fn many_lines_are_sent_only_after_a_question() {
    let mut chat = chat();
    let six = "1\n2\n3\n4\n5\n6\n";
    write(&mut chat, six);
    let _ = chat.update(Message::Submit);
    assert!(shows(&chat, "Send 6 lines as 6 messages?"));
    assert_eq!(chat.input.text(), six.trim_end());
    press(&mut chat, "Keep writing");
    assert!(!shows(&chat, "Keep writing"));
    feed(&mut chat, &[":s CAP * ACK :batch draft/multiline"]);
    let _ = chat.update(Message::Submit);
    assert!(shows(&chat, "Send 6 lines as one message?"));
    // Who goes on writing is asked again.
    let _ = chat.update(Message::Edit(text_editor::Action::Edit(
        text_editor::Edit::Insert('!'),
    )));
    assert!(!shows(&chat, "Send all"));
    let _ = chat.update(Message::Submit);
    press(&mut chat, "Send all");
    assert_eq!(chat.input.text(), "");
}

#[test]
fn more_than_can_be_sent_stays_to_be_shortened() {
    let mut chat = chat();
    write(&mut chat, &"line\n".repeat(300));
    let _ = chat.update(Message::Submit);
    assert!(shows(&chat, "that is too long: at most 40 lines at once"));
    assert_eq!(chat.input.text().lines().count(), 300);
}

#[test]
fn a_message_of_several_lines_is_shown_in_its_lines() {
    let mut chat = chat();
    feed(
        &mut chat,
        &[
            "@msgid=1 :bob!b@h BATCH +1 draft/multiline #lobby",
            "@batch=1 :bob!b@h PRIVMSG #lobby :first",
            "@batch=1 :bob!b@h PRIVMSG #lobby :second",
            ":bob!b@h BATCH -1",
            "@+draft/reply=1 :cleo!c@h PRIVMSG #lobby :yes",
        ],
    );
    assert!(shows(&chat, "first\nsecond") && shows(&chat, "↪ bob: first  second"));
}

#[test]
fn who_spoke_last_is_completed_first() {
    let mut chat = chat();
    feed(
        &mut chat,
        &[
            ":anders!a@h JOIN #lobby",
            ":anton!a@h JOIN #lobby",
            ":anton!a@h PRIVMSG #lobby :hello",
        ],
    );
    write(&mut chat, "an");
    let mut next = || {
        let _ = chat.update(Message::Key(Key::Complete));
        chat.input.text().to_owned()
    };
    assert_eq!([next(), next(), next()], ["anton: ", "anders: ", "ana: "]);
    feed(&mut chat, &[":anders!a@h PRIVMSG #lobby :me too"]);
    write(&mut chat, "an");
    let _ = chat.update(Message::Key(Key::Complete));
    assert_eq!(chat.input.text(), "anders: ");
}
