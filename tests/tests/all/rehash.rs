//! The configuration file read again, for REHASH and SIGHUP, on one server and on three.

use std::fs;
use std::path::PathBuf;

use chat_tests::{Client, Folder, Program, signal_process, until};
use rustix::process::Signal;

const START: &str = "[server]\nlisten = [\"127.0.0.1:0\"]\nmotd = \"the first\"\n\
                     [launcher]\nservers = 3\n[[operator]]\nname = \"root\"\npassword = \"sesame\"\n";

fn write(folder: &Folder, text: &str) -> PathBuf {
    let path = folder.path().join("chat.toml");
    fs::write(&path, text).expect("the folder is writable");
    path
}

fn started(folder: &Folder, name: &str) -> Program {
    let path = write(folder, START).into_os_string();
    let config = path.into_string().expect("a UTF-8 path");
    match name {
        "chat-launcher" => folder.launcher(&["--config", &config]),
        _ => folder.server(&["--config", &config]),
    }
}

fn motd(client: &mut Client) -> String {
    client.send("MOTD");
    client.wait_for(" 372 ")
}

/// Waits until the server of a client has come to the entry of the journal that brings this.
fn knows(client: &mut Client, text: &str) {
    let end = format!(":- {text}");
    until(text, || motd(client).ends_with(&end));
}

/// What a REHASH comes to, after the line that it is under way.
fn rehash(root: &mut Client) -> Vec<String> {
    root.send("REHASH");
    root.wait_for(" 382 root chat.toml :Rehashing");
    let mut told = Vec::new();
    loop {
        told.push(root.wait_for(":REHASH: "));
        let last = told.last().expect("just pushed");
        if last.ends_with("holds on all servers") || last.ends_with("nothing has changed") {
            return told;
        }
    }
}

fn holds_everywhere(program: &str, count: usize) {
    let folder = Folder::new();
    let mut running = started(&folder, program);
    let names: Vec<String> = (0..count).map(|number| format!("n{number}")).collect();
    let join = |nick: &String| Client::in_lobby(running.address(), nick);
    let mut others: Vec<Client> = names.iter().map(join).collect();
    let mut root = Client::in_lobby(running.address(), "root");
    root.send("OPER root sesame");
    root.wait_for(" 381 ");
    assert!(motd(&mut root).ends_with(":- the first"));

    let second = START.replace("the first", "the second");
    write(
        &folder,
        &second.replace("[launcher]", "name = \"other.name\"\n[launcher]"),
    );
    let told = rehash(&mut root);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("[server] name is what it was"), "{told:?}");
    others
        .iter_mut()
        .for_each(|client| knows(client, "the second"));

    // A wrong file changes nothing; what is wrong is told without what stands there.
    write(&folder, &format!("{second}class = sesame\n"));
    let told = rehash(&mut root);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("chat.toml: line 9: "), "{told:?}");
    assert!(!told[0].contains("sesame"), "{told:?}");
    running.output("chat.toml: line 9: ");
    assert!(motd(&mut root).ends_with(":- the second"));

    // SIGHUP does the same with nobody asking; the operator is none any more.
    let end = second.find("[[operator]]").expect("it is there");
    write(&folder, &second[..end].replace("the second", "the third"));
    running.signal(Signal::HUP);
    root.wait_for(" MODE root -o");
    for client in others.iter_mut().chain([&mut root]) {
        knows(client, "the third");
    }
    assert!(running.stop().success());
}

#[test]
fn it_holds_on_a_lone_server() {
    holds_everywhere("chat-server", 1);
}

#[test]
fn it_holds_on_three_servers() {
    holds_everywhere("chat-launcher", 3);
}

#[test]
fn a_server_that_is_started_again_knows_it() {
    let folder = Folder::new();
    let mut running = started(&folder, "chat-launcher");
    let mut root = Client::in_lobby(running.address(), "root");
    root.send("OPER root sesame");
    root.wait_for(" 381 ");
    write(&folder, &START.replace("the first", "the second"));
    rehash(&mut root);
    let own = root.server();
    let other = if own == "Server-1" {
        "Server-2"
    } else {
        "Server-1"
    };
    signal_process(running.server_process(other), Signal::KILL);
    running.output(&format!("{other} is down"));
    running.output(&format!("{other} is up"));
    // Each server gets one of the next three.
    let mut late = Vec::new();
    for number in 0..3 {
        let mut client = Client::in_lobby(running.address(), &format!("late{number}"));
        assert!(motd(&mut client).ends_with(":- the second"));
        late.push(client);
    }
    let there = late.iter().any(|client| client.server() == other);
    assert!(there, "nobody came to the server that was started again");
    assert!(running.stop().success());
}
