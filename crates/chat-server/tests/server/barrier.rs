//! A PONG says that all servers have what its client asked before.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use chat_journal::Role;
use chat_network::ServerId;
use chat_stats::{Board, SlotSetup};

use crate::fleet::{Server, block_on, fleet};

/// A client that reads when it is told to and takes only what is there.
struct Plain {
    socket: UnixStream,
    text: String,
}

impl Plain {
    async fn join(server: &Server, nick: &str) -> Self {
        let stream = server.hand_over().await;
        let socket = UnixStream::from(stream.into_owned_fd().unwrap());
        let nick = nick.to_owned();
        tokio::task::spawn_blocking(move || {
            socket.set_nonblocking(false).unwrap();
            socket
                .set_read_timeout(Some(Duration::from_secs(20)))
                .unwrap();
            let mut client = Self {
                socket,
                text: String::new(),
            };
            client.send(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}"));
            client.wait_for(" 366 ");
            client
        })
        .await
        .unwrap()
    }

    fn send(&mut self, line: &str) {
        self.socket
            .write_all(format!("{line}\r\n").as_bytes())
            .unwrap();
    }

    /// Reads until a line has come that contains the text; forgets all up to its end.
    fn wait_for(&mut self, text: &str) {
        loop {
            if let Some(at) = self.text.find(text)
                && let Some(end) = self.text[at..].find("\r\n")
            {
                self.text.drain(..at + end + 2);
                return;
            }
            let mut bytes = [0; 4096];
            let count = self.socket.read(&mut bytes).unwrap();
            assert!(count > 0, "closed before {text:?}");
            self.text
                .push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        }
    }

    /// Whether a line with the text is here already, without waiting for it.
    fn has(&mut self, text: &str) -> bool {
        self.socket.set_nonblocking(true).unwrap();
        let mut bytes = [0; 4096];
        loop {
            match self.socket.read(&mut bytes) {
                Ok(count) => self
                    .text
                    .push_str(std::str::from_utf8(&bytes[..count]).unwrap()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
        self.socket.set_nonblocking(false).unwrap();
        self.text.contains(text)
    }
}

#[test]
fn what_was_said_is_with_every_reader_when_the_sender_sees_its_pong() {
    const ROUNDS: usize = 500;
    block_on(async {
        let (journal, servers, _) = fleet(3).await;
        let mut sender = Plain::join(&servers[0], "ann").await;
        let mut readers = [
            Plain::join(&servers[1], "bob").await,
            Plain::join(&servers[2], "carl").await,
        ];
        let rounds = tokio::task::spawn_blocking(move || {
            for round in 0..ROUNDS {
                sender.send(&format!(
                    "PRIVMSG #lobby :round {round} is over\r\nPING {round}"
                ));
                sender.wait_for(&format!(" PONG chat.local :{round}"));
                for reader in &mut readers {
                    assert!(reader.has(&format!("round {round} is over")), "{round}");
                    reader.text.clear();
                }
            }
        });
        rounds.await.unwrap();
        for server in servers {
            server.stop();
        }
        journal.shutdown().await;
    });
}

/// How long a PING takes after each of the lines.
async fn pings(server: &Server, lines: &'static [&'static str]) -> Vec<Duration> {
    let mut ann = Plain::join(server, "ann").await;
    let measured = tokio::task::spawn_blocking(move || {
        // What the registration asked for is waited for here.
        ann.send("PING begin");
        ann.wait_for(" :begin");
        let measure = |line: &&str| {
            let start = Instant::now();
            ann.send(&format!("{line}\r\nPING :now"));
            ann.wait_for(" PONG chat.local :now");
            start.elapsed()
        };
        lines.iter().map(measure).collect()
    });
    measured.await.unwrap()
}

#[test]
fn a_server_that_does_not_answer_is_waited_for_within_a_bound_and_once() {
    block_on(async {
        let (journal, _, _) = fleet(0).await;
        let (_, reader) = chat_store::open(&chat_store::Config::default()).unwrap();
        let board = Board::private(&[SlotSetup { capacity: 50 }; 2]);
        // It is linked, and renders nothing.
        let stuck = journal.attach(Role::Server(ServerId(2))).await.unwrap();
        let server = Server::start(&journal, &reader, &board, 1).await;
        let lines = &[
            "PRIVMSG #lobby :hello",
            "",
            "TOPIC #nowhere :x",
            "AWAY :gone",
        ];
        let took = pings(&server, lines).await;
        let bound = Duration::from_millis(50);
        assert!(took[0] >= bound && took[0] < 20 * bound, "{took:?}");
        // Nothing was asked since, and what was refused has changed nothing.
        assert!(took[1] < bound && took[2] < bound, "{took:?}");
        assert!(took[3] >= bound, "{took:?}");
        drop(stuck);
        server.stop();
        journal.shutdown().await;
    });
}
