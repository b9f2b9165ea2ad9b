//! PRIVMSG, NOTICE, TAGMSG, NICK, AWAY, QUIT.

use crate::harness::Running;

#[test]
fn many_targets_get_a_message_each() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let mut bob = server.join("bob");
    let mut carl = server.join("carl");
    ann.sync();
    bob.sync();
    ann.send("PRIVMSG bob,carl,#lobby :hi there");
    bob.expect(":ann!~ann@127.0.0.1 PRIVMSG bob :hi there");
    bob.expect(":ann!~ann@127.0.0.1 PRIVMSG #lobby :hi there");
    carl.expect(":ann!~ann@127.0.0.1 PRIVMSG carl :hi there");
    ann.send("NOTICE #lobby ::)");
    carl.expect(":ann!~ann@127.0.0.1 PRIVMSG #lobby :hi there");
    carl.expect(":ann!~ann@127.0.0.1 NOTICE #lobby ::)");
    let many = (0..25)
        .map(|number| format!("n{number}"))
        .collect::<Vec<_>>()
        .join(",");
    assert_eq!(
        ann.ask(&format!("PRIVMSG {many} :x")),
        [":irc.test 407 ann n20 :Too many recipients"]
    );
}

#[test]
fn what_cannot_be_sent_is_told_but_not_of_a_notice() {
    let server = Running::new();
    let mut ann = server.join("ann");
    assert_eq!(
        ann.ask("PRIVMSG"),
        [":irc.test 411 ann :No recipient given (PRIVMSG)"]
    );
    assert_eq!(
        ann.ask("PRIVMSG bob"),
        [":irc.test 412 ann :No text to send"]
    );
    assert_eq!(
        ann.ask("PRIVMSG bob :x"),
        [":irc.test 401 ann bob :No such nick/channel"]
    );
    assert_eq!(
        ann.ask("PRIVMSG #none :x"),
        [":irc.test 403 ann #none :No such channel"]
    );
    assert!(ann.ask("NOTICE bob :x").is_empty());
    assert!(ann.ask("NOTICE #none").is_empty());
    let mut bob = server.join("bob");
    bob.ask("JOIN #n");
    assert_eq!(
        ann.ask("PRIVMSG #n :x").len(),
        2,
        "the join of the lobby, and a refusal"
    );
    assert_eq!(
        ann.ask("PRIVMSG #n :x"),
        [":irc.test 404 ann #n :Cannot send to channel"]
    );
}

#[test]
fn a_long_text_is_cut_between_characters() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let mut bob = server.join("bob");
    let text = "é".repeat(240);
    ann.send(&format!("PRIVMSG bob :{text}"));
    let line = bob.wait_for("PRIVMSG");
    assert!(
        line.len() <= 510 && line.ends_with('é'),
        "{} bytes",
        line.len()
    );
}

#[test]
fn a_nick_is_one_persons_and_a_new_one_is_told_to_neighbours() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let mut bob = server.join("bob");
    ann.sync();
    assert_eq!(
        bob.ask("NICK Ann"),
        [":irc.test 433 bob Ann :Nickname is already in use"]
    );
    assert_eq!(
        bob.ask("NICK a.b"),
        [":irc.test 432 bob a.b :Erroneus nickname"]
    );
    assert_eq!(
        bob.ask("NICK аnn"),
        [":irc.test 433 bob аnn :Nickname is already in use"],
        "it looks like hers"
    );
    assert!(bob.ask("NICK bob").is_empty());
    bob.send("NICK Bobby");
    bob.expect(":bob!~bob@127.0.0.1 NICK Bobby");
    ann.expect(":bob!~bob@127.0.0.1 NICK Bobby");
    assert_eq!(
        bob.ask("NOPE"),
        [":irc.test 421 Bobby NOPE :Unknown command"]
    );
    let mut third = server.connect();
    third.send("NICK bobby");
    assert!(
        third
            .wait_for(" 433 ")
            .ends_with("* bobby :Nickname is already in use")
    );
    third.send("NICK third\r\nUSER third 0 * :x");
    third.wait_for(" 001 third ");
}

#[test]
fn away_is_told_to_who_writes() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let mut bob = server.join_with("bob", "away-notify");
    ann.sync();
    assert_eq!(
        ann.ask("AWAY"),
        [":irc.test 305 ann :You are no longer marked as being away"]
    );
    assert_eq!(
        ann.ask("AWAY :lunch"),
        [":irc.test 306 ann :You have been marked as being away"]
    );
    bob.expect(":ann!~ann@127.0.0.1 AWAY :lunch");
    assert_eq!(bob.ask("PRIVMSG ann :hi"), [":irc.test 301 bob ann :lunch"]);
    assert!(bob.ask("NOTICE ann :hi").is_empty());
    let whois = bob.ask("WHOIS ann");
    assert!(whois.contains(&":irc.test 301 bob ann :lunch".to_owned()));
    ann.ask("AWAY :");
    bob.expect(":ann!~ann@127.0.0.1 AWAY");
}

#[test]
fn replies_come_in_the_order_of_what_was_asked() {
    let server = Running::new();
    let mut ann = server.join("ann");
    ann.send("JOIN #x\r\nNAMES #x\r\nTOPIC #x :t\r\nTOPIC #x\r\nNONSENSE\r\nPART #x\r\nNAMES #x");
    let lines = ann.sync();
    let commands: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.split(' ').nth(1))
        .collect();
    assert_eq!(
        commands,
        [
            "JOIN", "353", "366", "353", "366", "TOPIC", "332", "333", "421", "PART", "366"
        ]
    );
}

#[test]
fn a_pipelined_registration_works_in_one_packet() {
    let server = Running::new();
    let mut ann = server.connect();
    ann.send("PASS x\r\nNICK ann\r\nUSER ann 0 * :A\r\nJOIN #x\r\nPRIVMSG #x :hi\r\nQUIT :done");
    let lines = ann.rest();
    let at = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap();
    assert!(at(" 001 ") < at("JOIN #lobby") && at("JOIN #lobby") < at("JOIN #x"));
    assert_eq!(lines.last().unwrap(), "ERROR :Closing link: Quit: done");
}
