//! RENAME, RELAYMSG, ACCEPT and the user modes R, T and Z.

use crate::harness::{Running, builder};

#[test]
fn a_channel_is_renamed_or_exchanged() {
    let server = Running::of(builder().lobby(""));
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

#[test]
fn bridges_speak_for_others() {
    let server = Running::of(builder().lobby(""));
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
    let server = Running::of(builder().lobby(""));
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
