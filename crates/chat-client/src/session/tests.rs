use std::time::Duration;

use chat_transport::Endpoint;

use super::*;

fn session() -> Session {
    let endpoint = Endpoint::parse("localhost").unwrap();
    let mut config = Config::new(endpoint, "ana");
    config.password = Some("open sesame".to_owned());
    config.channels = vec![("#rust".into(), None), ("#keyed".into(), Some("k".into()))];
    Session::new(config)
}

/// One with an account.
fn owner() -> Session {
    let mut session = session();
    session.config.account = Some(crate::Account {
        name: "ana".into(),
        password: "sesame".to_owned(),
    });
    session.open(Secrecy::None);
    session
}

fn text(lines: &[WireLine]) -> Vec<String> {
    let text = |l: &WireLine| String::from_utf8(l.as_bytes().to_vec()).unwrap();
    lines
        .iter()
        .map(|l| text(l).trim_end().to_owned())
        .collect()
}

/// Feeds one line; returns what is answered and what follows.
fn feed(session: &mut Session, line: &str) -> (Vec<String>, Step) {
    let message = Message::parse(line.to_owned().into()).unwrap();
    let mut out = Vec::new();
    let step = session.receive(&message, &mut out);
    (text(&out), step)
}

#[test]
fn registration_negotiates_what_is_offered_and_wanted() {
    let mut session = session();
    let opening = text(&session.open(Secrecy::None));
    assert_eq!(
        opening,
        [
            "PASS :open sesame",
            "CAP LS 302",
            "NICK ana",
            "USER ana 0 * :ana"
        ]
    );
    let (lines, _) = feed(&mut session, ":s CAP * LS * :sasl=PLAIN message-tags");
    assert!(lines.is_empty(), "the list goes on: {lines:?}");
    let (lines, _) = feed(&mut session, ":s CAP * LS :echo-message unknown/cap");
    assert_eq!(lines, ["CAP REQ :message-tags echo-message"]);
    let (lines, _) = feed(&mut session, ":s CAP * ACK :message-tags echo-message");
    assert_eq!(lines, ["CAP END"]);
    assert!(session.echoes());
    let (lines, step) = feed(&mut session, ":s 001 ana :Welcome");
    assert_eq!(step, Step::Registered);
    assert_eq!(lines, ["JOIN #keyed k", "JOIN #rust"]);
}

#[test]
fn who_has_an_account_logs_in_before_the_end_of_the_negotiation() {
    let mut session = owner();
    let (lines, _) = feed(
        &mut session,
        ":s CAP * LS :sasl=EXTERNAL,PLAIN echo-message",
    );
    assert_eq!(lines, ["CAP REQ :echo-message sasl"]);
    let (lines, _) = feed(&mut session, ":s CAP * ACK :echo-message sasl");
    assert_eq!(lines, ["AUTHENTICATE PLAIN"]);
    let (lines, _) = feed(&mut session, "AUTHENTICATE +");
    assert_eq!(lines, ["AUTHENTICATE AGFuYQBzZXNhbWU="]);
    let (lines, _) = feed(
        &mut session,
        ":s 900 ana ana!a@h ana :You are now logged in",
    );
    assert!(lines.is_empty());
    let (lines, _) = feed(&mut session, ":s 903 ana :SASL authentication successful");
    assert_eq!(lines, ["CAP END"]);
    let (_, step) = feed(&mut session, ":s 001 ana :Welcome");
    assert_eq!(step, Step::Registered);
}

#[test]
fn a_server_that_does_not_let_the_account_in_is_left_for_good() {
    for (lines, reason) in [
        (
            vec![":s CAP * LS :echo-message", ":s CAP * ACK :echo-message"],
            "no way to log in",
        ),
        (vec![":s CAP * LS :"], "no way to log in"),
        (
            vec![":s CAP * LS :sasl=EXTERNAL", ":s CAP * ACK :sasl"],
            "no way to log in",
        ),
        (vec![":s 001 ana :Welcome"], "has no accounts"),
        (
            vec![
                ":s CAP * LS :sasl",
                ":s CAP * ACK :sasl",
                ":s 904 ana :Wrong password",
            ],
            "Wrong password",
        ),
        (
            vec![
                ":s CAP * LS :sasl=SCRAM-SHA-256",
                ":s CAP * ACK :sasl",
                ":s 903 ana :Yes",
            ],
            "did not prove",
        ),
    ] {
        let mut session = owner();
        let steps: Vec<Step> = lines
            .iter()
            .map(|line| feed(&mut session, line).1)
            .collect();
        match steps.last() {
            Some(Step::Over {
                reason: told,
                again: false,
            }) => {
                assert!(told.contains(reason), "{told}");
            }
            other => panic!("{lines:?}: {other:?}"),
        }
    }
}

#[test]
fn a_server_that_offers_nothing_or_refuses_is_not_waited_for() {
    let mut session = session();
    session.open(Secrecy::None);
    let (lines, _) = feed(&mut session, ":s CAP * LS :");
    assert_eq!(lines, ["CAP END"]);
    session.open(Secrecy::None);
    feed(&mut session, ":s CAP * LS :echo-message");
    let (lines, _) = feed(&mut session, ":s CAP * NAK :echo-message");
    assert_eq!(lines, ["CAP END"]);
    assert!(!session.echoes());
}

#[test]
fn a_taken_nickname_is_varied_a_bounded_number_of_times() {
    let mut session = session();
    session.open(Secrecy::None);
    let mut tried = Vec::new();
    let reason = loop {
        let (lines, step) = feed(&mut session, ":s 433 * ana :Nickname is already in use");
        if let Step::Over { reason, again } = step {
            assert!(again);
            break reason;
        }
        tried.extend(lines);
    };
    assert_eq!(
        tried[..4],
        ["NICK ana_", "NICK ana__", "NICK ana3", "NICK ana4"]
    );
    assert_eq!(tried.len(), NICK_ATTEMPTS as usize);
    assert!(reason.contains("taken"));
    assert_eq!(variation(&"n".repeat(40), 12).len(), NICK_ROOM);
}

#[test]
fn what_cannot_get_better_is_not_tried_again() {
    let mut session = session();
    session.open(Secrecy::None);
    let (_, step) = feed(&mut session, ":s 432 * ana :Erroneous nickname");
    assert!(matches!(step, Step::Over { again: false, .. }));
    let (_, step) = feed(&mut session, ":s 464 * :Password incorrect");
    assert_eq!(step, over("Password incorrect".to_owned(), false));
    let (_, step) = feed(&mut session, "ERROR :All servers are full");
    assert_eq!(step, over("All servers are full".to_owned(), true));
}

#[test]
fn channels_are_remembered_with_their_keys_until_they_are_left() {
    let mut session = session();
    session.open(Secrecy::None);
    feed(&mut session, ":s 001 ana :Welcome");
    session.joining("#Secret", Some(&"word".into()));
    feed(&mut session, ":ana!a@h JOIN #secret");
    feed(&mut session, ":ana!a@h PART #RUST :bye");
    feed(&mut session, ":op!o@h KICK #keyed Ana :out");
    feed(&mut session, ":bob!b@h PART #secret");
    feed(&mut session, ":ana!a@h NICK anna");
    let opening = text(&session.open(Secrecy::None));
    assert_eq!(opening[2], "NICK anna");
    let (lines, _) = feed(&mut session, ":s 001 anna :Welcome");
    assert_eq!(lines, ["JOIN #secret word"]);
}

#[test]
fn pings_are_answered_with_their_token() {
    let (lines, _) = feed(&mut session(), "PING :some token");
    assert_eq!(lines, ["PONG :some token"]);
}

/// A session of a client that shows a certificate.
fn certified() -> Session {
    let mut session = session();
    session.config.certificate_account = Some("ana".into());
    session.open(Secrecy::Sure);
    session
}

#[test]
fn who_has_a_certificate_needs_no_password() {
    let mut session = certified();
    let (lines, _) = feed(&mut session, ":s CAP * LS :sasl=EXTERNAL,PLAIN");
    assert_eq!(lines, ["CAP REQ :sasl"]);
    let (lines, _) = feed(&mut session, ":s CAP * ACK :sasl");
    assert_eq!(lines, ["AUTHENTICATE EXTERNAL"]);
    let (lines, _) = feed(&mut session, "AUTHENTICATE +");
    assert_eq!(lines, ["AUTHENTICATE +"]);
    let (lines, _) = feed(&mut session, ":s 903 ana :Yes");
    assert_eq!(lines, ["CAP END"]);
    let mut session = certified();
    feed(&mut session, ":s CAP * LS :sasl=PLAIN");
    let (_, step) = feed(&mut session, ":s CAP * ACK :sasl");
    let Step::Over { reason, again } = step else {
        panic!("{step:?}");
    };
    assert!(reason.contains("no way to log in") && !again);
}

#[test]
fn a_policy_sends_who_comes_in_the_open_to_the_secure_port() {
    let mut session = session();
    session.open(Secrecy::None);
    let (lines, step) = feed(&mut session, ":s CAP * LS * :sts=duration=60");
    assert!(lines.is_empty() && step == Step::Go, "there is no port");
    let (lines, step) = feed(
        &mut session,
        ":s CAP * LS :sts=foo,port=6697,x=y echo-message",
    );
    assert!(
        lines.is_empty(),
        "nothing more is said in the open: {lines:?}"
    );
    assert_eq!(step, Step::Upgrade { port: 6697 });
    assert_eq!(session.take_policy(), None);
    for wrong in ["sts", "sts=port=", "sts=port=0", "sts=port=x"] {
        session.open(Secrecy::None);
        let (_, step) = feed(&mut session, &format!(":s CAP * LS :{wrong}"));
        assert_eq!(step, Step::Go, "{wrong}");
    }
}

#[test]
fn a_policy_is_taken_from_who_is_surely_the_server() {
    let mut session = session();
    for (secrecy, taken) in [
        (Secrecy::Sure, Some(Duration::from_secs(300))),
        (Secrecy::Unsure, None),
        (Secrecy::None, None),
    ] {
        session.open(secrecy);
        feed(&mut session, ":s CAP * LS :sts=duration=300,preload");
        assert_eq!(session.take_policy(), taken);
        assert_eq!(session.take_policy(), None, "once");
    }
    session.open(Secrecy::Sure);
    feed(&mut session, ":s CAP * NEW :sts=duration=0");
    assert_eq!(session.take_policy(), Some(Duration::ZERO));
    feed(&mut session, ":s CAP * DEL :sts");
    assert_eq!(session.take_policy(), None);
}
