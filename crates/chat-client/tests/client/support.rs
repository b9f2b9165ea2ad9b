//! A server that says exactly what a test tells it to.

use std::time::Duration;

use chat_client::{Client, Config, Endpoint, Update, Updates};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Longer than anything here takes; only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Server {
    listener: TcpListener,
}

/// The server's end of one client's connection.
pub(crate) struct Conversation {
    lines: tokio::io::Lines<BufReader<OwnedReadHalf>>,
    writer: OwnedWriteHalf,
}

impl Server {
    pub(crate) async fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Server { listener }
    }

    pub(crate) fn config(&self) -> Config {
        let endpoint = Endpoint::from(self.listener.local_addr().unwrap());
        let mut config = Config::new(endpoint, "ana");
        config.backoff.first = Duration::from_millis(1);
        config
    }

    pub(crate) async fn accept(&self) -> Conversation {
        let accepted = timeout(PATIENCE, self.listener.accept()).await;
        let (stream, _) = accepted.expect("a client connects").unwrap();
        Conversation::new(stream)
    }

    /// Accepts a client and lets it register.
    pub(crate) async fn welcome(&self, capabilities: &str) -> Conversation {
        let mut there = self.accept().await;
        there.until("USER").await;
        there.say(&format!(":s CAP * LS :{capabilities}")).await;
        if !capabilities.is_empty() {
            let request = there.until("CAP REQ").await;
            let list = request.split_once(':').unwrap().1;
            there.say(&format!(":s CAP * ACK :{list}")).await;
        }
        there.until("CAP END").await;
        there.say(":s 001 ana :Welcome").await;
        there
    }
}

impl Conversation {
    fn new(stream: TcpStream) -> Conversation {
        let (reader, writer) = stream.into_split();
        let lines = BufReader::new(reader).lines();
        Conversation { lines, writer }
    }

    pub(crate) async fn say(&mut self, line: &str) {
        let line = format!("{line}\r\n");
        self.writer.write_all(line.as_bytes()).await.unwrap();
    }

    /// The next line; `None` when the client has closed.
    pub(crate) async fn hear(&mut self) -> Option<String> {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        line.expect("the client says something").unwrap()
    }

    /// Reads until a line begins like this.
    pub(crate) async fn until(&mut self, beginning: &str) -> String {
        loop {
            let line = self.hear().await.expect("the client is still there");
            if line.starts_with(beginning) {
                return line;
            }
        }
    }
}

/// The next update that `wanted` makes something of.
pub(crate) async fn wait<T>(
    updates: &mut Updates,
    mut wanted: impl FnMut(Update) -> Option<T>,
) -> T {
    let waiting = async {
        loop {
            let update = updates.next().await.expect("the client runs");
            if let Some(found) = wanted(update) {
                return found;
            }
        }
    };
    timeout(PATIENCE, waiting).await.expect("the update comes")
}

/// Waits until the client is registered; returns its nickname.
pub(crate) async fn registered(updates: &mut Updates) -> String {
    wait(updates, |update| match update {
        Update::Registered { nick } => Some(nick.to_string()),
        _ => None,
    })
    .await
}

/// Waits for the end of a connection; returns the reason and whether there will be another.
pub(crate) async fn disconnected(updates: &mut Updates) -> (String, bool) {
    wait(updates, |update| match update {
        Update::Disconnected { reason, retry, .. } => Some((reason, retry.is_some())),
        _ => None,
    })
    .await
}

/// Waits for a line that holds this text.
pub(crate) async fn line(updates: &mut Updates, text: &str) -> String {
    wait(updates, |update| match update {
        Update::Line { message, .. } => {
            let line = String::from_utf8(message.as_bytes().to_vec()).unwrap();
            line.contains(text).then_some(line)
        }
        _ => None,
    })
    .await
}

pub(crate) fn connect(config: Config) -> (Client, Updates) {
    Client::connect(config)
}
