//! What is told of the connection: another nickname, another certificate, and what went wrong.

use std::time::Duration;

use chat_client::tls::Fingerprint;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn lost(reason: &str) -> Update {
    Update::Disconnected {
        at: at(1_800_000_100),
        reason: reason.to_owned(),
        retry: Some(Duration::from_secs(4)),
    }
}

fn changed(now: &[u8]) -> Update {
    Update::CertificateChanged {
        server: "irc.example:6697".to_owned(),
        first: Fingerprint::of(b"first"),
        now: Fingerprint::of(now),
    }
}

#[test]
fn another_certificate_is_explained_and_trusted_only_when_asked() {
    let mut chat = chat();
    let now = at(1_800_000_100);
    let why = "its certificate is not the one that it had the first time";
    let attempt = [changed(b"now"), lost(why)];
    let _ = chat.apply(&attempt, now);
    assert!(shows(&chat, "Another certificate"));
    let print = Fingerprint::of(b"now").to_string();
    let (one, other) = print.split_at(32);
    assert!(shows(&chat, &format!("{one}\n{other}")));
    assert_eq!(press(&mut chat, "Not now"), None);
    // The next attempt does not ask again, but for a third certificate.
    let _ = chat.apply(&attempt, now);
    assert!(!shows(&chat, "Another certificate"));
    assert!(shows(
        &chat,
        "The server shows another certificate than before."
    ));
    press(&mut chat, "Look at it");
    let _ = chat.update(Message::Key(Key::Escape));
    assert!(!shows(&chat, "Another certificate"));
    let _ = chat.apply(&[changed(b"third"), lost(why)], now);
    let certificate = Fingerprint::of(b"third");
    let server = "irc.example:6697".to_owned();
    let event = press(&mut chat, "Trust the new one");
    assert_eq!(
        event,
        Some(Event::Trust {
            server,
            certificate
        })
    );
    let _ = chat.apply(&attempt, now);
    let _ = chat.apply(&[Update::Connected], now);
    assert!(
        !shows(&chat, "Another certificate"),
        "it is the old one again"
    );
}

#[test]
fn who_has_got_another_nickname_is_told() {
    let model = Model::new("ana", "Example", Limits::default());
    let mut chat = Chat::new(model, People::Shown, TimeZone::UTC, at(0));
    let nick = "ana_".into();
    let _ = chat.apply(&[Update::Registered { nick }], at(0));
    let told = "ana is taken here: you are ana_. If it is yours, leave, and log in with the password \
                of its account.";
    feed(&mut chat, &[":ana_!a@h JOIN #lobby"]);
    assert!(shows(&chat, "#lobby") && shows(&chat, told));
}

#[test]
fn attempts_that_fail_alike_are_told_once() {
    let mut chat = chat();
    let _ = chat.update(Message::Select(BufferId::server()));
    let attempt = [Update::Connecting { attempt: 2 }, lost("no route to it")];
    for _ in 0..5 {
        let _ = chat.apply(&attempt, at(1_800_000_100));
    }
    let lines = chat.model().active().lines().iter();
    let told = lines.filter(|line| &*line.text == "No connection: no route to it");
    assert_eq!(told.count(), 1);
}

#[test]
fn the_channels_that_one_is_on_are_told_when_they_change() {
    let mut chat = chat();
    let names = |names: &[&str]| Some(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
    assert_eq!(chat.moved(), names(&["#lobby", "#rust"]));
    feed(&mut chat, &[":bob!b@h PRIVMSG #lobby :hello"]);
    assert_eq!(chat.moved(), None);
    feed(&mut chat, &[":ana!a@h PART #lobby"]);
    assert_eq!(chat.moved(), names(&["#rust"]));
    let _ = chat.apply(&[lost("gone")], at(1_800_000_100));
    assert_eq!(chat.moved(), None, "they are joined again");
}
