use chat_client::{Limits, Update};
use iced_test::{Simulator, selector, simulator};

use super::*;

mod connection;
mod links;
mod memory;
mod selecting;
mod switching;
mod writing;

/// Lines of a server, as updates.
fn lines(lines: &[&str]) -> Vec<Update> {
    let line = |line: &&str| {
        let message = chat_proto::Message::parse((*line).to_owned().into()).unwrap();
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        Update::Line { at, message }
    };
    lines.iter().map(line).collect()
}

fn feed(chat: &mut Chat, from_server: &[&str]) {
    let now = Timestamp::from_second(1_800_000_060).unwrap();
    let (_task, event) = chat.apply(&lines(from_server), now);
    assert_eq!(event, None);
}

/// A screen that is online and on two channels.
fn chat() -> Chat {
    let model = Model::new("ana", "Example", Limits::default());
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    let mut chat = Chat::new(model, People::Shown, TimeZone::UTC, now);
    let nick = "ana".into();
    let _ = chat.apply(&[Update::Registered { nick }], now);
    feed(
        &mut chat,
        &[
            ":s.example NOTICE * :*** You are on Server-2",
            ":ana!a@h JOIN #lobby",
            ":s.example 332 ana #lobby :Be kind",
            ":s.example 353 ana = #lobby :@bob ana +cleo",
            ":s.example 366 ana #lobby :End",
            ":ana!a@h JOIN #rust",
            ":bob!b@h PRIVMSG #lobby :good morning",
        ],
    );
    chat
}

/// Lets a user act, and the screen take it in; returns the last event.
fn act(chat: &mut Chat, act: impl FnOnce(&mut Simulator<'_, Message>)) -> Option<Event> {
    let messages: Vec<Message> = {
        let mut ui = simulator(chat.view());
        act(&mut ui);
        ui.into_messages().collect()
    };
    let events = messages.into_iter().map(|message| chat.update(message).1);
    events.flatten().last()
}

/// Writes this instead of what is written.
fn write(chat: &mut Chat, text: &str) {
    use iced::widget::text_editor::{Action, Edit};
    let _ = chat.update(Message::Edit(Action::SelectAll));
    let _ = chat.update(Message::Edit(Action::Edit(Edit::Paste(
        text.to_owned().into(),
    ))));
}

fn shows(chat: &Chat, text: &str) -> bool {
    simulator(chat.view()).find(text).is_ok()
}

fn press(chat: &mut Chat, label: &str) -> Option<Event> {
    act(chat, |ui| {
        let pressed = ui.click(label);
        assert!(pressed.is_ok(), "{label}: {pressed:?}");
    })
}

#[test]
fn the_lobby_is_shown_with_its_people_topic_and_messages() {
    let chat = chat();
    for text in [
        "Example",
        "Server-2",
        "#lobby",
        "Be kind",
        "good morning",
        "cleo",
        "3 people",
    ] {
        assert!(shows(&chat, text), "{text}");
    }
    assert_eq!(chat.title(), "#lobby");
}

#[test]
fn typing_and_enter_sends_and_keeps_the_line_in_the_history() {
    let mut chat = chat();
    act(&mut chat, |ui| {
        ui.click(selector::id("entry")).unwrap();
        ui.typewrite("hello all");
        ui.tap_key(iced::keyboard::key::Named::Enter);
    });
    assert_eq!(chat.input.text(), "");
    // There is no worker in this test, and the user is told so.
    assert!(shows(&chat, "That was not sent: not connected yet"));
    let _ = chat.update(Message::Key(Key::Older));
    assert_eq!(chat.input.text(), "hello all");
    feed(&mut chat, &[":ana!a@h PRIVMSG #lobby :hello all"]);
    assert!(shows(&chat, "hello all"));
}

#[tokio::test]
async fn what_is_typed_reaches_the_server() {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = chat_client::Endpoint::from(listener.local_addr().unwrap());
    let (client, mut updates) = Client::connect(chat_client::Config::new(endpoint, "ana"));
    let (stream, _) = listener.accept().await.unwrap();
    let (reader, mut writer) = stream.into_split();
    let hello = b":s CAP * LS :\r\n:s 001 ana :Welcome\r\n:ana!a@h JOIN #lobby\r\n";
    writer.write_all(hello).await.unwrap();

    let model = Model::new("ana", "Example", Limits::default());
    let mut chat = Chat::new(model, People::Shown, TimeZone::UTC, Timestamp::now());
    chat.ready(client);
    while chat.model().find("#lobby").is_none() {
        let update = updates.next().await.unwrap();
        let _ = chat.apply(&[update], Timestamp::now());
    }
    act(&mut chat, |ui| {
        ui.click(selector::id("entry")).unwrap();
        ui.typewrite("hello all");
    });
    press(&mut chat, "Send");
    press(&mut chat, "Rate");
    act(&mut chat, |ui| {
        drop(ui.click(selector::id("star-4")).unwrap())
    });
    press(&mut chat, "Send rating");
    press(&mut chat, "Leave");
    let mut said = Vec::new();
    let mut lines = BufReader::new(reader).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        said.push(line);
        if said.last().is_some_and(|line| line == "QUIT") {
            break;
        }
    }
    let last: Vec<&str> = said.iter().rev().take(3).map(String::as_str).collect();
    assert_eq!(last, ["QUIT", "RATE 4", "PRIVMSG #lobby :hello all"]);
}

#[test]
fn channels_are_switched_by_mouse_and_keys_and_keep_their_drafts() {
    let mut chat = chat();
    write(&mut chat, "half a sent");
    press(&mut chat, "rust");
    assert_eq!(chat.title(), "#rust");
    assert_eq!(chat.input.text(), "");
    let _ = chat.update(Message::Key(Key::Previous));
    assert_eq!(
        (chat.title().as_str(), chat.input.text()),
        ("#lobby", "half a sent")
    );
    let _ = chat.update(Message::Key(Key::Next));
    let _ = chat.update(Message::Key(Key::Next));
    assert_eq!(chat.title(), "Example", "round the corner");
    feed(&mut chat, &[":bob!b@h PRIVMSG #rust :ana: look"]);
    assert_eq!(chat.title(), "(1) Example");
    let _ = chat.update(Message::Key(Key::NextUnread));
    assert_eq!(chat.title(), "#rust");
}

#[test]
fn a_person_is_pressed_to_talk_to() {
    let mut chat = chat();
    press(&mut chat, "cleo");
    assert_eq!(chat.title(), "cleo");
    assert!(shows(&chat, "A conversation between the two of you"));
}

#[test]
fn tab_completes_names_of_the_channel() {
    let mut chat = chat();
    write(&mut chat, "cl");
    let _ = chat.update(Message::Key(Key::Complete));
    assert_eq!(chat.input.text(), "cleo: ");
    write(&mut chat, "/jo");
    let _ = chat.update(Message::Key(Key::Complete));
    assert_eq!(chat.input.text(), "/join ");
}

#[test]
fn a_wrong_command_is_explained_and_stays_to_be_mended() {
    let mut chat = chat();
    write(&mut chat, "/rate seven");
    let _ = chat.update(Message::Submit);
    assert!(shows(
        &chat,
        "A rating is a number from 1 to 5. Usage: /rate 1-5"
    ));
    assert_eq!(chat.input.text(), "/rate seven");
}

#[test]
fn leaving_asks_for_stars() {
    let mut chat = chat();
    press(&mut chat, "Leave");
    assert!(shows(&chat, "How was it?"));
    // Without stars there is nothing to give.
    press(&mut chat, "Rate and leave");
    assert!(shows(&chat, "How was it?"));
    act(&mut chat, |ui| {
        drop(ui.click(selector::id("star-5")).unwrap())
    });
    assert!(shows(&chat, "Excellent"));
    act(&mut chat, |ui| {
        drop(ui.click(selector::id("star-2")).unwrap())
    });
    assert!(shows(&chat, "Could be better"));
    let event = press(&mut chat, "Rate and leave");
    // No worker runs in this test, so there is nobody to wait for.
    assert_eq!(event, Some(Event::Over(None)));
}

#[test]
fn one_can_stay_or_leave_without_rating() {
    let mut chat = chat();
    press(&mut chat, "Leave");
    press(&mut chat, "Stay");
    assert!(!shows(&chat, "How was it?"));
    press(&mut chat, "Leave");
    assert_eq!(
        press(&mut chat, "Leave without rating"),
        Some(Event::Over(None))
    );
}

#[test]
fn a_lost_connection_counts_down_and_a_refusal_ends_the_screen() {
    let mut chat = chat();
    let at = Timestamp::from_second(1_800_000_100).unwrap();
    let lost = |retry: Option<u64>| Update::Disconnected {
        at,
        reason: "the server closed the connection".to_owned(),
        retry: retry.map(std::time::Duration::from_secs),
    };
    let _ = chat.apply(&[lost(Some(4))], at);
    let banner = "Connection lost: the server closed the connection. Next attempt in";
    assert!(shows(&chat, &format!("{banner} 4 s.")));
    chat.tick(Timestamp::from_second(1_800_000_103).unwrap());
    assert!(shows(&chat, &format!("{banner} 1 s.")));
    assert!(shows(&chat, "Reconnect now"));

    let model = Model::new("ana", "Example", Limits::default());
    let mut fresh = Chat::new(model, People::Shown, TimeZone::UTC, at);
    let (_, event) = fresh.apply(&[lost(None)], at);
    let reason = "the server closed the connection".to_owned();
    assert_eq!(event, Some(Event::Over(Some(reason))));
}

#[test]
fn many_messages_are_drawn_in_pages() {
    let mut chat = chat();
    let many: Vec<String> = (0..3000)
        .map(|n| format!(":bob!b@h PRIVMSG #lobby :message {n}."))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    feed(&mut chat, &many);
    assert!(shows(&chat, "message 2999."));
    assert!(!shows(&chat, "message 2000."));
    for _ in 0..6 {
        let _ = chat.update(Message::Scrolled(Place::Start));
    }
    assert!(shows(&chat, "message 2000."));
    assert!(!shows(&chat, "message 2999."), "the page has moved");
    feed(&mut chat, &[":bob!b@h PRIVMSG #lobby :something new"]);
    assert!(!shows(&chat, "something new"));
    let _ = chat.update(Message::JumpToEnd);
    assert!(shows(&chat, "something new"));
}

#[test]
fn a_joined_channel_is_shown_when_it_was_asked_for() {
    let mut chat = chat();
    feed(&mut chat, &[":ana!a@h JOIN #again"]);
    assert_eq!(chat.title(), "#lobby");
    write(&mut chat, "/join wanted");
    let _ = chat.update(Message::Submit);
    feed(&mut chat, &[":ana!a@h JOIN #wanted"]);
    assert_eq!(chat.title(), "#wanted");
}

#[test]
fn many_comings_and_goings_are_one_row_until_it_is_pressed() {
    let mut chat = chat();
    feed(
        &mut chat,
        &[
            ":dora!d@h JOIN #lobby",
            ":evan!e@h JOIN #lobby",
            ":cleo!c@h PART #lobby",
        ],
    );
    assert!(shows(&chat, "dora joined"));
    feed(&mut chat, &[":evan!e@h QUIT :bye"]);
    let told = "dora came; evan came and left; cleo left";
    assert!(shows(&chat, told) && !shows(&chat, "dora joined"));
    press(&mut chat, told);
    assert!(!shows(&chat, told) && shows(&chat, "dora joined"));
    feed(&mut chat, &[":dora!d@h QUIT :bye"]);
    assert!(shows(&chat, "dora joined"), "and so it stays");
}

#[test]
fn who_looks_elsewhere_is_called_when_spoken_to() {
    let mut chat = chat();
    feed(&mut chat, &[":bob!b@h PRIVMSG #rust :ana: look"]);
    assert!(!chat.called(), "the window is looked at");
    chat.focused(false);
    feed(&mut chat, &[":bob!b@h PRIVMSG #lobby :nothing much"]);
    assert!(!chat.called(), "said to nobody");
    feed(&mut chat, &[":bob!b@h PRIVMSG #lobby :ana: look"]);
    assert!(chat.called() && !chat.called(), "once");
    chat.focused(true);
    feed(&mut chat, &[":bob!b@h PRIVMSG ana :psst"]);
    assert!(!chat.called());
}

#[test]
fn every_screen_draws_in_both_modes() {
    let mut chat = chat();
    feed(
        &mut chat,
        &[
            ":cleo!c@h PRIVMSG #lobby :\u{1}ACTION waves\u{1}",
            ":cleo!c@h PRIVMSG #lobby :ana: see https://example.org/a",
            ":cleo!c@h NICK chloe",
            ":s.example 403 ana #nowhere :No such channel",
        ],
    );
    let _ = chat.update(Message::Rate);
    for mode in [crate::theme::Mode::Dark, crate::theme::Mode::Light] {
        let theme = crate::theme::theme(mode);
        let mut ui = simulator(chat.view());
        assert!(ui.snapshot(&theme).is_ok());
    }
}

/// Everything that comes and goes around the input line, one after another, while somebody types.
#[test]
fn the_input_line_keeps_the_keyboard_whatever_comes_and_goes() {
    use iced_test::core::Size;
    use iced_test::runtime::{UserInterface, user_interface::Cache};

    let mut chat = chat();
    let mut renderer = {
        use iced_test::core::renderer::Headless;
        let font = crate::theme::FONT;
        let made = <iced_test::renderer::Renderer as Headless>::new(font, 14.0.into(), None);
        iced_test::futures::futures::executor::block_on(made).unwrap()
    };
    let mut cache = Cache::default();
    let mut focused = |chat: &Chat, focus: bool| {
        use iced_test::core::widget::operation::{self, Outcome, focusable};
        let size = Size::new(1000.0, 700.0);
        let mut ui: UserInterface<'_, Message, iced::Theme, _> =
            UserInterface::build(chat.view(), size, std::mem::take(&mut cache), &mut renderer);
        if focus {
            ui.operate(&renderer, &mut focusable::focus::<()>("entry".into()));
        }
        let mut ask = focusable::is_focused("entry".into());
        ui.operate(&renderer, &mut operation::black_box(&mut ask));
        let outcome = operation::Operation::finish(&ask);
        cache = ui.into_cache();
        matches!(outcome, Outcome::Some(true))
    };
    assert!(focused(&chat, true));
    let at = Timestamp::from_second(1_800_000_100).unwrap();
    let lost = Update::Disconnected {
        at,
        reason: "gone".to_owned(),
        retry: Some(std::time::Duration::from_secs(4)),
    };
    let _ = chat.apply(&[lost], at);
    assert!(focused(&chat, false), "a banner");
    let nick = "ana".into();
    let _ = chat.apply(&[Update::Registered { nick }], at);
    feed(&mut chat, &[":ana!a@h JOIN #lobby"]);
    assert!(focused(&chat, false), "online again");
    write(&mut chat, "/nope");
    let _ = chat.update(Message::Submit);
    assert!(focused(&chat, false), "an explanation");
    let _ = chat.update(Message::Scrolled(Place::Middle));
    assert!(focused(&chat, false), "scrolled up");
    let _ = chat.update(Message::TogglePeople);
    assert!(focused(&chat, false), "without people");
    let _ = chat.update(Message::Rate);
    let _ = chat.update(Message::Dismiss);
    assert!(focused(&chat, false), "a dialog");
}
