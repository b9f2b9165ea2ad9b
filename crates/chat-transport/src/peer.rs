//! Who is at the other end.

use std::io;
use std::net::SocketAddr;

use crate::{Socket, Stream};

/// What is known about the far end of a connection before its first byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peer {
    /// The peer's address; `None` where there is none (a pipe).
    pub address: Option<SocketAddr>,
    /// The address that it connected to.
    pub local: Option<SocketAddr>,
    /// The bytes were protected on their way (TLS at the edge, or a local socket said to count so).
    pub secure: bool,
    /// SHA-256 fingerprint of the certificate that the client proved to hold.
    pub certificate: Option<[u8; 32]>,
    /// Which of the listening addresses took it: its place in the list given to
    /// [`Listener::bind`](crate::Listener::bind).
    pub listener: u16,
}

/// A socket together with who is at its other end.
#[derive(Debug)]
pub struct Connection {
    /// The bytes.
    pub socket: Socket,
    /// The far end.
    pub peer: Peer,
}

impl Connection {
    /// The bytes, as a stream that the runtime watches.
    ///
    /// # Errors
    /// As the conversion of a [`Socket`] into a [`Stream`]. Must be called inside a tokio runtime.
    pub fn into_stream(self) -> io::Result<Stream> {
        Stream::try_from(self.socket)
    }

    /// A connection without a network below it, and the client's end of it.
    ///
    /// # Errors
    /// As [`Socket::pair`]. Must be called inside a tokio runtime.
    pub fn pair() -> io::Result<(Connection, Stream)> {
        let (socket, client) = Socket::pair()?;
        let peer = Peer::default();
        Ok((Connection { socket, peer }, client.try_into()?))
    }
}
