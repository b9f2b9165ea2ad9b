//! A whole server and three clients that say anything: it lives, answers every PING, and what it
//! sends are lines.
//!
//! A line of the input begins with the digit of the client that sends it. The first two have
//! registered (the second without capabilities), the third has not.
#![no_main]

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::Duration;

use chat_journal::{Journal, Role, Setup};
use chat_network::{Limits, Position, Rights, ServerId};
use chat_server::config::{self, Config};
use chat_server::{Accepted, Incoming, Parts, PlaceTaken, run};
use chat_stats::{Board, SlotSetup};
use chat_transport::{Connection, Peer};
use libfuzzer_sys::fuzz_target;
use tokio::sync::{mpsc, oneshot};

/// Inputs after which a new chat begins, so that nothing grows for ever.
const INPUTS: usize = 200;
const PATIENCE: Duration = Duration::from_secs(20);
const CAPABILITIES: &str = "message-tags server-time echo-message multi-prefix account-tag \
    account-notify away-notify extended-join invite-notify chghost setname batch labeled-response \
    sasl extended-monitor draft/chathistory draft/event-playback draft/read-marker";
const DRAFTS: &str = "draft/multiline draft/message-redaction draft/relaymsg draft/channel-rename \
    draft/extended-isupport draft/pre-away draft/metadata-2 soju.im/search userhost-in-names";

/// Connections as they are handed over.
struct Handed(mpsc::Receiver<UnixStream>);

impl Incoming for Handed {
    async fn accept(&mut self) -> Option<Accepted> {
        let stream = self.0.recv().await?;
        Some(Accepted {
            connection: Connection {
                socket: OwnedFd::from(stream).into(),
                peer: Peer::default(),
            },
            place: PlaceTaken::NotYet,
        })
    }
}

/// A server on a thread of its own.
struct Chat {
    hand: mpsc::Sender<UnixStream>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    inputs: usize,
}

impl Chat {
    fn start() -> Self {
        let (hand, incoming) = mpsc::channel(4);
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(serve(Handed(incoming), stopped));
        });
        Self {
            hand,
            stop: Some(stop),
            thread: Some(thread),
            inputs: 0,
        }
    }

    fn connect(&self) -> Client {
        let (near, far) = UnixStream::pair().expect("two sockets");
        near.set_read_timeout(Some(PATIENCE)).expect("is set");
        self.hand.blocking_send(far).expect("the server runs");
        Client(Some(BufReader::new(near)))
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        drop(self.stop.take());
        let thread = self.thread.take().expect("it ends once");
        thread.join().expect("the server does not panic");
    }
}

async fn serve(incoming: Handed, stopped: oneshot::Receiver<()>) {
    let (writer, reader) = chat_store::open(&chat_store::Config::default()).expect("a database");
    let limits = Limits {
        channels_per_user: 5,
        list_entries: 5,
        metadata_keys: 3,
        ..Limits::default()
    };
    let journal = Journal::start(Setup::new(limits, writer, Position(1))).expect("a journal");
    let link = journal.attach(Role::Server(ServerId(1))).await;
    let parts = Parts {
        config: Config {
            name: "chat".to_owned(),
            lobby: String::new(),
            limits: config::Limits {
                flood: None,
                ..config::Limits::default()
            },
            operators: vec![config::Operator {
                name: "op".to_owned(),
                password: "op".to_owned(),
                certificate: String::new(),
                hosts: Vec::new(),
                title: String::new(),
                rights: Rights::all(),
                vhost: String::new(),
                hidden: false,
            }],
            ..Config::default()
        },
        link: link.expect("a link"),
        board: Board::private(&[SlotSetup { capacity: 50 }]),
        reader: Some(reader),
        courier: None,
        rendered: Arc::default(),
    };
    let over = async {
        let _ = stopped.await;
        String::new()
    };
    run(parts, incoming, over).await.expect("it runs to its end");
    journal.shutdown().await;
}

/// A client; nothing is left of it once the server has closed.
struct Client(Option<BufReader<UnixStream>>);

impl Client {
    fn send(&mut self, bytes: &[u8]) {
        if let Some(stream) = &mut self.0
            && stream.get_mut().write_all(bytes).is_err()
        {
            // What the server has said last is still there to be read.
            self.read_to("never");
        }
    }

    /// Reads until a line ends with a word; whatever comes must be a line.
    fn read_to(&mut self, word: &str) {
        while let Some(stream) = &mut self.0 {
            let mut line = Vec::new();
            match stream.read_until(b'\n', &mut line) {
                Ok(0) => self.0 = None,
                Ok(_) => {
                    let line = String::from_utf8(line).expect("lines are UTF-8");
                    let line = line.strip_suffix("\r\n").expect("lines end in CR LF");
                    assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
                    let tags = line.strip_prefix('@').and_then(|rest| rest.split_once(' '));
                    let body = tags.map_or(line, |(_, body)| body);
                    assert!(body.len() <= 510 && line.len() <= 8191 + 510, "{line}");
                    assert!(!body.is_empty() && !body.starts_with(' '), "{line:?}");
                    if body.ends_with(word) && body.contains(" PONG ") {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::ConnectionReset => self.0 = None,
                Err(error) => panic!("no answer to a PING: {error}"),
            }
        }
    }
}

static CHAT: Mutex<Option<Chat>> = Mutex::new(None);

fuzz_target!(|data: &[u8]| {
    // More than a socket takes at once could wait for a client that does not read.
    let data = &data[..data.len().min(16 * 1024)];
    let mut chat = CHAT.lock().expect("a panic is the end");
    if chat.as_ref().is_some_and(|chat| chat.inputs >= INPUTS) {
        *chat = None;
    }
    let chat = chat.get_or_insert_with(Chat::start);
    chat.inputs += 1;
    let mut clients = [chat.connect(), chat.connect(), chat.connect()];
    let first = format!(
        "CAP REQ :{CAPABILITIES}\r\nCAP REQ :{DRAFTS}\r\nNICK ann\r\nUSER a 0 * :A\r\nCAP END\r\n"
    );
    clients[0].send(first.as_bytes());
    clients[1].send(b"NICK bob\r\nUSER b 0 * :B\r\n");
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        if let Some((digit, said)) = line.split_first() {
            clients[usize::from(*digit) % 3].send(said);
        }
    }
    for client in &mut clients {
        // An open batch or an exchange is no reason to leave a PING unanswered.
        client.send(b"\r\nPING the-end\r\n");
        client.read_to("the-end");
        client.send(b"QUIT\r\n");
        client.read_to("never");
        assert!(client.0.is_none(), "QUIT ends the connection");
    }
});
