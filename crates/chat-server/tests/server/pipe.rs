//! A client at the other end of a pipe, in the runtime of the test.

use chat_transport::Stream;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines, ReadHalf, WriteHalf};

/// A client at the other end of a pipe.
pub(crate) struct Pipe {
    lines: Lines<BufReader<ReadHalf<Stream>>>,
    pub(crate) out: WriteHalf<Stream>,
}

impl Pipe {
    pub(crate) fn new(client: Stream) -> Self {
        let (input, out) = tokio::io::split(client);
        Self {
            lines: BufReader::new(input).lines(),
            out,
        }
    }

    /// The next line; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<String> {
        self.lines.next_line().await.unwrap()
    }

    /// The next line.
    pub(crate) async fn line(&mut self) -> String {
        self.next().await.expect("not closed")
    }

    /// Passes over lines until one contains the text, and gives that one.
    pub(crate) async fn wait_for(&mut self, text: &str) -> String {
        loop {
            let line = self.line().await;
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Sends text as it is.
    pub(crate) async fn send(&mut self, text: &str) {
        self.out.write_all(text.as_bytes()).await.unwrap();
    }

    /// Sends a line, CR LF added; what comes up to the answer to a PING after it.
    pub(crate) async fn ask(&mut self, line: &str) -> Vec<String> {
        self.send(&format!("{line}\r\n")).await;
        self.sync().await
    }

    /// What comes up to the answer to a PING of now.
    pub(crate) async fn sync(&mut self) -> Vec<String> {
        self.send("PING done\r\n").await;
        let mut lines = Vec::new();
        loop {
            let line = self.line().await;
            if line.contains(" PONG ") && line.ends_with("done") {
                return lines;
            }
            lines.push(line);
        }
    }
}
