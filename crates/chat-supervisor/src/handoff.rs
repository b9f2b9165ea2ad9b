//! What launcher and server say to each other, and the socket that carries it.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use chat_transport::{Peer, watched};
use rustix::net::Shutdown;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::packet::{self, Packet, RecvError, SendError};

/// Launcher to server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    /// The first message: who the server is. Comes with a listening socket if it has a port of its
    /// own.
    Assignment(Assignment),
    /// A client's connection; its socket comes along.
    Connection(Header),
    /// Nobody new comes; leave when the last client has left.
    Drain,
    /// Leave now, and tell the clients why.
    Shutdown { reason: String },
}

/// Server to launcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Report {
    /// Connections may come.
    Ready,
    /// The connection is in the server's hands; the launcher forgets its copy.
    Taken { id: u64 },
    /// The connection could not be taken (no descriptor left, no longer accepting): somebody else
    /// should have it. Its place is given back by the launcher.
    Refused { id: u64 },
}

/// Who a server process is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Assignment {
    /// 0 for Server-1.
    pub(crate) index: u16,
    pub(crate) name: SmolStr,
    /// How often this server has been started, 1 at first.
    pub(crate) attempt: u32,
    /// What only the role understands.
    pub(crate) payload: Vec<u8>,
    /// A listening socket comes along: with it lost, the server must not start as if it had none.
    pub(crate) direct: bool,
}

/// What travels with a client's socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// Names the connection in [`Report`]s; unique among all that the launcher ever hands over.
    pub(crate) id: u64,
    address: Option<SocketAddr>,
    local: Option<SocketAddr>,
    listener: u16,
    secure: bool,
    certificate: Option<[u8; 32]>,
}

impl Header {
    pub(crate) fn new(id: u64, peer: &Peer) -> Header {
        Header {
            id,
            address: peer.address,
            local: peer.local,
            listener: peer.listener,
            secure: peer.secure,
            certificate: peer.certificate,
        }
    }

    pub(crate) fn into_peer(self) -> Peer {
        Peer {
            address: self.address,
            local: self.local,
            listener: self.listener,
            secure: self.secure,
            certificate: self.certificate,
        }
    }
}

/// One end of a control socket inside a tokio runtime.
#[derive(Debug)]
pub(crate) struct Link {
    /// Watched for reading alone: of a Unix socket the kernel says that it can be written whenever the
    /// other side has read, which would wake who hands a client over once more.
    socket: AsyncFd<OwnedFd>,
}

impl Link {
    /// Takes an end over and makes it non-blocking.
    pub(crate) fn new(socket: OwnedFd) -> io::Result<Link> {
        rustix::io::ioctl_fionbio(&socket, true)?;
        let socket = watched(socket, Interest::READABLE)?;
        Ok(Link { socket })
    }

    /// Sends now or not at all.
    pub(crate) fn try_send(
        &self,
        message: &impl Serialize,
        fd: Option<BorrowedFd<'_>>,
    ) -> Result<(), SendError> {
        packet::send(self.socket.as_fd(), message, fd)
    }

    /// Sends, waiting for room.
    pub(crate) async fn send(
        &self,
        message: &impl Serialize,
        fd: Option<BorrowedFd<'_>>,
    ) -> Result<(), SendError> {
        let first = self.try_send(message, fd);
        if !matches!(first, Err(SendError::Full)) {
            return first;
        }
        let other = self.socket.get_ref().try_clone();
        let Ok(full) = other.and_then(|other| watched(other, Interest::WRITABLE)) else {
            return first;
        };
        let attempt = |socket: &OwnedFd| match packet::send(socket.as_fd(), message, fd) {
            Err(SendError::Full) => Err(io::ErrorKind::WouldBlock.into()),
            done => Ok(done),
        };
        let sent = full.async_io(Interest::WRITABLE, attempt).await;
        sent.unwrap_or(Err(SendError::Closed))
    }

    /// Says that nothing more will be sent; the other end sees the end.
    pub(crate) fn finish(&self) {
        // It fails only where the other end is gone already.
        let _ = rustix::net::shutdown(&self.socket, Shutdown::Write);
    }

    /// Receives what is there now.
    #[cfg(test)]
    pub(crate) fn try_receive<M: DeserializeOwned>(
        &self,
        buffer: &mut [u8],
    ) -> Result<Packet<M>, RecvError> {
        packet::receive(self.socket.as_fd(), buffer)
    }

    /// Receives the next message. Dropping the future loses none.
    pub(crate) async fn receive<M: DeserializeOwned>(
        &self,
        buffer: &mut [u8],
    ) -> Result<Packet<M>, RecvError> {
        let attempt = |socket: &OwnedFd| match packet::receive(socket.as_fd(), buffer) {
            Err(RecvError::Empty) => Err(io::ErrorKind::WouldBlock.into()),
            done => Ok(done),
        };
        let received = self.socket.async_io(Interest::READABLE, attempt).await;
        received.unwrap_or(Err(RecvError::Closed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> (Link, Link) {
        let (a, b) = packet::pair().unwrap();
        (Link::new(a).unwrap(), Link::new(b).unwrap())
    }

    #[tokio::test]
    async fn everything_known_of_a_peer_arrives() {
        let peer = Peer {
            address: Some("[2001:db8::1]:40000".parse().unwrap()),
            local: Some("192.0.2.1:6667".parse().unwrap()),
            secure: true,
            certificate: Some([7; 32]),
            listener: 3,
        };
        let (a, b) = links();
        let header = Header::new(u64::MAX, &peer);
        a.send(&Order::Connection(header), None).await.unwrap();
        let packet = b.receive::<Order>(&mut [0; 256]).await.unwrap();
        let Order::Connection(header) = packet.message else {
            panic!("{packet:?}");
        };
        assert_eq!(header.id, u64::MAX);
        assert_eq!(header.into_peer(), peer);
    }

    #[tokio::test]
    async fn a_waiting_sender_goes_on_when_the_reader_does() {
        let (a, b) = links();
        const COUNT: u64 = 5_000;
        let sender = async {
            for id in 0..COUNT {
                a.send(&Report::Taken { id }, None).await.unwrap();
            }
        };
        let receiver = async {
            for id in 0..COUNT {
                let packet = b.receive::<Report>(&mut [0; 64]).await.unwrap();
                assert_eq!(packet.message, Report::Taken { id });
            }
        };
        tokio::join!(sender, receiver);
    }
}
