//! Sending a client away so that it learns why.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use chat_transport::{Connection, Stream};
use tokio::io::AsyncReadExt;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// What a client hears when no server has a place.
pub(crate) const FULL: &str = "ERROR :All servers are full, please try again later\r\n";

/// How long a client that was sent away may take to close its end.
const LINGER: Duration = Duration::from_secs(2);

/// How many may do so at a time; beyond them the socket is closed at once.
const MAX_LINGERING: usize = 256;

/// How much of what such a client still says is read and thrown away.
const MAX_DISCARDED: usize = 64 * 1024;

/// Sends clients away.
#[derive(Debug)]
pub(crate) struct Refuser {
    lingering: Arc<Semaphore>,
}

impl Refuser {
    pub(crate) fn new() -> Refuser {
        Refuser {
            lingering: Arc::new(Semaphore::new(MAX_LINGERING)),
        }
    }

    /// Writes `line`, closes and never waits.
    ///
    /// Closing a socket with unread bytes in it resets the connection, and the reset would overtake
    /// the line. So writing is closed first, and a task reads until the client has closed as well.
    pub(crate) fn refuse(&self, client: Connection, line: &str) {
        let mut stream = match say(client, line) {
            Ok(stream) => stream,
            Err(error) => {
                tracing::debug!(%error, "a client left before it was sent away");
                return;
            }
        };
        if let Ok(permit) = Arc::clone(&self.lingering).try_acquire_owned() {
            tokio::spawn(async move {
                let _ = timeout(LINGER, discard(&mut stream)).await;
                drop(permit);
            });
        }
    }

    /// Waits until nobody lingers any more: at most [`LINGER`].
    pub(crate) async fn finish(&self) {
        let all = u32::try_from(MAX_LINGERING).unwrap_or(u32::MAX);
        let _ = timeout(LINGER, self.lingering.acquire_many(all)).await;
    }
}

/// A closing line with a reason that an operator wrote.
pub(crate) fn closing_line(reason: &str) -> String {
    /// A line is 512 bytes; this leaves room for the rest of it.
    const MAX_REASON: usize = 400;
    let end = reason.floor_char_boundary(MAX_REASON);
    let clean = reason[..end].replace(char::is_control, " ");
    format!("ERROR :{clean}\r\n")
}

/// A fresh socket has room for one line, so it is sent whole or not at all.
fn say(client: Connection, line: &str) -> io::Result<Stream> {
    client.socket.try_send(line.as_bytes())?;
    client.socket.shutdown_write()?;
    client.socket.try_into()
}

async fn discard(stream: &mut Stream) -> io::Result<()> {
    let mut discarded = 0;
    let mut buffer = [0_u8; 1024];
    while discarded < MAX_DISCARDED {
        match stream.read(&mut buffer).await? {
            0 => break,
            count => discarded += count,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_transport::Listener;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    #[tokio::test]
    async fn a_client_that_had_already_spoken_still_hears_why() {
        let mut listener = Listener::bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let mut near = TcpStream::connect(listener.local_addrs()[0]).unwrap();
        near.write_all(b"NICK ann\r\nUSER ann 0 * :Ann\r\n")
            .unwrap();
        let connection = listener.accept().await.unwrap();
        let refuser = Refuser::new();
        refuser.refuse(connection, FULL);
        let reader = tokio::task::spawn_blocking(move || {
            let mut text = String::new();
            near.read_to_string(&mut text).map(|_| text)
        });
        assert_eq!(reader.await.unwrap().unwrap(), FULL, "and a clean end");
        refuser.finish().await;
        assert_eq!(refuser.lingering.available_permits(), MAX_LINGERING);
    }

    #[test]
    fn a_reason_cannot_break_the_line() {
        assert_eq!(closing_line("a\r\nb\0c"), "ERROR :a  b c\r\n");
        let long = closing_line(&"ä".repeat(500));
        assert!(long.len() <= 512 && long.ends_with("ä\r\n"));
    }
}
