//! labeled-response.

use crate::harness::Running;

const CAPABILITIES: &str = "labeled-response batch";

#[test]
fn one_answer_has_the_label_and_none_is_acknowledged() {
    let server = Running::new();
    let mut ann = server.join_with("ann", CAPABILITIES);
    let mut bob = server.join_with("bob", "message-tags");
    ann.sync();
    assert_eq!(
        ann.ask("@label=a\\sb\\:c PING x"),
        ["@label=a\\sb\\:c :irc.test PONG irc.test :x"]
    );
    assert_eq!(
        ann.ask("@label=1 PRIVMSG bob :hi"),
        ["@label=1 :irc.test ACK"]
    );
    let line = bob.line();
    assert!(
        line.ends_with(" PRIVMSG bob :hi") && !line.contains("label"),
        "{line}"
    );
    assert_eq!(
        ann.ask("@label=2 PRIVMSG zoe :hi"),
        ["@label=2 :irc.test 401 ann zoe :No such nick/channel"]
    );
    assert_eq!(
        ann.ask("@label=3 NOTICE zoe :hi"),
        ["@label=3 :irc.test ACK"]
    );
    assert_eq!(
        ann.ask("@label=4 NONSENSE"),
        ["@label=4 :irc.test 421 ann NONSENSE :Unknown command"]
    );
    let long = "x".repeat(65);
    assert_eq!(
        ann.ask(&format!("@label={long} PING x")),
        [":irc.test PONG irc.test :x"]
    );
    assert_eq!(ann.ask("@label PING x"), [":irc.test PONG irc.test :x"]);
    bob.send("@label=5 PING x");
    bob.expect(":irc.test PONG irc.test :x");
    ann.send("@label=6 QUIT");
    ann.expect(":ann!~ann@127.0.0.1 QUIT :Quit");
    assert_eq!(ann.rest(), ["@label=6 ERROR :Closing link: Quit"]);
}

#[test]
fn several_answers_are_a_batch() {
    let server = Running::new();
    let mut ann = server.join_with("ann", CAPABILITIES);
    assert_eq!(
        ann.ask("@label=j JOIN #a,#b"),
        [
            "@label=j :irc.test BATCH +1 labeled-response",
            "@batch=1 :ann!~ann@127.0.0.1 JOIN #a",
            "@batch=1 :irc.test 353 ann = #a :@ann",
            "@batch=1 :irc.test 366 ann #a :End of /NAMES list",
            "@batch=1 :ann!~ann@127.0.0.1 JOIN #b",
            "@batch=1 :irc.test 353 ann = #b :@ann",
            "@batch=1 :irc.test 366 ann #b :End of /NAMES list",
            ":irc.test BATCH -1",
        ]
    );
    let version = ann.ask("@label=v VERSION");
    assert_eq!(version[0], "@label=v :irc.test BATCH +2 labeled-response");
    assert!(
        version[1..version.len() - 1]
            .iter()
            .all(|line| line.starts_with("@batch=2 :irc.test ")),
        "{version:?}"
    );
    ann.send("PRIVMSG #a :before\r\n@label=w PRIVMSG #a,#none :x\r\n");
    assert_eq!(
        ann.sync(),
        ["@label=w :irc.test 403 ann #none :No such channel"]
    );
}

#[test]
fn an_echo_is_the_answer_and_the_message_to_oneself_is_not() {
    let server = Running::new();
    let mut ann = server.join_with("ann", "labeled-response batch echo-message server-time");
    let lines = ann.ask("@label=1 PRIVMSG ann :hi");
    assert!(lines[0].starts_with("@label=1;time="), "{lines:?}");
    assert!(lines[1].starts_with("@time="), "{lines:?}");
    assert!(
        lines
            .iter()
            .all(|line| line.ends_with(" :ann!~ann@127.0.0.1 PRIVMSG ann :hi"))
    );
    assert_eq!(lines.len(), 2);
}

#[test]
fn what_others_do_stays_in_its_place() {
    let server = Running::new();
    let mut ann = server.join_with("ann", CAPABILITIES);
    let mut others: Vec<_> = (0..4)
        .map(|number| server.join(&format!("other{number}")))
        .collect();
    let mut eve = server.join("eve");
    ann.ask("JOIN #room");
    eve.ask("JOIN #room");
    for other in &mut others {
        other.ask("JOIN #room");
    }
    ann.sync();
    eve.sync();
    for round in 0..50 {
        for other in &mut others {
            other.send(&format!("PRIVMSG #room :{round}"));
        }
        ann.send(&format!("@label={round} TOPIC #room :{round}"));
    }
    for other in &mut others {
        other.sync();
    }
    let seen = ann.sync();
    let labeled = |line: &&String| line.starts_with("@label=") && line.contains(" TOPIC ");
    assert_eq!(seen.iter().filter(labeled).count(), 50);
    let seen: Vec<&str> = seen
        .iter()
        .map(|line| match line.strip_prefix('@') {
            Some(tagged) => tagged.split_once(' ').unwrap().1,
            None => line,
        })
        .collect();
    assert_eq!(seen.len(), 250);
    assert_eq!(
        seen,
        eve.sync(),
        "as someone sees it who has asked for nothing"
    );
}

#[test]
fn a_line_that_cannot_be_read_is_answered_with_its_label() {
    let server = Running::new();
    let mut ann = server.join_with("ann", CAPABILITIES);
    let answer = |client: &mut crate::client::Client, line: &[u8]| {
        client.send_bytes(&[line, b"\r\n"].concat());
        client.sync()
    };
    assert_eq!(
        answer(&mut ann, b"@label=1;+a=b PRIVMSG #lobby :\xff"),
        ["@label=1 :irc.test FAIL PRIVMSG INVALID_UTF8 :Message rejected, it is not valid UTF-8"]
    );
    assert_eq!(
        answer(&mut ann, b"@label=2 PRIVMSG #lobby :\0"),
        ["@label=2 :irc.test FAIL * INVALID_LINE :Message rejected, it contains NUL"]
    );
    let long = [&b"@label=3 PRIVMSG #lobby :"[..], &[b'x'; 500]].concat();
    assert_eq!(
        answer(&mut ann, &long),
        ["@label=3 :irc.test 417 ann :Input line was too long"]
    );
    // Where the tags cannot be read, or nothing was agreed upon, there is no label.
    let unreadable = b"@label=\xff;+a=b PRIVMSG #lobby :x";
    let bare = [":irc.test FAIL PRIVMSG INVALID_UTF8 :Message rejected, it is not valid UTF-8"];
    assert_eq!(answer(&mut ann, unreadable), bare);
    let mut bob = server.join("bob");
    assert_eq!(answer(&mut bob, b"@label=4 PRIVMSG #lobby :\xff"), bare);
}
