//! Going to another conversation by a part of its name.

use super::*;

fn type_where(chat: &mut Chat, part: &str) {
    act(chat, |ui| {
        ui.click(selector::id("where")).unwrap();
        ui.typewrite(part);
    });
}

fn enter(chat: &mut Chat) {
    act(chat, |ui| {
        ui.click(selector::id("where")).unwrap();
        ui.tap_key(iced::keyboard::key::Named::Enter);
    });
}

#[test]
fn a_part_of_a_name_and_enter_lead_to_a_conversation() {
    let mut chat = chat();
    let _ = chat.update(Message::Key(Key::Switch));
    assert!(
        shows(&chat, "#rust"),
        "without a word all others are offered"
    );
    // A field of one letter at a time: the simulator types into what is drawn.
    type_where(&mut chat, "r");
    enter(&mut chat);
    assert_eq!(chat.title(), "#rust");
    assert!(chat.switcher.is_none());
    // The one looked at before is the first that is offered.
    let _ = chat.update(Message::Key(Key::Switch));
    enter(&mut chat);
    assert_eq!(chat.title(), "#lobby");
}

#[test]
fn the_keys_go_through_the_list_and_escape_closes_it() {
    let mut chat = chat();
    let _ = chat.update(Message::Key(Key::Switch));
    let _ = chat.update(Message::Key(Key::Newer));
    enter(&mut chat);
    assert_eq!(
        chat.title(),
        "Example",
        "the second of #rust and the network"
    );
    let _ = chat.update(Message::Key(Key::Switch));
    let _ = chat.update(Message::Key(Key::Older));
    enter(&mut chat);
    assert_eq!(chat.title(), "#rust", "up from the first is the last");
    let _ = chat.update(Message::Key(Key::Switch));
    let _ = chat.update(Message::Key(Key::Escape));
    assert!(chat.switcher.is_none());
}

#[test]
fn people_are_written_to_and_channels_joined() {
    let mut chat = chat();
    let _ = chat.update(Message::Key(Key::Switch));
    type_where(&mut chat, "c");
    assert!(shows(&chat, "write to"));
    enter(&mut chat);
    assert_eq!(chat.title(), "cleo");
    let _ = chat.update(Message::Key(Key::Switch));
    let typed = "#elsewhere".to_owned();
    let _ = chat.update(Message::Switcher(switcher::Action::Typed(typed)));
    press(&mut chat, "join");
    feed(&mut chat, &[":ana!a@h JOIN #elsewhere"]);
    assert_eq!(chat.title(), "#elsewhere");
    let _ = chat.update(Message::Key(Key::Switch));
    let typed = "nobody".to_owned();
    let _ = chat.update(Message::Switcher(switcher::Action::Typed(typed)));
    let told = "Nothing here has such a name. With # in front it is a channel to join.";
    assert!(shows(&chat, told));
}
