//! NickServ and ChanServ, byte for byte.

mod chanserv;
mod nickserv;

use chat_network::Rights;
use chat_server::Config;
use chat_server::config::Accounts;

use crate::accounts::{account, logged_in, with};
use crate::client::Client;
use crate::harness::{Running, become_operator, builder, limits, operator, until};

/// What a service says to a line.
fn says(client: &mut Client, line: &str) -> String {
    client
        .ask(line)
        .iter()
        .filter(|line| line.contains("Serv@localhost NOTICE "))
        .filter_map(|line| line.split_once(" :").map(|(_, text)| text.to_owned()))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Somebody who is logged in.
fn ann(server: &Running) -> Client {
    account(server, "ann", "sesame");
    logged_in(server, "ann", "ann", "sesame")
}

/// A client that has become an operator with all rights.
fn root(server: &Running) -> Client {
    let mut root = server.join("root");
    become_operator(&mut root, "root");
    root
}

/// A server without a lobby, and with an operator.
fn operated() -> Running {
    Running::of(builder().config(Config {
        name: "irc.test".to_owned(),
        lobby: String::new(),
        limits: limits(),
        operators: vec![operator("root", Rights::all())],
        ..Config::default()
    }))
}

#[test]
fn they_answer_to_their_names_and_their_commands() {
    let server = Running::quiet();
    let mut client = server.join("bob");
    for line in [
        "NS INFO",
        "NICKSERV INFO",
        "ns :info",
        "PRIVMSG NickServ :INFO",
        "PRIVMSG nickserv info",
    ] {
        client.send(line);
        let source = ":NickServ!NickServ@localhost";
        client.expect(&format!(
            "{source} NOTICE bob :You are not logged in to an account"
        ));
    }
    let source = ":ChanServ!ChanServ@localhost";
    client.send("CS INFO #none");
    client.expect(&format!("{source} NOTICE bob :There is no such channel"));
    client.send("NS");
    client.expect(":irc.test 412 bob :No text to send");
    client.send("NS FROBNICATE");
    client.wait_for("NOTICE bob :I do not know that word.");
    client.send("NS REGISTER");
    client.wait_for("NOTICE bob :Usage: REGISTER <password>");
    client.send("NS SET ALWAYS-ON on");
    client.wait_for("NOTICE bob :You are not logged in to an account");
    // Nothing is answered to a NOTICE.
    assert!(client.ask("NOTICE NickServ :INFO").is_empty());
    client.send("PRIVMSG NickServ :\u{1}VERSION\u{1}");
    client.wait_for(" NOTICE bob :\u{1}VERSION chat-server-");
}

#[test]
fn they_help() {
    let server = Running::quiet();
    let mut client = server.join("bob");
    let text = says(&mut client, "NS HELP");
    assert!(
        text.contains("REGISTER") && text.contains("GHOST"),
        "{text}"
    );
    assert!(!text.contains("SAREGISTER"), "{text}");
    let text = says(&mut client, "CS HELP amode");
    assert!(text.contains("AMODE") && text.contains("+o"), "{text}");
    assert!(says(&mut client, "NS HELP nothing").contains("do not know"));
}

#[test]
fn nobody_takes_their_names() {
    let server = Running::quiet();
    let mut client = server.connect();
    client.wait_for("NOTICE");
    client.send("NICK NickServ");
    client.wait_for(" 432 ");
    client.send("NICK bob\r\nUSER b 0 * :B");
    client.wait_for(" 001 ");
    client.sync();
    client.send("NICK chanserv");
    client.wait_for(" 432 bob chanserv :");
    let whois = client.ask("WHOIS NickServ").join("\n");
    assert!(
        whois.contains(" 311 bob NickServ NickServ localhost * :"),
        "{whois}"
    );
    assert!(whois.contains(" 318 bob NickServ "), "{whois}");
}

#[test]
fn nothing_of_it_is_kept_as_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("storage.db");
    let server = Running::of(with(Accounts::default()).database(&path));
    account(&server, "ann", "sesame");
    let mut client = server.join("bob");
    client.ask("PRIVMSG NickServ :IDENTIFY ann sesame");
    client.ask("PRIVMSG bob :marker");
    let reader = chat_store::Reader::open(&path).unwrap();
    until("the marker is kept", || {
        reader.message_count().is_ok_and(|count| count == 1)
    });
    server.stop("over");
    let bytes = std::fs::read(&path).unwrap();
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(holds(b"marker") && !holds(b"sesame"));
}
