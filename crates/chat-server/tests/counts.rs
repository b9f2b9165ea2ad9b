//! What is counted instead of timed: allocations per message and per recipient, and the memory of an
//! idle client. A whole server with its sequencer is counted, from socket to socket; the clients
//! here allocate nothing themselves.

use std::alloc::System;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use chat_server::{Server, ServerHandle, config::Limits};
use stats_alloc::{INSTRUMENTED_SYSTEM, Stats, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations of one plain PRIVMSG to a channel, whatever the number of its members.
const PER_MESSAGE: f64 = 13.0;
/// Allocations that one more member may add: none; what is left is the growth of lists.
const PER_RECIPIENT: f64 = 0.05;
/// Bytes of an idle client, the state of the network at the server and at the sequencer included.
const PER_CLIENT: f64 = 1100.0;

/// A server without flood limits that puts nobody anywhere. It makes no index of words: that is done
/// at the server's own pace, and in one measurement more of it than in another.
fn server() -> ServerHandle {
    let limits = Limits {
        flood: None,
        ..Limits::default()
    };
    let store = chat_store::Config {
        search: false,
        ..chat_store::Config::default()
    };
    let builder = Server::builder().lobby("").limits(limits).store(store);
    builder.start().expect("the server starts")
}

/// Reads until what has come ends with `end`.
fn read_until(stream: &mut TcpStream, end: &str) {
    let mut last = [0; 64 * 1024];
    let mut length = 0;
    loop {
        let count = stream.read(&mut last[length..]).expect("it answers");
        assert!(count > 0, "closed while waiting for {end:?}");
        length += count;
        if last[..length].ends_with(end.as_bytes()) {
            return;
        }
        assert!(length < last.len(), "too much without {end:?}");
    }
}

fn come(address: SocketAddr, nick: &str, channel: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a timeout");
    write!(
        stream,
        "NICK {nick}\r\nUSER load 0 * :load\r\nJOIN {channel}\r\n"
    )
    .expect("it reads");
    read_until(&mut stream, ":End of /NAMES list\r\n");
    stream
}

/// Waits until nothing is allocated any more, or for two seconds, then says what was.
fn settled() -> Stats {
    let mut before = INSTRUMENTED_SYSTEM.stats();
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(50));
        let now = INSTRUMENTED_SYSTEM.stats();
        if now == before {
            break;
        }
        before = now;
    }
    before
}

/// The least of a few measurements: what the server does at its own pace meanwhile (the figures of
/// each second) can only add to one.
fn least(measure: impl Fn() -> f64) -> f64 {
    (0..3).map(|_| measure()).fold(f64::INFINITY, f64::min)
}

fn allocations(stats: Stats) -> usize {
    stats.allocations + stats.reallocations
}

/// Allocations per message to a channel with that many members.
fn per_message(members: usize) -> f64 {
    const MESSAGES: u32 = 200;
    let server = server();
    let address = server.local_addrs()[0];
    let mut crowd: Vec<TcpStream> = (0..members)
        .map(|number| come(address, &format!("member{number}"), "#room"))
        .collect();
    let mut before = 0;
    for number in 0..=MESSAGES {
        if number == 1 {
            // The first one fills what is kept for all.
            before = allocations(INSTRUMENTED_SYSTEM.stats());
        }
        crowd[0]
            .write_all(b"PRIVMSG #room :hello, all of you\r\n")
            .expect("it reads");
        for reader in &mut crowd[1..] {
            read_until(reader, "PRIVMSG #room :hello, all of you\r\n");
        }
    }
    let after = allocations(INSTRUMENTED_SYSTEM.stats());
    server.shutdown_blocking("done").expect("it ends");
    f64::from(u32::try_from(after - before).expect("few")) / f64::from(MESSAGES)
}

/// Bytes that an idle client takes.
fn per_client() -> f64 {
    const CLIENTS: u32 = 448;
    let server = server();
    let address = server.local_addrs()[0];
    let first = come(address, "first", "#first");
    let before = settled();
    let crowd: Vec<TcpStream> = (0..CLIENTS)
        .map(|number| {
            come(
                address,
                &format!("client{number}"),
                &format!("#room{}", number / 50),
            )
        })
        .collect();
    let after = settled();
    let held = |stats: Stats| stats.bytes_allocated - stats.bytes_deallocated;
    let bytes = held(after) - held(before) - crowd.capacity() * size_of::<TcpStream>();
    drop((first, crowd));
    server.shutdown_blocking("done").expect("it ends");
    f64::from(u32::try_from(bytes).expect("few")) / f64::from(CLIENTS)
}

/// One test, because the counts are those of the whole process.
#[test]
fn messages_recipients_and_idle_clients_cost_no_more_than_they_did() {
    let (few, many) = (least(|| per_message(5)), least(|| per_message(65)));
    let recipient = (many - few) / 60.0;
    let client = least(per_client);
    println!("{few:.2} per message, {recipient:.4} per recipient, {client:.0} bytes per client");
    assert!(few <= PER_MESSAGE, "{few:.2} allocations per message");
    assert!(
        recipient <= PER_RECIPIENT,
        "{recipient:.4} allocations per recipient"
    );
    assert!(client <= PER_CLIENT, "{client:.0} bytes per idle client");
}
