//! WHO, WHOIS, LUSERS, MOTD, VERSION, TIME, STATS, ISON, USERHOST, PING.

use crate::harness::{Running, builder};

#[test]
fn whois_tells_who_and_where() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let lines = ann.ask("WHOIS ANN");
    assert_eq!(lines[0], ":irc.test 311 ann ann ~ann 127.0.0.1 * :Real ann");
    assert_eq!(lines[1], ":irc.test 319 ann ann :#lobby");
    assert_eq!(
        lines[2],
        ":irc.test 312 ann ann irc.test :A chat of our own (Server-1)"
    );
    assert!(
        lines[3].starts_with(":irc.test 317 ann ann 0 "),
        "{lines:?}"
    );
    assert!(lines[3].ends_with(" :seconds idle, signon time"));
    assert_eq!(lines[4], ":irc.test 379 ann ann :is using modes +");
    assert_eq!(lines[5], ":irc.test 318 ann ANN :End of /WHOIS list");
    assert_eq!(lines.len(), 6);
    assert_eq!(
        ann.ask("WHOIS irc.test zoe"),
        [
            ":irc.test 401 ann zoe :No such nick/channel",
            ":irc.test 318 ann zoe :End of /WHOIS list"
        ]
    );
    assert_eq!(ann.ask("WHOIS"), [":irc.test 431 ann :No nickname given"]);
}

#[test]
fn who_tells_who_is_there() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let mut bob = server.join("bob");
    ann.sync();
    bob.ask("AWAY :x");
    assert_eq!(
        ann.ask("WHO #lobby"),
        [
            ":irc.test 352 ann #lobby ~ann 127.0.0.1 irc.test ann H :0 Real ann",
            ":irc.test 352 ann #lobby ~bob 127.0.0.1 irc.test bob G :0 Real bob",
            ":irc.test 315 ann #lobby :End of WHO list",
        ]
    );
    assert_eq!(ann.ask("WHO b?b").len(), 2);
    assert_eq!(ann.ask("WHO").len(), 3);
    assert_eq!(
        ann.ask("WHO zoe"),
        [":irc.test 315 ann zoe :End of WHO list"]
    );
}

#[test]
fn the_server_tells_about_itself() {
    let server = Running::of(builder().motd("Be kind.\n\nAnd brief.").password("sesame"));
    let mut ann = server.connect();
    ann.send("PASS sesame\r\nNICK ann\r\nUSER ann 0 * :A");
    ann.wait_for(" 376 ");
    ann.sync();
    assert_eq!(
        ann.ask("MOTD"),
        [
            ":irc.test 375 ann :- irc.test Message of the day - ",
            ":irc.test 372 ann :- Be kind.",
            ":irc.test 372 ann :- ",
            ":irc.test 372 ann :- And brief.",
            ":irc.test 376 ann :End of /MOTD command.",
        ]
    );
    assert_eq!(
        ann.ask("LUSERS"),
        [
            ":irc.test 251 ann :There are 1 users and 0 invisible on 1 servers",
            ":irc.test 252 ann 0 :operator(s) online",
            ":irc.test 253 ann 0 :unknown connection(s)",
            ":irc.test 254 ann 1 :channels formed",
            ":irc.test 255 ann :I have 1 clients and 0 servers",
            ":irc.test 265 ann 1 1 :Current local users 1, max 1",
            ":irc.test 266 ann 1 1 :Current global users 1, max 1",
        ]
    );
    let version = ann.ask("VERSION");
    assert!(
        version[0].starts_with(":irc.test 351 ann chat-server-"),
        "{version:?}"
    );
    assert!(version[0].ends_with(" irc.test :A chat of our own, on Server-1"));
    assert!(version[1].contains(" 005 ann ") && version[1].contains("CASEMAPPING=ascii"));
    assert!(version[1..].iter().any(|line| line.contains(" UTF8ONLY ")));
    assert!(ann.ask("TIME")[0].starts_with(":irc.test 391 ann irc.test :"));
    assert_eq!(ann.ask("ISON zoe ANN bob"), [":irc.test 303 ann :ann"]);
    assert_eq!(
        ann.ask("USERHOST ann zoe"),
        [":irc.test 302 ann :ann=+~ann@127.0.0.1"]
    );
    assert_eq!(ann.ask("PING"), [":irc.test 409 ann :No origin specified"]);
    assert!(ann.ask("PONG x").is_empty());
    assert!(ann.ask("ERROR :x").is_empty());

    let mut wrong = server.connect();
    wrong.send("PASS sesam\r\nNICK bob\r\nUSER bob 0 * :B");
    assert_eq!(
        wrong.rest()[1..],
        [
            ":irc.test 464 bob :Password incorrect",
            "ERROR :Closing link: Bad password"
        ]
    );
}

#[test]
fn stats_tell_the_numbers_of_the_board() {
    let server = Running::of(builder().capacity(7));
    let mut ann = server.join("ann");
    ann.ask("RATE 4");
    let mut bob = server.connect();
    bob.send("QUIT");
    bob.rest();
    crate::harness::until("bob is counted", || {
        server.handle().stats().totals.rejected == 1
    });
    ann.sync();
    assert_eq!(
        ann.ask("STATS"),
        [
            ":irc.test 249 ann :Server-1 now=1 today=1 month=1 total=2 lost=0 rejected=1 approaches=2 rating=4.00 free=6",
            ":irc.test 219 ann * :End of /STATS report",
        ]
    );
    assert_eq!(
        ann.ask("STATS l"),
        [
            ":irc.test 249 ann :Server-1 running behind=0",
            ":irc.test 219 ann l :End of /STATS report",
        ]
    );
    let up = ann.ask("STATS u");
    assert!(
        up[0].starts_with(":irc.test 242 ann :Server Up 0 days 0:00:"),
        "{up:?}"
    );
}
