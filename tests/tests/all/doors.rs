//! TLS and WebSocket in front of a fleet: people come over its servers whichever door they take.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::OnceLock;

use chat_tests::{Client, Folder, Program, board, signal_process, until};
use chat_transport::client::dial;
use chat_transport::tls::{self, Trust};
use chat_transport::{Endpoint, Transport};
use rustix::process::Signal;
use tokio::runtime::Runtime;

/// The kinds in the order in which the launcher tells their addresses.
const KINDS: [Transport; 4] = [
    Transport::Plain,
    Transport::Tls,
    Transport::WebSocket,
    Transport::SecureWebSocket,
];

/// Carries what is not plain, for all tests.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        runtime.expect("a runtime")
    })
}

/// Connects, and says nothing.
fn connect(address: SocketAddr, transport: Transport) -> Client {
    let endpoint = Endpoint::from(address).over(transport);
    let tls = tls::Client {
        trust: Trust::Anyone,
        identity: None,
    };
    let socket = runtime().block_on(async {
        let dialled = dial(&endpoint, &tls).await.expect("the fleet accepts");
        dialled.stream.into_owned_fd().expect("a socket")
    });
    rustix::io::ioctl_fionbio(&socket, false).expect("a socket");
    Client::of(socket)
}

fn join(address: SocketAddr, transport: Transport, nick: &str) -> Client {
    let mut client = connect(address, transport);
    client.register(nick);
    client.wait_for(" 366 ");
    client
}

/// A fleet of three with a door of each kind, and its addresses in the order of [`KINDS`].
fn fleet(folder: &Folder, instance: &str) -> (Program, Vec<SocketAddr>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("chat.pem"), made.cert.pem()).expect("the folder is writable");
    fs::write(path("chat.key"), made.signing_key.serialize_pem()).expect("the folder is writable");
    let config = format!(
        "[server]\nlisten = [\"127.0.0.1:0\"]\n\
         [tls]\nlisten = [\"127.0.0.1:0\"]\ncertificate = {:?}\nkey = {:?}\n\
         [websocket]\nlisten = [\"127.0.0.1:0\"]\ntls_listen = [\"127.0.0.1:0\"]\n\
         [limits]\nflood = false\n\
         [launcher]\nservers = 3\ninstance = {instance:?}\n",
        path("chat.pem"),
        path("chat.key"),
    );
    fs::write(path("chat.toml"), config).expect("the folder is writable");
    let config = path("chat.toml").into_os_string();
    let config = config.into_string().expect("a UTF-8 path");
    let mut launcher = folder.launcher(&["--config", &config]);
    let mut addresses = vec![launcher.address()];
    for scheme in ["ircs://", "ws://", "wss://"] {
        let beginning = format!("Connect to {scheme}");
        let line = launcher.output(&beginning);
        let address = line.trim_start_matches(&beginning).trim().parse();
        addresses.push(address.expect("an address"));
    }
    (launcher, addresses)
}

fn instance(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

#[test]
fn every_door_leads_to_every_server() {
    let folder = Folder::new();
    let (mut launcher, addresses) = fleet(&folder, &instance("doors"));
    let mut clients = Vec::new();
    let mut homes = BTreeSet::new();
    for round in 0..3 {
        for (kind, address) in KINDS.into_iter().zip(&addresses) {
            let nick = format!("c{}", clients.len());
            let client = join(*address, kind, &nick);
            homes.insert(client.server());
            clients.push(client);
        }
        assert_eq!(clients.len(), (round + 1) * KINDS.len());
    }
    assert_eq!(homes.len(), 3, "all servers have somebody");
    for number in 0..clients.len() {
        clients[number].send(&format!("PRIVMSG #lobby :this is {number}"));
        for (other, client) in clients.iter_mut().enumerate() {
            if other != number {
                client.wait_for(&format!("PRIVMSG #lobby :this is {number}"));
            }
        }
    }
    let stopping = std::thread::spawn(move || launcher.stop());
    for client in &mut clients {
        let last = client.rest();
        let last = last.last().expect("a last word");
        assert_eq!(last, "ERROR :Closing link: The chat is stopped");
    }
    drop(clients);
    assert!(stopping.join().expect("it stops").success());
}

#[test]
fn a_killed_server_ends_its_clients_whatever_door_they_took() {
    let folder = Folder::new();
    let instance = instance("killed-doors");
    let (mut launcher, addresses) = fleet(&folder, &instance);
    let mut clients = Vec::new();
    for number in 0..12 {
        let kind = number % KINDS.len();
        let nick = format!("c{number}");
        clients.push(join(addresses[kind], KINDS[kind], &nick));
    }
    let home = clients[1].server();
    signal_process(launcher.server_process(&home), Signal::KILL);
    let (gone, stayed): (Vec<_>, Vec<_>) = clients
        .into_iter()
        .partition(|client| client.server() == home);
    assert_eq!((gone.len(), stayed.len()), (4, 8));
    for mut client in gone {
        client.rest();
    }
    for mut client in stayed {
        client.barrier("still");
    }
    launcher.output(&format!("{home} is up"));
    // The launcher holds nothing of those who are gone: two descriptors each, and one plain one.
    let board = board(&instance);
    until("nobody is on", || board.snapshot().totals.now == 0);
    let mut again = join(addresses[1], Transport::Tls, "again");
    again.barrier("back");
    assert!(launcher.stop().success());
}

#[test]
fn every_approach_is_counted_once_and_nothing_is_left_open() {
    let folder = Folder::new();
    let instance = instance("counted-doors");
    let (mut launcher, addresses) = fleet(&folder, &instance);
    let board = board(&instance);
    let process = launcher.id();
    let settled = |approaches: u64| {
        until("all who came are counted, and gone", || {
            let now = board.snapshot().totals;
            now.approaches == approaches && now.now == 0
        });
        board.snapshot().totals
    };
    let before = open_descriptors(process);
    for round in 1..=3_u64 {
        for (kind, address) in KINDS.into_iter().zip(&addresses) {
            let mut client = join(*address, kind, "ann");
            client.send("QUIT");
            client.rest();
            drop(connect(*address, kind));
            if kind != Transport::Plain {
                let mut garbage = TcpStream::connect(address).expect("it listens");
                garbage.write_all(b"garbage\r\n\r\n").expect("it reads");
                let _ = garbage.read_to_end(&mut Vec::new());
            }
        }
        let now = settled(round * 11);
        let counted = (now.admitted, now.lost, now.rejected);
        assert_eq!(counted, (round * 4, 0, round * 7));
        until("no descriptor is left open", || {
            open_descriptors(process) <= before
        });
    }
    assert!(launcher.stop().success());
}

/// The open descriptors of a process.
fn open_descriptors(process: u32) -> usize {
    let folder = fs::read_dir(format!("/proc/{process}/fd"));
    folder.expect("it runs").count()
}

/// A WebSocket written to directly: what it sends is with the system when the call returns.
struct Web(TcpStream);

impl Web {
    fn connect(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).expect("the fleet accepts");
        stream.set_nodelay(true).expect("a socket");
        let ask = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        stream.write_all(ask.as_bytes()).expect("it reads");
        let mut web = Self(stream);
        web.until(b"\r\n\r\n");
        web
    }

    fn until(&mut self, wanted: &[u8]) {
        let mut seen = Vec::new();
        let mut byte = [0];
        while !seen.ends_with(wanted) {
            self.0.read_exact(&mut byte).expect("it goes on");
            seen.push(byte[0]);
        }
    }

    /// One frame of text, masked with zeros.
    fn send(&mut self, line: &str) {
        let length = u8::try_from(line.len()).expect("a short line");
        assert!(length < 126);
        let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
        frame.extend_from_slice(line.as_bytes());
        self.0.write_all(&frame).expect("it reads");
    }
}

#[test]
fn a_pong_of_any_server_comes_after_what_lay_at_a_guarded_door_before_the_ping() {
    let folder = Folder::new();
    let (mut launcher, addresses) = fleet(&folder, &instance("fenced-doors"));
    let mut readers: Vec<Client> = (0..3)
        .map(|number| join(addresses[0], Transport::Plain, &format!("reader{number}")))
        .collect();
    let homes: BTreeSet<String> = readers.iter().map(Client::server).collect();
    assert_eq!(homes.len(), 3, "all servers have somebody");
    let mut web = Web::connect(addresses[2]);
    web.send("NICK web");
    web.send("USER web 0 * :web");
    web.until(b" 366 web #lobby :End of /NAMES list");
    for number in 0..150 {
        let reader = &mut readers[number % 3];
        web.send(&format!("PRIVMSG reader{} :this is {number}", number % 3));
        let before = reader.barrier("heard");
        let wanted = format!(" :this is {number}");
        assert!(
            before.iter().any(|line| line.ends_with(&wanted)),
            "{number}: {before:?}"
        );
    }
    assert!(launcher.stop().success());
}
