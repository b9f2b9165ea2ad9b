//! A client that speaks bytes and waits with a bound.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// No answer is waited for longer than this; it only ends tests that have failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection, line by line.
pub(crate) struct Client {
    lines: BufReader<TcpStream>,
    serial: u32,
}

impl Client {
    /// Connects and says nothing.
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            lines: BufReader::new(stream),
            serial: 0,
        }
    }

    /// Connects, registers and has entered the lobby, if there is one.
    pub(crate) fn join(address: SocketAddr, nick: &str) -> Self {
        Self::join_with(address, nick, "")
    }

    /// As [`join`](Self::join), with capabilities.
    pub(crate) fn join_with(address: SocketAddr, nick: &str, capabilities: &str) -> Self {
        let mut client = Self::connect(address);
        if !capabilities.is_empty() {
            client.send("CAP LS 302");
            client.capabilities();
            client.send(&format!("CAP REQ :{capabilities}"));
            let answer = client.wait_for(" CAP ");
            assert!(answer.contains(" ACK "), "{answer}");
        }
        client.send(&format!("NICK {nick}\r\nUSER {nick} 0 * :Real {nick}"));
        if !capabilities.is_empty() {
            client.send("CAP END");
        }
        client.sync();
        client
    }

    /// The answer to CAP LS, which may have several lines, as one list.
    pub(crate) fn capabilities(&mut self) -> String {
        let mut all = String::new();
        loop {
            let line = self.wait_for(" CAP ");
            let (_, list) = line.split_once(" LS ").expect("an answer to CAP LS");
            let last = list.strip_prefix("* :").is_none();
            all.push_str(list.trim_start_matches("* ").trim_start_matches(':'));
            all.push(' ');
            if last {
                return all;
            }
        }
    }

    /// Sends a line, CR LF added.
    pub(crate) fn send(&mut self, line: &str) {
        self.send_bytes(format!("{line}\r\n").as_bytes());
    }

    /// Sends bytes as they are.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.lines.get_mut().write_all(bytes).unwrap();
    }

    /// Sends bytes; it is no failure if the server has closed meanwhile.
    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.lines.get_mut().write_all(bytes).is_ok()
    }

    /// The next line without CR LF; `None` at the end.
    pub(crate) fn next(&mut self) -> Option<String> {
        let mut line = Vec::new();
        match self.lines.read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => {
                let line = String::from_utf8(line).expect("servers send UTF-8");
                let line = line.strip_suffix("\r\n").expect("every line ends in CR LF");
                assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
                let tags = line.strip_prefix('@').and_then(|rest| rest.split_once(' '));
                let body = tags.map_or(line, |(_, body)| body);
                assert!(body.len() <= 510, "{} bytes: {body}", body.len());
                Some(line.to_owned())
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
            Err(error) => panic!("no line came: {error}"),
        }
    }

    /// The next line.
    pub(crate) fn line(&mut self) -> String {
        self.next().expect("the server closed the connection")
    }

    /// The next line must be this one.
    pub(crate) fn expect(&mut self, line: &str) {
        assert_eq!(self.line(), line);
    }

    /// Passes over lines until one contains the text, and gives that one.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let mut passed = Vec::new();
        while let Some(line) = self.next() {
            if line.contains(text) {
                return line;
            }
            passed.push(line);
        }
        panic!("{text:?} never came, only {passed:#?}");
    }

    /// Everything up to the answer to a PING of now.
    pub(crate) fn sync(&mut self) -> Vec<String> {
        self.serial += 1;
        let token = format!("sync-{}", self.serial);
        self.send(&format!("PING {token}"));
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            if line.contains(" PONG ") && line.ends_with(&token) {
                return lines;
            }
            lines.push(line);
        }
    }

    /// What the server answers to a line.
    pub(crate) fn ask(&mut self, line: &str) -> Vec<String> {
        self.send(line);
        self.sync()
    }

    /// The rest until the server closes.
    pub(crate) fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.next()).collect()
    }

    /// Whether the server has closed, nothing more being there to read.
    pub(crate) fn is_closed(&mut self) -> bool {
        matches!(self.lines.read(&mut [0]), Ok(0) | Err(_))
    }

    /// Waits until something has come that is not read, and leaves it there.
    pub(crate) fn leave_unread(&self) {
        assert!(self.lines.buffer().is_empty(), "all before is read");
        let there = self.lines.get_ref().peek(&mut [0]);
        assert_eq!(there.unwrap(), 1);
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish(&mut self) {
        self.lines.get_ref().shutdown(Shutdown::Write).unwrap();
    }

    /// Breaks the connection without a word.
    pub(crate) fn vanish(self) {
        let _ = self.lines.get_ref().shutdown(Shutdown::Both);
    }
}
