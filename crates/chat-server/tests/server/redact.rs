//! REDACT at byte level.

use crate::client::Client;
use crate::harness::Running;
use crate::lines::{body, msgid};

const CAPS: &str = "batch message-tags echo-message draft/chathistory draft/event-playback \
                    draft/message-redaction";

fn say(client: &mut Client, target: &str, text: &str) -> String {
    client.send(&format!("PRIVMSG {target} :{text}"));
    msgid(&client.wait_for(&format!(":{text}")))
}

fn bodies(lines: Vec<String>) -> Vec<String> {
    lines.iter().map(|line| body(line).to_owned()).collect()
}

/// ann (operator), bob and cleo in #a.
fn three() -> (Running, [Client; 3]) {
    let server = Running::quiet();
    let mut clients = ["ann", "bob", "cleo"].map(|nick| {
        let mut client = server.join_with(nick, CAPS);
        client.ask("JOIN #a");
        client
    });
    for client in &mut clients {
        client.sync();
    }
    (server, clients)
}

#[test]
fn a_withdrawn_message_is_told_and_gone() {
    let (server, [mut ann, mut bob, mut cleo]) = three();
    let mut plain = server.join_with("plain", "message-tags");
    plain.ask("JOIN #a");
    let id = say(&mut bob, "#a", "secret word");
    for client in [&mut ann, &mut bob, &mut cleo, &mut plain] {
        client.sync();
    }
    let told =
        |by: &str, reason: &str| vec![format!(":{by}!~{by}@127.0.0.1 REDACT #a {id}{reason}")];
    assert_eq!(
        bodies(bob.ask(&format!("REDACT #A {id} :by mistake"))),
        told("bob", " :by mistake")
    );
    assert_eq!(bodies(cleo.sync()), told("bob", " :by mistake"));
    assert!(plain.sync().is_empty());
    let page = bodies(cleo.ask("CHATHISTORY LATEST #a * 50"));
    assert!(
        !page.iter().any(|line| line.contains("secret word")),
        "{page:?}"
    );
    assert!(page.contains(&told("bob", " :by mistake")[0]), "{page:?}");
    let page = plain.ask("CHATHISTORY LATEST #a * 50");
    assert!(
        !page.iter().any(|line| line.contains("secret word")),
        "{page:?}"
    );
    let gone = [format!(
        ":irc.test FAIL REDACT UNKNOWN_MSGID #a {id} :This message does not exist or is too old"
    )];
    assert_eq!(bob.ask(&format!("REDACT #a {id}")), gone);
    // An operator withdraws what others say.
    let other = say(&mut bob, "#a", "spam");
    ann.sync();
    let done = bodies(ann.ask(&format!("REDACT #a {other}")));
    assert_eq!(done, [format!(":ann!~ann@127.0.0.1 REDACT #a {other}")]);
}

#[test]
fn nobody_else_withdraws_and_nobody_learns_by_trying() {
    let (server, [mut ann, mut bob, mut cleo]) = three();
    let id = say(&mut ann, "#a", "mine");
    let private = say(&mut ann, "bob", "ours");
    for client in [&mut ann, &mut bob, &mut cleo] {
        client.sync();
    }
    let fail = |code: &str, about: &str, text: &str| {
        vec![format!(":irc.test FAIL REDACT {code} {about} :{text}")]
    };
    let forbidden = "You are not authorised to delete this message";
    let unknown = "This message does not exist or is too old";
    let target = "You cannot delete messages from there";
    let of = |id: &str, place: &str| format!("{place} {id}");
    assert_eq!(
        cleo.ask(&format!("REDACT #a {id}")),
        fail("REDACT_FORBIDDEN", &of(&id, "#a"), forbidden)
    );
    assert_eq!(
        bob.ask(&format!("REDACT ann {private}")),
        fail("REDACT_FORBIDDEN", &of(&private, "ann"), forbidden)
    );
    assert_eq!(
        cleo.ask(&format!("REDACT ann {private}")),
        fail("UNKNOWN_MSGID", &of(&private, "ann"), unknown)
    );
    assert_eq!(
        cleo.ask(&format!("REDACT #a {private}")),
        fail("UNKNOWN_MSGID", &of(&private, "#a"), unknown)
    );
    assert_eq!(
        cleo.ask("REDACT #a nonsense"),
        fail("UNKNOWN_MSGID", "#a nonsense", unknown)
    );
    let mut stranger = server.join_with("stranger", CAPS);
    for place in ["#a", "#nowhere", "nobody"] {
        for id in [&*id, "nonsense"] {
            assert_eq!(
                stranger.ask(&format!("REDACT {place} {id}")),
                fail("INVALID_TARGET", place, target)
            );
        }
    }
    assert_eq!(
        stranger.ask("REDACT #a"),
        [":irc.test 461 stranger REDACT :Not enough parameters"]
    );
    assert!(ann.sync().is_empty());
    // What is still there can be withdrawn by whose it is, where it is.
    let done = bodies(ann.ask(&format!("REDACT bob {private}")));
    assert_eq!(done, [format!(":ann!~ann@127.0.0.1 REDACT bob {private}")]);
    assert_eq!(bodies(bob.sync()), done);
    assert!(cleo.sync().is_empty());
}

#[test]
fn the_label_of_a_withdrawal_comes_back() {
    let server = Running::quiet();
    let mut ann = server.join_with("ann", &format!("{CAPS} labeled-response"));
    ann.ask("JOIN #a");
    let id = say(&mut ann, "#a", "oops");
    let lines = ann.ask(&format!("@label=L REDACT #a {id}"));
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("@label=L;"), "{}", lines[0]);
    let lines = ann.ask(&format!("@label=M REDACT #a {id}"));
    assert!(
        lines[0].starts_with("@label=M :irc.test FAIL REDACT"),
        "{}",
        lines[0]
    );
}
