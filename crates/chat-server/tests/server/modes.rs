//! MODE.

use crate::harness::Running;

#[test]
fn modes_of_a_channel_are_set_shown_and_refused() {
    let server = Running::quiet();
    let mut ann = server.join("ann");
    ann.ask("JOIN #a");
    let shown = ann.ask("MODE #a");
    assert_eq!(shown[0], ":irc.test 324 ann #a +nt");
    assert!(shown[1].starts_with(":irc.test 329 ann #a "), "{shown:?}");
    assert_eq!(
        ann.ask("MODE #a +mk-t+l key 5"),
        [":ann!~ann@127.0.0.1 MODE #a +mk-t+l key 5"]
    );
    assert_eq!(ann.ask("MODE #a")[0], ":irc.test 324 ann #a +mnkl key 5");
    assert!(ann.ask("MODE #a +m").is_empty(), "it is set already");
    let mut bob = server.join("bob");
    assert_eq!(
        bob.ask("MODE #a")[0],
        ":irc.test 324 bob #a +mnkl * 5",
        "no key for outsiders"
    );
    assert_eq!(
        bob.ask("MODE #a -m"),
        [":irc.test 482 bob #a :You're not channel operator"]
    );
    bob.ask("JOIN #a key");
    ann.sync();
    assert_eq!(
        bob.ask("PRIVMSG #a :x"),
        [":irc.test 404 bob #a :Cannot send to channel"]
    );
    ann.send("MODE #a +v bob");
    bob.expect(":ann!~ann@127.0.0.1 MODE #a +v bob");
    assert!(bob.ask("PRIVMSG #a :x").is_empty());
    ann.expect(":ann!~ann@127.0.0.1 MODE #a +v bob");
    ann.expect(":bob!~bob@127.0.0.1 PRIVMSG #a :x");
    assert_eq!(
        ann.ask("MODE #a +z"),
        [":irc.test 472 ann z :is unknown mode char to me for #a"]
    );
    assert_eq!(
        ann.ask("MODE #a +o"),
        [":irc.test 696 ann #a o * :This mode needs a parameter"]
    );
    assert_eq!(
        ann.ask("MODE #a +l x"),
        [":irc.test 696 ann #a l x :Not a valid parameter"]
    );
    assert_eq!(
        ann.ask("MODE #none"),
        [":irc.test 403 ann #none :No such channel"]
    );
}

#[test]
fn lists_are_kept_and_shown() {
    let server = Running::quiet();
    let mut ann = server.join("ann");
    ann.ask("JOIN #a");
    for (letter, item, end) in [
        ('b', "367", "368 ann #a :End of channel ban list"),
        ('e', "348", "349 ann #a :End of channel exception list"),
        (
            'I',
            "346",
            "347 ann #a :End of channel invite exception list",
        ),
    ] {
        assert_eq!(
            ann.ask(&format!("MODE #a {letter}")),
            [format!(":irc.test {end}")]
        );
        assert_eq!(
            ann.ask(&format!("MODE #a +{letter} bad*")),
            [format!(":ann!~ann@127.0.0.1 MODE #a +{letter} bad*!*@*")]
        );
        let lines = ann.ask(&format!("MODE #a +{letter}"));
        let begin = format!(":irc.test {item} ann #a bad*!*@* ann!~ann@127.0.0.1 ");
        assert!(lines[0].starts_with(&begin), "{lines:?}");
        assert_eq!(lines[1], format!(":irc.test {end}"));
        assert_eq!(ann.ask(&format!("MODE #a -{letter} bad*!*@*")).len(), 1);
    }
}

#[test]
fn users_have_modes_of_their_own_only() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let mut bob = server.join("bob");
    ann.sync();
    assert_eq!(ann.ask("MODE ann"), [":irc.test 221 ann +"]);
    assert_eq!(
        ann.ask("MODE Ann +iB"),
        [":ann!~ann@127.0.0.1 MODE ann +Bi"]
    );
    assert_eq!(ann.ask("MODE ann"), [":irc.test 221 ann +Bi"]);
    assert_eq!(
        ann.ask("MODE ann +x"),
        [":irc.test 501 ann :Unknown MODE flag"]
    );
    assert_eq!(ann.ask("MODE ann -B"), [":ann!~ann@127.0.0.1 MODE ann -B"]);
    assert_eq!(
        bob.ask("MODE ann"),
        [":irc.test 502 bob :Cant change mode for other users"]
    );
    assert_eq!(
        bob.ask("MODE zoe"),
        [":irc.test 401 bob zoe :No such nick/channel"]
    );
}

#[test]
fn invisible_users_are_hidden_from_strangers() {
    let server = Running::quiet();
    let mut ann = server.join("ann");
    ann.ask("JOIN #a");
    ann.ask("MODE ann +i");
    let mut bob = server.join("bob");
    assert_eq!(
        bob.ask("NAMES #a"),
        [":irc.test 366 bob #a :End of /NAMES list"]
    );
    assert_eq!(bob.ask("WHO #a"), [":irc.test 315 bob #a :End of WHO list"]);
    assert_eq!(bob.ask("WHO a*"), [":irc.test 315 bob a* :End of WHO list"]);
    let whois = bob.ask("WHOIS ann");
    assert!(whois[0].starts_with(":irc.test 311 bob ann "), "{whois:?}");
    assert!(
        !whois.iter().any(|line| line.contains(" 319 ")),
        "{whois:?}"
    );
    bob.ask("JOIN #a");
    assert_eq!(bob.ask("WHO #a").len(), 3);
    assert_eq!(bob.ask("NAMES #a")[0], ":irc.test 353 bob = #a :@ann bob");
    assert_eq!(bob.ask("WHO a*").len(), 2, "they share a channel now");
}

#[test]
fn ranks_have_their_marks_everywhere() {
    let server = Running::quiet();
    let mut ann = server.join_with("ann", "multi-prefix");
    ann.ask("JOIN #a");
    let mut bob = server.join("bob");
    bob.ask("JOIN #a");
    ann.sync();
    assert_eq!(
        ann.ask("MODE #a +q ann"),
        [":irc.test 482 ann #a :You're not channel operator"],
        "an operator makes no founder"
    );
    ann.ask("MODE #a +hv bob bob");
    bob.sync();
    assert_eq!(ann.ask("NAMES #a")[0], ":irc.test 353 ann = #a :@ann %+bob");
    assert_eq!(bob.ask("NAMES #a")[0], ":irc.test 353 bob = #a :@ann %bob");
    assert!(ann.ask("WHO bob")[0].contains(" bob H%+ :0 "));
    assert!(bob.ask("WHO bob")[0].contains(" bob H% :0 "));
    let channels = |lines: Vec<String>| {
        let line = lines.into_iter().find(|line| line.contains(" 319 "));
        line.unwrap_or_default()
    };
    assert!(channels(ann.ask("WHOIS bob")).ends_with(" :%+#a"));
    assert!(channels(bob.ask("WHOIS bob")).ends_with(" :%#a"));
    assert!(ann.ask("PRIVMSG @#a :for operators").is_empty());
    assert!(bob.sync().is_empty());
    ann.send("PRIVMSG @%#a :and half-operators");
    bob.expect(":ann!~ann@127.0.0.1 PRIVMSG %#a :and half-operators");
    assert_eq!(
        bob.ask("KICK #a ann"),
        [":irc.test 482 bob #a :You're not channel operator"]
    );
}

#[test]
fn who_cannot_enter_is_told_where_they_are_instead() {
    let server = Running::quiet();
    let mut ann = server.join("ann");
    ann.ask("JOIN #a,#b");
    assert_eq!(
        ann.ask("MODE #a +if #none"),
        [":ann!~ann@127.0.0.1 MODE #a +i"],
        "what is possible happens"
    );
    assert_eq!(
        ann.ask("MODE #a +f #none"),
        [":irc.test 696 ann #a f #none :Not a valid parameter"]
    );
    assert_eq!(
        ann.ask("MODE #a +f #B"),
        [":ann!~ann@127.0.0.1 MODE #a +f #b"]
    );
    assert_eq!(ann.ask("MODE #a")[0], ":irc.test 324 ann #a +intf #b");
    let mut bob = server.join("bob");
    assert_eq!(
        bob.ask("JOIN #a"),
        [
            ":irc.test 470 bob #a #b :Forwarding to another channel",
            ":bob!~bob@127.0.0.1 JOIN #b",
            ":irc.test 353 bob = #b :@ann bob",
            ":irc.test 366 bob #b :End of /NAMES list",
        ]
    );
    ann.expect(":bob!~bob@127.0.0.1 JOIN #b");
    assert_eq!(ann.ask("MODE #a -f"), [":ann!~ann@127.0.0.1 MODE #a -f"]);
    assert_eq!(
        bob.ask("JOIN #a"),
        [":irc.test 473 bob #a :Cannot join channel (+i)"]
    );
}

#[test]
fn in_an_auditorium_the_audience_is_not_seen() {
    let server = Running::quiet();
    let mut ann = server.join("ann");
    ann.ask("JOIN #a");
    ann.ask("MODE #a +u");
    let [mut bob, mut eve] = ["bob", "eve"].map(|nick| {
        let mut client = server.join(nick);
        client.ask("JOIN #a");
        client
    });
    ann.expect(":bob!~bob@127.0.0.1 JOIN #a");
    ann.expect(":eve!~eve@127.0.0.1 JOIN #a");
    assert!(bob.sync().is_empty(), "bob does not learn of eve");
    assert_eq!(bob.ask("NAMES #a")[0], ":irc.test 353 bob = #a :@ann");
    assert_eq!(
        ann.ask("NAMES #a")[0],
        ":irc.test 353 ann = #a :@ann bob eve"
    );
    let who = bob.ask("WHO #a");
    assert!(!who.iter().any(|line| line.contains(" eve ")), "{who:?}");
    let whois = bob.ask("WHOIS eve");
    assert!(
        !whois.iter().any(|line| line.contains(" 319 ")),
        "{whois:?}"
    );
    eve.ask("PRIVMSG #a :hello");
    for client in [&mut ann, &mut bob] {
        client.expect(":eve!~eve@127.0.0.1 PRIVMSG #a :hello");
    }
    eve.ask("NICK zoe");
    ann.expect(":eve!~eve@127.0.0.1 NICK zoe");
    assert!(bob.sync().is_empty());
    ann.send("MODE #a +v bob");
    ann.expect(":ann!~ann@127.0.0.1 MODE #a +v bob");
    for client in [&mut bob, &mut eve] {
        client.wait_for(":ann!~ann@127.0.0.1 MODE #a +v bob");
    }
    eve.ask("PART #a");
    for client in [&mut ann, &mut bob] {
        client.expect(":zoe!~eve@127.0.0.1 PART #a");
    }
    eve.ask("JOIN #a");
    for client in [&mut ann, &mut bob] {
        client.expect(":zoe!~eve@127.0.0.1 JOIN #a");
    }
    bob.ask("PART #a bye");
    eve.expect(":bob!~bob@127.0.0.1 PART #a :bye");
}

#[test]
fn where_operators_moderate_they_hear_first() {
    let server = Running::quiet();
    let mut ann = server.join("ann");
    ann.ask("JOIN #a");
    let mut bob = server.join_with("bob", "echo-message");
    let mut eve = server.join("eve");
    bob.ask("JOIN #a");
    eve.ask("JOIN #a");
    ann.sync();
    bob.sync();
    ann.ask("MODE #a +U");
    bob.expect(":ann!~ann@127.0.0.1 MODE #a +U");
    eve.expect(":ann!~ann@127.0.0.1 MODE #a +U");
    let said = ":bob!~bob@127.0.0.1 PRIVMSG #a :may I?";
    assert_eq!(bob.ask("PRIVMSG #a :may I?"), [said]);
    ann.expect(said);
    assert!(eve.sync().is_empty());
}

#[test]
fn mutes_and_accounts_stand_in_the_lists() {
    let server = Running::quiet();
    let mut ann = server.join("ann");
    ann.ask("JOIN #a");
    for (typed, kept) in [
        ("m:bob", "m:bob!*@*"),
        ("a:eve", "a:eve"),
        ("m:a:*", "m:a:*"),
    ] {
        assert_eq!(
            ann.ask(&format!("MODE #a +b {typed}")),
            [format!(":ann!~ann@127.0.0.1 MODE #a +b {kept}")]
        );
    }
    let mut bob = server.join("bob");
    assert_eq!(bob.ask("JOIN #a").len(), 3);
    assert_eq!(
        bob.ask("PRIVMSG #a :x"),
        [":irc.test 404 bob #a :Cannot send to channel"]
    );
    let lines = bob.ask("MODE #a b");
    assert!(lines[0].starts_with(":irc.test 367 bob #a m:bob!*@* ann!~ann@127.0.0.1 "));
    ann.ask("MODE #a +MR");
    let mut zoe = server.join("zoe");
    assert!(zoe.ask("JOIN #a")[0].starts_with(":irc.test 477 zoe #a :"));
}
