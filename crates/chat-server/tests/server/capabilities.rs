//! CAP and what it changes.

use crate::harness::Running;

#[test]
fn negotiation_holds_registration_back_and_is_all_or_nothing() {
    let server = Running::new();
    let mut ann = server.connect();
    ann.line();
    ann.send("CAP LS 302\r\nNICK ann\r\nUSER ann 0 * :A");
    let listed = ann.capabilities();
    for name in [
        "message-tags",
        "server-time",
        "echo-message",
        "multi-prefix",
        "extended-join",
    ] {
        assert!(
            listed.split([' ', ':']).any(|word| word == name),
            "{name}: {listed}"
        );
    }
    assert!(ann.sync().is_empty(), "not registered yet");
    ann.send("CAP REQ :server-time nonsense");
    ann.expect(":irc.test CAP ann NAK :server-time nonsense");
    ann.send("CAP LIST");
    ann.expect(":irc.test CAP ann LIST :cap-notify");
    ann.send("CAP REQ :server-time multi-prefix");
    ann.expect(":irc.test CAP ann ACK :server-time multi-prefix");
    ann.send("CAP REQ -server-time");
    ann.expect(":irc.test CAP ann ACK :-server-time");
    ann.send("CAP LIST");
    ann.expect(":irc.test CAP ann LIST :multi-prefix cap-notify");
    ann.send("CAP REQ :-multi-prefix -cap-notify");
    ann.expect(":irc.test CAP ann NAK :-multi-prefix -cap-notify");
    ann.send("CAP FOO");
    ann.expect(":irc.test 410 ann FOO :Invalid CAP command");
    ann.send("CAP END");
    ann.wait_for(" 001 ann ");
}

#[test]
fn tags_go_to_those_who_understand_them() {
    let server = Running::new();
    let mut ann = server.join_with("ann", "message-tags echo-message");
    let mut bob = server.join_with("bob", "message-tags server-time");
    let mut carl = server.join_with("carl", "server-time");
    let mut dora = server.join("dora");
    for client in [&mut ann, &mut bob, &mut carl] {
        client.sync();
    }
    ann.send("@+a=x\\sy;+b;label=7;time=now PRIVMSG #lobby :hi");
    let echo = ann.line();
    let (tags, body) = echo.split_once(' ').unwrap();
    assert_eq!(body, ":ann!~ann@127.0.0.1 PRIVMSG #lobby :hi");
    let id = tags
        .strip_prefix("@msgid=")
        .and_then(|tags| tags.strip_suffix(";+a=x\\sy;+b"));
    assert_eq!(id.map(str::len), Some(13), "{tags}");
    let (tags, body) = bob
        .line()
        .split_once(' ')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert!(tags.starts_with("@time=20") && tags.contains(&format!(";msgid={}", id.unwrap())));
    assert_eq!(body, ":ann!~ann@127.0.0.1 PRIVMSG #lobby :hi");
    let line = carl.line();
    assert!(
        line.starts_with("@time=20") && !line.contains("msgid"),
        "{line}"
    );
    dora.expect(":ann!~ann@127.0.0.1 PRIVMSG #lobby :hi");

    ann.send("@+typing=active TAGMSG #lobby");
    assert!(
        ann.line()
            .ends_with(";+typing=active :ann!~ann@127.0.0.1 TAGMSG #lobby")
    );
    assert!(bob.line().ends_with(" TAGMSG #lobby"));
    assert!(carl.sync().is_empty() && dora.sync().is_empty());
    assert!(ann.ask("TAGMSG #lobby").is_empty(), "no tags, no message");
}

#[test]
fn joins_and_names_are_as_agreed() {
    let server = Running::new();
    let mut ann = server.join_with("ann", "extended-join multi-prefix userhost-in-names");
    let mut bob = server.join("bob");
    ann.expect(":bob!~bob@127.0.0.1 JOIN #lobby * :Real bob");
    ann.ask("JOIN #room");
    ann.ask("MODE #room +v ann");
    bob.ask("JOIN #room");
    ann.sync();
    assert_eq!(
        ann.ask("NAMES #room")[0],
        ":irc.test 353 ann = #room :@+ann!~ann@127.0.0.1 bob!~bob@127.0.0.1"
    );
    assert_eq!(
        bob.ask("NAMES #room")[0],
        ":irc.test 353 bob = #room :@ann bob"
    );
    assert!(ann.ask("WHO #room")[0].contains(" ann H@+ :0 "));
}

#[test]
fn invitations_are_shown_to_members_who_want_it() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let mut bob = server.join_with("bob", "invite-notify");
    let mut carl = server.join("carl");
    for client in [&mut ann, &mut bob] {
        client.sync();
    }
    carl.ask("PART #lobby");
    for client in [&mut ann, &mut bob] {
        client.sync();
    }
    ann.ask("INVITE carl #lobby");
    bob.expect(":ann!~ann@127.0.0.1 INVITE carl #lobby");
    carl.expect(":ann!~ann@127.0.0.1 INVITE carl #lobby");
}

#[test]
fn an_answer_that_is_too_long_comes_in_lines() {
    let server = Running::of(crate::harness::builder().name("n".repeat(63)));
    let mut ann = server.connect();
    ann.send("CAP LS 302");
    let mut names: Vec<String> = Vec::new();
    loop {
        let line = ann.wait_for(" CAP * LS ");
        let (head, listed) = line.split_once(" :").unwrap();
        names.extend(listed.split(' ').map(str::to_owned));
        if !head.ends_with(" LS *") {
            break;
        }
    }
    for name in ["message-tags", "extended-monitor", "batch"] {
        assert!(names.iter().any(|listed| listed == name), "{names:?}");
    }
    let asked = "multi-prefix ".repeat(37);
    let asked = asked.trim_end();
    ann.send(&format!("CAP REQ :{asked}"));
    let first = ann.line();
    let second = ann.line();
    let words = |line: &str| line.rsplit_once(" ACK :").unwrap().1.split(' ').count();
    assert_eq!(words(&first) + words(&second), 37);
    ann.send("CAP REQ :cap-notify");
    assert!(ann.line().ends_with(" CAP * ACK :cap-notify"));
}

#[test]
fn isupport_can_be_asked_for_early_and_comes_in_a_batch() {
    let icon = "https://example.org/icon.svg";
    let config = chat_server::Config {
        name: "irc.test".into(),
        icon: icon.into(),
        limits: crate::harness::limits(),
        ..chat_server::Config::default()
    };
    let server = Running::of(chat_server::Server::builder().config(config));
    let mut ann = server.connect();
    ann.line();
    ann.send("ISUPPORT");
    ann.expect(":irc.test 451 * :You have not registered");
    ann.send("CAP REQ :draft/extended-isupport batch");
    ann.line();
    let batched = |lines: &[String]| {
        let (first, rest) = lines.split_first().unwrap();
        let (last, lines) = rest.split_last().unwrap();
        assert_eq!(first, ":irc.test BATCH +isupport draft/isupport");
        assert_eq!(last, ":irc.test BATCH -isupport");
        let start = "@batch=isupport :irc.test 005 ";
        assert!(
            lines.iter().all(|line| line.starts_with(start)),
            "{lines:?}"
        );
        let icon = format!(" draft/ICON={icon} ");
        assert!(lines.iter().any(|line| line.contains(&icon)), "{lines:?}");
    };
    batched(&ann.ask("ISUPPORT"));
    ann.send("NICK ann\r\nUSER ann 0 * :A\r\nCAP END");
    let welcome = ann.sync();
    let is_about = |line: &&String| line.contains("isupport");
    batched(&welcome.iter().filter(is_about).cloned().collect::<Vec<_>>());
    assert!(
        !welcome
            .iter()
            .any(|line| line.starts_with(":irc.test 005 "))
    );
}

#[test]
fn who_may_be_away_before_being_here() {
    let server = Running::new();
    let mut bob = server.connect();
    bob.line();
    bob.send("AWAY :early");
    bob.expect(":irc.test 451 * :You have not registered");
    bob.send("CAP REQ draft/pre-away");
    bob.line();
    bob.send("AWAY :reading\r\nNICK bob\r\nUSER bob 0 * :B\r\nCAP END");
    bob.wait_for(" 306 ");
    let mut ann = server.join("ann");
    assert!(
        ann.ask("PRIVMSG bob :hello")
            .contains(&":irc.test 301 ann bob :reading".to_owned())
    );
    // A nick that is taken is said once.
    let mut again = server.connect();
    again.line();
    again.send("CAP REQ draft/pre-away");
    again.line();
    again.send("AWAY :too\r\nNICK bob\r\nUSER bob 0 * :B\r\nCAP END");
    assert_eq!(
        again.sync(),
        [":irc.test 433 * bob :Nickname is already in use"]
    );
}

#[test]
fn who_knows_no_version_gets_one_line_without_values() {
    let server = Running::of(crate::harness::builder().name("n".repeat(63)));
    let mut ann = server.connect();
    ann.line();
    ann.send("CAP LS\r\nCAP LIST\r\nCAP LS 302\r\nCAP LS 301\r\nCAP LIST");
    let before = ann.line();
    let (head, listed) = before.split_once(" LS :").expect("one line");
    assert!(
        head.ends_with(" CAP *") && !listed.contains('='),
        "{before}"
    );
    // What does not fit are drafts.
    let ratified = "message-tags server-time echo-message multi-prefix cap-notify account-tag \
        account-notify away-notify extended-join invite-notify userhost-in-names chghost setname \
        batch labeled-response standard-replies sasl extended-monitor no-implicit-names";
    for name in ratified.split(' ') {
        assert!(
            listed.split(' ').any(|word| word == name),
            "{name}: {listed}"
        );
    }
    assert!(ann.line().ends_with(" CAP * LIST :"));
    assert!(ann.capabilities().contains("draft/metadata-2="));
    // A lower version is answered as such, and the higher one is remembered.
    assert_eq!(ann.line(), before);
    assert!(ann.line().ends_with(" CAP * LIST :cap-notify"));
    ann.send("CAP REQ :draft/metadata-2 draft/channel-rename");
    assert!(
        ann.line()
            .ends_with(" CAP * ACK :draft/metadata-2 draft/channel-rename")
    );
}
