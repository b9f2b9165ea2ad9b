//! Several servers on one journal, with pipes instead of sockets.

use std::sync::Arc;

use chat_journal::{Journal, Role, Setup};
use chat_network::{Limits, Position, Rights, ServerId};
use chat_server::{Accepted, Config, Error, Parts, PlaceTaken, run};
use chat_stats::{Board, SlotSetup};
use chat_store::Reader;
use chat_transport::Connection;
use tokio::io::AsyncWriteExt;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::harness::{limits, operator};
use crate::pipe::Pipe;

/// One server of the fleet, on a thread of its own as in life.
pub(crate) struct Server {
    hand: mpsc::Sender<Accepted>,
    stop: Option<oneshot::Sender<String>>,
    thread: std::thread::JoinHandle<Result<(), Error>>,
}

impl Server {
    pub(crate) async fn start(
        journal: &Journal,
        reader: &Reader,
        board: &Board,
        number: u16,
    ) -> Self {
        let parts = Parts {
            config: Config {
                server: number,
                limits: limits(),
                operators: vec![operator("op", Rights::all())],
                ..Config::default()
            },
            link: journal
                .attach(Role::Server(ServerId(number)))
                .await
                .unwrap(),
            board: board.clone(),
            reader: Some(reader.clone()),
            courier: None,
            rendered: Arc::default(),
        };
        let (hand, incoming) = mpsc::channel::<Accepted>(1);
        let (stop, stopped) = oneshot::channel::<String>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(run(parts, incoming, async move {
                stopped.await.unwrap_or_default()
            }))
        });
        Self {
            hand,
            stop: Some(stop),
            thread,
        }
    }

    /// Ends the server.
    pub(crate) fn stop(mut self) {
        let stop = self.stop.take().expect("it is stopped once");
        stop.send("over".into()).unwrap();
        self.thread.join().unwrap().unwrap();
    }

    pub(crate) async fn connect(&self) -> Pipe {
        self.connect_with(None).await
    }

    /// A connection whose client has proved to hold a certificate.
    pub(crate) async fn connect_with(&self, certificate: Option<[u8; 32]>) -> Pipe {
        Pipe::new(self.hand_over_with(certificate).await)
    }

    /// Gives the server one end of a pair of sockets; the other.
    pub(crate) async fn hand_over(&self) -> chat_transport::Stream {
        self.hand_over_with(None).await
    }

    async fn hand_over_with(&self, certificate: Option<[u8; 32]>) -> chat_transport::Stream {
        let (mut connection, client) = Connection::pair().unwrap();
        connection.peer.secure = certificate.is_some();
        connection.peer.certificate = certificate;
        self.hand
            .send(Accepted {
                connection,
                place: PlaceTaken::NotYet,
            })
            .await
            .unwrap();
        client
    }

    pub(crate) async fn join(&self, nick: &str) -> Pipe {
        let mut pipe = self.connect().await;
        pipe.send(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n"))
            .await;
        pipe.wait_for(" 366 ").await;
        pipe
    }
}

pub(crate) async fn fleet(servers: u16) -> (Journal, Vec<Server>, Board) {
    let (writer, reader) = chat_store::open(&chat_store::Config::default()).unwrap();
    let journal = Journal::start(Setup::new(Limits::default(), writer, Position(1))).unwrap();
    let board = Board::private(&vec![SlotSetup { capacity: 50 }; usize::from(servers)]);
    let mut all = Vec::new();
    for number in 1..=servers {
        all.push(Server::start(&journal, &reader, &board, number).await);
    }
    (journal, all, board)
}

/// Reads the texts of so many messages to the lobby.
fn listen(mut pipe: Pipe, count: usize) -> JoinHandle<Vec<String>> {
    tokio::spawn(async move {
        let mut texts = Vec::new();
        while texts.len() < count {
            let line = pipe.wait_for("PRIVMSG #lobby :").await;
            texts.extend(
                line.split_once(" PRIVMSG ")
                    .map(|(_, text)| text.to_owned()),
            );
        }
        texts
    })
}

pub(crate) fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

#[test]
fn readers_on_different_servers_see_one_order() {
    const SENDERS: usize = 4;
    const EACH: usize = 250;
    block_on(async {
        let (journal, mut servers, _) = fleet(3).await;
        let readers = [
            servers[0].join("r0").await,
            servers[1].join("r1").await,
            servers[2].join("r2").await,
        ];
        let readers = readers.map(|reader| listen(reader, SENDERS * EACH));
        let mut senders = Vec::new();
        for number in 0..SENDERS {
            senders.push(servers[number % 3].join(&format!("s{number}")).await);
        }
        for (number, sender) in senders.iter_mut().enumerate() {
            let burst: String = (0..EACH)
                .map(|line| format!("PRIVMSG #lobby :{number}-{line}\r\n"))
                .collect();
            sender.out.write_all(burst.as_bytes()).await.unwrap();
        }
        let [one, two, three] = readers;
        let one = one.await.unwrap();
        assert_eq!(one, two.await.unwrap());
        assert_eq!(one, three.await.unwrap());
        for number in 0..SENDERS {
            let own = one
                .iter()
                .filter(|text| text.starts_with(&format!("#lobby :{number}-")));
            assert!(
                own.eq((0..EACH)
                    .map(|line| format!("#lobby :{number}-{line}"))
                    .collect::<Vec<_>>()
                    .iter())
            );
        }
        for server in &mut servers {
            server.stop.take().unwrap().send("over".into()).unwrap();
        }
        for server in servers {
            server.thread.join().unwrap().unwrap();
        }
        journal.shutdown().await;
    });
}

#[test]
fn the_users_of_a_lost_server_leave_in_one_batch() {
    block_on(async {
        let (journal, mut servers, _) = fleet(2).await;
        let mut ann = servers[0].connect().await;
        ann.send("CAP REQ batch\r\nNICK ann\r\nUSER ann 0 * :A\r\nCAP END\r\n")
            .await;
        ann.wait_for(" 366 ").await;
        let mut plain = servers[0].join("plain").await;
        let _bob = servers[1].join("bob").await;
        let _carl = servers[1].join("carl").await;
        ann.wait_for("carl!~carl@localhost JOIN").await;
        let mut reader = servers[0].connect().await;
        reader
            .send("CAP REQ :batch draft/chathistory draft/event-playback\r\n")
            .await;
        reader
            .send("NICK reader\r\nUSER r 0 * :R\r\nCAP END\r\n")
            .await;
        reader.wait_for(" 366 ").await;
        ann.wait_for("reader!~r@localhost JOIN").await;
        // It is gone without a word, as one that was killed.
        let other = journal.attach(Role::Server(ServerId(2))).await.unwrap();
        let begin = ann.wait_for("BATCH").await;
        let name = begin
            .strip_prefix(":chat.local BATCH +")
            .and_then(|rest| rest.strip_suffix(" netsplit *.net *.split"))
            .expect("a batch begins");
        for nick in ["bob", "carl"] {
            assert_eq!(
                ann.wait_for("").await,
                format!("@batch={name} :{nick}!~{nick}@localhost QUIT :Server-2 is gone")
            );
        }
        assert_eq!(ann.wait_for("").await, format!(":chat.local BATCH -{name}"));
        for nick in ["bob", "carl"] {
            assert_eq!(
                plain.wait_for("QUIT").await,
                format!(":{nick}!~{nick}@localhost QUIT :Server-2 is gone")
            );
        }
        // History has all of them in one place.
        reader.wait_for("BATCH -").await;
        reader.send("CHATHISTORY LATEST #lobby * 1\r\n").await;
        reader.wait_for("BATCH +").await;
        for nick in ["bob", "carl"] {
            let line = reader.wait_for("").await;
            let quit = format!(" :{nick}!~{nick}@localhost QUIT :Server-2 is gone");
            assert!(line.ends_with(&quit), "{line}");
        }
        reader.wait_for("BATCH -").await;
        drop(other);
        let lost = servers.pop().unwrap();
        assert!(matches!(
            lost.thread.join().unwrap(),
            Err(Error::LinkOver(_))
        ));
        servers.pop().unwrap().stop();
        journal.shutdown().await;
    });
}

#[test]
fn a_server_that_ends_takes_its_users_along_everywhere() {
    block_on(async {
        let (journal, mut servers, board) = fleet(2).await;
        let mut ann = servers[0].join("ann").await;
        let mut bob = servers[1].join("bob").await;
        ann.wait_for("JOIN #lobby").await;
        ann.send("WHOIS bob\r\n").await;
        assert!(ann.wait_for(" 312 ").await.ends_with(" (Server-2)"));
        let mut unknown = servers[1].connect().await;
        unknown.send("NICK zoe\r\nPING x\r\n").await;
        unknown.wait_for("PONG").await;
        ann.send("LUSERS\r\n").await;
        assert!(
            ann.wait_for(" 253 ")
                .await
                .ends_with(" 253 ann 1 :unknown connection(s)")
        );
        drop(unknown);
        ann.send("RATE 5\r\nPING rated\r\n").await;
        ann.wait_for("PONG").await;
        let rated = board.snapshot().servers;
        assert_eq!((rated[0].rating_count, rated[1].rating_count), (1, 0));
        servers[1]
            .stop
            .take()
            .unwrap()
            .send("moving house".into())
            .unwrap();
        assert_eq!(
            bob.wait_for("ERROR").await,
            "ERROR :Closing link: moving house"
        );
        assert_eq!(
            ann.wait_for(" QUIT ").await,
            ":bob!~bob@localhost QUIT :moving house"
        );
        servers.pop().unwrap().thread.join().unwrap().unwrap();
        assert_eq!(board.snapshot().servers[1].places_taken, 0);

        // The journal ends: the server says so and tells its clients.
        journal.shutdown().await;
        assert_eq!(
            ann.wait_for("ERROR").await,
            "ERROR :Closing link: The chat is not available at the moment"
        );
        let result = servers.pop().unwrap().thread.join().unwrap();
        assert!(matches!(result, Err(Error::LinkOver(_))), "{result:?}");
        assert_eq!(board.snapshot().totals.places_taken, 0);
    });
}
