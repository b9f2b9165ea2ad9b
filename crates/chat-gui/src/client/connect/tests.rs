use super::*;
use iced_test::{selector, simulator};

/// Lets a user act on the screen; returns the event that came of it.
fn act(
    screen: &mut Connect,
    act: impl FnOnce(&mut iced_test::Simulator<'_, Message>),
) -> Option<Event> {
    let messages: Vec<Message> = {
        let mut ui = simulator(screen.view());
        act(&mut ui);
        ui.into_messages().collect()
    };
    let events = messages.into_iter().map(|message| screen.update(message).1);
    events.flatten().last()
}

fn type_into(screen: &mut Connect, id: &'static str, text: &str) {
    act(screen, |ui| {
        ui.click(selector::id(id)).unwrap();
        ui.typewrite(text);
    });
}

#[test]
fn typing_and_pressing_connect_gives_the_configuration() {
    let mut screen = Connect::default();
    type_into(&mut screen, "address", "localhost:7000");
    type_into(&mut screen, "nick", "ana");
    act(&mut screen, |ui| drop(ui.click("More options").unwrap()));
    type_into(&mut screen, "password", "sesame");
    type_into(&mut screen, "realname", "Ana E");
    let event = act(&mut screen, |ui| drop(ui.click("Connect").unwrap()));
    let Some(Event::Connect(config)) = event else {
        panic!("no event: {screen:?}");
    };
    assert_eq!(config.endpoint.to_string(), "localhost:7000");
    assert_eq!(config.nick, "ana");
    assert_eq!(config.password.as_deref(), Some("sesame"));
    assert_eq!(config.realname.as_deref(), Some("Ana E"));
    let mut settings = Settings::default();
    screen.remember(&mut settings);
    assert_eq!(
        (settings.address.as_str(), settings.nick.as_str()),
        ("localhost:7000", "ana")
    );
}

#[test]
fn the_address_says_how_to_connect() {
    for (typed, shown) in [
        ("ircs://irc.example.org", "ircs://irc.example.org:6697"),
        ("ircs://host:7000", "ircs://host:7000"),
        (
            "wss://chat.example.org/irc",
            "wss://chat.example.org:443/irc",
        ),
        ("host:7000", "host:7000"),
    ] {
        let mut screen = Connect::default();
        type_into(&mut screen, "address", typed);
        type_into(&mut screen, "nick", "ana");
        let event = act(&mut screen, |ui| drop(ui.click("Connect").unwrap()));
        let Some(Event::Connect(config)) = event else {
            panic!("no event: {screen:?}");
        };
        assert_eq!(config.endpoint.to_string(), shown);
    }
    let mut screen = Connect::default();
    type_into(&mut screen, "address", "https://host");
    type_into(&mut screen, "nick", "ana");
    let error = screen.config().unwrap_err();
    assert!(
        error.contains("only irc://, ircs://, ws:// and wss://"),
        "{error}"
    );
}

#[test]
fn what_is_wrong_is_said_and_nothing_happens() {
    let mut screen = Connect::default();
    let event = act(&mut screen, |ui| drop(ui.click("Connect").unwrap()));
    assert!(event.is_none());
    assert!(simulator(screen.view()).find("Choose a nickname.").is_ok());
    type_into(&mut screen, "nick", "two words");
    type_into(&mut screen, "address", "host:port");
    assert!(screen.config().unwrap_err().contains("not a port"));
    screen.address = String::new();
    assert_eq!(screen.config().unwrap_err(), "A nickname has no spaces.");
    screen.nick = "one".to_owned();
    let config = screen.config().unwrap();
    assert_eq!(config.endpoint.to_string(), DEFAULT_ADDRESS);
}

#[test]
fn an_account_is_given_and_its_password_is_not_remembered() {
    let mut screen = Connect::default();
    type_into(&mut screen, "nick", "ana");
    act(&mut screen, |ui| drop(ui.click("More options").unwrap()));
    type_into(&mut screen, "account", "anna");
    let event = act(&mut screen, |ui| drop(ui.click("Connect").unwrap()));
    assert!(event.is_none());
    let told = "The account needs its password.";
    assert!(simulator(screen.view()).find(told).is_ok());
    type_into(&mut screen, "secret", "sesame");
    let event = act(&mut screen, |ui| drop(ui.click("Connect").unwrap()));
    let Some(Event::Connect(config)) = event else {
        panic!("no event: {screen:?}");
    };
    let account = config.account.expect("is given");
    assert_eq!((&*account.name, &*account.password), ("anna", "sesame"));
    let mut settings = Settings::default();
    screen.remember(&mut settings);
    assert_eq!(settings.account, "anna");
    assert!(!format!("{settings:?}").contains("sesame"));
    assert!(Connect::new(&settings).secret.is_empty());
    let _ = screen.update(Message::Remember(true));
    screen.remember(&mut settings);
    assert_eq!(
        Connect::new(&settings).secret,
        "sesame",
        "only if one wants it"
    );
    let _ = screen.update(Message::Remember(false));
    screen.remember(&mut settings);
    assert!(Connect::new(&settings).secret.is_empty());
}

#[test]
fn a_password_alone_is_that_of_the_nickname_s_account() {
    let mut screen = Connect {
        nick: "ana".to_owned(),
        ..Connect::default()
    };
    assert!(screen.config().unwrap().account.is_none());
    screen.secret = "sesame".to_owned();
    let account = screen.config().unwrap().account.expect("is given");
    assert_eq!(account.name, "ana");
}

#[test]
fn enter_in_the_nickname_connects() {
    let mut screen = Connect::default();
    type_into(&mut screen, "nick", "ana");
    let event = act(&mut screen, |ui| {
        ui.click(selector::id("nick")).unwrap();
        ui.tap_key(iced::keyboard::key::Named::Enter);
    });
    assert!(matches!(event, Some(Event::Connect(_))));
}

#[test]
fn any_certificate_is_taken_only_behind_a_warning_and_only_this_time() {
    let mut screen = Connect::default();
    type_into(&mut screen, "nick", "ana");
    assert!(matches!(
        screen.config().unwrap().tls.trust,
        Trust::Authorities
    ));
    act(&mut screen, |ui| drop(ui.click("More options").unwrap()));
    let _ = screen.update(Message::Insecure(true));
    let mut ui = simulator(screen.view());
    let warning = "Whoever is between you and the server can then read and change everything, your \
                   password too. This is not remembered.";
    assert!(ui.find(warning).is_ok());
    drop(ui);
    assert!(matches!(screen.config().unwrap().tls.trust, Trust::Anyone));
    let mut settings = Settings::default();
    screen.remember(&mut settings);
    let again = Connect::new(&settings).config().unwrap();
    assert!(matches!(again.tls.trust, Trust::Authorities));
}

#[test]
fn a_certificate_stands_for_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let mut screen = Connect {
        nick: "ana".to_owned(),
        account: "anna".to_owned(),
        certificate: folder.path().join("none.pem").display().to_string(),
        ..Connect::default()
    };
    assert!(screen.config().unwrap_err().contains("none.pem"));
    let made = rcgen::generate_simple_self_signed(["ana".to_owned()]).unwrap();
    let file = folder.path().join("ana.pem");
    let pem = made.cert.pem() + &made.signing_key.serialize_pem();
    std::fs::write(&file, pem).unwrap();
    screen.certificate = file.display().to_string();
    let config = screen.config().unwrap();
    assert!(config.tls.identity.is_some() && config.account.is_none());
    assert_eq!(config.certificate_account.as_deref(), Some("anna"));
    screen.secret = "sesame".to_owned();
    let config = screen.config().unwrap();
    assert!(config.account.is_some() && config.certificate_account.is_none());
}
