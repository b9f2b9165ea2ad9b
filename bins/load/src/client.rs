//! One connection: nothing but a socket, a number and the beginning of a line.
//!
//! All clients read into one buffer, so an idle one costs this program little. While a client comes
//! in, its lines are parsed; later they are only looked at by whoever listens.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;
use chat_proto::{Message, numeric};
use memchr::memchr;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::ground::Ground;

/// How long an answer may take while a client comes in.
const ANSWER: Duration = Duration::from_secs(60);
/// A line that is longer than that is none.
const LINE: usize = 64 * 1024;

/// One connection.
pub(crate) struct Client {
    /// Its number among the clients of a load, from 0.
    pub(crate) number: usize,
    pub(crate) nick: String,
    stream: TcpStream,
    /// What has come and was not handled: while it comes in, whole lines; later a line's beginning.
    rest: RefCell<Vec<u8>>,
    /// What the socket did not take.
    unwritten: RefCell<Vec<u8>>,
    /// It has said goodbye: its end is no problem.
    leaving: Cell<bool>,
}

impl Client {
    /// Connects and registers.
    pub(crate) async fn connect(
        ground: &Ground,
        number: usize,
        nick: String,
    ) -> anyhow::Result<Rc<Self>> {
        let address = ground.address(number);
        let stream = timeout(ANSWER, TcpStream::connect(address))
            .await
            .map_err(io::Error::from)
            .flatten()
            .with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        let client = Rc::new(Self {
            number,
            nick,
            stream,
            rest: RefCell::default(),
            unwritten: RefCell::default(),
            leaving: Cell::new(false),
        });
        let mut hello = String::new();
        if !ground.password.is_empty() {
            hello = format!("PASS {}\r\n", ground.password);
        }
        hello += &format!("NICK {0}\r\nUSER load 0 * :chat-load\r\n", client.nick);
        client.send(hello.as_bytes());
        client
            .answer(ground, numeric::RPL_WELCOME.to_string().as_str())
            .await?;
        Ok(client)
    }

    /// Joins a channel.
    pub(crate) async fn join(
        self: &Rc<Self>,
        ground: &Ground,
        channel: &str,
    ) -> anyhow::Result<()> {
        self.send(format!("JOIN {channel}\r\n").as_bytes());
        self.answer(ground, numeric::RPL_ENDOFNAMES.to_string().as_str())
            .await
    }

    /// Says goodbye.
    pub(crate) fn leave(self: &Rc<Self>) {
        self.leaving.set(true);
        self.send(b"QUIT :done\r\n");
    }

    /// Says goodbye and waits for the end of the connection.
    pub(crate) async fn quit(self: &Rc<Self>, ground: &Ground) -> anyhow::Result<()> {
        self.leave();
        let end = async {
            while self.read(ground).await? > 0 {}
            anyhow::Ok(())
        };
        timeout(ANSWER, end).await.context("QUIT has no effect")?
    }

    /// Waits for a command or numeric; PING is answered, an error is one.
    async fn answer(self: &Rc<Self>, ground: &Ground, wanted: &str) -> anyhow::Result<()> {
        let answer = async {
            loop {
                while let Some(line) = self.line() {
                    let Ok(message) = Message::parse(line) else {
                        continue;
                    };
                    let command = message.command();
                    if command == wanted {
                        return Ok(());
                    }
                    match command {
                        "PING" => self.pong(message.param(0).unwrap_or_default()),
                        "ERROR" | "FAIL" => bail!(refusal(&message)),
                        _ if is_refusal(command) => bail!(refusal(&message)),
                        _ => {}
                    }
                }
                if self.read(ground).await? == 0 {
                    bail!("the server has closed the connection");
                }
            }
        };
        timeout(ANSWER, answer)
            .await
            .map_err(|_| anyhow!("no {wanted} from the server in {ANSWER:?}"))?
    }

    /// Takes a whole line out of what has come.
    fn line(&self) -> Option<Bytes> {
        let mut rest = self.rest.borrow_mut();
        let end = memchr(b'\n', &rest)?;
        let line = Bytes::copy_from_slice(rest[..end].trim_ascii_end());
        rest.drain(..=end);
        Some(line)
    }

    /// Waits for bytes and keeps them.
    async fn read(&self, ground: &Ground) -> io::Result<usize> {
        loop {
            self.stream.readable().await?;
            let mut buffer = ground.buffer.borrow_mut();
            match self.stream.try_read(&mut buffer) {
                Ok(count) => {
                    self.rest.borrow_mut().extend_from_slice(&buffer[..count]);
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Hands every further line (without its end) and when it came to `ear`, until the connection
    /// ends.
    pub(crate) async fn listen(
        self: Rc<Self>,
        ground: Rc<Ground>,
        mut ear: impl FnMut(&[u8], u64),
    ) {
        loop {
            if self.stream.readable().await.is_err() {
                break;
            }
            let mut buffer = ground.buffer.borrow_mut();
            match self.stream.try_read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => self.hear(&buffer[..count], ground.now(), &mut ear),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => break,
            }
        }
        if !self.leaving.get() {
            ground.problem(format!("the server closed the connection of {}", self.nick));
        }
    }

    fn hear(self: &Rc<Self>, mut bytes: &[u8], now: u64, ear: &mut impl FnMut(&[u8], u64)) {
        let mut rest = self.rest.borrow_mut();
        if !rest.is_empty() {
            // Mostly the beginning of one line; after coming in, perhaps several.
            rest.extend_from_slice(bytes);
            let whole = std::mem::take(&mut *rest);
            drop(rest);
            return self.hear(&whole, now, ear);
        }
        while let Some(end) = memchr(b'\n', bytes) {
            let line = &bytes[..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            bytes = &bytes[end + 1..];
            if let Some(token) = line.strip_prefix(b"PING ") {
                let token = token.strip_prefix(b":").unwrap_or(token);
                self.pong(&String::from_utf8_lossy(token));
            } else {
                ear(line, now);
            }
        }
        if !bytes.is_empty() && bytes.len() <= LINE {
            rest.extend_from_slice(bytes);
        }
    }

    fn pong(self: &Rc<Self>, token: &str) {
        self.send(format!("PONG :{token}\r\n").as_bytes());
    }

    /// Sends; what the socket does not take is sent as soon as it does.
    pub(crate) fn send(self: &Rc<Self>, bytes: &[u8]) {
        let mut unwritten = self.unwritten.borrow_mut();
        if !unwritten.is_empty() {
            unwritten.extend_from_slice(bytes);
            return;
        }
        // An error shows at the next read.
        let count = self.stream.try_write(bytes).unwrap_or(0);
        if count < bytes.len() {
            unwritten.extend_from_slice(&bytes[count..]);
            drop(unwritten);
            tokio::task::spawn_local(write_rest(Rc::clone(self)));
        }
    }

    /// Bytes that the socket has not taken yet.
    pub(crate) fn backlog(&self) -> usize {
        self.unwritten.borrow().len()
    }
}

async fn write_rest(client: Rc<Client>) {
    while client.backlog() > 0 && client.stream.writable().await.is_ok() {
        let mut unwritten = client.unwritten.borrow_mut();
        match client.stream.try_write(&unwritten) {
            Ok(count) => drop(unwritten.drain(..count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

/// Numerics from 400 to 599 are refusals, but that there is no message of the day is none.
fn is_refusal(command: &str) -> bool {
    command.len() == 3
        && (command.starts_with('4') || command.starts_with('5'))
        && command != numeric::ERR_NOMOTD.to_string()
}

fn refusal(message: &Message) -> String {
    let words: Vec<&str> = message.params().skip(1).collect();
    format!("the server says {} {}", message.command(), words.join(" "))
}
