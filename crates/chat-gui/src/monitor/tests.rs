//! The window clicked without a display, and the watch on a real board and a real journal.

use std::sync::Arc;
use std::time::Duration;

use chat_journal::{Journal, Link, Role, Setup};
use chat_network::{
    Action, Limits, MessageKind, NewUser, Origin, Request, ServerId, SessionId, Timestamp,
};
use chat_stats::{Board, SlotSetup};
use iced::futures::{Stream, StreamExt as _};
use iced_test::simulator;
use smol_str::SmolStr;
use tokio::time::timeout;

use super::app::{Message, Monitor, Settings};
use super::watch::{Line, LineKind, Person, Source, Update, updates};

fn monitor() -> Monitor {
    let source = Source {
        instance: "6667".to_owned(),
        segment: "nowhere".to_owned(),
        journal: "/nowhere".into(),
    };
    Monitor::new(Settings {
        source,
        server: None,
    })
}

fn line(server: u16, who: &str, text: &str) -> Line {
    Line {
        time: Timestamp(0),
        server,
        kind: LineKind::Said,
        who: who.to_owned(),
        text: text.to_owned(),
    }
}

fn person(nick: &str, server: u16) -> Person {
    Person {
        nick: nick.to_owned(),
        server,
        away: false,
        channels: 1,
    }
}

fn with_two_servers() -> Monitor {
    let mut monitor = monitor();
    let board = Board::private(&[SlotSetup { capacity: 4 }, SlotSetup { capacity: 4 }]);
    board.slot(0).admitted();
    board.slot(1).set_behind(12);
    let updates = [
        Update::Board(Ok(board.snapshot())),
        Update::Journal(Ok(())),
        Update::People(vec![person("ana", 1), person("ben", 2)]),
        Update::Lines(vec![line(1, "ana", "from one"), line(2, "ben", "from two")]),
    ];
    for update in updates {
        monitor.update(Message::Update(update));
    }
    monitor
}

#[test]
fn all_servers_are_side_by_side_with_people_and_lines() {
    let monitor = with_two_servers();
    let mut ui = simulator(monitor.view());
    for text in [
        "Instance 6667",
        "Server-1",
        "Server-2",
        "12 behind",
        "Who is on (2)",
        "from one",
        "from two",
    ] {
        assert!(ui.find(text).is_ok(), "{text}");
    }
}

#[test]
fn a_click_on_a_server_shows_it_alone() {
    let mut monitor = with_two_servers();
    let mut ui = simulator(monitor.view());
    ui.click("Server-2").expect("there is a tab");
    for message in ui.into_messages() {
        monitor.update(message);
    }
    let mut ui = simulator(monitor.view());
    assert!(ui.find("Who is on (1)").is_ok());
    assert!(ui.find("from two").is_ok());
    assert!(
        ui.find("from one").is_err(),
        "it was said on the other server"
    );
    ui.click("All servers").expect("there is a way back");
    for message in ui.into_messages() {
        monitor.update(message);
    }
    assert!(simulator(monitor.view()).find("from one").is_ok());
}

#[test]
fn the_window_is_drawn_larger_and_as_at_first() {
    use crate::scale::{Scale, Zoom};

    let mut monitor = monitor();
    monitor.update(Message::Zoom(Zoom::Larger));
    assert_eq!(monitor.scale, Scale::percent(110));
    monitor.update(Message::Zoom(Zoom::Reset));
    assert_eq!(monitor.scale, Scale::default());
}

#[test]
fn keys_go_from_server_to_server_and_hold_the_feed() {
    use iced::keyboard::{Key, key::Named};

    let mut monitor = with_two_servers();
    let mut press = |key: Key| {
        let message = super::app::pressed(&key).expect("the key means something");
        monitor.update(message);
        (monitor.only, monitor.held.is_some())
    };
    assert_eq!(press(Key::Named(Named::ArrowRight)), (Some(0), false));
    assert_eq!(press(Key::Named(Named::ArrowRight)), (Some(1), false));
    assert_eq!(press(Key::Named(Named::ArrowRight)), (None, false));
    assert_eq!(press(Key::Named(Named::ArrowLeft)), (Some(1), false));
    assert_eq!(press(Key::Character("0".into())), (None, false));
    assert_eq!(press(Key::Character("2".into())), (Some(1), false));
    assert_eq!(press(Key::Named(Named::Escape)), (None, false));
    assert_eq!(press(Key::Named(Named::Space)), (None, true));
    monitor.update(Message::Update(Update::Lines(vec![line(
        1, "ana", "later",
    )])));
    assert!(
        simulator(monitor.view()).find("later").is_err(),
        "it is held"
    );
    monitor.update(Message::Hold);
    assert!(simulator(monitor.view()).find("later").is_ok());
    monitor.update(Message::Sort);
    assert!(simulator(monitor.view()).find("Sorted by clients").is_ok());
}

#[test]
fn where_nothing_runs_it_says_so() {
    let mut monitor = monitor();
    monitor.update(Message::Update(Update::Board(Err("no segment".to_owned()))));
    monitor.update(Message::Update(Update::Journal(
        Err("no socket".to_owned()),
    )));
    let mut ui = simulator(monitor.view());
    assert!(
        ui.find("nothing runs here just now; looking again every second")
            .is_ok()
    );
}

/// The next update that `pick` takes.
async fn next<T>(
    updates: &mut (impl Stream<Item = Update> + Unpin),
    mut pick: impl FnMut(Update) -> Option<T>,
) -> T {
    let wait = async {
        loop {
            let update = updates.next().await.expect("the watch never ends");
            if let Some(picked) = pick(update) {
                return picked;
            }
        }
    };
    timeout(Duration::from_secs(30), wait)
        .await
        .expect("in time")
}

async fn register(link: &Link, serial: u32, nick: &str) -> Origin {
    let session = SessionId::new(ServerId(1), link.incarnation, serial);
    let origin = Origin::Session(session);
    let user = NewUser {
        nick: SmolStr::new(nick),
        username: SmolStr::new(nick),
        host: SmolStr::new("host"),
        realname: SmolStr::new(nick),
        secure: false,
        certificate: None,
        account: None,
        away: None,
    };
    send(link, origin, Action::Register(Box::new(user))).await;
    let (channel, key) = (SmolStr::new("#lobby"), None);
    send(link, origin, Action::Join { channel, key }).await;
    origin
}

async fn send(link: &Link, origin: Origin, action: Action) {
    let request = Request { origin, action };
    link.requests.send(request).await.expect("the journal runs");
}

fn says(target: &str, text: &str) -> Action {
    Action::Message {
        kind: MessageKind::Privmsg,
        target: SmolStr::new(target),
        text: Arc::from(text),
        tags: [].into_iter().collect(),
    }
}

#[tokio::test]
async fn the_watch_shows_who_is_on_and_what_is_said_but_not_in_private() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("hub.sock");
    let segment = format!("chat_monitor_test.{}", std::process::id());
    let board = Board::create(&segment, &[SlotSetup { capacity: 5 }]).unwrap();
    let (writer, _reader) = chat_store::open(&chat_store::Config::default()).unwrap();
    let first = chat_network::Position(1);
    let setup = Setup::new(Limits::default(), writer, first).hub_socket(&socket);
    let journal = Journal::start(setup).unwrap();
    let link = journal.attach(Role::Server(ServerId(1))).await.unwrap();
    let ana = register(&link, 1, "ana").await;

    let source = Source {
        instance: "test".to_owned(),
        segment,
        journal: socket,
    };
    let mut updates = Box::pin(updates(&source));
    board.slot(0).admitted();
    let seen = next(&mut updates, |update| match update {
        Update::Board(Ok(board)) => Some(board.servers[0].now),
        _ => None,
    });
    assert_eq!(seen.await, 1);
    next(&mut updates, |update| match update {
        Update::Journal(Ok(())) => Some(()),
        _ => None,
    })
    .await;

    register(&link, 2, "ben").await;
    send(&link, ana, says("#lobby", "hello \u{2}all")).await;
    send(&link, ana, says("ben", "between us")).await;
    let mut lines = Vec::new();
    let mut people = Vec::new();
    next(&mut updates, |update| {
        match update {
            Update::Lines(more) => lines.extend(more),
            Update::People(now) => people = now,
            _ => {}
        }
        (lines.len() >= 3 && people.len() == 2).then_some(())
    })
    .await;
    let texts: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| (line.who.as_str(), line.text.as_str()))
        .collect();
    assert_eq!(
        texts,
        [
            ("ben", "is here"),
            ("ana", "#lobby  hello all"),
            ("ana", "wrote to somebody in private"),
        ]
    );
    assert_eq!(people[0].nick, "ana");

    journal.shutdown().await;
    next(&mut updates, |update| match update {
        Update::Journal(Err(_)) => Some(()),
        _ => None,
    })
    .await;
}
