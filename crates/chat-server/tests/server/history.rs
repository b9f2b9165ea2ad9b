//! CHATHISTORY at byte level: what is found, and above all who may not find it.

mod access;

use chat_server::config::History;

use crate::client::Client;
use crate::harness::{Running, builder, limits, next_millisecond};
use crate::lines::{body, msgid, tag};

const CAPS: &str = "batch message-tags server-time echo-message draft/chathistory";

const NOWHERE: &str = "Messages could not be retrieved";

/// The lines of an answer within its batch, without tags; and how the batch begins.
fn batch(lines: &[String]) -> (String, Vec<String>) {
    let begin = lines.iter().position(|line| line.contains(" BATCH +"));
    let (first, rest) = lines[begin.expect("a batch")..]
        .split_first()
        .expect("its beginning");
    let (last, inside) = rest.split_last().expect("its end");
    let reference = &body(first).split(' ').nth(2).unwrap()[1..];
    assert_eq!(body(last), format!(":irc.test BATCH -{reference}"));
    for line in inside {
        assert_eq!(tag(line, "batch"), Some(reference), "{line}");
    }
    let body = |line: &String| body(line).to_owned();
    (first.clone(), inside.iter().map(body).collect())
}

/// The texts that history has, by what a client asks.
fn texts(client: &mut Client, ask: &str) -> Vec<String> {
    let lines = client.ask(ask);
    let (_, inside) = batch(&lines);
    let text = |line: String| line.splitn(4, ' ').nth(3).unwrap_or(&line).to_owned();
    inside.into_iter().map(text).collect()
}

/// Two in #a, who have said one, two, three.
fn talk(server: &Running) -> (Client, Client, Vec<String>) {
    let mut ann = server.join_with("ann", CAPS);
    let mut bob = server.join_with("bob", CAPS);
    ann.ask("JOIN #a");
    bob.ask("JOIN #a");
    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        ann.send(&format!("PRIVMSG #a :{text}"));
        ids.push(msgid(&ann.wait_for(&format!(":{text}"))));
    }
    bob.sync();
    ann.sync();
    (ann, bob, ids)
}

#[test]
fn a_page_is_a_batch_of_the_lines_as_they_were() {
    let server = Running::quiet();
    let (mut ann, mut bob, ids) = talk(&server);
    ann.send("@+draft/reply=x PRIVMSG #A :four");
    let live = bob.wait_for(":four");
    let lines = bob.ask("CHATHISTORY LATEST #A * 10");
    let (first, inside) = batch(&lines);
    assert!(first.starts_with("@draft/chathistory-end "), "{first}");
    assert!(first.contains(" chathistory #a"), "{first}");
    let said = |text: &str| format!(":ann!~ann@127.0.0.1 PRIVMSG #a :{text}");
    assert_eq!(inside, ["one", "two", "three", "four"].map(said));
    for name in ["time", "msgid", "+draft/reply"] {
        assert_eq!(
            tag(&lines[4], name),
            Some(tag(&live, name).expect("the tag"))
        );
    }
    let second = format!("msgid={}", ids[1]);
    assert_eq!(
        texts(&mut bob, &format!("CHATHISTORY BEFORE #a {second} 9")),
        [":one"]
    );
    assert_eq!(
        texts(&mut bob, &format!("CHATHISTORY AFTER #a {second} 1")),
        [":three"]
    );
    assert_eq!(
        texts(&mut bob, &format!("CHATHISTORY AROUND #a {second} 3")),
        [":one", ":two", ":three"]
    );
    let first = format!("msgid={}", ids[0]);
    let ask = format!("CHATHISTORY BETWEEN #a {first} timestamp=2100-01-01T00:00:00.000Z 1");
    assert_eq!(texts(&mut bob, &ask), [":two"]);
    let ask = format!("CHATHISTORY BETWEEN #a timestamp=2100-01-01T00:00:00.000Z {first} 1");
    assert_eq!(texts(&mut bob, &ask), [":four"]);
    let lines = bob.ask("CHATHISTORY LATEST #a * 2");
    assert!(lines[0].starts_with(":irc.test BATCH +"), "{}", lines[0]);
}

#[test]
fn a_label_stands_on_the_batch() {
    let server = Running::quiet();
    let (_ann, _, _) = talk(&server);
    let mut cleo = server.join_with("cleo", &format!("{CAPS} labeled-response"));
    cleo.ask("JOIN #a");
    let lines = cleo.ask("@label=L CHATHISTORY LATEST #a * 2");
    assert_eq!(lines.len(), 4);
    assert_eq!(tag(&lines[0], "label"), Some("L"));
    assert!(lines[0].contains(" BATCH +"), "{}", lines[0]);
    assert!(lines[1..].iter().all(|line| !line.contains("label")));
    batch(&lines);
    let lines = cleo.ask("@label=M CHATHISTORY LATEST #nowhere * 2");
    assert_eq!(
        lines,
        [format!(
            "@label=M :irc.test FAIL CHATHISTORY INVALID_TARGET LATEST #nowhere :{NOWHERE}"
        )]
    );
}

#[test]
fn without_batches_and_tags_history_is_plain_lines() {
    let server = Running::new();
    let (_ann, _bob, _) = talk(&server);
    let mut cleo = server.join("cleo");
    cleo.ask("JOIN #a");
    let said = |text: &str| format!(":ann!~ann@127.0.0.1 PRIVMSG #a :{text}");
    assert_eq!(
        cleo.ask("CHATHISTORY LATEST #a * 2"),
        ["two", "three"].map(said)
    );
}

/// A request, and the code and parameters of its FAIL.
const WRONG: &[(&str, &str, &str)] = &[
    ("", "INVALID_PARAMS", "* :Insufficient parameters"),
    (
        "LATEST #lobby *",
        "INVALID_PARAMS",
        "LATEST :Insufficient parameters",
    ),
    (
        "BETWEEN #lobby msgid=0000000000001 5",
        "INVALID_PARAMS",
        "BETWEEN :Insufficient parameters",
    ),
    (
        "LATEST #lobby * 5 6",
        "INVALID_PARAMS",
        "LATEST :Too many parameters",
    ),
    (
        "NEWEST #lobby * 5",
        "INVALID_PARAMS",
        "NEWEST :Unknown command",
    ),
    (
        "BEFORE #lobby * 5",
        "INVALID_PARAMS",
        "BEFORE * :Invalid parameter",
    ),
    (
        "BEFORE #lobby timestamp=now 5",
        "INVALID_PARAMS",
        "BEFORE timestamp=now :Invalid parameter",
    ),
    (
        "BEFORE #lobby seq=7 5",
        "INVALID_MSGREFTYPE",
        "BEFORE seq=7 :Messages are referred to by msgid or timestamp",
    ),
    (
        "LATEST #lobby * 0",
        "INVALID_PARAMS",
        "LATEST 0 :Invalid parameter",
    ),
    (
        "LATEST #lobby * -1",
        "INVALID_PARAMS",
        "LATEST -1 :Invalid parameter",
    ),
    (
        "TARGETS msgid=0000000000001 timestamp=2100-01-01T00:00:00.000Z 5",
        "INVALID_PARAMS",
        "TARGETS msgid=0000000000001 :Invalid parameter",
    ),
];

#[test]
fn wrong_requests_are_told_why() {
    let server = Running::new();
    let mut ann = server.join_with("ann", CAPS);
    for (ask, code, rest) in WRONG {
        let lines = ann.ask(&format!("CHATHISTORY {ask}"));
        assert_eq!(
            lines,
            [format!(":irc.test FAIL CHATHISTORY {code} {rest}")],
            "{ask}"
        );
    }
    assert_eq!(
        texts(&mut ann, "chathistory latest #lobby * 99999999999999"),
        [""; 0]
    );
}

#[test]
fn a_page_has_a_bound() {
    let config = chat_server::Config {
        name: "irc.test".to_owned(),
        history: History {
            page: 2,
            ..History::default()
        },
        limits: limits(),
        ..Default::default()
    };
    let server = Running::of(builder().config(config));
    let (_ann, mut bob, _) = talk(&server);
    assert_eq!(
        texts(&mut bob, "CHATHISTORY LATEST #a * 100"),
        [":two", ":three"]
    );
    let lines = bob.ask("VERSION");
    assert!(lines.iter().any(|line| line.contains(" CHATHISTORY=2 ")));
}

#[test]
fn targets_are_ones_own_by_the_time_of_the_latest() {
    let server = Running::quiet();
    let (mut ann, mut bob, _) = talk(&server);
    let mut cleo = server.join_with("cleo", CAPS);
    next_millisecond();
    ann.ask("PRIVMSG bob :hi");
    next_millisecond();
    cleo.ask("PRIVMSG ann :hello");
    bob.ask("PRIVMSG cleo :between us");
    let names = |client: &mut Client, ask: &str| {
        let lines = client.ask(&format!("CHATHISTORY TARGETS {ask}"));
        let (first, inside) = batch(&lines);
        assert!(first.contains(" draft/chathistory-targets"), "{first}");
        let name = |line: &String| {
            let words: Vec<_> = line.split(' ').collect();
            assert_eq!(words[..3], [":irc.test", "CHATHISTORY", "TARGETS"]);
            words[3].to_owned()
        };
        inside.iter().map(name).collect::<Vec<_>>()
    };
    let (past, future) = (
        "timestamp=2000-01-01T00:00:00.000Z",
        "timestamp=2100-01-01T00:00:00.000Z",
    );
    assert_eq!(
        names(&mut ann, &format!("{past} {future} 9")),
        ["#a", "bob", "cleo"]
    );
    assert_eq!(
        names(&mut ann, &format!("{past} {future} 2")),
        ["#a", "bob"]
    );
    assert_eq!(
        names(&mut ann, &format!("{future} {past} 2")),
        ["bob", "cleo"]
    );
    assert_eq!(
        names(
            &mut ann,
            &format!("{future} timestamp=2100-01-02T00:00:00.000Z 9")
        ),
        [""; 0]
    );
    // Who is on is named as one is now; who has left, as one was when one wrote.
    bob.ask("NICK robert");
    cleo.ask("NICK bob");
    let all = format!("{past} {future} 9");
    assert_eq!(names(&mut ann, &all), ["#a", "robert", "bob"]);
    assert_eq!(texts(&mut ann, "CHATHISTORY LATEST bob * 9"), [":hello"]);
    bob.send("QUIT");
    bob.rest();
    cleo.ask("NICK robert");
    assert_eq!(names(&mut ann, &all), ["#a", "bob", "robert"]);
    assert_eq!(texts(&mut ann, "CHATHISTORY LATEST bob * 9"), [":hi"]);
    assert_eq!(texts(&mut ann, "CHATHISTORY LATEST robert * 9"), [":hello"]);
}

#[test]
fn what_is_no_message_is_for_who_plays_it_back() {
    let server = Running::quiet();
    let (mut ann, mut bob, _) = talk(&server);
    let mut cleo = server.join_with("cleo", &format!("{CAPS} draft/event-playback"));
    cleo.ask("JOIN #a");
    ann.sync();
    let mut live = ann.ask("TOPIC #a :about");
    live.extend(ann.ask("MODE #a +v bob"));
    live.extend(ann.ask("@+draft/react=x TAGMSG #a"));
    ann.ask("@+typing=active TAGMSG #a");
    bob.ask("NICK robert");
    bob.ask("PART #a :bye");
    ann.ask("KICK #a cleo :out");
    cleo.ask("JOIN #a");
    let lines = cleo.ask("CHATHISTORY LATEST #a * 50");
    let (_, inside) = batch(&lines);
    let ann_is = ":ann!~ann@127.0.0.1";
    let expected = [
        format!("{ann_is} JOIN #a"),
        ":bob!~bob@127.0.0.1 JOIN #a".to_owned(),
        format!("{ann_is} PRIVMSG #a :one"),
        format!("{ann_is} PRIVMSG #a :two"),
        format!("{ann_is} PRIVMSG #a :three"),
        ":cleo!~cleo@127.0.0.1 JOIN #a".to_owned(),
        format!("{ann_is} TOPIC #a :about"),
        format!("{ann_is} MODE #a +v bob"),
        format!("{ann_is} TAGMSG #a"),
        ":bob!~bob@127.0.0.1 NICK robert".to_owned(),
        ":robert!~bob@127.0.0.1 PART #a :bye".to_owned(),
        format!("{ann_is} KICK #a cleo :out"),
        ":cleo!~cleo@127.0.0.1 JOIN #a".to_owned(),
    ];
    assert_eq!(inside, expected);
    // Live and later they have the same ids and times.
    for (live, later) in live.iter().zip(&lines[7..]) {
        assert_eq!(body(live), body(later));
        for name in ["msgid", "time"] {
            assert_eq!(tag(later, name), Some(tag(live, name).expect("the tag")));
        }
    }
    assert_eq!(
        texts(&mut ann, "CHATHISTORY LATEST #a * 50"),
        [":one", ":two", ":three"]
    );
}

#[test]
fn an_answer_has_all_that_was_said_before_and_comes_before_the_pong() {
    let server = Running::new();
    let (mut ann, mut bob, _) = talk(&server);
    for round in 0..50 {
        let mut script = String::new();
        for number in 0..5 {
            script.push_str(&format!("PRIVMSG #a :{round} {number}\r\n"));
        }
        script.push_str("CHATHISTORY LATEST #a * 5\r\n");
        ann.send_bytes(script.as_bytes());
        let lines = ann.sync();
        let page: Vec<_> = lines
            .iter()
            .filter(|line| line.contains("batch="))
            .collect();
        assert_eq!(page.len(), 5);
        for (number, line) in page.iter().enumerate() {
            assert!(line.ends_with(&format!(":{round} {number}")), "{line}");
        }
    }
    assert_eq!(bob.sync().len(), 250);
}
