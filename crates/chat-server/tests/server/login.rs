//! Who somebody is: SASL, REGISTER and VERIFY, byte for byte.

use std::sync::Arc;

use chat_proto::sasl::scram::Client as Scram;
use chat_proto::sasl::{Plain, base64, pieces};
use chat_server::auth::{Courier, Letter};
use chat_server::config::Accounts;
use chat_server::{Builder, Config};
use parking_lot::Mutex;

use crate::client::Client;
use crate::harness::{Running, builder, limits};

/// A server without a lobby and with these rules for accounts.
pub(crate) fn with(accounts: Accounts) -> Builder {
    builder().config(Config {
        name: "irc.test".to_owned(),
        lobby: String::new(),
        limits: limits(),
        accounts,
        ..Config::default()
    })
}

pub(crate) fn server() -> Running {
    Running::of(with(Accounts::default()))
}

/// Makes an account, and leaves.
pub(crate) fn account(server: &Running, name: &str, password: &str) {
    let mut client = server.join(name);
    client.send(&format!("NS REGISTER {password}"));
    let source = "NickServ!NickServ@localhost";
    client.expect(&format!(":{source} NOTICE {name} :Account created"));
    client.send("QUIT");
    client.rest();
}

/// What PLAIN says for a name and a password.
fn plain(name: &str, password: &str) -> String {
    let plain = Plain {
        authzid: "",
        authcid: name,
        password,
    };
    base64::encode(&plain.to_bytes())
}

/// A client that has begun to log in.
fn begun(server: &Running, mechanism: &str) -> Client {
    let mut client = server.connect();
    client.wait_for("NOTICE");
    client.send("CAP LS 302\r\nCAP REQ sasl");
    client.wait_for(" ACK ");
    client.send(&format!("AUTHENTICATE {mechanism}"));
    client.expect(":irc.test AUTHENTICATE +");
    client
}

/// A client that is logged in and registered.
pub(crate) fn logged_in(server: &Running, nick: &str, name: &str, password: &str) -> Client {
    let mut client = begun(server, "PLAIN");
    client.send(&format!("AUTHENTICATE {}", plain(name, password)));
    client.wait_for(" 903 ");
    client.send(&format!(
        "NICK {nick}\r\nUSER {nick} 0 * :Real {nick}\r\nCAP END"
    ));
    client.wait_for(" 001 ");
    client.sync();
    client
}

#[test]
fn plain_lets_in_who_knows_the_password() {
    let server = server();
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
    let server = server();
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
    let server = server();
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
    let server = server();
    let mut client = begun(&server, "PLAIN");
    client.send("NICK ann\r\nUSER a 0 * :A\r\nCAP END");
    client.expect(":irc.test 906 ann :SASL authentication aborted");
    client.wait_for(" 001 ann ");
}

#[test]
fn scram_proves_both_ways() {
    let server = server();
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
    let server = server();
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
    let server = server();
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
    let server = server();
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
    let server = server();
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
    let server = server();
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
fn an_account_is_registered_by_the_command() {
    let server = server();
    let mut client = server.connect();
    client.wait_for("NOTICE");
    client.send("CAP LS 302");
    let caps = client.capabilities();
    assert!(
        caps.contains("draft/account-registration=custom-account-name"),
        "{caps}"
    );
    assert!(caps.contains("sasl=PLAIN,SCRAM-SHA-256"), "{caps}");
    client.send("REGISTER * * sesame");
    client.expect(
        ":irc.test FAIL REGISTER COMPLETE_CONNECTION_REQUIRED * :Complete the connection first",
    );
    client.send("VERIFY ann 123");
    client.expect(
        ":irc.test FAIL VERIFY COMPLETE_CONNECTION_REQUIRED ann :Complete the connection first",
    );
    client.send("NICK ann\r\nUSER a 0 * :A\r\nCAP END");
    client.sync();
    for (line, code) in [
        ("REGISTER ann * ab", "WEAK_PASSWORD"),
        ("REGISTER ann * ann", "WEAK_PASSWORD"),
        ("REGISTER ann * :two words", "UNACCEPTABLE_PASSWORD"),
        ("REGISTER ann nowhere sesame", "INVALID_EMAIL"),
        ("REGISTER NickServ * sesame", "BAD_ACCOUNT_NAME"),
        ("REGISTER #ann * sesame", "BAD_ACCOUNT_NAME"),
    ] {
        client.send(line);
        let answer = client.line();
        assert!(
            answer.starts_with(&format!(":irc.test FAIL REGISTER {code} ")),
            "{answer}"
        );
    }
    client.send("REGISTER * * sesame");
    client.expect(":irc.test REGISTER SUCCESS ann :Account successfully registered");
    client.expect(":irc.test 900 ann ann!~a@127.0.0.1 ann :You are now logged in as ann");
    client.send("REGISTER * * sesame");
    client.expect(":irc.test FAIL REGISTER ALREADY_AUTHENTICATED ann :You are logged in already");
    let mut other = server.join("bob");
    other.send("REGISTER ann * sesame");
    other.expect(":irc.test FAIL REGISTER ACCOUNT_EXISTS ann :This name is taken");
    other.send("REGISTER eve eve@example.org sesame");
    other.expect(":irc.test REGISTER SUCCESS eve :Account successfully registered");
}

#[test]
fn an_account_is_registered_before_the_connection_is_complete() {
    let server = Running::of(with(Accounts {
        before_connect: true,
        ..Accounts::default()
    }));
    let _root = server.join("root");
    let mut client = server.connect();
    client.wait_for("NOTICE");
    client.send("CAP LS 302");
    client.wait_for("=before-connect,custom-account-name");
    client.sync();
    client.send("REGISTER * * sesame");
    client.expect(":irc.test FAIL REGISTER NEED_NICK * :Send a NICK first");
    // Not from under who has the nick.
    client.send("NICK root");
    client.send("REGISTER * * sesame");
    client.expect(":irc.test FAIL REGISTER ACCOUNT_EXISTS root :This name is taken");
    client.send("NICK ann");
    client.send("REGISTER * * sesame");
    client.expect(":irc.test REGISTER SUCCESS ann :Account successfully registered");
    client.expect(":irc.test 900 ann ann!*@127.0.0.1 ann :You are now logged in as ann");
    client.send("USER a 0 * :A\r\nCAP END");
    client.wait_for(" 001 ann ");
    client.sync();
    assert!(
        client
            .ask("WHOIS ann")
            .iter()
            .any(|line| line.contains(" 330 ann ann ann "))
    );
}

#[test]
fn who_needs_a_password_to_enter_registers_nothing_before() {
    let server = Running::of(
        with(Accounts {
            before_connect: true,
            ..Accounts::default()
        })
        .password("door"),
    );
    let mut client = server.connect();
    client.wait_for("NOTICE");
    client.send("CAP LS 302");
    let caps = client.capabilities();
    assert!(
        !caps.contains("account-registration=before-connect"),
        "{caps}"
    );
    client.send("NICK ann\r\nREGISTER * * sesame");
    client.wait_for(" COMPLETE_CONNECTION_REQUIRED ");
}

#[test]
fn where_registration_is_off_nobody_registers() {
    let server = Running::of(with(Accounts {
        registration: false,
        ..Accounts::default()
    }));
    let mut client = server.connect();
    client.wait_for("NOTICE");
    client.send("CAP LS 302");
    let caps = client.capabilities();
    assert!(!caps.contains("account-registration"), "{caps}");
    client.send("NICK ann\r\nUSER a 0 * :A\r\nCAP END");
    client.sync();
    client.send("REGISTER * * sesame");
    client.wait_for("FAIL REGISTER DISALLOWED ann :");
    client.send("NS REGISTER sesame");
    client.wait_for("NOTICE ann :Accounts are made by the operators");
}

/// Keeps what it was given.
#[derive(Debug, Default)]
struct Box(Mutex<Vec<Letter>>);

impl Courier for Box {
    fn bring(&self, letter: &Letter) -> Result<(), String> {
        if letter.email.starts_with("nobody@") {
            return Err("no such person".to_owned());
        }
        self.0.lock().push(letter.clone());
        Ok(())
    }
}

#[test]
fn a_code_verifies_an_account() {
    let letters = Arc::new(Box::default());
    let accounts = Accounts {
        require_email: true,
        ..Accounts::default()
    };
    let server = Running::of(with(accounts).courier(letters.clone()));
    let mut client = server.join("ann");
    client.send("REGISTER * * sesame");
    client.wait_for("FAIL REGISTER INVALID_EMAIL ann :");
    client.send("REGISTER * nobody@example.org sesame");
    client.wait_for("FAIL REGISTER TEMPORARILY_UNAVAILABLE ann :The code could not be sent");
    client.send("REGISTER * ann@example.org sesame");
    client.wait_for(":irc.test REGISTER VERIFICATION_REQUIRED ann :");
    let letter = letters.0.lock().pop().expect("was sent");
    assert_eq!(
        (&*letter.account, &*letter.email),
        ("ann", "ann@example.org")
    );
    assert!(!format!("{letter:?}").contains(&letter.code));
    // Not before it is verified, and only with the code.
    let mut other = begun(&server, "PLAIN");
    other.send(&format!("AUTHENTICATE {}", plain("ann", "sesame")));
    other.wait_for(" 904 * :SASL authentication failed: This account is not verified yet");
    client.send("VERIFY ann 00000000000000000000000000");
    client.expect(":irc.test FAIL VERIFY INVALID_CODE ann :This is not the code");
    client.send("VERIFY bob 00000000000000000000000000");
    client.expect(":irc.test FAIL VERIFY INVALID_CODE bob :This is not the code");
    client.send(&format!("VERIFY ann {}", letter.code));
    client.expect(":irc.test VERIFY SUCCESS ann :Account successfully registered");
    client.wait_for(" 900 ann ");
    client.send(&format!("VERIFY ann {}", letter.code));
    client.wait_for("FAIL VERIFY ALREADY_AUTHENTICATED ann :");
    client.send("QUIT");
    client.rest();
    logged_in(&server, "ann", "ann", "sesame");
}

#[test]
fn a_response_may_come_in_pieces() {
    let server = server();
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
