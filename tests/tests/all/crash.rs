//! A server that is killed under load: everybody else gets everything, once, in order, and
//! whatever anybody saw is in the database.

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;

use chat_tests::{Client, Folder, board, signal_process, until};
use rusqlite::{Connection, OpenFlags};
use rustix::process::Signal;

const MESSAGES: usize = 2_000;

#[test]
fn a_killed_server_costs_nobody_else_a_message() {
    let folder = Folder::new();
    let instance = format!("killed-{}", std::process::id());
    let config = folder.load_config();
    let mut launcher = folder.launcher(&[
        "--servers",
        "3",
        "--config",
        &config,
        "--instance",
        &instance,
    ]);
    let address = launcher.address();
    let mut sender = Client::in_lobby(address, "sender");
    let mut reader = Client::in_lobby(address, "reader");
    let mut victim = Client::in_lobby(address, "victim");
    let homes: BTreeSet<String> = [&sender, &reader, &victim].map(Client::server).into();
    assert_eq!(homes.len(), 3, "each is on a server of its own");
    let home = victim.server();
    let process = launcher.server_process(&home);

    let sending = thread::spawn(move || {
        for number in 0..MESSAGES {
            sender.send(&format!("PRIVMSG #lobby :load {number}"));
            if number == MESSAGES / 4 {
                signal_process(process, Signal::KILL);
            }
        }
        sender.barrier("sent");
        sender
    });
    let victim = thread::spawn(move || {
        // Its connection ends with its server; what it saw before counts as seen.
        victim.rest()
    });
    let texts = loads_until_all_came_and_victim_left(&mut reader);
    let _sender = sending.join().expect("the sender stays");

    let mut seen = victim.join().expect("the victim's thread");
    seen.extend(texts);
    assert_all_stored(&folder, &seen);

    // The server comes back, and people with it.
    launcher.output(&format!("{home} is down"));
    assert_slot_cleared(&instance, &home);
    launcher.output(&format!("{home} is up"));
    let mut back = Client::in_lobby(address, "victim");
    assert_eq!(
        back.server(),
        home,
        "the empty server has the fewest connections"
    );
    back.send("PRIVMSG #lobby :here again");
    reader.wait_for("here again");
    assert!(launcher.stop().success());
}

/// Nobody is counted on a server that is down.
fn assert_slot_cleared(instance: &str, server: &str) {
    let snapshot = board(instance).snapshot();
    let figures = snapshot
        .servers
        .iter()
        .find(|figures| figures.name() == server);
    let figures = figures.expect("a slot for each server");
    assert_eq!((figures.now, figures.places_taken), (0, 0));
}

/// Reads until every message of the load and the victim's leaving have come, each once.
fn loads_until_all_came_and_victim_left(reader: &mut Client) -> Vec<String> {
    let mut texts = Vec::new();
    let mut left = false;
    while texts.len() < MESSAGES || !left {
        let line = reader.line().expect("the reader stays");
        if line.starts_with(":victim!") && line.contains(" QUIT ") {
            assert!(!left, "the victim left twice");
            left = true;
        }
        if let Some(start) = line.find(":load ") {
            texts.push(line[start..].to_owned());
        }
    }
    let expected: Vec<String> = (0..MESSAGES)
        .map(|number| format!(":load {number}"))
        .collect();
    assert!(
        texts == expected,
        "the reader missed something, or saw it twice"
    );
    texts
}

/// Whatever anyone saw is stored.
fn assert_all_stored(folder: &Folder, seen: &[String]) {
    let stored = stored_texts(folder);
    for line in seen {
        if let Some(start) = line.find(":load ") {
            assert!(
                stored.contains(&line[start + 1..]),
                "{line} was seen and not stored"
            );
        }
    }
}

fn stored_texts(folder: &Folder) -> BTreeSet<String> {
    let database = Connection::open_with_flags(folder.database(), OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("the database opens");
    let mut statement = database
        .prepare("SELECT text FROM messages")
        .expect("the table");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|text| text.expect("a text")).collect()
}

#[test]
fn without_its_shared_memory_the_chat_goes_on() {
    let folder = Folder::new();
    let instance = format!("unlinked-{}", std::process::id());
    let mut launcher = folder.launcher(&["--servers", "2", "--instance", &instance]);
    let address = launcher.address();
    let mut one = Client::in_lobby(address, "one");
    let two = Client::in_lobby(address, "two");
    let user = rustix::process::getuid().as_raw();
    std::fs::remove_file(format!("/dev/shm/client_status.{user}.{instance}")).expect("it is there");
    let process = launcher.server_process(&two.server());
    signal_process(process, Signal::KILL);
    launcher.output(&format!("{} is down", two.server()));
    launcher.output(&format!("{} is up", two.server()));
    let mut back = Client::in_lobby(address, "back");
    back.send("PRIVMSG #lobby :still here");
    one.wait_for("still here");
    assert!(launcher.stop().success());
}

#[test]
fn a_killed_launcher_takes_its_servers_along_and_the_next_start_is_clean() {
    let folder = Folder::new();
    let mut launcher = folder.launcher(&["--servers", "2", "--instance", "crash"]);
    let processes = ["Server-1", "Server-2"].map(|name| launcher.server_process(name));
    let mut client = Client::in_lobby(launcher.address(), "witness");
    launcher.signal(Signal::KILL);
    launcher.ended();
    // The client's connection ends, so nobody believes to be in a chat that is gone.
    client.rest();
    for process in processes {
        let process = format!("/proc/{process}");
        until("a server ends with its launcher", || {
            !Path::new(&process).exists()
        });
    }
    let mut launcher = folder.launcher(&["--servers", "2", "--instance", "crash"]);
    let client = Client::in_lobby(launcher.address(), "witness");
    drop(client);
    assert!(launcher.stop().success());
}
