//! WHOWAS, WHOX, MONITOR, HELP, INFO, ADMIN, LINKS, MAP, SETNAME, STATUSMSG, and who is counted or not.

use crate::harness::Running;

#[test]
fn whowas_tells_of_the_latest_first() {
    let server = Running::new();
    let mut ann = server.join("ann");
    for user in ["one", "two"] {
        let mut bob = server.connect();
        bob.send(&format!("NICK bob\r\nUSER {user} 0 * :Real {user}"));
        bob.sync();
        bob.send("QUIT");
        bob.rest();
    }
    let lines = ann.ask("WHOWAS BOB");
    let lines: Vec<&str> = lines
        .iter()
        .filter(|line| !line.contains(" QUIT ") && !line.contains(" JOIN "))
        .map(String::as_str)
        .collect();
    assert_eq!(lines[0], ":irc.test 314 ann bob ~two 127.0.0.1 * :Real two");
    assert!(
        lines[1].starts_with(":irc.test 312 ann bob irc.test :")
            && lines[1].ends_with(" (Server-1)"),
        "{lines:?}"
    );
    assert_eq!(lines[2], ":irc.test 314 ann bob ~one 127.0.0.1 * :Real one");
    assert_eq!(lines[4], ":irc.test 369 ann BOB :End of WHOWAS");
    assert_eq!(ann.ask("WHOWAS bob 1").len(), 3);
    assert_eq!(ann.ask("WHOWAS bob -1").len(), 5);
    assert_eq!(
        ann.ask("WHOWAS zoe"),
        [
            ":irc.test 406 ann zoe :There was no such nickname",
            ":irc.test 369 ann zoe :End of WHOWAS",
        ]
    );
    assert_eq!(ann.ask("WHOWAS"), [":irc.test 431 ann :No nickname given"]);
    ann.ask("NICK anna");
    assert_eq!(
        ann.ask("WHOWAS ann").len(),
        3,
        "a nick given up is told too"
    );
}

#[test]
fn who_gives_the_fields_asked_for_in_their_order() {
    let server = Running::new();
    let mut ann = server.join("ann");
    assert_eq!(
        ann.ask("WHO ann %rnut,42"),
        [
            ":irc.test 354 ann 42 ~ann ann :Real ann",
            ":irc.test 315 ann ann :End of WHO list",
        ]
    );
    assert_eq!(
        ann.ask("WHO #lobby %cuihsnfda")[0],
        ":irc.test 354 ann #lobby ~ann 127.0.0.1 127.0.0.1 irc.test ann H 0 0"
    );
    assert_eq!(
        ann.ask("WHO ann %tn,12345")[0],
        ":irc.test 354 ann 0 ann",
        "a token of more than three digits is none"
    );
    assert_eq!(ann.ask("WHO * o").len(), 1, "there are no operators");
}

#[test]
fn monitor_tells_who_comes_and_goes() {
    let server = Running::new();
    let mut ann = server.join("ann");
    ann.ask("PART #lobby");
    assert_eq!(
        ann.ask("MONITOR + Bob,ann,*!x@y"),
        [
            ":irc.test 730 ann :ann!~ann@127.0.0.1",
            ":irc.test 731 ann :Bob",
        ]
    );
    let mut bob = server.join("bob");
    ann.expect(":irc.test 730 ann :bob!~bob@127.0.0.1");
    bob.ask("NICK BOB");
    bob.ask("NICK carl");
    ann.expect(":irc.test 731 ann :BOB");
    bob.ask("NICK bob");
    ann.expect(":irc.test 730 ann :bob!~bob@127.0.0.1");
    assert_eq!(
        ann.ask("MONITOR L"),
        [
            ":irc.test 732 ann :Bob,ann",
            ":irc.test 733 ann :End of MONITOR list",
        ]
    );
    bob.send("QUIT");
    bob.rest();
    ann.expect(":irc.test 731 ann :bob");
    assert!(ann.ask("MONITOR - bob").is_empty());
    assert_eq!(ann.ask("MONITOR S").len(), 1);
    assert!(ann.ask("MONITOR C").is_empty());
    assert_eq!(
        ann.ask("MONITOR L"),
        [":irc.test 733 ann :End of MONITOR list"]
    );
    let many: Vec<String> = (0..101).map(|number| format!("n{number}")).collect();
    ann.ask(&format!("MONITOR + {}", many[..60].join(",")));
    let lines = ann.ask(&format!("MONITOR + {}", many[60..].join(",")));
    assert_eq!(
        lines[0],
        ":irc.test 734 ann 100 n100 :Monitor list is full."
    );
}

#[test]
fn extended_monitor_follows_strangers() {
    let server = Running::new();
    let mut ann = server.join_with("ann", "extended-monitor away-notify setname");
    ann.ask("PART #lobby");
    let mut bob = server.join("bob");
    ann.ask("MONITOR + bob");
    bob.ask("AWAY :tea");
    ann.expect(":bob!~bob@127.0.0.1 AWAY :tea");
    bob.ask("SETNAME :Robert B");
    ann.expect(":bob!~bob@127.0.0.1 SETNAME :Robert B");
    ann.ask("JOIN #lobby");
    bob.sync();
    bob.ask("AWAY");
    assert_eq!(ann.sync(), [":bob!~bob@127.0.0.1 AWAY"], "once");
}

#[test]
fn a_real_name_can_change() {
    let server = Running::new();
    let mut ann = server.join_with("ann", "setname");
    let mut bob = server.join_with("bob", "setname");
    let mut carl = server.join("carl");
    for client in [&mut ann, &mut bob] {
        client.sync();
    }
    assert_eq!(
        ann.ask("SETNAME :Ann the Second"),
        [":ann!~ann@127.0.0.1 SETNAME :Ann the Second"]
    );
    bob.expect(":ann!~ann@127.0.0.1 SETNAME :Ann the Second");
    assert!(carl.ask("WHOIS ann")[0].ends_with(" * :Ann the Second"));
    let refused = ":irc.test FAIL SETNAME INVALID_REALNAME :";
    assert!(ann.ask("SETNAME :")[0].starts_with(refused));
    assert!(ann.ask(&format!("SETNAME :{}", "x".repeat(151)))[0].starts_with(refused));
    assert!(bob.sync().is_empty() && carl.sync().is_empty());
}

#[test]
fn ranks_of_a_channel_can_be_spoken_to() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let mut bob = server.join("bob");
    let mut carl = server.join("carl");
    for client in [&mut ann, &mut bob, &mut carl] {
        client.ask("JOIN #room");
    }
    ann.ask("MODE #room +v bob");
    for client in [&mut ann, &mut bob, &mut carl] {
        client.sync();
    }
    assert!(carl.ask("PRIVMSG @#room :to @").is_empty());
    assert!(carl.ask("NOTICE +#room :to +").is_empty());
    assert_eq!(
        ann.sync(),
        [
            ":carl!~carl@127.0.0.1 PRIVMSG @#room :to @",
            ":carl!~carl@127.0.0.1 NOTICE +#room :to +",
        ]
    );
    assert_eq!(bob.sync(), [":carl!~carl@127.0.0.1 NOTICE +#room :to +"]);
    carl.ask("PART #room");
    assert_eq!(
        carl.ask("PRIVMSG @#room :x"),
        [":irc.test 404 carl #room :Cannot send to channel"]
    );
    assert_eq!(
        carl.ask("PRIVMSG @bob :x"),
        [":irc.test 401 carl @bob :No such nick/channel"]
    );
}

#[test]
fn ctcp_is_kept_out_by_c() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let mut bob = server.join("bob");
    for client in [&mut ann, &mut bob] {
        client.ask("JOIN #room");
    }
    ann.ask("MODE #room +C");
    bob.sync();
    assert_eq!(
        bob.ask("PRIVMSG #room :\u{1}PING 1\u{1}"),
        [":irc.test 404 bob #room :Cannot send to channel"]
    );
    assert!(bob.ask("PRIVMSG #room :\u{1}ACTION waves\u{1}").is_empty());
    assert_eq!(
        ann.sync(),
        [":bob!~bob@127.0.0.1 PRIVMSG #room :\u{1}ACTION waves\u{1}"]
    );
}

#[test]
fn the_server_helps() {
    let server = Running::new();
    let mut ann = server.join("ann");
    assert_eq!(
        ann.ask("HELP rate"),
        [
            ":irc.test 704 ann RATE :RATE <1-5>",
            ":irc.test 705 ann RATE :Gives stars to the server that you are on.",
            ":irc.test 706 ann RATE :End of /HELP",
        ]
    );
    assert_eq!(
        ann.ask("HELPOP nonsense"),
        [":irc.test 524 ann nonsense :No help available on this topic"]
    );
    let index = ann.ask("HELP");
    assert!(
        index[1].starts_with(":irc.test 705 ann * :ACCEPT ADMIN AUTHENTICATE "),
        "{index:?}"
    );
    assert_eq!(index.last().unwrap(), ":irc.test 706 ann * :End of /HELP");
    let info = ann.ask("INFO");
    assert!(info[0].starts_with(":irc.test 371 ann :chat-server-"));
    assert_eq!(info.last().unwrap(), ":irc.test 374 ann :End of INFO list");
    assert_eq!(
        ann.ask("ADMIN"),
        [":irc.test 423 ann irc.test :No administrative info available"]
    );
    assert_eq!(
        ann.ask("LINKS"),
        [":irc.test 365 ann * :End of /LINKS list"]
    );
    assert_eq!(
        ann.ask("LINKS *.elsewhere"),
        [":irc.test 365 ann *.elsewhere :End of /LINKS list"]
    );
    assert_eq!(
        ann.ask("MAP"),
        [
            ":irc.test 015 ann :irc.test [1 users]",
            ":irc.test 015 ann :`- Server-1 [1 users]",
            ":irc.test 017 ann :End of /MAP",
        ]
    );
}

#[test]
fn who_is_invisible_and_what_is_secret_is_counted_as_such() {
    let server = Running::new();
    let mut ann = server.join("ann");
    ann.ask("MODE ann +i");
    ann.ask("JOIN #secret");
    ann.ask("MODE #secret +s");
    let lines = ann.ask("LUSERS");
    assert_eq!(
        lines[0],
        ":irc.test 251 ann :There are 0 users and 1 invisible on 1 servers"
    );
    assert_eq!(lines[3], ":irc.test 254 ann 1 :channels formed");
    let mut bob = server.join("bob");
    for line in [
        "MODE #SECRET +b x",
        "TOPIC #SECRET :x",
        "KICK #SECRET ann",
        "INVITE bob #SECRET",
        "PART #SECRET",
    ] {
        assert_eq!(
            bob.ask(line),
            [":irc.test 403 bob #SECRET :No such channel"],
            "{line}"
        );
    }
    ann.ask("INVITE bob #secret");
    bob.wait_for(" INVITE ");
    assert_eq!(
        bob.ask("INVITE"),
        [
            ":irc.test 336 bob #secret",
            ":irc.test 337 bob :End of /INVITE list",
        ]
    );
}

#[test]
fn names_of_several_channels_have_one_end() {
    let server = Running::new();
    let mut ann = server.join("ann");
    ann.ask("JOIN #a");
    assert_eq!(
        ann.ask("NAMES #a,#none,#lobby"),
        [
            ":irc.test 353 ann = #a :@ann",
            ":irc.test 353 ann = #lobby :ann",
            ":irc.test 366 ann #a,#none,#lobby :End of /NAMES list",
        ]
    );
    let mut bob = server.join_with("bob", "no-implicit-names");
    let joined = bob.ask("JOIN #a");
    assert_eq!(joined, [":bob!~bob@127.0.0.1 JOIN #a"]);
}

#[test]
fn an_empty_real_name_is_none() {
    let server = Running::new();
    let mut ann = server.connect();
    ann.line();
    ann.send("NICK ann\r\nUSER ann 0 * :");
    ann.expect(":irc.test 461 ann USER :Not enough parameters");
    ann.send("USER ann 0 * :A");
    ann.wait_for(" 001 ann ");
}

#[test]
fn channels_are_found_by_age_and_by_not() {
    let server = Running::new();
    let mut ann = server.join("ann");
    ann.ask("JOIN #old,#new");
    ann.ask("TOPIC #new :x");
    let list = |ann: &mut crate::client::Client, conditions: &str| -> Vec<String> {
        let mut names: Vec<String> = ann
            .ask(&format!("LIST {conditions}"))
            .iter()
            .filter(|line| line.contains(" 322 "))
            .filter_map(|line| line.split(' ').nth(3).map(str::to_owned))
            .collect();
        names.sort();
        names
    };
    assert_eq!(list(&mut ann, "!#n*"), ["#lobby", "#old"]);
    assert_eq!(list(&mut ann, "C<5"), ["#lobby", "#new", "#old"]);
    assert_eq!(list(&mut ann, "T<5"), ["#new"]);
    assert!(list(&mut ann, "C>5").is_empty() && list(&mut ann, "T>5").is_empty());
    assert_eq!(list(&mut ann, "#n*,C<5,>0"), ["#new"]);
}

#[test]
fn bots_are_marked() {
    let server = Running::new();
    let mut ann = server.join_with("ann", "message-tags");
    let mut bot = server.join("bot");
    ann.sync();
    bot.ask("MODE bot +B");
    bot.ask("PRIVMSG ann :beep");
    let line = ann.line();
    let (tags, body) = line.split_once(' ').unwrap();
    assert!(tags.ends_with(";bot"), "{line}");
    assert_eq!(body, ":bot!~bot@127.0.0.1 PRIVMSG ann :beep");
}
