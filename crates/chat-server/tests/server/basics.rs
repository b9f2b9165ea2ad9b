//! Come, talk, go.

use crate::harness::{Running, until};

#[test]
fn the_first_minute() {
    let server = Running::new();
    let mut ann = server.connect();
    ann.expect(":irc.test NOTICE * :*** You are on Server-1");
    ann.send("NICK ann\r\nUSER ann 0 * :Ann Example");
    ann.expect(":irc.test 001 ann :Welcome to the Test Network, ann!~ann@127.0.0.1");
    assert!(ann.line().starts_with(
        ":irc.test 002 ann :Your host is irc.test (Server-1), running version chat-server-"
    ));
    assert!(
        ann.line()
            .starts_with(":irc.test 003 ann :This server was created ")
    );
    assert!(
        ann.line()
            .starts_with(":irc.test 004 ann irc.test chat-server-")
    );
    assert!(ann.line().starts_with(":irc.test 005 ann "));
    assert!(
        ann.wait_for(" 251 ")
            .ends_with(":There are 1 users and 0 invisible on 1 servers")
    );
    ann.wait_for(" 422 ");
    ann.expect(":ann!~ann@127.0.0.1 JOIN #lobby");
    ann.expect(":irc.test 353 ann = #lobby :ann");
    ann.expect(":irc.test 366 ann #lobby :End of /NAMES list");

    let mut bob = server.join("bob");
    ann.expect(":bob!~bob@127.0.0.1 JOIN #lobby");
    ann.send("PRIVMSG #lobby :hello everyone");
    bob.expect(":ann!~ann@127.0.0.1 PRIVMSG #lobby :hello everyone");
    bob.send("PRIVMSG ann :hello");
    ann.expect(":bob!~bob@127.0.0.1 PRIVMSG ann :hello");

    bob.send("QUIT :bye");
    bob.expect(":bob!~bob@127.0.0.1 QUIT :Quit: bye");
    assert_eq!(bob.rest(), ["ERROR :Closing link: Quit: bye"]);
    ann.expect(":bob!~bob@127.0.0.1 QUIT :Quit: bye");
    assert!(ann.sync().is_empty(), "no echo, nothing else");
    until("bob's place is free", || {
        server.handle().stats().totals.places_taken == 1
    });
    server.stop("Time to go");
    assert_eq!(ann.rest(), ["ERROR :Closing link: Time to go"]);
}
