//! TLS and WebSocket in front of one server: the same chat behind every door.

use std::future::Future;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use chat_network::Rights;
use chat_server::config::{Operator, Sts};
use chat_server::{Builder, Config, Error};
use chat_transport::doors::Kind;
use chat_transport::tls::{self, Fingerprint, Identity, Trust};
use chat_transport::{Endpoint, Stream, Transport, client::dial};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines, ReadHalf, WriteHalf};

use crate::harness::{Running, builder, limits, operator, until};

const PATIENCE: Duration = Duration::from_secs(20);

/// Certificates in a folder of their own.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn pair(&self, name: &str) -> (PathBuf, PathBuf) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = self.0.path().join(format!("{name}.pem"));
        let key = self.0.path().join(format!("{name}.key"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        (certificate, key)
    }
}

fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// A server with a door of each kind.
fn doors(builder: Builder, files: &Files) -> Running {
    let (certificate, key) = files.pair("server");
    let builder = builder
        .listen(loopback())
        .listen_tls(loopback())
        .listen_websocket(loopback())
        .listen_secure_websocket(loopback())
        .certificate(certificate, key);
    Running::of(builder)
}

fn endpoint(server: &Running, wanted: Kind) -> Endpoint {
    let mut addresses = server.handle().addresses().iter();
    let (_, address) = addresses.find(|(kind, _)| *kind == wanted).unwrap();
    Endpoint::from(*address).over(match wanted {
        Kind::Plain => Transport::Plain,
        Kind::Tls => Transport::Tls,
        Kind::WebSocket => Transport::WebSocket,
        Kind::SecureWebSocket => Transport::SecureWebSocket,
    })
}

struct Client {
    lines: Lines<BufReader<ReadHalf<Stream>>>,
    writer: WriteHalf<Stream>,
}

impl Client {
    async fn connect(endpoint: &Endpoint, identity: Option<(PathBuf, PathBuf)>) -> Self {
        let tls = tls::Client {
            trust: Trust::Anyone,
            identity: identity.map(|(chain, key)| Identity::load(&chain, &key).unwrap()),
        };
        let (reader, writer) = tokio::io::split(dial(endpoint, &tls).await.unwrap().stream);
        let lines = BufReader::new(reader).lines();
        Self { lines, writer }
    }

    async fn join(endpoint: &Endpoint, nick: &str, identity: Option<(PathBuf, PathBuf)>) -> Self {
        let mut client = Self::connect(endpoint, identity).await;
        client
            .send(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}"))
            .await;
        client.wait_for(" 366 ").await;
        client
    }

    async fn send(&mut self, line: &str) {
        let line = format!("{line}\r\n");
        self.writer.write_all(line.as_bytes()).await.unwrap();
    }

    async fn next(&mut self) -> Option<String> {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line());
        line.await.expect("in time").unwrap_or(None)
    }

    async fn wait_for(&mut self, text: &str) -> String {
        loop {
            let line = self.next().await.expect("the server stays");
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The answers to one command.
    async fn ask(&mut self, line: &str) -> Vec<String> {
        self.send(&format!("{line}\r\nPING done")).await;
        let mut lines = Vec::new();
        loop {
            let line = self.next().await.expect("the server stays");
            if line.contains(" PONG ") {
                return lines;
            }
            lines.push(line);
        }
    }
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(test);
}

const ALL: [Kind; 4] = [
    Kind::Plain,
    Kind::Tls,
    Kind::WebSocket,
    Kind::SecureWebSocket,
];

#[test]
fn all_doors_lead_into_the_same_chat() {
    let files = Files::new();
    let server = doors(builder(), &files);
    run(async {
        let mut clients = Vec::new();
        for (number, kind) in ALL.into_iter().enumerate() {
            let at = endpoint(&server, kind);
            clients.push(Client::join(&at, &format!("c{number}"), None).await);
        }
        for number in 0..ALL.len() {
            let line = format!("PRIVMSG #lobby :from {number} with grüßen");
            clients[number].send(&line).await;
            for (other, client) in clients.iter_mut().enumerate() {
                if other != number {
                    let heard = client.wait_for(" PRIVMSG ").await;
                    assert_eq!(heard, format!(":c{number}!~c{number}@127.0.0.1 {line}"));
                }
            }
        }
        for (number, kind) in ALL.into_iter().enumerate() {
            let about = clients[0].ask(&format!("WHOIS c{number}")).await;
            let secure = about.iter().any(|line| line.contains(" 671 "));
            assert_eq!(secure, kind.is_secure(), "{about:#?}");
        }
        // The last words arrive through all of them.
        let stopping = std::thread::spawn(|| server.stop("that was all"));
        for client in &mut clients {
            client.wait_for("ERROR :Closing link: that was all").await;
            assert_eq!(client.next().await, None);
        }
        drop(clients);
        stopping.join().unwrap();
    });
}

#[test]
fn a_certificate_is_told_to_who_showed_it_and_to_nobody_else() {
    let files = Files::new();
    let server = doors(builder(), &files);
    let own = files.pair("ann");
    let identity = Identity::load(&own.0, &own.1).unwrap();
    run(async {
        let tls = endpoint(&server, Kind::Tls);
        let mut ann = Client::join(&tls, "ann", Some(own)).await;
        let mut bob = Client::join(&tls, "bob", None).await;
        let fingerprint: Fingerprint = identity.fingerprint();
        let line =
            format!(":irc.test 276 ann ann :has client certificate fingerprint {fingerprint}");
        assert!(ann.ask("WHOIS ann").await.contains(&line));
        for about in [bob.ask("WHOIS ann").await, ann.ask("WHOIS bob").await] {
            assert!(
                about.iter().all(|line| !line.contains(" 276 ")),
                "{about:#?}"
            );
        }
    });
}

#[test]
fn an_operator_may_be_known_by_a_certificate() {
    let files = Files::new();
    let own = files.pair("ann");
    let identity = Identity::load(&own.0, &own.1).unwrap();
    let operator = Operator {
        password: String::new(),
        certificate: identity.fingerprint().to_string(),
        ..operator("root", Rights::all())
    };
    let config = Config {
        name: "irc.test".to_owned(),
        limits: limits(),
        operators: vec![operator],
        ..Config::default()
    };
    let server = doors(builder().config(config), &files);
    run(async {
        let tls = endpoint(&server, Kind::Tls);
        let mut bob = Client::join(&tls, "bob", Some(files.pair("bob"))).await;
        let refused = bob.ask("OPER root").await;
        assert!(refused[0].contains(" 464 bob "), "{refused:?}");
        let mut ann = Client::join(&tls, "ann", Some(own)).await;
        let entered = ann.ask("OPER root").await;
        assert!(
            entered.iter().any(|line| line.contains(" 381 ann ")),
            "{entered:?}"
        );
    });
}

#[test]
fn who_comes_without_tls_is_sent_to_it_and_who_comes_with_it_is_kept() {
    let files = Files::new();
    let config = Config {
        name: "irc.test".to_owned(),
        limits: limits(),
        sts: Some(Sts {
            port: 6697,
            seconds: 86_400,
        }),
        ..Config::default()
    };
    let server = doors(builder().config(config), &files);
    run(async {
        for kind in ALL {
            let mut client = Client::connect(&endpoint(&server, kind), None).await;
            client.send("CAP LS 302").await;
            let told = client.wait_for(" CAP * LS ").await;
            let expected = if kind.is_secure() {
                "sts=duration=86400"
            } else {
                "sts=port=6697"
            };
            assert!(
                told.split([' ', ':']).any(|word| word == expected),
                "{told}"
            );
            client.send("CAP REQ :sts").await;
            client.wait_for(" CAP * NAK :sts").await;
        }
        let mut old = Client::connect(&endpoint(&server, Kind::Plain), None).await;
        old.send("CAP LS").await;
        let told = old.wait_for(" CAP * LS ").await;
        assert!(!told.contains("sts"), "{told}");
    });
}

#[test]
fn what_does_not_get_through_a_door_is_rejected_and_who_finds_it_full_hears_so() {
    let files = Files::new();
    let server = doors(builder().capacity(1), &files);
    let figures = || server.handle().stats().servers[0].clone();
    for kind in [Kind::Tls, Kind::WebSocket, Kind::SecureWebSocket] {
        let mut stream = TcpStream::connect(address(&server, kind)).unwrap();
        stream.write_all(b"this is no handshake\r\n\r\n").unwrap();
    }
    until("all three are counted", || figures().rejected == 3);
    run(async {
        let mut ann = Client::join(&endpoint(&server, Kind::Tls), "ann", None).await;
        for kind in ALL {
            let mut late = Client::connect(&endpoint(&server, kind), None).await;
            let told = late.next().await.unwrap();
            assert_eq!(told, "ERROR :All servers are full, please try again later");
            assert_eq!(late.next().await, None);
        }
        ann.send("QUIT").await;
        while ann.next().await.is_some() {}
    });
    until("the place is free", || figures().places_taken == 0);
    let now = figures();
    let counted = (now.approaches, now.admitted, now.lost, now.rejected);
    assert_eq!(counted, (8, 1, 4, 3));
}

fn address(server: &Running, wanted: Kind) -> SocketAddr {
    let mut addresses = server.handle().addresses().iter();
    addresses.find(|(kind, _)| *kind == wanted).unwrap().1
}

#[test]
fn a_renewed_certificate_is_shown_to_who_comes_next() {
    let files = Files::new();
    let server = doors(builder(), &files);
    run(async {
        let at = endpoint(&server, Kind::Tls);
        let seen = async || {
            let tls = tls::Client {
                trust: Trust::Anyone,
                identity: None,
            };
            dial(&at, &tls).await.unwrap().certificate.unwrap().1
        };
        let before = seen().await;
        std::fs::write(files.0.path().join("server.key"), "damaged").unwrap();
        let error = server.handle().reload_certificate().unwrap_err();
        assert!(error.to_string().contains("server.key"), "{error}");
        assert_eq!(seen().await, before);
        files.pair("server");
        server.handle().reload_certificate().unwrap();
        assert_ne!(seen().await, before);
    });
}

#[test]
fn tls_without_a_certificate_is_refused_at_start() {
    let error = builder().listen_tls(loopback()).start().unwrap_err();
    assert!(matches!(error, Error::Doors(_)), "{error}");
    let missing = builder()
        .listen_tls(loopback())
        .certificate("no.pem", "no.key");
    let error = missing.start().unwrap_err().to_string();
    assert!(error.contains("no.pem"), "{error}");
}

/// A WebSocket whose bytes are in the system's hands when writing returns.
struct Raw(TcpStream);

impl Raw {
    fn connect(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let ask = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        stream.write_all(ask.as_bytes()).unwrap();
        let mut raw = Self(stream);
        raw.until(b"\r\n\r\n");
        raw
    }

    fn until(&mut self, wanted: &[u8]) {
        let mut seen = Vec::new();
        let mut byte = [0];
        while !seen.ends_with(wanted) {
            assert_eq!(self.0.read(&mut byte).unwrap(), 1, "{seen:?}");
            seen.push(byte[0]);
        }
    }

    /// One frame of text, masked with zeros.
    fn send(&mut self, line: &str) {
        let length = u8::try_from(line.len()).unwrap();
        assert!(length < 126);
        let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
        frame.extend_from_slice(line.as_bytes());
        self.0.write_all(&frame).unwrap();
    }
}

#[test]
fn a_pong_comes_after_what_lay_at_a_guarded_door_before_the_ping() {
    let files = Files::new();
    let server = doors(builder(), &files);
    let mut reader = server.join("reader");
    let mut web = Raw::connect(address(&server, Kind::WebSocket));
    web.send("NICK web");
    web.send("USER web 0 * :web");
    web.until(b" 366 web #lobby :End of /NAMES list");
    reader.sync();
    for number in 0..300 {
        web.send(&format!("PRIVMSG reader :{number}"));
        let wanted = format!(":web!~web@127.0.0.1 PRIVMSG reader :{number}");
        let before = reader.sync();
        assert!(before.contains(&wanted), "{number}: {before:?}");
    }
}
