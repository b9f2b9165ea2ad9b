//! However the bytes are cut, and whoever closes or does not read when: what is sent is heard, and
//! what is answered arrives.

use chat_server::config::Limits;

use crate::harness::{Running, builder, limits, until};

#[test]
fn who_says_all_and_closes_its_half_hears_the_answers() {
    let server = Running::new();
    let mut ann = server.connect();
    ann.send_bytes(b"CAP LS\r\nPING half\r\n");
    ann.finish();
    let heard = ann.rest();
    assert!(heard.iter().any(|line| line.contains(" CAP ")), "{heard:?}");
    let totals = || server.handle().stats().totals;
    until("it is counted", || totals().rejected == 1);

    let mut bob = server.join("bob");
    bob.send_bytes(b"PING one\r\nLUSERS\r\nPING two\r\nPRIVMSG #lobby :no end");
    bob.finish();
    let heard = bob.rest();
    for answer in ["one", " 251 ", "two"] {
        assert!(heard.iter().any(|line| line.contains(answer)), "{heard:?}");
    }
}

#[test]
fn lines_arrive_whole_and_in_order_however_they_are_cut() {
    let server = Running::new();
    let mut ann = server.join("ann");
    let mut bob = server.join("bob");
    ann.sync();
    const LINES: usize = 300;
    let said: String = (0..LINES)
        .map(|number| format!("PRIVMSG #lobby :{number} {}\r\n", "x".repeat(number)))
        .collect();
    let mut left = said.as_bytes();
    for step in (1..=97).cycle() {
        let (now, later) = left.split_at(step.min(left.len()));
        bob.send_bytes(now);
        left = later;
        if left.is_empty() {
            break;
        }
    }
    for number in 0..LINES {
        let line = ann.wait_for(" PRIVMSG #lobby :");
        let text = format!(":{number} {}", "x".repeat(number));
        assert!(line.ends_with(&text), "{number}: {line}");
    }
    bob.sync();
}

#[test]
fn who_reads_late_gets_everything_in_order_and_is_heard_meanwhile() {
    let limits = Limits {
        sendq: 64 << 20,
        ..limits()
    };
    let server = Running::of(builder().limits(limits));
    let mut late = server.join("late");
    let mut bob = server.join("bob");
    // More than the sockets' buffers hold.
    const LINES: usize = 40_000;
    let text = "x".repeat(400);
    for number in 0..LINES {
        bob.send(&format!("PRIVMSG #lobby :{number} {text}"));
    }
    bob.sync();
    late.send("PRIVMSG bob :I am still here");
    bob.wait_for("PRIVMSG bob :I am still here");
    for number in 0..LINES {
        let line = late.wait_for(" PRIVMSG #lobby :");
        assert!(line.contains(&format!(" :{number} ")), "{number}: {line}");
    }
    late.sync();
}
