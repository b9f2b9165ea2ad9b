//! A whole server, from socket to socket. Its clients are another process, so that what they take is
//! not counted.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use chat_server::{Server, config::Limits};

/// Members of the channel; one of them talks.
const MEMBERS: usize = 501;

const HELLO: &str = "PRIVMSG #room :What everyone in the channel has been waiting for\r\n";

/// A server without flood limits, and clients that do `what` so many times. It makes no index of
/// words: that is done at its own pace.
pub(crate) fn server(what: &str, times: u32) {
    let limits = Limits {
        flood: None,
        ..Limits::default()
    };
    let store = chat_store::Config {
        search: false,
        ..chat_store::Config::default()
    };
    let builder = Server::builder().lobby("").limits(limits).store(store);
    let server = builder.start().expect("the server starts");
    let address = server.local_addrs()[0].to_string();
    let own = std::env::current_exe().expect("this program has a path");
    let clients = Command::new(own)
        .args(["clients", what, &times.to_string(), &address])
        .status();
    assert!(clients.expect("they start").success(), "the clients failed");
    server.shutdown_blocking("done").expect("it ends");
}

/// What the other process does.
pub(crate) fn clients(what: &str, times: u32, address: &str) {
    match what {
        "deliver" => deliver(times, address),
        "visit" => (0..times).for_each(|_| visit(address)),
        "history" => history(times, address),
        other => panic!("clients do not {other}"),
    }
}

/// A message to everyone, again when everyone has it.
fn deliver(times: u32, address: &str) {
    let mut crowd: Vec<TcpStream> = (0..MEMBERS)
        .map(|number| come(address, &format!("member{number}")))
        .collect();
    for _ in 0..times {
        say(&mut crowd[0], HELLO);
        for reader in &mut crowd[1..] {
            read_until(reader, HELLO);
        }
    }
}

/// Somebody connects, registers, joins and quits.
fn visit(address: &str) {
    let mut guest = come(address, "guest");
    say(&mut guest, "QUIT :done\r\n");
    let mut rest = Vec::new();
    guest.read_to_end(&mut rest).expect("it is closed");
}

/// Pages of a hundred messages.
fn history(times: u32, address: &str) {
    let mut reader = come(address, "reader");
    say(
        &mut reader,
        "CAP REQ :draft/chathistory batch server-time message-tags\r\n",
    );
    (0..200).for_each(|_| say(&mut reader, HELLO));
    say(&mut reader, "PING :said\r\n");
    read_until(&mut reader, ":said\r\n");
    for _ in 0..times {
        say(
            &mut reader,
            "CHATHISTORY LATEST #room * 100\r\nPING :page\r\n",
        );
        read_until(&mut reader, ":page\r\n");
    }
}

fn come(address: &str, nick: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_nodelay(true).expect("a TCP socket");
    say(
        &mut stream,
        &format!("NICK {nick}\r\nUSER load 0 * :load\r\nJOIN #room\r\n"),
    );
    read_until(&mut stream, ":End of /NAMES list\r\n");
    stream
}

fn say(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).expect("it reads");
}

/// Reads until what has come ends with `end`.
fn read_until(stream: &mut TcpStream, end: &str) {
    let mut buffer = [0; 64 * 1024];
    let mut tail: Vec<u8> = Vec::new();
    while !tail.ends_with(end.as_bytes()) {
        let count = stream.read(&mut buffer).expect("it answers");
        assert!(count > 0, "closed while waiting for {end:?}");
        tail.extend_from_slice(&buffer[..count]);
        let kept = tail.len().saturating_sub(end.len());
        tail.drain(..kept);
    }
}
