//! One byte stream, whatever carries it.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use rustix::net::{AddressFamily, SocketType, sockopt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use crate::Socket;

/// A connected byte stream that the runtime watches: [`AsyncRead`] and [`AsyncWrite`].
#[derive(Debug)]
pub enum Stream {
    /// A TCP connection.
    Tcp(TcpStream),
    /// A Unix stream socket: one end of a pair.
    Unix(UnixStream),
}

/// Calls the same method on whichever stream is inside.
macro_rules! either {
    ($self:expr, $stream:ident => $call:expr) => {
        match $self {
            Stream::Tcp($stream) => $call,
            Stream::Unix($stream) => $call,
        }
    };
}

impl Stream {
    /// Gives the socket back, no longer known to the runtime, still non-blocking.
    ///
    /// # Errors
    /// Fails if the runtime cannot let go of it.
    pub fn into_owned_fd(self) -> io::Result<OwnedFd> {
        match self {
            Stream::Tcp(stream) => stream.into_std().map(OwnedFd::from),
            Stream::Unix(stream) => stream.into_std().map(OwnedFd::from),
        }
    }

    /// The address at this end; `None` on a Unix socket.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        match self {
            Stream::Tcp(stream) => stream.local_addr().ok().map(canonical),
            Stream::Unix(_) => None,
        }
    }
}

impl TryFrom<Socket> for Stream {
    type Error = io::Error;

    /// Has the runtime watch a socket, found to be TCP or Unix by asking the kernel. It is made
    /// non-blocking, and TCP is told not to wait for more before it sends.
    ///
    /// # Errors
    /// Fails on anything that is not a stream socket of these families, and if the runtime does not
    /// take it. Must be called inside a tokio runtime.
    fn try_from(socket: Socket) -> io::Result<Stream> {
        let fd = OwnedFd::from(socket);
        if sockopt::socket_type(&fd)? != SocketType::STREAM {
            return Err(not_a_stream());
        }
        rustix::io::ioctl_fionbio(&fd, true)?;
        match sockopt::socket_domain(&fd)? {
            AddressFamily::INET | AddressFamily::INET6 => {
                sockopt::set_tcp_nodelay(&fd, true)?;
                TcpStream::from_std(fd.into()).map(Stream::Tcp)
            }
            AddressFamily::UNIX => UnixStream::from_std(fd.into()).map(Stream::Unix),
            _ => Err(not_a_stream()),
        }
    }
}

/// An IPv4 address that arrived over an IPv6 socket is still an IPv4 address: masks, bans and
/// limits must see one form only.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn not_a_stream() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "not a TCP or Unix stream socket",
    )
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        either!(self, stream => stream.as_fd())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_read(context, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_write_vectored(context, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_pair_talks() {
        let (a, b) = Socket::pair().unwrap();
        let mut a = Stream::try_from(a).unwrap();
        let mut b = Stream::try_from(b).unwrap();
        let pieces = [IoSlice::new(b"one "), IoSlice::new(b"two")];
        assert_eq!(a.write_vectored(&pieces).await.unwrap(), 7);
        a.shutdown().await.unwrap();
        let mut text = String::new();
        b.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "one two");
    }

    #[tokio::test]
    async fn sockets_find_their_kind() {
        let (a, b) = Socket::pair().unwrap();
        let a = Stream::try_from(a).unwrap();
        assert!(matches!(a, Stream::Unix(_)));
        assert_eq!(a.local_addr(), None);
        drop(b);

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let tcp = std::net::TcpStream::connect(address).unwrap();
        let own = tcp.local_addr().unwrap();
        let stream = Stream::try_from(Socket::from(OwnedFd::from(tcp))).unwrap();
        let Stream::Tcp(inner) = &stream else {
            panic!("{stream:?} should be TCP");
        };
        assert!(inner.nodelay().unwrap());
        assert_eq!(stream.local_addr(), Some(own));

        let file = std::fs::File::open("/dev/null").unwrap();
        assert!(Stream::try_from(Socket::from(OwnedFd::from(file))).is_err());
        let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        assert!(Stream::try_from(Socket::from(OwnedFd::from(udp))).is_err());
    }

    #[test]
    fn mapped_addresses_are_shown_as_what_they_are() {
        let mapped = "[::ffff:192.0.2.1]:7".parse().unwrap();
        assert_eq!(canonical(mapped), "192.0.2.1:7".parse().unwrap());
    }
}
