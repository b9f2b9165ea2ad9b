//! Links: looked at, pressed, and nothing else.

use super::*;

#[test]
fn a_link_tells_its_host_before_it_is_pressed_and_opens_only_then() {
    let mut chat = chat();
    let link = "https://bank.example@evil.example/login";
    feed(&mut chat, &[&format!(":bob!b@h PRIVMSG #lobby :{link}")]);
    let told = format!("Open evil.example  ·  {link}");
    let place = {
        let mut ui = simulator(chat.view());
        let found = ui.find(link).unwrap();
        found.bounds().center()
    };
    let event = act(&mut chat, |ui| {
        ui.point_at(place);
        let moved = iced_test::core::mouse::Event::CursorMoved { position: place };
        let _ = ui.simulate([iced_test::core::Event::Mouse(moved)]);
    });
    assert_eq!(event, None, "a look is no press");
    assert!(shows(&chat, &told));
    let event = press(&mut chat, link);
    assert_eq!(event, Some(Event::Open(link.to_owned())));
    let _ = chat.update(Message::OnLink(link.to_owned(), false));
    assert!(!shows(&chat, &told));
}

#[test]
fn words_beside_a_link_open_nothing() {
    let mut chat = chat();
    let text = "https://a.example and then a long way of words that are no link at all";
    feed(&mut chat, &[&format!(":bob!b@h PRIVMSG #lobby :{text}")]);
    assert_eq!(press(&mut chat, text), None);
}

#[test]
fn only_pages_of_the_web_are_opened() {
    let mut chat = chat();
    for wrong in ["file:///etc/passwd", "--help", "https://", "https://a b"] {
        let (_task, event) = chat.update(Message::Open(wrong.to_owned()));
        assert_eq!(event, None, "{wrong}");
    }
}

#[test]
fn links_in_a_topic_are_pressed_and_beside_them_all_of_it_is_shown() {
    let mut chat = chat();
    feed(&mut chat, &[":bob!b@h TOPIC #lobby :https://a.example"]);
    let event = press(&mut chat, "https://a.example");
    assert_eq!(event, Some(Event::Open("https://a.example".to_owned())));
    assert!(!chat.topic_open);
    let topic = "Rules: https://a.example and then a long way of words that are no link at all";
    feed(&mut chat, &[&format!(":bob!b@h TOPIC #lobby :{topic}")]);
    assert_eq!(press(&mut chat, topic), None);
    assert!(chat.topic_open && shows(&chat, "Set by bob on 15 Jan 2027, 08:00"));
    press(&mut chat, "Change");
    assert_eq!(chat.input.text(), format!("/topic {topic}"));
    assert!(!chat.topic_open);
    write(&mut chat, "/topic");
    let _ = chat.update(Message::Submit);
    assert!(chat.topic_open, "who asks sees it");
    let _ = chat.update(Message::Key(Key::Escape));
    assert!(!chat.topic_open);
    feed(&mut chat, &[":bob!b@h TOPIC #lobby :"]);
    press(&mut chat, "No topic yet: press to set one");
    assert_eq!(chat.input.text(), "/topic ");
}
