//! Several connections of one user, on one server and on two; always-on; what the others see of
//! accounts.

use chat_proto::sasl::{Plain, base64};

use crate::client::Client;
use crate::fleet::{Server, fleet};
use crate::harness::{Running, builder};
use crate::login::{account, server};
use crate::time::Pipe;

pub(crate) const PASSWORD: &str = "sesame";

fn plain(name: &str) -> String {
    let plain = Plain {
        authzid: "",
        authcid: name,
        password: PASSWORD,
    };
    base64::encode(&plain.to_bytes())
}

/// One more connection with an account, and all that it is told on arrival.
pub(crate) fn device(
    server: &Running,
    nick: &str,
    name: &str,
    capabilities: &str,
) -> (Client, Vec<String>) {
    let mut client = server.connect();
    client.wait_for("NOTICE");
    client.send(&format!("CAP REQ :sasl {capabilities}"));
    client.wait_for(" ACK ");
    client.send("AUTHENTICATE PLAIN");
    client.wait_for("AUTHENTICATE +");
    client.send(&format!("AUTHENTICATE {}", plain(name)));
    client.wait_for(" 903 ");
    client.send(&format!(
        "NICK {nick}\r\nUSER u 0 * :Real {nick}\r\nCAP END"
    ));
    let told = client.sync();
    (client, told)
}

fn has(lines: &[String], text: &str) -> bool {
    lines.iter().any(|line| line.contains(text))
}

fn settle<const N: usize>(clients: [&mut Client; N]) {
    for client in clients {
        client.sync();
    }
}

#[test]
fn a_second_device_is_shown_where_it_is_and_nobody_else_notices() {
    let server = server();
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
    let server = server();
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
fn how_far_one_has_read_is_told_to_all_devices_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db");
    let begin = || Running::of(builder().database(&database).lobby(""));
    let server = begin();
    account(&server, "ann", PASSWORD);
    account(&server, "bob", PASSWORD);
    let (mut phone, _) = device(&server, "ann", "ann", "draft/read-marker");
    let (mut laptop, _) = device(&server, "ann", "ann", "draft/read-marker");
    let (mut old, _) = device(&server, "ann", "ann", "message-tags");
    let (mut bob, _) = device(&server, "bob", "bob", "draft/read-marker");
    phone.ask("JOIN #a");
    bob.ask("JOIN #a");
    settle([&mut phone, &mut laptop, &mut old, &mut bob]);
    let early = "timestamp=2019-01-04T14:33:26.123Z";
    let late = "timestamp=2020-01-04T14:33:26.123Z";
    let told = |time: &str| vec![format!(":irc.test MARKREAD #a {time}")];
    assert_eq!(phone.ask(&format!("MARKREAD #A {late}")), told(late));
    assert_eq!(laptop.sync(), told(late));
    assert!(old.sync().is_empty());
    assert!(bob.sync().is_empty());
    // It only moves on, which only who asks is told.
    assert_eq!(laptop.ask(&format!("MARKREAD #a {early}")), told(late));
    assert!(phone.sync().is_empty());
    assert_eq!(bob.ask("MARKREAD #a"), told("*"));
    server.stop("for a moment");
    let server = begin();
    let (mut phone, _) = device(&server, "ann", "ann", "draft/read-marker");
    assert_eq!(phone.ask("MARKREAD #a"), told(late));
    assert!(has(&phone.ask("JOIN #a"), &told(late)[0]));
}

/// What was written to an account is the account's, on whichever device and after whichever restart;
/// who has the nick without it reads nothing.
#[test]
fn a_conversation_belongs_to_the_accounts() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db");
    let begin = || Running::of(builder().database(&database).lobby(""));
    let server = begin();
    account(&server, "ann", PASSWORD);
    account(&server, "bob", PASSWORD);
    let (mut ann, _) = device(&server, "ann", "ann", "draft/chathistory");
    let (mut bob, _) = device(&server, "bob", "bob", "draft/chathistory");
    let mut guest = server.join("guest");
    ann.ask("PRIVMSG bob :for bob");
    guest.ask("PRIVMSG ann :from a guest");
    bob.sync();
    server.stop("for a moment");
    let server = begin();
    let (mut bob, _) = device(&server, "bob", "bob", "draft/chathistory");
    let (mut phone, _) = device(&server, "ann", "ann", "draft/chathistory");
    assert!(has(&bob.ask("CHATHISTORY LATEST ann * 9"), ":for bob"));
    assert!(has(&phone.ask("CHATHISTORY LATEST bob * 9"), ":for bob"));
    assert!(has(
        &phone.ask("CHATHISTORY LATEST guest * 9"),
        ":from a guest"
    ));
    // Another guest of that name: nothing of the first one, for either.
    let mut guest = server.join("guest");
    assert!(!has(&guest.ask("CHATHISTORY LATEST ann * 9"), "guest"));
    assert!(!has(&phone.ask("CHATHISTORY LATEST guest * 9"), "PRIVMSG"));
    let times = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z";
    let targets = phone.ask(&format!("CHATHISTORY TARGETS {times} 9"));
    assert_eq!(targets.len(), 1, "{targets:?}");
    assert!(targets[0].contains(" TARGETS bob "), "{targets:?}");
}

#[test]
fn answers_and_labels_go_to_the_device_that_asked() {
    let server = server();
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

/// `ann` stays on without a session, and is in `#a` with `bob`; it is so in the end too, and `bob`
/// has written `five`.
fn what_was_missed_is_shown(server: &Running, bob: &mut Client) {
    bob.ask("PRIVMSG #a :one\r\nPRIVMSG ann :two");
    // A device that knows history asks for itself; another is shown what there was.
    let (mut knows, told) = device(server, "ann", "ann", "batch draft/chathistory");
    assert!(!has(&told, " PRIVMSG "), "{told:#?}");
    knows.send("QUIT");
    knows.rest();
    bob.ask("PRIVMSG #a :three\r\nPRIVMSG ann :four");
    let (mut plain, told) = device(server, "ann", "ann", "");
    let shown: Vec<&String> = told
        .iter()
        .filter(|line| line.contains(" PRIVMSG "))
        .collect();
    assert_eq!(
        shown,
        [
            ":bob!~bob@127.0.0.1 PRIVMSG #a :three",
            ":bob!~bob@127.0.0.1 PRIVMSG ann :four"
        ]
    );
    let (second, told) = device(server, "ann", "ann", "");
    assert!(!has(&told, " PRIVMSG "), "nothing was missed: {told:#?}");
    plain.send("QUIT");
    plain.rest();
    second.vanish();
    bob.wait_for(" AWAY :Not connected");
    bob.ask("PRIVMSG ann :five");
}

#[test]
fn who_is_always_on_stays_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("storage.db");
    let start = || {
        let accounts = chat_server::config::Accounts::default();
        Running::of(crate::login::with(accounts).database(&database))
    };
    let server = start();
    account(&server, "ann", PASSWORD);
    let mut bob = server.join_with("bob", "away-notify");
    bob.ask("JOIN #a");
    let (mut phone, _) = device(&server, "ann", "ann", "");
    phone.ask("NS SET always-on on");
    phone.ask("JOIN #a");
    bob.ask("MODE #a +o ann");
    bob.sync();
    phone.send("QUIT");
    phone.rest();
    let away = ":ann!~u@127.0.0.1 AWAY :Not connected at the moment";
    assert_eq!(bob.sync(), [away]);
    let whois = bob.ask("WHOIS ann");
    assert!(has(&whois, "(not connected)"), "{whois:#?}");
    what_was_missed_is_shown(&server, &mut bob);
    server.stop("restart");

    let server = start();
    let mut bob = server.join_with("bob", "away-notify");
    let names = bob.ask("JOIN #a");
    assert!(
        has(&names, " 353 bob = #a :") && has(&names, "@ann"),
        "{names:#?}"
    );
    let (mut phone, told) = device(&server, "phone", "ann", "");
    assert!(has(&told, ":ann!~u@127.0.0.1 JOIN #a"), "{told:#?}");
    assert!(
        has(&told, "PRIVMSG ann :five") && !has(&told, ":four"),
        "{told:#?}"
    );
    assert_eq!(bob.sync(), [":ann!~u@127.0.0.1 AWAY"]);
    let refused = phone.ask("NICK other");
    assert!(
        has(&refused, " 400 ann NICK :You must use your account name"),
        "{refused:#?}"
    );
    phone.ask("NS SET always-on off");
    phone.send("QUIT :now");
    phone.rest();
    bob.expect(":ann!~u@127.0.0.1 QUIT :Quit: now");
}

#[test]
fn who_logs_in_and_out_is_told_to_who_wants_to_know() {
    let server = server();
    account(&server, "ann", PASSWORD);
    let mut knows = server.join_with("knows", "account-notify account-tag extended-join");
    let mut plain = server.join("plain");
    for client in [&mut knows, &mut plain] {
        client.ask("JOIN #a");
    }
    let mut guest = server.join("guest");
    guest.ask("JOIN #a");
    let joined = knows.sync();
    assert!(has(&joined, "JOIN #a * :Real guest"), "{joined:#?}");
    plain.sync();
    let own = guest.ask(&format!("NS IDENTIFY ann {PASSWORD}"));
    assert!(
        has(&own, " 900 guest guest!~guest@127.0.0.1 ann :"),
        "{own:#?}"
    );
    assert_eq!(
        knows.sync(),
        ["@account=ann :guest!~guest@127.0.0.1 ACCOUNT ann"]
    );
    assert_eq!(plain.sync(), Vec::<String>::new());
    guest.ask("PRIVMSG #a :hi");
    assert_eq!(
        knows.sync(),
        ["@account=ann :guest!~guest@127.0.0.1 PRIVMSG #a :hi"]
    );
    assert_eq!(plain.sync(), [":guest!~guest@127.0.0.1 PRIVMSG #a :hi"]);
    let whox = plain.ask("WHO guest %na");
    assert!(has(&whox, " 354 plain guest ann"), "{whox:#?}");
    let whox = plain.ask("WHO plain %na");
    assert!(has(&whox, " 354 plain plain 0"), "{whox:#?}");
    let own = guest.ask("NS LOGOUT");
    assert!(has(&own, " 901 guest guest!~guest@127.0.0.1 :"), "{own:#?}");
    assert_eq!(knows.sync(), [":guest!~guest@127.0.0.1 ACCOUNT *"]);
    let taken = guest.ask("NICK ann");
    let reserved = " 433 guest ann :Nickname is reserved by a different account";
    assert!(has(&taken, reserved), "{taken:#?}");
}

/// A connection with an account to one server of a fleet.
async fn device_on(server: &Server, nick: &str, name: &str) -> Pipe {
    let mut pipe = server.connect().await;
    pipe.send("CAP REQ sasl\r\nAUTHENTICATE PLAIN\r\n").await;
    pipe.wait_for("AUTHENTICATE +").await;
    pipe.send(&format!("AUTHENTICATE {}\r\n", plain(name)))
        .await;
    pipe.wait_for(" 903 ").await;
    pipe.send(&format!("NICK {nick}\r\nUSER u 0 * :u\r\nCAP END\r\n"))
        .await;
    pipe.wait_for(" 366 ").await;
    pipe
}

/// One more connection, whose client says before it is complete that nobody is at it.
async fn unattended_on(server: &Server, name: &str) -> Pipe {
    let mut pipe = server.connect().await;
    pipe.send("CAP REQ :sasl draft/pre-away\r\nAUTHENTICATE PLAIN\r\n")
        .await;
    pipe.wait_for("AUTHENTICATE +").await;
    pipe.send(&format!("AUTHENTICATE {}\r\n", plain(name)))
        .await;
    pipe.wait_for(" 903 ").await;
    pipe.send(&format!(
        "AWAY *\r\nNICK {name}\r\nUSER u 0 * :u\r\nCAP END\r\n"
    ))
    .await;
    pipe.wait_for(&format!(" 306 {name} :")).await;
    pipe
}

/// What somebody is told of others being away, up to now.
async fn away_news(pipe: &mut Pipe, token: &str) -> Vec<String> {
    let mut lines = seen(pipe, token).await;
    lines.retain(|line| line.contains(" AWAY"));
    lines
}

#[test]
fn a_user_is_away_when_nobody_is_at_any_device_on_any_server() {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            let (journal, servers, _) = fleet(2).await;
            let mut phone = servers[0].join("ann").await;
            phone
                .send(&format!(
                    "NS REGISTER {PASSWORD}\r\nNS SET ALWAYS-ON ON\r\n"
                ))
                .await;
            phone.wait_for("ALWAYS-ON is on").await;
            let mut bob = servers[0].join("bob").await;
            bob.send("CAP REQ away-notify\r\n").await;
            let mut laptop = device_on(&servers[1], "ann", "ann").await;

            phone.send("AWAY :lunch\r\n").await;
            phone.wait_for(" 306 ann :").await;
            assert_eq!(away_news(&mut bob, "1").await, [""; 0]);
            laptop.send("AWAY :bed\r\n").await;
            laptop.wait_for(" 306 ann :").await;
            seen(&mut laptop, "2").await;
            let bed = ":ann!~ann@localhost AWAY :bed";
            assert_eq!(away_news(&mut bob, "2").await, [bed]);
            assert!(
                seen(&mut phone, "2")
                    .await
                    .iter()
                    .all(|line| !line.contains(" 306 ")),
                "who did not ask is not answered"
            );
            phone.send("AWAY\r\n").await;
            phone.wait_for(" 305 ann :").await;
            seen(&mut phone, "3").await;
            assert_eq!(away_news(&mut bob, "3").await, [":ann!~ann@localhost AWAY"]);
            phone.send("QUIT\r\n").await;
            phone.wait_for("ERROR").await;
            seen(&mut laptop, "4").await;
            assert_eq!(away_news(&mut bob, "4").await, [bed], "one is left");

            // Who comes by itself makes nobody present, and shows nothing of its own.
            let mut robot = unattended_on(&servers[0], "ann").await;
            seen(&mut robot, "5").await;
            assert_eq!(away_news(&mut bob, "5").await, [""; 0]);
            laptop.send("QUIT\r\n").await;
            laptop.wait_for("ERROR").await;
            let nobody = ":ann!~ann@localhost AWAY :Not here at the moment";
            bob.wait_for(nobody).await;
            let mut phone = device_on(&servers[1], "ann", "ann").await;
            seen(&mut phone, "6").await;
            assert_eq!(away_news(&mut bob, "6").await, [":ann!~ann@localhost AWAY"]);

            // With its server a device is lost, and with it who was there.
            let mut servers = servers;
            servers.pop().unwrap().stop();
            bob.wait_for(nobody).await;
            robot.send("QUIT\r\n").await;
            robot.wait_for("ERROR").await;
            bob.send("PRIVMSG ann :are you there?\r\n").await;
            bob.wait_for(" 301 bob ann :").await;
            servers.pop().unwrap().stop();
            journal.shutdown().await;
        });
}

/// Everything up to the answer to a PING of now.
async fn seen(pipe: &mut Pipe, token: &str) -> Vec<String> {
    pipe.send(&format!("PING {token}\r\n")).await;
    let mut lines = Vec::new();
    loop {
        let line = pipe.wait_for("").await;
        if line.contains("PONG") && line.ends_with(token) {
            return lines;
        }
        lines.push(line);
    }
}

#[test]
fn devices_on_two_servers_are_one_user() {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            let (journal, servers, _) = fleet(2).await;
            let mut first = servers[0].join("ann").await;
            first.send(&format!("NS REGISTER {PASSWORD}\r\n")).await;
            first.wait_for("Account created").await;
            let mut bob = servers[0].join("bob").await;
            let mut second = device_on(&servers[1], "ann", "ann").await;
            assert!(
                seen(&mut bob, "none")
                    .await
                    .iter()
                    .all(|line| !line.contains("ann!"))
            );

            second.send("PRIVMSG #lobby :from the second\r\n").await;
            assert_eq!(
                first.wait_for("PRIVMSG").await,
                ":ann!~ann@localhost PRIVMSG #lobby :from the second"
            );
            first.send("PRIVMSG bob :from the first\r\n").await;
            second.wait_for("PRIVMSG bob :from the first").await;
            bob.send("PRIVMSG ann :to both\r\n").await;
            first.wait_for("PRIVMSG ann :to both").await;
            second.wait_for("PRIVMSG ann :to both").await;
            second.send("JOIN #two\r\n").await;
            first.wait_for(":ann!~ann@localhost JOIN #two").await;
            bob.send("WHOIS ann\r\n").await;
            bob.wait_for(" 330 bob ann ann ").await;

            first.send("QUIT :one\r\n").await;
            first.wait_for("ERROR").await;
            seen(&mut second, "now").await;
            assert!(
                seen(&mut bob, "now")
                    .await
                    .iter()
                    .all(|line| !line.contains("QUIT"))
            );
            // The end of a server is the end of the connections there, and of who has no other.
            let mut third = device_on(&servers[0], "ann", "ann").await;
            let mut servers = servers;
            servers.pop().unwrap().stop();
            assert!(
                seen(&mut bob, "then")
                    .await
                    .iter()
                    .all(|line| !line.contains("QUIT"))
            );
            third.send("PRIVMSG bob :still here\r\n").await;
            bob.wait_for("PRIVMSG bob :still here").await;
            servers.pop().unwrap().stop();
            journal.shutdown().await;
        });
}
