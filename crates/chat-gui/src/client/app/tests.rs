use super::*;
use chat_client::tls::{Fingerprint, Judgement, Trust};
use chat_client::{Client, Transport, Update};
use iced_test::simulator;

fn start(settings: PathBuf) -> Start {
    Start {
        address: Some("127.0.0.1:1".to_owned()),
        nick: Some("ana".to_owned()),
        settings: Some(settings),
        ..Start::default()
    }
}

fn shows(app: &App, text: &str) -> bool {
    simulator(app.view()).find(text).is_ok()
}

fn press(app: &mut App, label: &str) {
    let messages: Vec<Message> = {
        let mut ui = simulator(app.view());
        let pressed = ui.click(label);
        assert!(pressed.is_ok(), "{label}: {pressed:?}");
        ui.into_messages().collect()
    };
    for message in messages {
        let _ = app.update(message);
    }
}

fn update(app: &mut App, update: Update) {
    let number = app.jobs;
    let _ = app.update(Message::Worker(worker::Event::Updates(
        number,
        vec![update],
    )));
}

fn ended(reason: &str) -> Update {
    Update::Disconnected {
        at: Timestamp::now(),
        reason: reason.to_owned(),
        retry: None,
    }
}

#[tokio::test]
async fn from_the_form_to_the_chat_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.toml");
    let (mut app, _) = App::new(start(path.clone()));
    press(&mut app, "Connect");
    assert!(shows(&app, "Connecting…"));
    assert_eq!(Settings::load(&path).nick, "ana");
    let job = app.job.clone().unwrap();
    let (client, _updates) = Client::connect(job.config);
    let _ = app.update(Message::Worker(worker::Event::Ready(job.number, client)));
    // A refusal leads back, and is told there.
    update(&mut app, ended("Password incorrect"));
    assert!(shows(&app, "Welcome") && shows(&app, "Password incorrect"));
    assert!(app.job.is_none());
    // A late word of the old connection changes nothing.
    update(&mut app, Update::Connected);
    assert!(shows(&app, "Welcome"));
}

#[test]
fn closing_the_window_asks_for_stars_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut app, _) = App::new(start(folder.path().join("client.toml")));
    press(&mut app, "Connect");
    let nick = "ana".into();
    update(&mut app, Update::Registered { nick });
    let _ = app.update(Message::CloseRequested);
    assert!(shows(&app, "How was it?"));
    press(&mut app, "Stay");
    assert!(!shows(&app, "How was it?") && !app.closing);
    let _ = app.update(Message::CloseRequested);
    let _ = app.update(Message::Chat(chat::Message::Key(chat::Key::Escape)));
    assert!(!shows(&app, "How was it?") && !app.closing);
    let _ = app.update(Message::CloseRequested);
    assert!(shows(&app, "Leave without rating") && app.closing);
}

#[test]
fn a_secure_server_is_held_against_those_that_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.toml");
    let known = folder.path().join("known_servers");
    std::fs::write(&known, "this is no fingerprint").unwrap();
    let mut start = start(path);
    start.address = Some("ircs://chat.example.org".to_owned());
    let (mut app, _) = App::new(start);
    press(&mut app, "Connect");
    assert!(
        app.job.is_none(),
        "nobody is trusted by a list that is damaged"
    );
    let Screen::Connect(screen) = &app.screen else {
        panic!("the form stays");
    };
    assert!(format!("{screen:?}").contains("known_servers: line 1"));

    let fingerprint = Fingerprint::of(b"a certificate");
    std::fs::write(&known, format!("chat.example.org:6697 {fingerprint}\n")).unwrap();
    press(&mut app, "Connect");
    let config = &app.job.as_ref().unwrap().config;
    assert_eq!(config.endpoint.transport(), Transport::Tls);
    let Trust::FirstUse(pins) = &config.tls.trust else {
        panic!("{:?}", config.tls);
    };
    assert_eq!(pins.get("chat.example.org:6697"), Some(fingerprint));
    let secured = Update::Secured {
        at: Timestamp::UNIX_EPOCH,
        judgement: Judgement::New,
        fingerprint,
    };
    update(&mut app, secured);
    let told = format!(
        "The connection is encrypted, but nobody vouches for the server's certificate. It is \
         remembered, and must be the same from now on: {fingerprint}"
    );
    assert!(shows(&app, &told));
}

#[test]
fn the_scale_is_remembered_and_leaves_less_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.toml");
    let (mut app, _) = App::new(start(path.clone()));
    let _ = app.update(Message::Resized(Size::new(900.0, 600.0)));
    for _ in 0..3 {
        let _ = app.update(Message::Zoom(Zoom::Larger));
    }
    assert!((app.scale_factor() - 1.5).abs() < f32::EPSILON);
    assert!((app.size.width - 600.0).abs() < 0.1, "{:?}", app.size);
    let (mut again, _) = App::new(start(path));
    assert!((again.scale_factor() - 1.5).abs() < f32::EPSILON);
    let _ = again.update(Message::Zoom(Zoom::Reset));
    assert!((again.scale_factor() - 1.0).abs() < f32::EPSILON);
}

#[test]
fn dark_or_light_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.toml");
    let (mut app, _) = App::new(start(path.clone()));
    press(&mut app, "Connect");
    assert!(app.theme().extended_palette().is_dark);
    let _ = app.update(Message::Chat(chat::Message::ToggleMode));
    assert!(!app.theme().extended_palette().is_dark);
    let (again, _) = App::new(start(path));
    assert!(!again.theme().extended_palette().is_dark);
}
