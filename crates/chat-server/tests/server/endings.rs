//! What others read of who closes right behind what it says, whether it has read everything or not.

use crate::client::Client;
use crate::harness::Running;

/// The answers to some of these cannot be written any more when others are still to be handled.
const SAID: &str = "PRIVMSG #lobby :one\r\nNAMES #lobby\r\nPING two\r\nWHO #lobby\r\n\
                    PRIVMSG #lobby :three\r\nLUSERS\r\nPRIVMSG #lobby :four\r\n";

/// Says something and closes. `unread`: before it has read what it was told, which makes the system
/// reset the connection.
fn say_and_close(mut client: Client, unread: bool, lines: &str) {
    if unread {
        client.send("MOTD");
        client.leave_unread();
    }
    client.send_bytes(lines.as_bytes());
}

/// What is seen of `bob` until it leaves.
fn heard_of_bob(ann: &mut Client) -> Vec<String> {
    let mut heard = Vec::new();
    loop {
        let line = ann.line();
        if let Some((":bob!~bob@127.0.0.1", rest)) = line.split_once(' ') {
            heard.push(rest.to_owned());
            if rest.starts_with("QUIT") {
                return heard;
            }
        }
    }
}

fn all_and(quit: &str) -> Vec<String> {
    let said = ["one", "three", "four"].map(|text| format!("PRIVMSG #lobby :{text}"));
    said.into_iter().chain([quit.to_owned()]).collect()
}

#[test]
fn what_was_said_before_the_end_is_heard_and_the_end_is_a_close() {
    let server = Running::new();
    let mut ann = server.join("ann");
    for unread in [false, true] {
        let bob = server.join("bob");
        ann.wait_for(" JOIN ");
        say_and_close(bob, unread, SAID);
        assert_eq!(heard_of_bob(&mut ann), all_and("QUIT :Connection closed"));
    }
}

#[test]
fn who_says_quit_and_closes_at_once_has_quit() {
    let server = Running::new();
    let mut ann = server.join("ann");
    for unread in [false, true] {
        let bob = server.join("bob");
        ann.wait_for(" JOIN ");
        say_and_close(bob, unread, &format!("{SAID}QUIT :bye\r\n"));
        assert_eq!(heard_of_bob(&mut ann), all_and("QUIT :Quit: bye"));
    }
}

#[test]
fn who_comes_and_says_all_in_one_breath_without_reading_is_heard() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let bob = server.connect();
    bob.leave_unread();
    let lines = format!("NICK bob\r\nUSER bob 0 * :Bob\r\nJOIN #lobby\r\n{SAID}QUIT\r\n");
    say_and_close(bob, false, &lines);
    let heard = heard_of_bob(&mut ann);
    assert_eq!(heard[0], "JOIN #lobby");
    assert_eq!(heard[1..], all_and("QUIT :Quit"));
}
