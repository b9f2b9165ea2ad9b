//! Logging in and out, byte for byte: SASL, and what the others see of it.

use chat_proto::sasl::scram::Client as Scram;
use chat_proto::sasl::{Plain, base64, pieces};

use crate::accounts::{PASSWORD, account, begun, logged_in, plain};
use crate::client::Client;
use crate::harness::{Running, builder};
use crate::lines::has;

#[test]
fn plain_lets_in_who_knows_the_password() {
    let server = Running::quiet();
    account(&server, "ann", "sesame");
    let mut client = begun(&server, "PLAIN");
    client.send(&format!("AUTHENTICATE {}", plain("Ann", "sesame")));
    client.expect(":irc.test 900 * *!*@127.0.0.1 ann :You are now logged in as ann");
    client.expect(":irc.test 903 * :SASL authentication successful");
    client.send("AUTHENTICATE PLAIN");
    client.expect(":irc.test 907 * :You have already authenticated using SASL");
    client.send("NICK other\r\nUSER a 0 * :A\r\nCAP END");
    client.wait_for(" 001 ");
    let whois = client.ask("WHOIS other").join("\n");
    assert!(whois.contains(" 330 other other ann "), "{whois}");
}

#[test]
fn a_wrong_password_and_a_name_that_is_not_there_are_told_alike() {
    let server = Running::quiet();
    account(&server, "ann", "sesame");
    let told = ":irc.test 904 * :SASL authentication failed: Invalid account name or password";
    for (name, password) in [("ann", "Sesame"), ("bob", "sesame")] {
        let mut client = begun(&server, "PLAIN");
        client.send(&format!("AUTHENTICATE {}", plain(name, password)));
        client.expect(told);
        // Another try may do better.
        client.send("AUTHENTICATE PLAIN");
        client.expect(":irc.test AUTHENTICATE +");
        client.send(&format!("AUTHENTICATE {}", plain("ann", "sesame")));
        client.wait_for(" 903 ");
    }
}

#[test]
fn bad_exchanges_are_refused() {
    let server = Running::quiet();
    let mut client = server.connect();
    client.wait_for("NOTICE");
    client.send("AUTHENTICATE KERBEROS");
    client.expect(":irc.test 908 * PLAIN,SCRAM-SHA-256 :are available SASL mechanisms");
    client.expect(":irc.test 904 * :SASL authentication failed");
    client.send("AUTHENTICATE");
    client.expect(":irc.test 461 * AUTHENTICATE :Not enough parameters");
    client.send("AUTHENTICATE *");
    client.expect(":irc.test 906 * :SASL authentication aborted");
    // A certificate is needed for it.
    client.send("AUTHENTICATE EXTERNAL");
    client.wait_for(" 904 ");
    let long = "A".repeat(401);
    let full = "A".repeat(400);
    let none = base64::encode(b"\0\0sesame");
    let other = base64::encode(b"root\0ann\0sesame");
    for (pieces, code) in [
        (vec!["!!!"], "904"),
        (vec![long.as_str()], "905"),
        (vec![full.as_str(); 5], "905"),
        (vec![none.as_str()], "904"),
        (vec![other.as_str()], "904"),
        (vec!["*"], "906"),
    ] {
        client.send("AUTHENTICATE plain");
        client.expect(":irc.test AUTHENTICATE +");
        for piece in pieces {
            client.send(&format!("AUTHENTICATE {piece}"));
        }
        let line = client.line();
        assert!(line.starts_with(&format!(":irc.test {code} * :")), "{line}");
    }
}

#[test]
fn a_registration_does_not_wait_for_an_exchange() {
    let server = Running::quiet();
    let mut client = begun(&server, "PLAIN");
    client.send("NICK ann\r\nUSER a 0 * :A\r\nCAP END");
    client.expect(":irc.test 906 ann :SASL authentication aborted");
    client.wait_for(" 001 ann ");
}

#[test]
fn a_response_may_come_in_pieces() {
    let server = Running::quiet();
    let password = "x".repeat(300);
    account(&server, "ann", &password);
    let mut client = begun(&server, "PLAIN");
    let plain = Plain {
        authzid: "ann",
        authcid: "ann@phone",
        password: &password,
    };
    for piece in pieces(&plain.to_bytes()) {
        client.send(&format!("AUTHENTICATE {piece}"));
    }
    client.wait_for(" 900 ");
}

#[test]
fn scram_proves_both_ways() {
    let server = Running::quiet();
    account(&server, "ann", "sesame");
    for (password, lets_in) in [("sesame", true), ("Sesame", false)] {
        let mut client = begun(&server, "SCRAM-SHA-256");
        let (first, scram) = Scram::new("ann", password, "fyko");
        client.send(&format!(
            "AUTHENTICATE {}",
            base64::encode(first.as_bytes())
        ));
        let (answer, proof) = scram.answer(&challenge(&mut client)).expect("is one");
        client.send(&format!(
            "AUTHENTICATE {}",
            base64::encode(answer.as_bytes())
        ));
        if lets_in {
            assert_eq!(proof.check(&challenge(&mut client)), Ok(()));
            client.send("AUTHENTICATE +");
            client.wait_for(" 900 ");
            client.expect(":irc.test 903 * :SASL authentication successful");
        } else {
            let line = client.line();
            assert!(line.starts_with(":irc.test 904 * "), "{line}");
        }
    }
}

/// Salt and rounds with which a name is challenged.
fn challenged(server: &Running, name: &str) -> (String, String) {
    let mut client = begun(server, "SCRAM-SHA-256");
    let (first, scram) = Scram::new(name, "x", "fyko");
    client.send(&format!(
        "AUTHENTICATE {}",
        base64::encode(first.as_bytes())
    ));
    let challenge = String::from_utf8(challenge(&mut client)).expect("is text");
    let fields: Vec<&str> = challenge.split(',').collect();
    let (answer, _) = scram.answer(challenge.as_bytes()).expect("is one");
    client.send(&format!(
        "AUTHENTICATE {}",
        base64::encode(answer.as_bytes())
    ));
    client.wait_for(" 904 ");
    (fields[1].to_owned(), fields[2].to_owned())
}

#[test]
fn scram_does_not_tell_who_is_there() {
    let server = Running::quiet();
    account(&server, "ann", "sesame");
    let [ann, bob] = ["ann", "bob"].map(|name| challenged(&server, name));
    assert_eq!(challenged(&server, "Ann"), ann);
    assert_eq!(challenged(&server, "Bob"), bob);
    assert_ne!(ann, bob);
    assert_eq!(ann.1, bob.1, "the same work for everybody");
}

#[test]
fn who_is_not_there_is_challenged_alike_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| Running::of(builder().database(folder.path().join(name)));
    let [before, after] = [0, 1].map(|_| {
        let server = at("chat.db");
        let challenged = challenged(&server, "bob");
        server.stop("over");
        challenged
    });
    assert_eq!(before, after);
    let elsewhere = challenged(&at("other.db"), "bob");
    assert_ne!(before.0, elsewhere.0, "no two chats have one secret");
}

fn challenge(client: &mut Client) -> Vec<u8> {
    let line = client.line();
    let piece = line
        .strip_prefix(":irc.test AUTHENTICATE ")
        .expect("is a challenge");
    base64::decode(piece).expect("is base64")
}

#[test]
fn tries_are_counted() {
    let server = Running::quiet();
    account(&server, "ann", "sesame");
    let mut client = server.join("bob");
    for _ in 0..3 {
        let answer = client.ask("NS IDENTIFY ann wrong").join("\n");
        assert!(
            answer.contains("Invalid account name or password"),
            "{answer}"
        );
    }
    let answer = client.ask("NS IDENTIFY ann sesame").join("\n");
    assert!(
        answer.contains("Too many attempts, try again in"),
        "{answer}"
    );
    client.send("AUTHENTICATE PLAIN");
    client.expect(":irc.test AUTHENTICATE +");
    client.send(&format!("AUTHENTICATE {}", plain("ann", "sesame")));
    let line = client.line();
    assert!(
        line.contains(" 904 bob :") && line.contains("Too many attempts"),
        "{line}"
    );
    // The bound is the connection's.
    logged_in(&server, "eve", "ann", "sesame");
}

#[test]
fn a_host_that_fails_too_often_must_wait() {
    let server = Running::quiet();
    account(&server, "ann", "sesame");
    for _ in 0..10 {
        let mut client = server.join("bob");
        for _ in 0..3 {
            client.ask("NS IDENTIFY ann wrong");
        }
        client.send("QUIT");
        client.rest();
    }
    let mut client = begun(&server, "PLAIN");
    client.send(&format!("AUTHENTICATE {}", plain("ann", "sesame")));
    let line = client.line();
    assert!(
        line.contains(" 904 * ") && line.contains("Too many attempts"),
        "{line}"
    );
}

#[test]
fn answers_come_in_order_while_a_password_is_checked() {
    let server = Running::quiet();
    account(&server, "ann", "sesame");
    let mut client = begun(&server, "PLAIN");
    let response = plain("ann", "sesame");
    client.send(&format!(
        "AUTHENTICATE {response}\r\nPING one\r\nNICK ann\r\nPING two"
    ));
    client.wait_for(" 900 ");
    client.wait_for(" 903 ");
    assert!(client.line().ends_with("PONG irc.test :one"));
    assert!(client.line().ends_with("PONG irc.test :two"));
}

#[test]
fn who_is_on_already_can_log_in_and_out() {
    let server = Running::quiet();
    account(&server, "ann", "sesame");
    let mut watcher = server.join_with("eve", "account-notify extended-join");
    watcher.ask("JOIN #a");
    let mut client = server.join_with("bob", "account-notify sasl");
    client.ask("JOIN #a");
    client.send("AUTHENTICATE PLAIN");
    client.wait_for("AUTHENTICATE +");
    client.send(&format!("AUTHENTICATE {}", plain("ann", "sesame")));
    let lines = client.sync();
    let count = |code: &str| lines.iter().filter(|line| line.contains(code)).count();
    assert_eq!(
        (count(" 900 bob "), count(" 903 bob ")),
        (1, 1),
        "{lines:#?}"
    );
    let last = lines.last().expect("an answer");
    assert!(
        last.ends_with(":bob!~bob@127.0.0.1 ACCOUNT ann"),
        "after the numerics: {lines:#?}"
    );
    assert_eq!(count(" ACCOUNT "), 1, "{lines:#?}");
    watcher.wait_for(":bob!~bob@127.0.0.1 ACCOUNT ann");
    let answer = client.ask("NS LOGOUT").join("\n");
    assert_eq!(answer.matches(" ACCOUNT *").count(), 1, "{answer}");
    assert!(
        answer.contains(" 901 bob ") && answer.contains("You are logged out"),
        "{answer}"
    );
    watcher.wait_for(":bob!~bob@127.0.0.1 ACCOUNT *");
}

#[test]
fn who_logs_in_and_out_is_told_to_who_wants_to_know() {
    let server = Running::quiet();
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
