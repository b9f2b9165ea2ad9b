//! RENAME, RELAYMSG, ACCEPT and the user modes R, T and Z.

use std::time::{Duration, Instant};

use crate::client::Client;
use crate::harness::{Running, builder};

#[test]
fn a_channel_is_renamed_or_exchanged() {
    let server = Running::quiet();
    let mut ann = server.join_with("ann", "draft/channel-rename");
    ann.ask("JOIN #a");
    ann.ask("TOPIC #a :tea");
    let mut bob = server.join_with("bob", "extended-join");
    bob.ask("JOIN #a");
    ann.sync();
    ann.send("RENAME #A #b :a better one");
    ann.expect(":ann!~ann@127.0.0.1 RENAME #a #b :a better one");
    let lines = bob.sync();
    assert_eq!(
        lines[..3],
        [
            ":bob!~bob@127.0.0.1 PART #a :Channel renamed: a better one",
            ":bob!~bob@127.0.0.1 JOIN #b * :Real bob",
            ":irc.test 332 bob #b :tea",
        ]
    );
    assert!(lines[3].starts_with(":irc.test 333 bob #b "));
    assert_eq!(lines[4], ":irc.test 353 bob = #b :@ann bob");
    assert_eq!(
        ann.ask("RENAME #b #B"),
        [":ann!~ann@127.0.0.1 RENAME #b #B :"],
        "another spelling"
    );
    bob.sync();
    assert_eq!(
        bob.ask("RENAME #b #c"),
        [":irc.test 482 bob #B :You're not channel operator"]
    );
    bob.ask("JOIN #c");
    assert_eq!(
        ann.ask("RENAME #b #c"),
        [":irc.test FAIL RENAME CHANNEL_NAME_IN_USE #B #c :The channel name is already taken"]
    );
    assert_eq!(
        ann.ask("RENAME #b"),
        [":irc.test 461 ann RENAME :Not enough parameters"]
    );
}

/// What a page of history has, without tags.
fn page(client: &mut Client, ask: &str) -> Vec<String> {
    let lines = client.ask(ask);
    let inside = lines.iter().filter(|line| line.contains("batch="));
    let plain = |line: &String| line.split_once(' ').map_or("", |(_, rest)| rest).to_owned();
    inside.map(plain).collect()
}

const CAPS: &str = "batch message-tags draft/chathistory draft/channel-rename draft/read-marker";

#[test]
fn what_was_said_goes_with_the_channel() {
    let server = Running::quiet();
    let mut ann = server.join_with("ann", CAPS);
    ann.ask("NS REGISTER secret");
    ann.ask("JOIN #a");
    ann.ask("PRIVMSG #a :before the name");
    ann.ask("PRIVMSG @#a :for few");
    ann.ask("MARKREAD #a timestamp=2020-01-01T00:00:00.000Z");
    ann.ask("RENAME #a #b");
    ann.ask("PRIVMSG #b :and after it");
    let expected = |name: &str| {
        [
            ("", "before the name"),
            ("@", "for few"),
            ("", "and after it"),
        ]
        .map(|(mark, text)| format!(":ann!~ann@127.0.0.1 PRIVMSG {mark}{name} :{text}"))
    };
    assert_eq!(page(&mut ann, "CHATHISTORY LATEST #b * 9"), expected("#b"));
    let gone = ann.ask("CHATHISTORY LATEST #a * 9");
    assert!(
        gone[0].starts_with(":irc.test FAIL CHATHISTORY INVALID_TARGET "),
        "{gone:?}"
    );
    assert_eq!(
        ann.ask("MARKREAD #b"),
        [":irc.test MARKREAD #b timestamp=2020-01-01T00:00:00.000Z"]
    );
    for ask in ["SEARCH text=name", "SEARCH text=name;in=#b"] {
        assert_eq!(found(&mut ann, ask), expected("#b")[..1]);
    }
}

/// The answer to a search, once the index knows what was said.
fn found(client: &mut Client, ask: &str) -> Vec<String> {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let lines = page(client, ask);
        if !lines.is_empty() {
            return lines;
        }
        assert!(Instant::now() < end, "{ask} finds nothing");
        std::thread::yield_now();
    }
}

#[test]
fn a_registered_channel_remembers_all_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db");
    let begin = || Running::of(builder().database(&database).lobby(""));
    let server = begin();
    let mut ann = server.join_with("ann", CAPS);
    ann.ask("NS REGISTER secret");
    ann.ask("JOIN #a");
    ann.ask("CS REGISTER #a");
    ann.ask("METADATA #a SET url :https://example.org");
    ann.ask("PRIVMSG #a :before the name");
    ann.ask("MARKREAD #a timestamp=2020-01-01T00:00:00.000Z");
    ann.ask("RENAME #a #b");
    ann.ask("PRIVMSG #b :after it");
    server.stop("again");
    let server = begin();
    let mut ann = server.join_with("eve", CAPS);
    assert_eq!(
        ann.ask("JOIN #a"),
        [":irc.test FAIL JOIN CHANNEL_RENAMED #a #b :The channel has been renamed"]
    );
    ann.ask("NS IDENTIFY ann secret");
    ann.ask("JOIN #b");
    let texts = page(&mut ann, "CHATHISTORY LATEST #b * 9");
    let expected = ["before the name", "after it"]
        .map(|text| format!(":ann!~ann@127.0.0.1 PRIVMSG #b :{text}"));
    assert_eq!(texts, expected);
    assert_eq!(
        ann.ask("MARKREAD #b"),
        [":irc.test MARKREAD #b timestamp=2020-01-01T00:00:00.000Z"]
    );
    let told = page(&mut ann, "METADATA #b LIST");
    assert_eq!(told, [":irc.test 761 eve #b url * :https://example.org"]);
}

#[test]
fn who_asks_for_the_earlier_name_is_shown_the_way() {
    let server = Running::quiet();
    let mut ann = server.join_with("ann", "draft/channel-rename");
    ann.ask("JOIN #a");
    ann.ask("RENAME #a #b");
    let mut bob = server.join_with("bob", "draft/channel-rename");
    assert_eq!(
        bob.ask("JOIN #A"),
        [":irc.test FAIL JOIN CHANNEL_RENAMED #A #b :The channel has been renamed"]
    );
    let mut old = server.join("old");
    assert_eq!(
        old.ask("JOIN #a"),
        [
            ":irc.test 470 old #a #b :The channel has been renamed",
            ":old!~old@127.0.0.1 JOIN #b",
            ":irc.test 353 old = #b :@ann old",
            ":irc.test 366 old #b :End of /NAMES list",
        ]
    );
    ann.sync();
    ann.ask("MODE #b +k sesame");
    let mut late = server.join("late");
    let lines = late.ask("JOIN #a");
    assert_eq!(
        lines[0],
        ":irc.test 470 late #a #b :The channel has been renamed"
    );
    assert!(lines[1].starts_with(":irc.test 475 late #b :"), "{lines:?}");
}

#[test]
fn bridges_speak_for_others() {
    let server = Running::quiet();
    let mut bot = server.join_with("bot", "message-tags");
    bot.ask("JOIN #a");
    let mut tags = server.join_with("tags", "message-tags");
    let mut mark = server.join_with("mark", "draft/relaymsg");
    let mut old = server.join("old");
    for client in [&mut tags, &mut mark, &mut old] {
        client.ask("JOIN #a");
    }
    for client in [&mut bot, &mut tags, &mut mark] {
        client.sync();
    }
    bot.send("@+draft/reply=x RELAYMSG #A smt/discord :hi");
    let said = ":smt/discord!~bot@127.0.0.1 PRIVMSG #a :hi";
    for client in [&mut bot, &mut tags] {
        let line = client.line();
        assert!(line.ends_with(&format!(" {said}")), "{line}");
        assert!(
            line.contains(";draft/relaymsg=bot;+draft/reply=x "),
            "{line}"
        );
    }
    mark.expect(&format!("@draft/relaymsg=bot {said}"));
    old.expect(said);
    assert_eq!(
        old.ask("RELAYMSG #a smt/discord :hi"),
        [":irc.test FAIL RELAYMSG PRIVS_NEEDED :You cannot relay messages to this channel"]
    );
    for (line, code) in [
        ("RELAYMSG #a plain :hi", "INVALID_NICK"),
        ("RELAYMSG #a in!valid/x :hi", "INVALID_NICK"),
        ("RELAYMSG #a smt/discord : ", "BLANK_MSG"),
    ] {
        let answer = bot.ask(line);
        let wanted = format!(":irc.test FAIL RELAYMSG {code} :");
        assert!(answer[0].starts_with(&wanted), "{line}: {answer:?}");
    }
}

#[test]
fn strangers_are_kept_away_until_they_are_accepted() {
    let server = Running::quiet();
    let (mut ann, mut bob) = (server.join("ann"), server.join("bob"));
    assert_eq!(
        ann.ask("MODE ann +RTZ"),
        [":ann!~ann@127.0.0.1 MODE ann +RT"],
        "the connection is not secure"
    );
    assert_eq!(ann.ask("MODE ann"), [":irc.test 221 ann +RT"]);
    let refused = bob.ask("PRIVMSG ann :hello");
    assert!(refused[0].starts_with(":irc.test 477 bob ann :"));
    assert!(bob.ask("NOTICE ann :hello").is_empty());
    assert!(ann.ask("ACCEPT bob").is_empty());
    assert!(bob.ask("PRIVMSG ann :hello").is_empty());
    ann.expect(":bob!~bob@127.0.0.1 PRIVMSG ann :hello");
    assert_eq!(
        bob.ask("PRIVMSG ann :\u{1}VERSION\u{1}"),
        [":irc.test 531 bob ann :Cannot send to user"]
    );
    ann.ask("ACCEPT -bob");
    assert_eq!(bob.ask("PRIVMSG ann :hello").len(), 1);
    ann.ask("PRIVMSG bob :what is it?");
    bob.expect(":ann!~ann@127.0.0.1 PRIVMSG bob :what is it?");
    assert!(bob.ask("PRIVMSG ann :hello").is_empty());
}
