//! CHATHISTORY at byte level: what is found, and above all who may not find it.

use std::time::{Duration, Instant};

use chat_server::Builder;
use chat_server::config::{Cutoff, History};

use crate::client::Client;
use crate::harness::{Running, builder};

const CAPS: &str = "batch message-tags server-time echo-message draft/chathistory";
const NOWHERE: &str = "Messages could not be retrieved";

/// The lines of an answer within its batch, without tags; and how the batch begins.
fn batch(lines: &[String]) -> (String, Vec<String>) {
    let begin = lines.iter().position(|line| line.contains(" BATCH +"));
    let (first, rest) = lines[begin.expect("a batch")..]
        .split_first()
        .expect("its beginning");
    let (last, inside) = rest.split_last().expect("its end");
    let body = |line: &String| {
        line.rsplit_once("batch=")
            .map_or(line.clone(), |_| strip(line))
    };
    let reference = strip(first).split(' ').nth(2).unwrap()[1..].to_owned();
    assert_eq!(strip(last), format!(":irc.test BATCH -{reference}"));
    for line in inside {
        assert!(line.contains(&format!("batch={reference}")), "{line}");
    }
    (first.clone(), inside.iter().map(body).collect())
}

fn strip(line: &str) -> String {
    match line.strip_prefix('@') {
        Some(rest) => rest.split_once(' ').unwrap().1.to_owned(),
        None => line.to_owned(),
    }
}

/// The texts that history has, by what a client asks.
fn texts(client: &mut Client, ask: &str) -> Vec<String> {
    let lines = client.ask(ask);
    let (_, inside) = batch(&lines);
    let text = |line: String| line.splitn(4, ' ').nth(3).unwrap_or(&line).to_owned();
    inside.into_iter().map(text).collect()
}

fn tag(line: &str, name: &str) -> String {
    let tags = line.split(' ').next().unwrap();
    let start = tags.find(&format!("{name}=")).expect("the tag") + name.len() + 1;
    tags[start..].split(';').next().unwrap().to_owned()
}

/// A server without a lobby, where nobody hears who comes.
fn quiet() -> Running {
    Running::of(builder().lobby(""))
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
        ids.push(tag(&ann.wait_for(&format!(":{text}")), "msgid"));
    }
    bob.sync();
    ann.sync();
    (ann, bob, ids)
}

#[test]
fn a_page_is_a_batch_of_the_lines_as_they_were() {
    let server = quiet();
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
        assert_eq!(tag(&lines[4], name), tag(&live, name));
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
    let server = quiet();
    let (_ann, _, _) = talk(&server);
    let mut cleo = server.join_with("cleo", &format!("{CAPS} labeled-response"));
    cleo.ask("JOIN #a");
    let lines = cleo.ask("@label=L CHATHISTORY LATEST #a * 2");
    assert_eq!(lines.len(), 4);
    assert_eq!(tag(&lines[0], "label"), "L");
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

/// A server where one may read from then on.
fn cut_off(cutoff: Cutoff) -> Builder {
    let config = chat_server::Config {
        name: "irc.test".to_owned(),
        lobby: String::new(),
        history: History {
            cutoff,
            ..History::default()
        },
        limits: crate::harness::limits(),
        ..Default::default()
    };
    builder().config(config)
}

/// The texts that a search finds, once `count` of them are in the index.
fn found(client: &mut Client, ask: &str, count: usize) -> Vec<String> {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let texts = texts(client, ask);
        if texts.len() >= count {
            return texts;
        }
        assert!(Instant::now() < end, "{ask}: {texts:?}");
        std::thread::yield_now();
    }
}

#[test]
fn who_joins_may_read_from_then_on_where_it_is_so_configured() {
    let server = Running::of(cut_off(Cutoff::JoinTime));
    let (mut ann, mut bob, _) = talk(&server);
    let mut eve = server.join_with("eve", CAPS);
    let targets = "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z \
                   timestamp=2100-01-01T00:00:00.000Z 9";
    eve.ask("JOIN #a");
    assert_eq!(texts(&mut eve, "CHATHISTORY LATEST #a * 9"), [""; 0]);
    assert_eq!(texts(&mut eve, targets), [""; 0]);
    bob.ask("PRIVMSG #a :four");
    assert_eq!(found(&mut ann, "SEARCH in=#a", 4).len(), 4, "its operator");
    for ask in [
        "CHATHISTORY LATEST #a * 9",
        "SEARCH in=#a",
        "SEARCH text=four",
    ] {
        assert_eq!(texts(&mut eve, ask), [":four"], "{ask}");
    }
    let around = "CHATHISTORY AFTER #a timestamp=2000-01-01T00:00:00.000Z 9";
    assert_eq!(texts(&mut eve, around), [":four"]);
    assert_eq!(texts(&mut eve, targets).len(), 1);
    assert_eq!(texts(&mut bob, around).len(), 4, "it was there");
    bob.ask("PART #a");
    bob.ask("JOIN #a");
    assert_eq!(texts(&mut bob, around), [""; 0], "it came again");
    ann.ask("MODE #a +h eve");
    assert_eq!(texts(&mut eve, around).len(), 4);
}

#[test]
fn who_registers_may_read_from_then_on_where_it_is_so_configured() {
    let server = Running::of(cut_off(Cutoff::RegistrationTime));
    let (mut ann, _bob, _) = talk(&server);
    let mut eve = server.join_with("eve", CAPS);
    ann.ask("PRIVMSG #a :four");
    eve.ask("JOIN #a");
    let all = "CHATHISTORY LATEST #a * 9";
    assert_eq!(texts(&mut eve, all), [":four"], "since it came");
    eve.ask("NS REGISTER secret");
    assert_eq!(texts(&mut eve, all), [""; 0], "since there is the account");
    ann.ask("PRIVMSG #a :five");
    assert_eq!(texts(&mut eve, all), [":five"]);
    drop(eve);
    let mut eve = server.join_with("other", CAPS);
    ann.ask("PRIVMSG #a :six");
    eve.ask("NS IDENTIFY eve secret");
    eve.ask("JOIN #a");
    assert_eq!(texts(&mut eve, all), [":five", ":six"]);
}

#[test]
fn who_stays_on_reads_from_its_joining_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db");
    let begin = || Running::of(cut_off(Cutoff::JoinTime).database(&database));
    let server = begin();
    let (mut ann, _bob, _) = talk(&server);
    let mut eve = server.join_with("eve", CAPS);
    eve.ask(&format!("NS REGISTER {}", crate::devices::PASSWORD));
    eve.ask("NS SET ALWAYS-ON ON");
    eve.ask("JOIN #a");
    ann.ask("PRIVMSG #a :four");
    server.stop("again");
    let server = begin();
    let (mut eve, _) = crate::devices::device(&server, "eve", "eve", CAPS);
    assert_eq!(texts(&mut eve, "CHATHISTORY LATEST #a * 9"), [":four"]);
}

#[test]
fn a_page_has_a_bound() {
    let config = chat_server::Config {
        name: "irc.test".to_owned(),
        history: History {
            page: 2,
            ..History::default()
        },
        limits: crate::harness::limits(),
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

/// The same words for what is not there, what is closed to the asker, and what is hidden.
#[test]
fn strangers_learn_nothing_of_a_channel() {
    let server = quiet();
    let (mut ann, mut bob, ids) = talk(&server);
    ann.ask("MODE #a +s");
    bob.ask("PART #a");
    let mut cleo = server.join_with("cleo", CAPS);
    for stranger in [&mut bob, &mut cleo] {
        for what in ["#a", "#A", "#nowhere", "@#a"] {
            let second = format!("msgid={}", ids[1]);
            for ask in ["LATEST {} * 5", "BEFORE {} {m} 5", "AROUND {} {m} 5"] {
                let ask = ask.replace("{m}", &second).replace("{}", what);
                let subcommand = ask.split(' ').next().unwrap().to_owned();
                let lines = stranger.ask(&format!("CHATHISTORY {ask}"));
                let told = lines.join("\n");
                if what.starts_with('#') {
                    assert_eq!(
                        told,
                        format!(
                            ":irc.test FAIL CHATHISTORY INVALID_TARGET {subcommand} {what} :{NOWHERE}"
                        )
                    );
                }
                assert!(!told.contains("PRIVMSG"), "{told}");
            }
        }
        let all =
            "TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 50";
        let lines = stranger.ask(&format!("CHATHISTORY {all}"));
        assert!(!lines.join("\n").contains("#a"), "{lines:?}");
    }
}

#[test]
fn a_channel_founded_again_is_another() {
    let server = Running::new();
    let (mut ann, mut bob, _) = talk(&server);
    ann.ask("PART #a");
    bob.ask("PART #a");
    let mut cleo = server.join_with("cleo", CAPS);
    cleo.ask("JOIN #a");
    assert_eq!(texts(&mut cleo, "CHATHISTORY LATEST #a * 50"), [""; 0]);
    cleo.ask("PRIVMSG #a :new");
    assert_eq!(texts(&mut cleo, "CHATHISTORY LATEST #a * 50"), [":new"]);
    // The lobby is everyone's for ever.
    ann.ask("PRIVMSG #lobby :hello");
    ann.ask("PART #lobby");
    bob.ask("PART #lobby");
    cleo.ask("PART #lobby");
    cleo.ask("JOIN #lobby");
    assert_eq!(
        texts(&mut cleo, "CHATHISTORY LATEST #lobby * 50"),
        [":hello"]
    );
}

#[test]
fn a_message_to_a_rank_is_history_for_that_rank_only() {
    let server = quiet();
    let (mut ann, mut bob, _) = talk(&server);
    ann.ask("PRIVMSG @#a :for operators");
    ann.ask("PRIVMSG +#a :for voices");
    let of = |client: &mut Client| {
        texts(
            client,
            "CHATHISTORY AFTER #a timestamp=2000-01-01T00:00:00.000Z 50",
        )
    };
    assert_eq!(of(&mut bob), [":one", ":two", ":three"]);
    ann.ask("MODE #a +v bob");
    assert_eq!(of(&mut bob), [":one", ":two", ":three", ":for voices"]);
    assert_eq!(of(&mut ann).len(), 5);
    ann.ask("MODE #a +o bob");
    ann.ask("MODE #a -o ann");
    assert_eq!(of(&mut bob).len(), 5);
    // One's own are one's own.
    assert_eq!(of(&mut ann).len(), 5);
    let mut cleo = server.join_with("cleo", CAPS);
    cleo.ask("JOIN #a");
    assert_eq!(of(&mut cleo).len(), 3);
}

#[test]
fn a_conversation_is_for_its_two_and_a_nick_alone_opens_nothing() {
    let server = quiet();
    let mut ann = server.join_with("ann", CAPS);
    let mut bob = server.join_with("bob", CAPS);
    ann.ask("PRIVMSG bob :secret");
    bob.ask("PRIVMSG ann :whisper");
    bob.sync();
    assert_eq!(
        texts(&mut ann, "CHATHISTORY LATEST bob * 9"),
        [":secret", ":whisper"]
    );
    assert_eq!(
        texts(&mut bob, "CHATHISTORY LATEST ANN * 9"),
        [":secret", ":whisper"]
    );
    let mut cleo = server.join_with("cleo", CAPS);
    for what in ["ann", "bob", "cleo", "nobody"] {
        assert_eq!(
            texts(&mut cleo, &format!("CHATHISTORY LATEST {what} * 9")),
            [""; 0]
        );
    }
    // Another nick is the same person.
    ann.ask("NICK anna");
    assert_eq!(texts(&mut bob, "CHATHISTORY LATEST anna * 9").len(), 2);
    assert_eq!(texts(&mut ann, "CHATHISTORY LATEST bob * 9").len(), 2);
    // Who takes the nick of one who is gone reads nothing, and is not taken for them.
    bob.send("QUIT");
    bob.rest();
    cleo.ask("NICK bob");
    assert_eq!(texts(&mut cleo, "CHATHISTORY LATEST anna * 9"), [""; 0]);
    assert_eq!(texts(&mut ann, "CHATHISTORY LATEST bob * 9"), [""; 0]);
    cleo.ask("NICK cleo");
    // With nobody of that name on, it is whom one has written with.
    assert_eq!(
        texts(&mut ann, "CHATHISTORY LATEST Bob * 9"),
        [":secret", ":whisper"]
    );
}

#[test]
fn targets_are_ones_own_by_the_time_of_the_latest() {
    let server = quiet();
    let (mut ann, mut bob, _) = talk(&server);
    let mut cleo = server.join_with("cleo", CAPS);
    let wait = || std::thread::sleep(Duration::from_millis(3));
    wait();
    ann.ask("PRIVMSG bob :hi");
    wait();
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
    let server = quiet();
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
        assert_eq!(strip(live), strip(later));
        assert_eq!(tag(live, "msgid"), tag(later, "msgid"));
        assert_eq!(tag(live, "time"), tag(later, "time"));
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

#[test]
fn read_markers_are_for_accounts() {
    let server = quiet();
    let mut ann = server.join_with("ann", "draft/read-marker");
    let lines = ann.ask("JOIN #a");
    let marker = lines
        .iter()
        .position(|line| line == ":irc.test MARKREAD #a *");
    let end = lines.iter().position(|line| line.contains(" 366 "));
    assert!(marker.expect("told on JOIN") < end.expect("the end of names"));
    assert_eq!(ann.ask("MARKREAD bob"), [":irc.test MARKREAD bob *"]);
    for (ask, fail) in [
        ("", "NEED_MORE_PARAMS :Missing parameters"),
        ("#a 5", "INVALID_PARAMS 5 :Invalid parameters"),
        ("#a *", "INVALID_PARAMS * :Invalid parameters"),
        (
            "#a timestamp=2019-01-04T14:33:26.123Z",
            "INTERNAL_ERROR #a :The read timestamp could not be set: you are not logged in",
        ),
    ] {
        let lines = ann.ask(&format!("MARKREAD {ask}"));
        assert_eq!(lines, [format!(":irc.test FAIL MARKREAD {fail}")]);
    }
}
