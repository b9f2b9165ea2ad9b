//! A plain IRC client: lines out, lines in, and waiting for one.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::Instant;

use crate::PATIENCE;

/// A connection that speaks lines.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    pending: Vec<u8>,
    /// All lines seen so far, for the message of a failing wait.
    seen: Vec<String>,
}

impl Client {
    /// Connects, and says nothing.
    #[must_use]
    #[track_caller]
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).expect("the server accepts");
        stream.set_nodelay(true).expect("a TCP socket");
        Self {
            stream,
            pending: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// A client of a connection that was made elsewhere: any stream socket.
    #[must_use]
    pub fn of(socket: OwnedFd) -> Self {
        Self {
            // To reading, writing and waiting all stream sockets are alike.
            stream: TcpStream::from(socket),
            pending: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// Connects, registers and waits until the lobby was joined.
    #[must_use]
    #[track_caller]
    pub fn in_lobby(address: SocketAddr, nick: &str) -> Self {
        let mut client = Self::connect(address);
        client.register(nick);
        client.wait_for(" 366 ");
        client
    }

    /// Sends NICK and USER and waits for the welcome.
    #[track_caller]
    pub fn register(&mut self, nick: &str) {
        self.send(&format!("NICK {nick}"));
        self.send(&format!("USER {nick} 0 * :{nick}"));
        self.wait_for(&format!(" 001 {nick} "));
    }

    /// Sends one line.
    #[track_caller]
    pub fn send(&mut self, line: &str) {
        self.send_bytes(format!("{line}\r\n").as_bytes());
    }

    /// Sends bytes as they are.
    #[track_caller]
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the server reads");
    }

    /// The next line without its end, or `None` when the server closed the connection.
    #[track_caller]
    pub fn line(&mut self) -> Option<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(end) = self.pending.iter().position(|&byte| byte == b'\n') {
                let mut line: Vec<u8> = self.pending.drain(..=end).collect();
                while matches!(line.last(), Some(b'\r' | b'\n')) {
                    line.pop();
                }
                let line = String::from_utf8(line).expect("the server sends UTF-8");
                self.seen.push(line.clone());
                return Some(line);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "nothing more came; seen: {:#?}", self.seen);
            self.stream.set_read_timeout(Some(left)).expect("a time");
            let mut buffer = [0_u8; 16 << 10];
            match self.stream.read(&mut buffer) {
                Ok(0) => return None,
                Ok(count) => self.pending.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                    ) => {}
                Err(error) => panic!("reading failed: {error}; seen: {:#?}", self.seen),
            }
        }
    }

    /// Reads up to and including the first line that contains `part`. Answers PINGs meanwhile.
    #[track_caller]
    pub fn wait_for(&mut self, part: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let Some(line) = self.line() else {
                panic!("closed before {part:?}; seen: {:#?}", self.seen);
            };
            if let Some(token) = line.strip_prefix("PING ") {
                self.send(&format!("PONG {token}"));
            }
            if line.contains(part) {
                return line;
            }
            assert!(
                Instant::now() < deadline,
                "no {part:?}; seen: {:#?}",
                self.seen
            );
        }
    }

    /// Reads until the server closes the connection; the lines that came before.
    #[track_caller]
    pub fn rest(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.line() {
            lines.push(line);
        }
        lines
    }

    /// Sends a PING and returns all lines before its PONG: everything that earlier commands led to.
    #[track_caller]
    pub fn barrier(&mut self, token: &str) -> Vec<String> {
        self.send(&format!("PING {token}"));
        let mut lines = Vec::new();
        loop {
            let Some(line) = self.line() else {
                panic!("closed before PONG {token}; seen: {:#?}", self.seen);
            };
            if line.contains(" PONG ") && line.ends_with(token) {
                return lines;
            }
            lines.push(line);
        }
    }

    /// The server's own name (Server-2), as the 002 line of this client told it.
    #[track_caller]
    #[must_use]
    pub fn server(&self) -> String {
        let line = self.seen.iter().find(|line| line.contains(" 002 "));
        let line = line.expect("the 002 line was seen");
        let start = line.find('(').expect("it names the server") + 1;
        let end = line[start..].find(')').expect("closed") + start;
        line[start..end].to_owned()
    }
}
