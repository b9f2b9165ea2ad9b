use super::buffer::FIRST;
use super::*;
use chat_proto::Message;
use proptest::prelude::*;

mod blocks;
mod goals;
mod history;
mod marks;

fn model() -> Model {
    Model::new("ana", "Example", Limits::default())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Applies lines as the server sends them; returns the changes of the last.
fn feed(model: &mut Model, lines: &[&str]) -> Vec<Change> {
    let mut changes = Vec::new();
    for line in lines {
        let message = Message::parse((*line).to_owned().into()).unwrap();
        let at = at(1_800_000_000);
        changes = model.apply(&Update::Line { at, message });
    }
    changes
}

fn online() -> Model {
    let mut model = model();
    let nick = "ana".into();
    model.apply(&Update::Registered { nick });
    feed(
        &mut model,
        &[
            ":s.example 005 ana CASEMAPPING=ascii PREFIX=(ov)@+ NETWORK=Friends :are supported",
            ":ana!a@h JOIN #lobby",
            ":s.example 353 ana = #lobby :ana @bob +cleo",
            ":s.example 366 ana #lobby :End of /NAMES list",
        ],
    );
    model
}

fn last<'a>(model: &'a Model, name: &str) -> &'a Line {
    model.find(name).unwrap().lines().back().unwrap()
}

fn names(model: &Model, channel: &str) -> Vec<String> {
    let members = model.find(channel).unwrap().members();
    let name = |m: &Member| format!("{}{}", m.prefixes, m.nick);
    members.iter().map(name).collect()
}

#[test]
fn a_channel_has_members_topic_and_lines() {
    let mut model = online();
    assert_eq!(names(&model, "#lobby"), ["@bob", "+cleo", "ana"]);
    assert_eq!(model.find("").unwrap().name(), "Friends");
    feed(
        &mut model,
        &[
            ":s.example 332 ana #lobby :Welcome all",
            ":s.example 333 ana #lobby bob!b@h 1700000000",
            "@time=2026-11-22T10:00:00.500Z;msgid=77 :bob!b@h PRIVMSG #LOBBY :hi \u{2}there\u{2}",
        ],
    );
    let lobby = model.find("#lobby").unwrap();
    let topic = lobby.topic().unwrap();
    assert_eq!(
        (topic.text.as_str(), topic.by.as_deref()),
        ("Welcome all", Some("bob"))
    );
    let line = last(&model, "#lobby");
    assert_eq!((&*line.text, line.id.as_deref()), ("hi there", Some("77")));
    assert_eq!(line.at.to_string(), "2026-11-22T10:00:00.5Z");
}

#[test]
fn the_server_it_is_on_is_told_by_the_greeting_and_by_002() {
    let mut model = model();
    feed(
        &mut model,
        &[":irc.example NOTICE * :*** You are on Server-2"],
    );
    assert_eq!(model.server(), Some("Server-2"));
    feed(
        &mut model,
        &[":irc.example 002 ana :Your host is irc.example (Server-3), running version 1"],
    );
    assert_eq!(model.server(), Some("Server-3"));
    let line = last(&model, "");
    assert!(line.text.starts_with("Your host is") && line.sender.is_empty());
    feed(&mut model, &[":irc.example 422 ana :MOTD File is missing"]);
    assert!(last(&model, "").text.starts_with("Your host is"));
}

#[test]
fn people_come_go_and_change() {
    let mut model = online();
    feed(
        &mut model,
        &[":dan!d@h JOIN #lobby", ":cleo!c@h NICK :Cleopatra"],
    );
    assert_eq!(
        names(&model, "#lobby"),
        ["@bob", "+Cleopatra", "ana", "dan"]
    );
    feed(&mut model, &[":bob!b@h MODE #lobby +kov-l secret dan ana"]);
    assert_eq!(
        names(&model, "#lobby"),
        ["@bob", "@dan", "+ana", "+Cleopatra"]
    );
    feed(
        &mut model,
        &[":dan!d@h PART #lobby :tired", ":bob!b@h QUIT :gone"],
    );
    assert_eq!(names(&model, "#lobby"), ["+ana", "+Cleopatra"]);
    assert_eq!(&*last(&model, "#lobby").text, "quit (gone)");
    feed(&mut model, &[":cleopatra!c@h AWAY :lunch"]);
    let lobby = model.find("#lobby").unwrap();
    assert!(
        lobby
            .members()
            .iter()
            .any(|m| m.nick == "Cleopatra" && m.away)
    );
    feed(&mut model, &[":Cleopatra!c@h KICK #lobby ana :out"]);
    let lobby = model.find("#lobby").unwrap();
    assert!(!lobby.joined() && lobby.members().is_empty());
    assert!(last(&model, "#lobby").highlight);
}

#[test]
fn own_moves_open_close_and_rename() {
    let mut model = online();
    let changes = feed(&mut model, &[":ana!a@h JOIN #rust"]);
    let rust = model.find("#RUST").unwrap().id().clone();
    assert!(changes.contains(&Change::Opened(rust.clone())));
    model.look_at(&rust);
    assert_eq!(model.active().name(), "#rust");
    let changes = feed(&mut model, &[":ana!a@h PART #rust"]);
    assert_eq!(changes, [Change::Closed(rust)]);
    assert_eq!(model.active().kind(), BufferKind::Server);
    feed(&mut model, &[":ana!a@h NICK anna"]);
    assert_eq!(model.nick(), "anna");
    assert_eq!(names(&model, "#lobby"), ["@bob", "+cleo", "anna"]);
}

#[test]
fn private_messages_open_a_conversation_that_follows_the_person() {
    let mut model = online();
    let changes = feed(&mut model, &[":bob!b@h PRIVMSG ana :psst"]);
    let query = model.find("bob").unwrap();
    assert_eq!(query.kind(), BufferKind::Query);
    assert_eq!((query.unread(), query.highlights()), (1, 1));
    assert!(matches!(
        changes[..],
        [Change::Opened(_), Change::Line(_, FIRST)]
    ));
    feed(&mut model, &[":ana!a@h PRIVMSG bob :what?"]);
    assert!(last(&model, "bob").own);
    assert_eq!(model.find("bob").unwrap().unread(), 1);
    let changes = feed(&mut model, &[":bob!b@h NICK robert"]);
    assert!(changes.iter().any(|c| matches!(c, Change::Renamed { .. })));
    assert!(model.find("bob").is_none());
    assert_eq!(model.find("robert").unwrap().lines().len(), 3);
}

#[test]
fn unread_counts_stop_where_one_looks_and_only_while_one_looks() {
    let mut model = online();
    let lobby = model.find("#lobby").unwrap().id().clone();
    feed(
        &mut model,
        &[
            ":bob!b@h PRIVMSG #lobby :hello Ana",
            ":bob!b@h PRIVMSG #lobby :x",
        ],
    );
    let counts = |model: &Model| {
        let lobby = model.find("#lobby").unwrap();
        (lobby.unread(), lobby.highlights())
    };
    assert_eq!(counts(&model), (2, 1));
    model.look_at(&lobby);
    feed(&mut model, &[":bob!b@h PRIVMSG #lobby :ana?"]);
    assert_eq!(counts(&model), (0, 0));
    assert!(last(&model, "#lobby").highlight);
    model.set_attentive(false);
    feed(&mut model, &[":bob!b@h PRIVMSG #lobby :ana!!"]);
    assert_eq!(counts(&model), (1, 1));
    model.set_attentive(true);
    assert_eq!(counts(&model), (0, 0));
}

#[test]
fn actions_notices_and_refusals_are_told_apart() {
    let mut model = online();
    let lobby = model.find("#lobby").unwrap().id().clone();
    model.look_at(&lobby);
    feed(
        &mut model,
        &[":bob!b@h PRIVMSG #lobby :\u{1}ACTION waves\u{1}"],
    );
    let line = last(&model, "#lobby");
    assert_eq!((line.kind, &*line.text), (LineKind::Action, "waves"));
    feed(
        &mut model,
        &[":s.example 403 ana #nowhere :No such channel"],
    );
    let line = last(&model, "#lobby");
    assert_eq!(
        (line.kind, &*line.text),
        (LineKind::Error, "#nowhere: No such channel")
    );
    feed(&mut model, &[":bob!b@h NOTICE ana :automatic"]);
    assert_eq!(last(&model, "").kind, LineKind::Notice);
    feed(&mut model, &["FAIL RATE INVALID_STARS 6 :one to five"]);
    assert_eq!(&*last(&model, "#lobby").text, "one to five");
}

#[test]
fn a_lost_connection_empties_channels_and_keeps_their_lines() {
    let mut model = online();
    let changes = model.apply(&Update::Disconnected {
        at: at(1_800_000_000),
        reason: "gone".to_owned(),
        retry: Some(Duration::from_secs(4)),
    });
    assert!(changes.contains(&Change::State));
    let until = at(1_800_000_004);
    let reason = "gone".to_owned();
    assert_eq!(*model.state(), ConnectionState::Waiting { reason, until });
    assert_eq!(&*last(&model, "#lobby").text, "Disconnected: gone");
    assert!(!model.find("#lobby").unwrap().joined());
    feed(&mut model, &[":ana!a@h JOIN #lobby"]);
    assert!(model.find("#lobby").unwrap().joined());
    assert_eq!(names(&model, "#lobby"), ["ana"]);
}

#[test]
fn strangers_cannot_open_buffers_without_bound() {
    let limits = Limits {
        lines: 10,
        buffers: 5,
    };
    let mut model = Model::new("ana", "x", limits);
    for n in 0..50 {
        let line = format!(":stranger{n}!s@h PRIVMSG ana :hello");
        feed(&mut model, &[&line]);
    }
    assert_eq!(model.buffers().count(), 5);
    assert_eq!(model.find("").unwrap().lines().len(), 10);
    assert!(&*last(&model, "").text == "hello");
}

#[test]
fn names_are_folded_anew_when_the_casemapping_becomes_known() {
    let mut model = model();
    feed(
        &mut model,
        &[":ana!a@h JOIN #x[y]", ":bob{!b@h PRIVMSG ana :hi"],
    );
    assert!(model.find("#x{y}").is_none());
    feed(
        &mut model,
        &[":s 005 ana CASEMAPPING=rfc1459 :are supported"],
    );
    assert!(model.find("#X{Y}").is_some());
    assert!(model.find("BOB[").is_some());
}

#[test]
fn lines_are_found_by_number_after_old_ones_are_dropped() {
    let limits = Limits {
        lines: 3,
        buffers: 5,
    };
    let mut model = Model::new("ana", "x", limits);
    for n in 0..6 {
        feed(&mut model, &[&format!(":s.x NOTICE ana :{n}")]);
    }
    let id = BufferId::server();
    assert_eq!(model.line(&id, FIRST + 5).map(|l| &*l.text), Some("5"));
    assert_eq!(model.line(&id, FIRST + 2), None);
    assert_eq!(model.line(&id, FIRST + 6), None);
}

/// Words that meet often, so that random lines do something.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(vec![
            "ana", "bob", "Bob[", "bob{", "#lobby", "#rust", "@#lobby", "*", "=", "+o", "-v+ok",
            "CASEMAPPING=rfc1459", "CASEMAPPING=ascii", "PREFIX=(qov)~@+", "PREFIX=()",
            "CHANMODES=,,,", "CHANMODES=b", "\u{1}ACTION x\u{1}", "@bob +ana zoe!z@h", "",
            "+1", "-1", "chathistory", "ACK", "batch server-time message-tags draft/chathistory",
            "timestamp=1970-01-01T00:00:03.000Z", "5", "CHATHISTORY", "TARGETS",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ]
}

fn wire_line() -> impl Strategy<Value = String> {
    let command = prop_oneof![
        6 => proptest::sample::select(vec![
            "JOIN", "PART", "QUIT", "KICK", "NICK", "PRIVMSG", "NOTICE", "TOPIC", "MODE", "AWAY",
            "INVITE", "ERROR", "FAIL", "001", "002", "005", "332", "333", "353", "366", "433",
            "BATCH", "CAP", "TAGMSG", "REDACT", "MARKREAD", "322", "323", "376",
        ]).prop_map(str::to_owned),
        1 => "[0-9]{3}",
    ];
    let source = proptest::sample::select(vec!["ana!a@h", "bob!b@h", "Bob[!b@h", "s.example", "x"]);
    let tags = proptest::sample::select(vec![
        "",
        "",
        "",
        "@batch=1 ",
        "@batch=1;msgid=5 ",
        "@msgid=5;time=1970-01-01T00:00:02.000Z ",
        "@msgid=6;time=1970-01-01T00:00:01.000Z ",
        "@+draft/reply=5;+draft/react=x ",
        "@+typing=active ",
    ]);
    (
        tags,
        source,
        command,
        proptest::collection::vec(word(), 0..5),
    )
        .prop_map(|(tags, source, command, words)| {
            let mut line = format!("{tags}:{source} {command}");
            for (i, word) in words.iter().enumerate() {
                let last = i + 1 == words.len();
                match last {
                    true => line.push_str(&format!(" :{word}")),
                    false => line.push_str(&format!(" {word}")),
                }
            }
            line
        })
}

fn check(model: &Model, limits: Limits) {
    let buffers: Vec<&Buffer> = model.buffers().collect();
    assert!(buffers.len() <= limits.buffers);
    assert!(buffers.iter().any(|b| b.id() == model.active().id()));
    for buffer in buffers {
        assert!(model.buffer(buffer.id()).is_some());
        let lines = buffer.lines();
        assert!(lines.len() <= limits.lines);
        let numbers: Vec<u64> = lines.iter().map(|l| l.number).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]));
        assert!(buffer.highlights() <= buffer.unread());
        for member in buffer.members().iter() {
            assert!(buffer.members().contains(&model.fold(&member.nick)));
        }
    }
}

proptest! {
    #[test]
    fn random_lines_never_break_the_model(
        lines in proptest::collection::vec(wire_line(), 0..60),
        looks in proptest::collection::vec(0usize..6, 0..10),
    ) {
        let limits = Limits { lines: 8, buffers: 6 };
        let mut model = Model::new("ana", "x", limits);
        let mut looks = looks.into_iter();
        for line in lines {
            let Ok(message) = Message::parse(line.into()) else { continue };
            let changes = model.apply(&Update::Line { at: at(0), message });
            for change in changes {
                if let Change::Line(id, number) = change {
                    // A line that was told of is there, unless its buffer went with it.
                    prop_assert!(model.buffer(&id).is_none() || model.line(&id, number).is_some());
                }
            }
            if let Some(n) = looks.next() {
                let id = model.buffers().nth(n).map(|b| b.id().clone());
                if let Some(id) = id { model.look_at(&id) }
            }
            check(&model, limits);
        }
    }

    #[test]
    fn random_bytes_never_panic(line in "\\PC{0,120}") {
        let mut model = online();
        if let Ok(message) = Message::parse(line.into()) {
            model.apply(&Update::Line { at: at(0), message });
        }
    }
}
