//! Three servers behind one address are one chat.

use std::collections::BTreeMap;

use chat_tests::{Client, Folder, until};

/// Connects `count` clients that land in the lobby; each knows its server.
fn crowd(program: &chat_tests::Program, count: usize) -> Vec<Client> {
    (0..count)
        .map(|number| Client::in_lobby(program.address(), &format!("guest{number}")))
        .collect()
}

fn per_server(clients: &[Client]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for client in clients {
        *counts.entry(client.server()).or_insert(0) += 1;
    }
    counts
}

fn three_servers(approach: &str, algorithm: &str) {
    let folder = Folder::new();
    let mut launcher = folder.launcher(&[
        "--servers",
        "3",
        "--approach",
        approach,
        "--algorithm",
        algorithm,
    ]);
    let mut clients = crowd(&launcher, 6);
    let counts = per_server(&clients);
    let expected: Vec<(String, usize)> = (1..=3)
        .map(|number| (format!("Server-{number}"), 2))
        .collect();
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected);

    clients[0].send("PRIVMSG #lobby :hello to all servers");
    for client in &mut clients[1..] {
        let line = client.wait_for("hello to all servers");
        assert!(line.starts_with(":guest0!"), "{line}");
        assert!(line.contains(" PRIVMSG #lobby "), "{line}");
    }
    // A message to one person, on whichever server.
    clients[5].send("PRIVMSG guest1 :for you alone");
    clients[1].wait_for("for you alone");
    assert!(launcher.stop().success());
}

#[test]
fn three_servers_by_process_and_least_connection() {
    three_servers("process", "least-connection");
}

#[test]
fn three_servers_by_process_and_round_robin() {
    three_servers("process", "round-robin");
}

#[test]
fn three_servers_by_fork_and_least_connection() {
    three_servers("fork", "least-connection");
}

#[test]
fn three_servers_by_fork_and_round_robin() {
    three_servers("fork", "round-robin");
}

#[test]
fn the_greeting_comes_first_and_names_the_server() {
    let folder = Folder::new();
    let launcher = folder.launcher(&["--servers", "1"]);
    let mut client = Client::connect(launcher.address());
    let line = client.line().expect("a greeting");
    assert!(
        line.ends_with("NOTICE * :*** You are on Server-1"),
        "{line}"
    );
}

#[test]
fn the_fleet_has_one_name_on_the_wire() {
    let folder = Folder::new();
    let launcher = folder.launcher(&["--servers", "2"]);
    let mut clients = crowd(&launcher, 2);
    let sources: Vec<String> = clients
        .iter_mut()
        .map(|client| {
            let lines = client.barrier("name");
            drop(lines);
            client.send("VERSION");
            let line = client.wait_for(" 351 ");
            line.split(' ').next().expect("a source").to_owned()
        })
        .collect();
    assert_eq!(sources[0], sources[1]);
    // WHOIS tells which server someone is on, also across servers.
    let other = clients[1].server();
    clients[0].send("WHOIS guest1");
    let line = clients[0].wait_for(" 312 ");
    assert!(line.contains(&other), "{line}");
}

#[test]
fn all_servers_full_is_told_and_counted() {
    let folder = Folder::new();
    let launcher = folder.launcher(&["--servers", "2", "--capacity", "1"]);
    let mut clients = crowd(&launcher, 2);
    let mut third = Client::connect(launcher.address());
    let lines = third.rest();
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("ERROR :All servers are full")),
        "{lines:?}"
    );
    // A place that is given back can be taken again.
    clients[1].send("QUIT");
    clients[1].rest();
    clients[0].wait_for(" QUIT ");
    // It is given back when the connection is really over, a moment after its last line.
    until("the place is given back", || {
        let mut fourth = Client::connect(launcher.address());
        let greeting = fourth.line().expect("a greeting, or the refusal");
        greeting.contains("You are on Server-")
    });
}

#[test]
fn a_direct_port_leads_to_its_own_server() {
    let folder = Folder::new();
    let mut launcher = folder.launcher(&["--servers", "2", "--ports", "0,0"]);
    let all = launcher.seen().join("\n");
    for number in [2, 1] {
        let line = all
            .lines()
            .find(|line| line.starts_with(&format!("Server-{number} is up")))
            .expect("the server came up");
        let address = line
            .rsplit(' ')
            .next()
            .expect("its address")
            .parse()
            .expect("an address");
        let client = Client::in_lobby(address, &format!("direct{number}"));
        assert_eq!(client.server(), format!("Server-{number}"));
    }
    assert!(launcher.stop().success());
}
