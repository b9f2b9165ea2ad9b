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

/// What comes in one packet is decided together, so several messages to a channel are delivered at once.
#[test]
fn messages_that_come_together_are_delivered_in_order_to_everyone_who_gets_them() {
    const MESSAGES: usize = 40;
    let server = Running::quiet();
    let mut plain = server.join("plain");
    let mut tags = server.join_with("tags", "message-tags");
    let mut ann = server.join("ann");
    let mut echo = server.join_with("echo", "echo-message message-tags labeled-response batch");
    for client in [&mut plain, &mut tags, &mut ann, &mut echo] {
        client.ask("JOIN #all");
    }
    plain.ask("MODE #all -t");
    for client in [&mut tags, &mut ann, &mut echo] {
        client.sync();
    }
    let said = |from: &str| -> String {
        let line = |number| match (from, number % 10) {
            (_, 3) => format!("NOTICE #all :{from} {number}\r\n"),
            ("echo", 5) => "@+a=b TAGMSG #all\r\n".to_owned(),
            ("echo", 6) => format!("@label=l{number} PRIVMSG #all :{from} {number}\r\n"),
            (_, 7) => format!("TOPIC #all :{from} {number}\r\n"),
            ("echo", 8) => format!("PRIVMSG plain :{from} {number}\r\n"),
            _ => format!("PRIVMSG #all :{from} {number}\r\n"),
        };
        (0..MESSAGES).map(line).collect()
    };
    ann.send_bytes(said("ann").as_bytes());
    echo.send_bytes(said("echo").as_bytes());
    ann.sync();
    let own = echo.sync();
    let read = |client: &mut Client, from: &str| -> Vec<String> {
        let mark = format!(":{from}!");
        let of = |line: &String| line.contains(&mark) && !line.contains(" PONG ");
        client.sync().into_iter().filter(of).collect()
    };
    let numbers = |lines: &[String], from: &str| -> Vec<usize> {
        let number = |line: &String| line.rsplit_once(&format!(":{from} "))?.1.parse().ok();
        lines.iter().filter_map(number).collect()
    };
    let all: Vec<usize> = (0..MESSAGES).collect();
    let tagged = |number: &usize| number % 10 == 5;
    let to_channel = |number: &usize| number % 10 != 8;
    let without_tagmsg: Vec<usize> = all.iter().copied().filter(|n| !tagged(n)).collect();
    // The sender gets its own as answers, those with a label with theirs.
    assert_eq!(numbers(&own, "echo"), without_tagmsg);
    let labeled = |line: &&String| line.starts_with("@label=l");
    assert_eq!(own.iter().filter(labeled).count(), MESSAGES / 10);
    // Who knows no tags gets all but the TAGMSGs, and between them what was said to it alone.
    let lines = read(&mut plain, "echo");
    assert_eq!(numbers(&lines, "echo"), without_tagmsg);
    assert!(lines.iter().all(|line| !line.contains("TAGMSG")));
    let lines = read(&mut tags, "echo");
    assert_eq!(
        lines.iter().filter(|line| line.contains("TAGMSG")).count(),
        4
    );
    let seen: Vec<usize> = without_tagmsg.iter().copied().filter(to_channel).collect();
    assert_eq!(numbers(&lines, "echo"), seen);
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with("@msgid=") || line.contains(" TOPIC "))
    );
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
