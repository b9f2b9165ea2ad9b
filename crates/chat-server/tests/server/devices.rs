//! Several connections of one user.

mod fleet;

use crate::accounts::{PASSWORD, account, device};
use crate::client::Client;
use crate::harness::Running;
use crate::lines::has;

fn settle<const N: usize>(clients: [&mut Client; N]) {
    for client in clients {
        client.sync();
    }
}

#[test]
fn a_second_device_is_shown_where_it_is_and_nobody_else_notices() {
    let server = Running::quiet();
    account(&server, "ann", PASSWORD);
    let mut bob = server.join("bob");
    bob.ask("JOIN #a");
    let (mut phone, _) = device(&server, "ann", "ann", "");
    phone.ask("JOIN #a\r\nTOPIC #a :tea");
    phone.ask("MODE ann +B");
    settle([&mut bob]);
    let (mut laptop, told) = device(&server, "Ann", "ann", "extended-join");
    assert!(has(&told, " 001 ann :Welcome"), "{told:#?}");
    assert!(has(&told, " 221 ann +B"), "{told:#?}");
    assert!(
        has(&told, ":ann!~u@127.0.0.1 JOIN #a ann :Real ann"),
        "{told:#?}"
    );
    assert!(has(&told, " 353 ann = #a :"), "{told:#?}");
    assert_eq!(bob.sync(), Vec::<String>::new());
    assert_eq!(phone.sync(), Vec::<String>::new());
    assert_eq!(server.handle().stats().totals.now, 3);

    // Until the last one ends, nobody sees a QUIT.
    phone.send("QUIT :flat battery");
    assert!(has(&phone.rest(), "ERROR :Closing link"));
    assert_eq!(bob.sync(), Vec::<String>::new());
    laptop.send("QUIT :bye");
    laptop.rest();
    bob.expect(":ann!~u@127.0.0.1 QUIT :Quit: bye");
}

#[test]
fn all_devices_see_what_one_says_and_does() {
    let server = Running::quiet();
    account(&server, "ann", PASSWORD);
    let mut bob = server.join("bob");
    bob.ask("JOIN #a");
    let (mut phone, _) = device(&server, "ann", "ann", "");
    phone.ask("JOIN #a");
    let (mut laptop, _) = device(&server, "ann", "ann", "");
    let (mut echo, _) = device(&server, "ann", "ann", "echo-message");
    settle([&mut bob, &mut phone, &mut laptop]);
    for (line, shown) in [
        ("PRIVMSG #a :hi", "PRIVMSG #a :hi"),
        ("PRIVMSG bob :psst", "PRIVMSG bob :psst"),
        ("PRIVMSG ann :note", "PRIVMSG ann :note"),
    ] {
        let own = phone.ask(line);
        assert_eq!(has(&own, shown), line.contains(" ann "), "{line}: {own:#?}");
        let line = format!(":ann!~u@127.0.0.1 {shown}");
        for other in [&mut laptop, &mut echo] {
            assert_eq!(other.sync(), std::slice::from_ref(&line));
        }
        let bob = bob.sync();
        assert_eq!(has(&bob, shown), !shown.contains(" ann "), "{bob:#?}");
    }
    let own = echo.ask("PRIVMSG bob :once");
    assert_eq!(own, [":ann!~u@127.0.0.1 PRIVMSG bob :once"]);
    settle([&mut bob, &mut phone, &mut laptop]);
    for (line, shown) in [
        ("JOIN #b", ":ann!~u@127.0.0.1 JOIN #b"),
        ("MODE ann +i", "MODE ann +i"),
        ("PART #b", ":ann!~u@127.0.0.1 PART #b"),
        ("NICK anna", ":ann!~u@127.0.0.1 NICK anna"),
    ] {
        phone.ask(line);
        for other in [&mut laptop, &mut echo] {
            let seen = other.sync();
            assert!(has(&seen, shown), "{line}: {seen:#?}");
        }
    }
    let numerics = laptop.ask("LUSERS");
    assert!(
        has(&numerics, " 251 anna :"),
        "the new nick is this one's too: {numerics:#?}"
    );
    bob.ask("PRIVMSG anna :to all");
    for device in [&mut phone, &mut laptop, &mut echo] {
        assert!(has(&device.sync(), "PRIVMSG anna :to all"));
    }
}

#[test]
fn answers_and_labels_go_to_the_device_that_asked() {
    let server = Running::quiet();
    account(&server, "ann", PASSWORD);
    let capabilities = "labeled-response batch echo-message message-tags";
    let (mut phone, _) = device(&server, "ann", "ann", capabilities);
    let (mut laptop, _) = device(&server, "ann", "ann", capabilities);
    let mut bob = server.join("bob");
    let own = phone.ask("@label=7 PRIVMSG bob :hi");
    assert!(own[0].starts_with("@label=7;"), "{own:#?}");
    let seen = laptop.sync();
    assert!(
        !has(&seen, "label") && has(&seen, "PRIVMSG bob :hi"),
        "{seen:#?}"
    );
    let own = phone.ask("@label=8 JOIN #nowhere-else");
    assert!(own[0].contains("@label=8 :irc.test BATCH"), "{own:#?}");
    let seen = laptop.sync();
    assert!(
        !has(&seen, "BATCH") && has(&seen, "JOIN #nowhere-else"),
        "{seen:#?}"
    );
    // What is refused is refused to one.
    let own = phone.ask("@label=9 JOIN #");
    assert!(own[0].contains("label=9"), "{own:#?}");
    assert_eq!(laptop.sync(), Vec::<String>::new());
    bob.sync();
}
