//! One message to many.

use chat_server::config::Limits;

use crate::client::Client;
use crate::harness::{Running, builder, limits, until};

#[test]
fn five_hundred_members_cost_one_rendering_per_variant() {
    const MEMBERS: usize = 500;
    let server = Running::of(builder().lobby("").capacity(600));
    let variants = [
        "",
        "server-time",
        "message-tags",
        "message-tags server-time",
    ];
    let mut members: Vec<Client> = (0..MEMBERS)
        .map(|number| {
            let mut member = server.join_with(&format!("m{number}"), variants[number % 4]);
            member.ask("JOIN #all");
            member
        })
        .collect();
    let mut ann = server.join("ann");
    ann.ask("JOIN #all");
    let before = server.handle().rendered();
    ann.send("PRIVMSG #all :hello all of you");
    ann.sync();
    assert_eq!(server.handle().rendered() - before, 4);
    for member in &mut members {
        assert!(
            member
                .wait_for("PRIVMSG")
                .ends_with("PRIVMSG #all :hello all of you")
        );
    }
}

#[test]
fn a_reader_who_does_not_read_is_cut_and_nobody_else_notices() {
    let limits = Limits {
        sendq: 64 << 10,
        ..limits()
    };
    let server = Running::of(builder().limits(limits));
    let mut slow = server.join("slow");
    let mut reader = server.join("reader");
    let mut writer = server.join("writer");
    slow.sync();
    reader.sync();
    // Enough for the kernel's buffers and the SendQ; the reader reads along.
    let text = "x".repeat(400);
    let mut sent = 0;
    let mut told = Vec::new();
    while server.handle().stats().totals.sendq_exceeded == 0 {
        for _ in 0..100 {
            writer.send(&format!("PRIVMSG #lobby :{sent} {text}"));
            let line = loop {
                let line = reader.line();
                if line.contains(" PRIVMSG ") {
                    break line;
                }
                told.push(line);
            };
            assert_eq!(
                line,
                format!(":writer!~writer@127.0.0.1 PRIVMSG #lobby :{sent} {text}")
            );
            sent += 1;
        }
        assert!(sent < 100_000, "never cut off");
    }
    told.retain(|line| line.contains(" QUIT "));
    if told.is_empty() {
        // It is decided a moment after it was counted.
        told.push(reader.wait_for(" QUIT "));
    }
    assert_eq!(told, [":slow!~slow@127.0.0.1 QUIT :SendQ exceeded"]);
    let rest = slow.rest();
    assert!(rest.len() > 100, "what was on its way arrived");
    assert!(
        rest.iter().rev().skip(1).all(|line| line.len() > 400),
        "and is whole"
    );
    until("the place is free", || {
        server.handle().stats().totals.places_taken == 2
    });
}
