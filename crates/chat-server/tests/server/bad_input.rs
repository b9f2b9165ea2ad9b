//! What no client should send.

use crate::harness::{Running, until};

#[test]
fn bad_lines_are_answered_and_the_connection_goes_on() {
    let server = Running::new();
    let mut bob = server.join("bob");
    let mut ann = server.join("ann");
    bob.sync();
    let long = format!("PRIVMSG #lobby :{}", "x".repeat(600));
    assert_eq!(
        ann.ask(&long),
        [":irc.test 417 ann :Input line was too long"]
    );
    for (bytes, code) in [
        (
            b"PRIVMSG #lobby :caf\xe9 \xff\r\n".as_slice(),
            "PRIVMSG INVALID_UTF8",
        ),
        (b"@+a=\xff :x  notice #lobby :y\r\n", "NOTICE INVALID_UTF8"),
        (b"N\xffCK ann\r\n", "* INVALID_UTF8"),
        (b"PRIVMSG #lobby :nul \0 here\r\n", "* INVALID_LINE"),
        (b"PRIVMSG #lobby :cr \r here\r\n", "* INVALID_LINE"),
    ] {
        ann.send_bytes(bytes);
        let answer = ann.sync();
        assert_eq!(answer.len(), 1, "{answer:?}");
        assert!(
            answer[0].starts_with(&format!(":irc.test FAIL {code} :")),
            "{answer:?}"
        );
    }
    assert_eq!(
        ann.ask("NONSENSE a b"),
        [":irc.test 421 ann NONSENSE :Unknown command"]
    );
    assert_eq!(
        ann.ask("JOIN"),
        [":irc.test 461 ann JOIN :Not enough parameters"]
    );
    assert_eq!(
        ann.ask("USER a b c d"),
        [":irc.test 462 ann :You may not reregister"]
    );
    assert!(ann.ask("").is_empty());
    assert!(ann.ask(":only-a-source").is_empty());
    assert!(bob.sync().is_empty(), "nothing of it was relayed");
}

#[test]
fn a_megabyte_without_a_newline_ends_the_connection() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let chunk = [b'x'; 64 << 10];
    for _ in 0..16 {
        if !ann.try_send(&chunk) {
            break;
        }
    }
    let rest = ann.rest();
    assert!(
        rest.iter()
            .any(|line| line.starts_with("ERROR :Closing link: no newline within")),
        "{rest:?}"
    );
    assert!(ann.is_closed());
    until("her place is free", || {
        server.handle().stats().totals.places_taken == 0
    });
}

#[test]
fn nothing_but_registration_is_possible_before_it() {
    let server = Running::new();
    let mut ann = server.connect();
    ann.expect(":irc.test NOTICE * :*** You are on Server-1");
    for command in [
        "JOIN #lobby",
        "PRIVMSG #lobby :x",
        "WHO",
        "RATE 5",
        "AWAY",
        "MODE #lobby",
    ] {
        assert_eq!(
            ann.ask(command),
            [":irc.test 451 * :You have not registered"]
        );
    }
    assert_eq!(ann.ask("NICK"), [":irc.test 431 * :No nickname given"]);
    for nick in [
        "9.lives",
        "a b",
        "#ann",
        "ann!x",
        "🐬",
        "0",
        &"x".repeat(31),
    ] {
        let answer = ann.ask(&format!("NICK :{nick}"));
        assert!(answer[0].contains(" 432 * "), "{nick}: {answer:?}");
    }
    assert_eq!(
        ann.ask("USER ann"),
        [":irc.test 461 * USER :Not enough parameters"]
    );
    ann.send("QUIT");
    assert_eq!(ann.rest(), ["ERROR :Closing link: Quit"]);
}

#[test]
fn ratings_that_are_none_are_refused_and_not_counted() {
    let server = Running::new();
    let mut ann = server.join("ann");
    for stars in ["0", "6", "five", "5.0", "+5", "55", "-1", "\u{665}"] {
        let answer = ann.ask(&format!("RATE {stars}"));
        let wanted = format!(
            ":irc.test FAIL RATE INVALID_RATING {stars} :A rating is a number of stars from 1 to 5"
        );
        assert_eq!(answer, [wanted]);
    }
    let figures = &server.handle().stats().servers[0];
    assert_eq!((figures.rating_count, figures.rating_sum), (0, 0));
    assert_eq!(
        ann.ask("RATE 5"),
        [":irc.test NOTICE ann :Thank you for rating Server-1 with 5 of 5 stars"]
    );
    ann.ask("RATE 4");
    let figures = &server.handle().stats().servers[0];
    assert_eq!(
        (figures.rating_count, figures.rating_sum),
        (1, 4),
        "the later replaces the earlier"
    );
}
