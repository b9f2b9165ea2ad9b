//! Messages of several lines.

use crate::client::Client;
use crate::harness::Running;
use crate::lines::{body, tag};

const KNOWS: &str = "message-tags batch echo-message labeled-response draft/multiline";

fn in_a_channel<const N: usize>(server: &Running, who: [(&str, &str); N]) -> [Client; N] {
    let mut clients = who.map(|(nick, capabilities)| {
        let mut client = server.join_with(nick, capabilities);
        client.ask("JOIN #a");
        client
    });
    for client in &mut clients {
        client.sync();
    }
    clients
}

fn send(client: &mut Client, lines: &[&str]) {
    client.send("@label=x;+draft/reply=abc BATCH +1 draft/multiline #a");
    for line in lines {
        client.send(line);
    }
    client.send("BATCH -1");
}

const SOURCE: &str = ":ann!~ann@127.0.0.1";
const HELLO: [&str; 4] = [
    "@batch=1 PRIVMSG #a :hello",
    "@batch=1 PRIVMSG #A :",
    "@batch=1 privmsg #a :how is ",
    "@batch=1;draft/multiline-concat PRIVMSG #a :everyone?",
];

#[test]
fn a_batch_comes_as_a_batch() {
    let server = Running::quiet();
    let [mut ann, mut bob] = in_a_channel(&server, [("ann", KNOWS), ("bob", KNOWS)]);
    send(&mut ann, &HELLO);
    for (client, label) in [(&mut ann, Some("x")), (&mut bob, None)] {
        let lines: Vec<String> = (0..6).map(|_| client.line()).collect();
        let id = tag(&lines[0], "msgid").expect("an id").to_owned();
        let bodies: Vec<&str> = lines.iter().map(|line| body(line)).collect();
        assert_eq!(
            bodies,
            [
                format!("{SOURCE} BATCH +{id} draft/multiline #a"),
                format!("{SOURCE} PRIVMSG #a :hello"),
                format!("{SOURCE} PRIVMSG #a :"),
                format!("{SOURCE} PRIVMSG #a :how is "),
                format!("{SOURCE} PRIVMSG #a :everyone?"),
                format!("{SOURCE} BATCH -{id}"),
            ]
        );
        assert_eq!(tag(&lines[0], "label"), label);
        assert_eq!(tag(&lines[0], "+draft/reply"), Some("abc"));
        for line in &lines[1..5] {
            assert_eq!(tag(line, "batch"), Some(&*id));
            assert_eq!(tag(line, "msgid"), None);
            assert_eq!(tag(line, "+draft/reply"), None);
        }
        let concat = lines.iter().map(|line| tag(line, "draft/multiline-concat"));
        let concat: Vec<_> = concat.collect();
        assert_eq!(concat, [None, None, None, None, Some(""), None]);
        assert!(client.sync().is_empty());
    }
}

#[test]
fn who_knows_no_batches_gets_lines() {
    let server = Running::quiet();
    let [mut ann, mut eve, mut old] = in_a_channel(
        &server,
        [
            ("ann", KNOWS),
            ("eve", "message-tags batch"),
            ("old", "draft/multiline"),
        ],
    );
    send(&mut ann, &HELLO);
    ann.sync();
    let said = ["hello", "how is ", "everyone?"].map(|text| format!("{SOURCE} PRIVMSG #a :{text}"));
    let lines = eve.sync();
    let bodies: Vec<&str> = lines.iter().map(|line| body(line)).collect();
    assert_eq!(bodies, said);
    let ids = lines.iter().map(|line| tag(line, "msgid").is_some());
    assert_eq!(ids.collect::<Vec<_>>(), [true, false, false]);
    let replies = lines
        .iter()
        .filter(|line| tag(line, "+draft/reply") == Some("abc"));
    assert_eq!(replies.count(), 3);
    assert_eq!(old.sync(), said, "without batch there is none");
}

#[test]
fn what_is_no_message_of_several_lines_is_told() {
    let server = Running::quiet();
    let [mut ann, mut bob] = in_a_channel(&server, [("ann", KNOWS), ("bob", "")]);
    let mut refused = |lines: &[&str], wanted: &str| {
        for line in lines {
            ann.send(line);
        }
        let answer = ann.sync();
        let wanted = format!(":irc.test FAIL BATCH {wanted}");
        assert!(
            answer.len() == 1 && answer[0].starts_with(&wanted),
            "{lines:?}: {answer:?}"
        );
    };
    let begin = "BATCH +1 draft/multiline #a";
    let line = "@batch=1 PRIVMSG #a :x";
    refused(&["BATCH 1"], "INVALID_REFTAG 1 :");
    refused(&["BATCH +a_b draft/multiline #a"], "INVALID_REFTAG a_b :");
    refused(
        &["BATCH +1 other #a", line, line, "BATCH -1"],
        "UNKNOWN_TYPE 1 other :",
    );
    refused(&["BATCH -1"], "MULTILINE_INVALID :");
    refused(&["BATCH +1 draft/multiline"], "MULTILINE_INVALID :");
    refused(&["@batch=2 PRIVMSG #a :x"], "MULTILINE_INVALID :");
    refused(&[begin, "BATCH -1"], "MULTILINE_INVALID :");
    refused(
        &[begin, "@batch=1 PRIVMSG #a :", "BATCH -1"],
        "MULTILINE_INVALID :",
    );
    refused(&[begin, line, "BATCH -2"], "MULTILINE_INVALID :");
    refused(&[begin, begin], "MULTILINE_INVALID :");
    refused(&["BATCH -1", begin, line, "JOIN #b"], "MULTILINE_INVALID :");
    refused(
        &[
            "BATCH -1",
            begin,
            "@batch=1 PRIVMSG #b :x",
            line,
            "BATCH -1",
        ],
        "MULTILINE_INVALID_TARGET #a #b :",
    );
    refused(
        &[begin, line, "@batch=1 NOTICE #a :x", line, "BATCH -1"],
        "MULTILINE_INVALID :",
    );
    let many = vec![line; 33];
    refused(
        &[&[begin][..], &many, &["BATCH -1"]].concat(),
        "MULTILINE_MAX_LINES 32 :",
    );
    let long = format!("@batch=1 PRIVMSG #a :{}", "x".repeat(400));
    let many = vec![long.as_str(); 11];
    refused(
        &[&[begin][..], &many, &["BATCH -1"]].concat(),
        "MULTILINE_MAX_BYTES 4096 :",
    );
    assert!(bob.sync().is_empty(), "nothing of all that was said");
    assert!(ann.ask("PRIVMSG #a :plain")[0].ends_with(" PRIVMSG #a :plain"));
    bob.expect(":ann!~ann@127.0.0.1 PRIVMSG #a :plain");
}

#[test]
fn a_refused_message_answers_its_label_once() {
    let server = Running::quiet();
    let mut ann = server.join_with("ann", KNOWS);
    send(
        &mut ann,
        &["@batch=1 PRIVMSG #a one", "@batch=1 PRIVMSG #a two"],
    );
    ann.expect("@label=x :irc.test 403 ann #a :No such channel");
    send(&mut ann, &["@batch=1 NOTICE #a one"]);
    ann.expect("@label=x :irc.test ACK");
    assert!(ann.sync().is_empty());
}

#[test]
fn the_limits_are_told_with_the_capability() {
    let server = Running::new();
    let mut ann = server.connect();
    ann.send("CAP LS 302");
    let list = ann.capabilities();
    assert!(
        list.contains("draft/multiline=max-bytes=4096,max-lines=32"),
        "{list}"
    );
}

#[test]
fn history_has_it_as_it_was_sent() {
    let server = Running::quiet();
    let newer = format!("{KNOWS} draft/chathistory");
    let older = "message-tags batch draft/chathistory";
    let [mut ann, mut eve] = in_a_channel(&server, [("ann", &newer), ("eve", older)]);
    send(
        &mut ann,
        &[
            "@batch=1 PRIVMSG #a one",
            "@batch=1 PRIVMSG #a :",
            "@batch=1;draft/multiline-concat PRIVMSG #a :two",
        ],
    );
    let live: Vec<String> = ann
        .sync()
        .iter()
        .map(|line| body(line).to_owned())
        .collect();
    eve.sync();
    let lines = ann.ask("CHATHISTORY LATEST #a * 10");
    let outer = tag(&lines[1], "batch").unwrap();
    assert!(body(&lines[0]).contains(&format!(" BATCH +{outer} chathistory #a")));
    let told: Vec<&str> = lines.iter().map(|line| body(line)).collect();
    assert_eq!(told[1..told.len() - 1], live);
    assert_eq!(tag(&lines[1], "+draft/reply"), Some("abc"));
    let lines = eve.ask("CHATHISTORY LATEST #a * 10");
    let told: Vec<&str> = lines[1..lines.len() - 1]
        .iter()
        .map(|line| body(line))
        .collect();
    assert_eq!(
        told,
        ["one", "two"].map(|text| format!(":ann!~ann@127.0.0.1 PRIVMSG #a :{text}"))
    );
    assert!(tag(&lines[1], "msgid").is_some() && tag(&lines[2], "msgid").is_none());
}
