//! REGISTER and VERIFY, byte for byte.

use std::sync::Arc;

use chat_server::auth::{Courier, Letter};
use chat_server::config::Accounts;
use parking_lot::Mutex;

use crate::accounts::{begun, logged_in, plain, with};
use crate::harness::Running;

#[test]
fn an_account_is_registered_by_the_command() {
    let server = Running::quiet();
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
