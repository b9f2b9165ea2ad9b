//! Whatever a client sends, it gets a clear answer, nobody else is disturbed, nothing bad is passed on.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use chat_tests::{Client, Folder, PATIENCE};

#[test]
fn bad_lines_are_answered_and_never_relayed() {
    let folder = Folder::new();
    let mut server = folder.server(&[]);
    let mut bad = Client::in_lobby(server.address(), "bad");
    let mut good = Client::in_lobby(server.address(), "good");

    bad.send(&format!("PRIVMSG #lobby :{}", "x".repeat(600)));
    bad.wait_for(" 417 bad ");
    bad.send_bytes(b"PRIVMSG #lobby :bytes \xff\xfe\r\n");
    bad.wait_for("INVALID_UTF8");
    bad.send_bytes(b"PRIVMSG #lobby :with a \0 inside\r\n");
    bad.send_bytes(b"PRIVMSG #lobby :with a \r inside\r\n");
    bad.send("NONSENSE");
    bad.wait_for(" 421 bad NONSENSE ");
    bad.send("JOIN");
    bad.wait_for(" 461 bad JOIN ");
    bad.send("NICK good");
    bad.wait_for(" 433 bad good ");
    bad.send("NICK #1st");
    bad.wait_for(" 432 bad #1st ");
    for rating in ["0", "6", "five", "-1", "5.5", ""] {
        bad.send(&format!("RATE {rating}"));
        let word = if rating.is_empty() {
            " 461 "
        } else {
            "FAIL RATE "
        };
        bad.wait_for(word);
    }
    bad.send("PRIVMSG #lobby :a good end");
    let mut lines = Vec::new();
    loop {
        let line = good.line().expect("good stays");
        let end = line.contains("a good end");
        lines.push(line);
        if end {
            break;
        }
    }
    for word in ["xxxx", "bytes", "inside"] {
        assert!(
            !lines.iter().any(|line| line.contains(word)),
            "{word} was relayed: {lines:#?}"
        );
    }
    assert!(server.stop().success());
    let database = rusqlite::Connection::open(folder.database()).expect("opens");
    let ratings: i64 = database
        .query_row("SELECT COUNT(*) FROM ratings", [], |row| row.get(0))
        .expect("the table");
    assert_eq!(ratings, 0, "a refused rating is not counted");
}

#[test]
fn a_megabyte_without_newline_is_cut_off_and_memory_stays_flat() {
    let folder = Folder::new();
    let server = folder.server(&[]);
    let mut good = Client::in_lobby(server.address(), "good");
    let before = resident_kib(server.id());
    for _ in 0..20 {
        let mut stream = TcpStream::connect(server.address()).expect("accepts");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time");
        let block = vec![b'a'; 64 << 10];
        // The server may close before all is written.
        for _ in 0..16 {
            if stream.write_all(&block).is_err() {
                break;
            }
        }
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
    }
    let after = resident_kib(server.id());
    assert!(
        after < before + 4096,
        "{before} KiB before, {after} KiB after"
    );
    good.barrier("still-there");
}

#[test]
fn quit_before_registration_is_answered_with_error() {
    let folder = Folder::new();
    let server = folder.server(&[]);
    let mut client = Client::connect(server.address());
    client.send("QUIT :never mind");
    let lines = client.rest();
    assert!(
        lines.iter().any(|line| line.starts_with("ERROR ")),
        "{lines:?}"
    );
}

#[test]
fn random_bytes_disturb_nobody() {
    let folder = Folder::new();
    let server = folder.server(&[]);
    let mut good = Client::in_lobby(server.address(), "good");
    // A fixed generator: the same bytes on every run.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..50 {
        let mut stream = TcpStream::connect(server.address()).expect("accepts");
        let block: Vec<u8> = (0..4096)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                if state.is_multiple_of(40) {
                    b'\n'
                } else {
                    state.to_le_bytes()[3]
                }
            })
            .collect();
        let _ = stream.write_all(&block);
    }
    good.send("PRIVMSG #lobby :unharmed");
    good.barrier("still-there");
}

fn resident_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("a field");
    line.split_whitespace()
        .nth(1)
        .and_then(|value| value.parse().ok())
        .expect("a number")
}
