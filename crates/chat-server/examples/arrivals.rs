//! What coming and going takes in whole servers, to be counted by callgrind: so many visits and nothing
//! else.
//!
//! `arrivals one TIMES`, or `arrivals fleet TIMES` for three servers behind a hub's socket. A visit
//! is connect, register, join, quit; 32 clients come at a time. Everything is in this one process,
//! the clients, which are a few system calls each, as well. `arrivals messages TIMES` and `arrivals
//! fleet-messages TIMES` are messages in a room of ten, one at a time.

use std::cell::RefCell;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use chat_journal::{Journal, Link, Role, Setup};
use chat_network::{Limits, Position, ServerId};
use chat_server::{Config, Parts, config};
use chat_stats::{Board, SlotSetup};
use chat_store::Reader;
use chat_transport::Listener;
use tokio::sync::oneshot;

/// Clients that come at the same time.
const AT_ONCE: usize = 32;
/// Members of a room.
const MEMBERS: usize = 10;

/// What may fail here for any reason.
type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A thread that ends when it is told to.
struct Running {
    stop: oneshot::Sender<String>,
    thread: JoinHandle<Fallible<()>>,
}

impl Running {
    fn start<F: Future<Output = Fallible<()>>>(
        run: impl FnOnce(oneshot::Receiver<String>) -> F + Send + 'static,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(run(stopped))
        });
        Self { stop, thread }
    }

    fn end(self) -> Fallible<()> {
        let _ = self.stop.send("done".into());
        self.thread.join().map_err(|_| "a thread has panicked")?
    }
}

/// The hub, on a thread of its own.
fn hub(socket: &Path) -> Fallible<(Running, Reader)> {
    let store = chat_store::Config {
        search: false,
        ..chat_store::Config::default()
    };
    let (writer, reader) = chat_store::open(&store)?;
    let setup = Setup::new(Limits::default(), writer, Position(1)).hub_socket(socket);
    let (told, listens) = mpsc::sync_channel(1);
    let running = Running::start(move |stopped| async move {
        let journal = Journal::start(setup)?;
        told.send(())?;
        let _ = stopped.await;
        journal.shutdown().await;
        Ok(())
    });
    listens.recv()?;
    Ok((running, reader))
}

/// One server, linked to the hub, and where it listens.
fn server(
    number: u16,
    socket: &Path,
    reader: Reader,
    board: Board,
) -> Fallible<(Running, SocketAddr)> {
    let socket = socket.to_owned();
    let (told, listens) = mpsc::sync_channel(1);
    let running = Running::start(move |stopped| async move {
        let listener = Listener::bind(&[(Ipv4Addr::LOCALHOST, 0).into()])?;
        let link = Link::connect(&socket, Role::Server(ServerId(number))).await?;
        told.send(listener.local_addrs()[0])?;
        let parts = Parts {
            config: Config {
                server: number,
                lobby: String::new(),
                limits: config::Limits {
                    flood: None,
                    ..config::Limits::default()
                },
                ..Config::default()
            },
            link,
            board,
            reader: Some(reader),
            courier: None,
            rendered: Arc::default(),
        };
        let stop = async { stopped.await.unwrap_or_default() };
        Ok(chat_server::run(parts, listener, stop).await?)
    });
    Ok((running, listens.recv()?))
}

thread_local! {
    /// What the clients read into.
    static READ: RefCell<Vec<u8>> = RefCell::new(vec![0; 16 * 1024]);
}

/// Reads until what comes ends with `end`; an empty one means until it is over.
fn read_until(stream: &mut TcpStream, end: &str) -> Fallible<()> {
    READ.with_borrow_mut(|last| read_into(last, stream, end))
}

fn read_into(last: &mut [u8], stream: &mut TcpStream, end: &str) -> Fallible<()> {
    let mut length = 0;
    loop {
        let count = stream.read(&mut last[length..])?;
        if count == 0 {
            return if end.is_empty() {
                Ok(())
            } else {
                Err(format!("closed while waiting for {end:?}").into())
            };
        }
        length += count;
        if !end.is_empty() && last[..length].ends_with(end.as_bytes()) {
            return Ok(());
        }
        if length == last.len() {
            return Err("too much".into());
        }
    }
}

fn come(addresses: &[SocketAddr], number: usize) -> Fallible<TcpStream> {
    let mut stream = TcpStream::connect(addresses[number % addresses.len()])?;
    stream.write_all(format!("NICK visitor{number}\r\nUSER load 0 * :load\r\n").as_bytes())?;
    Ok(stream)
}

fn visits(addresses: &[SocketAddr], times: usize) -> Fallible<()> {
    for first in (0..times).step_by(AT_ONCE) {
        let numbers = first..times.min(first + AT_ONCE);
        let mut crowd = Vec::with_capacity(AT_ONCE);
        for number in numbers.clone() {
            crowd.push(come(addresses, number)?);
        }
        for stream in &mut crowd {
            read_until(stream, " :MOTD File is missing\r\n")?;
        }
        for (stream, number) in crowd.iter_mut().zip(numbers) {
            stream.write_all(format!("JOIN #room{}\r\n", number % 64).as_bytes())?;
        }
        for stream in &mut crowd {
            read_until(stream, ":End of /NAMES list\r\n")?;
        }
        for stream in &mut crowd {
            stream.write_all(b"QUIT :done\r\n")?;
        }
        for stream in &mut crowd {
            read_until(stream, "")?;
        }
    }
    Ok(())
}

fn messages(addresses: &[SocketAddr], times: usize) -> Fallible<()> {
    let mut crowd = Vec::with_capacity(MEMBERS);
    for number in 0..MEMBERS {
        let mut stream = come(addresses, number)?;
        stream.write_all(b"JOIN #room\r\n")?;
        read_until(&mut stream, ":End of /NAMES list\r\n")?;
        crowd.push(stream);
    }
    for _ in 0..times {
        crowd[0].write_all(b"PRIVMSG #room :hello, all of you\r\n")?;
        for reader in &mut crowd[1..] {
            read_until(reader, "PRIVMSG #room :hello, all of you\r\n")?;
        }
    }
    Ok(())
}

fn main() -> Fallible<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments
        .next()
        .ok_or("one, fleet, messages or fleet-messages")?;
    let times = arguments.next().ok_or("how many times")?.parse()?;
    let load = match &*what {
        "one" | "fleet" => visits,
        "messages" | "fleet-messages" => messages,
        other => return Err(format!("{other} cannot be counted").into()),
    };
    if !what.starts_with("fleet") {
        let limits = config::Limits {
            flood: None,
            ..config::Limits::default()
        };
        let store = chat_store::Config {
            search: false,
            ..chat_store::Config::default()
        };
        let builder = chat_server::Server::builder().lobby("").limits(limits);
        let server = builder.store(store).start()?;
        load(&server.local_addrs(), times)?;
        return Ok(server.shutdown_blocking("done")?);
    }
    let folder = tempfile::tempdir()?;
    let socket = folder.path().join("hub");
    let (hub, reader) = hub(&socket)?;
    let board = Board::private(&[SlotSetup { capacity: 100 }; 3]);
    let mut servers = Vec::new();
    let mut addresses = Vec::new();
    for number in 1..=3 {
        let (running, address) = server(number, &socket, reader.clone(), board.clone())?;
        servers.push(running);
        addresses.push(address);
    }
    load(&addresses, times)?;
    for server in servers {
        server.end()?;
    }
    hub.end()
}
