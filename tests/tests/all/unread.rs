//! What nobody reads, and what cannot be written, ends no chat.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use chat_tests::{Client, Folder, signal_process, until};
use rusqlite::Connection;
use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit};

#[test]
fn a_launcher_whose_output_nobody_reads_goes_on() {
    let folder = Folder::new();
    let mut command = folder.command("chat-launcher");
    command.args(["--servers", "2", "--listen", "127.0.0.1:0", "--database"]);
    let mut launcher = command
        .arg(folder.database())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(launcher.stdout.take().expect("piped")).lines();
    let mut server = None;
    let address = loop {
        let line = lines.next().expect("more comes").expect("UTF-8");
        if let Some(rest) = line.strip_prefix("Server-1 is up (process ") {
            server = rest.trim_end_matches(')').parse().ok();
        } else if let Some(address) = line.strip_prefix("Connect to ") {
            break address.parse().expect("an address");
        }
    };
    // From here on both pipes are closed, and the launcher has something to say.
    drop(lines);
    drop(launcher.stderr.take());
    signal_process(server.expect("Server-1 is up"), Signal::KILL);
    let mut number = 0;
    until("Server-1 is there again", || {
        number += 1;
        Client::in_lobby(address, &format!("n{number}")).server() == "Server-1"
    });
    signal_process(launcher.id(), Signal::TERM);
    assert!(launcher.wait().expect("our own child").success());
}

#[test]
fn what_cannot_be_written_is_held_and_written_later() {
    let folder = Folder::new();
    let mut launcher = folder.launcher(&["--servers", "2"]);
    let mut writer = Client::in_lobby(launcher.address(), "writer");
    let mut reader = Client::in_lobby(launcher.address(), "reader");
    // As on a full disk: nothing more fits into any file.
    limit_files(launcher.id(), Some(0));
    for number in 0..3 {
        writer.send(&format!("PRIVMSG #lobby :held {number}"));
        reader.wait_for(&format!("held {number}"));
    }
    launcher.output("the database can't be written");
    until("who asks is told", || {
        writer.send("STATS l");
        let lines = writer.barrier("stats");
        let told = |line: &String| line.contains("The database cannot be written: ");
        lines.iter().any(told)
    });
    let other = Connection::open(folder.database()).expect("the database opens");
    let stored = || -> i64 {
        let query = "SELECT count(*) FROM messages WHERE text LIKE 'held %'";
        let count = other.query_row(query, [], |row| row.get(0));
        count.expect("the table is there")
    };
    assert_eq!(stored(), 0, "nothing can be written");
    limit_files(launcher.id(), None);
    launcher.output("the database is written again");
    assert_eq!(stored(), 3);
    until("it is over", || {
        writer.send("STATS l");
        let lines = writer.barrier("stats");
        !lines.iter().any(|line| line.contains("cannot be written"))
    });
    assert!(launcher.stop().success());
}

/// How large a file may be that the process writes; `None`: as large as it likes.
fn limit_files(process: u32, current: Option<u64>) {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    let limit = Rlimit {
        current,
        maximum: None,
    };
    prlimit(process, Resource::Fsize, limit).expect("it is our own child");
}
