//! One byte stream, whatever carries it.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BufMut;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SendFlags, Shutdown, SocketType, sockopt};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use tokio::net::{TcpStream, UnixStream};

/// A connected byte stream.
///
/// A server uses the readiness half (`readable`, `try_read_buf`, `writable`,
/// `try_write_vectored`): it holds no buffer while nothing happens, and all of it works through
/// `&self`. A socket that the runtime has just learned of, by accepting it or from a descriptor,
/// counts as not ready until it has been waited for once: the first `try_` call gives `WouldBlock`
/// even where there is room. A client uses [`AsyncRead`] and [`AsyncWrite`].
#[derive(Debug)]
pub enum Stream {
    /// A TCP connection.
    Tcp(TcpStream),
    /// A Unix stream socket: one end of a [`pair`](Stream::pair), or a local client.
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
    /// Two streams that are connected to each other.
    ///
    /// # Errors
    /// Fails where no descriptor is left. Must be called inside a tokio runtime.
    pub fn pair() -> io::Result<(Stream, Stream)> {
        let (a, b) = UnixStream::pair()?;
        Ok((Stream::Unix(a), Stream::Unix(b)))
    }

    /// Takes over a connected stream socket, found to be TCP or Unix by asking the kernel.
    ///
    /// The descriptor is made non-blocking, and TCP is told not to wait for more before it sends.
    ///
    /// # Errors
    /// Fails on anything that is not a stream socket of these families, and if the runtime does not
    /// take it. Must be called inside a tokio runtime.
    pub fn from_owned_fd(fd: OwnedFd) -> io::Result<Stream> {
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

    /// Waits until there may be something to read (or the end of it).
    ///
    /// # Errors
    /// Fails if the runtime is shutting down.
    pub async fn readable(&self) -> io::Result<()> {
        either!(self, stream => stream.readable().await)
    }

    /// Waits until something may be written.
    ///
    /// # Errors
    /// Fails if the runtime is shutting down.
    pub async fn writable(&self) -> io::Result<()> {
        either!(self, stream => stream.writable().await)
    }

    /// Waits for any of `interest`.
    ///
    /// # Errors
    /// Fails if the runtime is shutting down.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        either!(self, stream => stream.ready(interest).await)
    }

    /// Reads what is there into the free room of `buffer`; 0 means that the peer has finished.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if nothing is there, else the socket's error.
    pub fn try_read_buf(&self, buffer: &mut impl BufMut) -> io::Result<usize> {
        either!(self, stream => stream.try_read_buf(buffer))
    }

    /// Like [`try_read_buf`](Stream::try_read_buf), but what leaves room was all there is: the next
    /// call says so without asking the kernel, until more has come.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if nothing is there, else the socket's error.
    pub fn try_read_all(&self, buffer: &mut impl BufMut) -> io::Result<usize> {
        let mut read = None;
        let tried = either!(self, stream => stream.try_io(Interest::READABLE, || {
            let room = buffer.chunk_mut().len();
            let count = stream.try_read_buf(buffer)?;
            read = Some(count);
            // Noted by the runtime with the news that it had before this read: what comes from now
            // on is news again. The end of the stream stays known.
            if (1..room).contains(&count) {
                Err(io::ErrorKind::WouldBlock.into())
            } else {
                Ok(())
            }
        }));
        match (read, tried) {
            (Some(count), _) => Ok(count),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Ok(0),
        }
    }

    /// Writes as much as fits now and says how many bytes that were.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if nothing fits, else the socket's error.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        either!(self, stream => stream.try_write(bytes))
    }

    /// Like [`try_write`](Stream::try_write), but asks the kernel straight away; the runtime only
    /// learns of it where nothing fits. For many small writes to sockets that mostly take them: it
    /// also works on a socket that was never waited for.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if nothing fits, else the socket's error.
    pub fn try_send(&self, bytes: &[u8]) -> io::Result<usize> {
        let send = || {
            rustix::net::send(
                self.as_fd(),
                bytes,
                SendFlags::NOSIGNAL | SendFlags::DONTWAIT,
            )
        };
        match send() {
            // Once more where the runtime watches, so that it knows what to wait for.
            Err(Errno::AGAIN) => {
                either!(self, stream => stream.try_io(Interest::WRITABLE, || Ok(send()?)))
            }
            sent => Ok(sent?),
        }
    }

    /// Like [`try_write`](Stream::try_write), from several pieces with one system call.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if nothing fits, else the socket's error.
    pub fn try_write_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        either!(self, stream => stream.try_write_vectored(pieces))
    }

    /// Tells the peer that nothing more will be written; reading goes on.
    ///
    /// # Errors
    /// The socket's error, for example when it is no longer connected.
    pub fn shutdown_write(&self) -> io::Result<()> {
        Ok(rustix::net::shutdown(self.as_fd(), Shutdown::Write)?)
    }

    /// The peer's address; `None` on a Unix socket.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        match self {
            Stream::Tcp(stream) => stream.peer_addr().ok().map(canonical),
            Stream::Unix(_) => None,
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
    use bytes::BytesMut;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_pair_talks_by_readiness() {
        let (a, b) = Stream::pair().unwrap();
        let mut buffer = BytesMut::with_capacity(64);
        let nothing = b.try_read_buf(&mut buffer).unwrap_err();
        assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(a.try_send(b"never waited for").unwrap(), 16);
        b.readable().await.unwrap();
        assert_eq!(b.try_read_buf(&mut buffer).unwrap(), 16);
        buffer.clear();

        let pieces = [IoSlice::new(b"one "), IoSlice::new(b"two")];
        assert_eq!(a.try_write_vectored(&pieces).unwrap(), 7);
        a.shutdown_write().unwrap();
        b.readable().await.unwrap();
        assert_eq!(b.try_read_buf(&mut buffer).unwrap(), 7);
        assert_eq!(&buffer[..], b"one two");
        b.readable().await.unwrap();
        assert_eq!(b.try_read_buf(&mut buffer).unwrap(), 0, "end of stream");
    }

    #[tokio::test]
    async fn what_was_read_to_the_end_is_not_ready_until_more_comes() {
        let (a, b) = Stream::pair().unwrap();
        let mut buffer = BytesMut::with_capacity(64);
        for round in 0..3 {
            assert_eq!(a.try_send(b"ping").unwrap(), 4);
            b.readable().await.unwrap();
            assert_eq!(b.try_read_all(&mut buffer).unwrap(), 4, "round {round}");
            let nothing = b.try_read_all(&mut buffer).unwrap_err();
            assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
        }
        let mut small = BytesMut::with_capacity(8);
        let room = small.capacity();
        assert_eq!(a.try_send(&vec![b'x'; room + 3]).unwrap(), room + 3);
        drop(a);
        b.readable().await.unwrap();
        assert_eq!(b.try_read_all(&mut small).unwrap(), room, "a full buffer");
        small.clear();
        b.readable().await.unwrap();
        assert_eq!(b.try_read_all(&mut small).unwrap(), 3, "the rest");
        b.readable().await.unwrap();
        assert_eq!(b.try_read_all(&mut small).unwrap(), 0, "the end");
    }

    #[tokio::test]
    async fn a_full_socket_would_block_and_is_writable_again_once_read() {
        let (a, b) = Stream::pair().unwrap();
        let chunk = vec![b'x'; 64 * 1024];
        let mut written = 0;
        let refused = loop {
            match a.try_send(&chunk) {
                Ok(count) => written += count,
                Err(error) => break error,
            }
            assert!(written < 64 << 20, "a socket buffer has a bound");
        };
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
        let mut buffer = BytesMut::with_capacity(written);
        while buffer.len() < written {
            b.readable().await.unwrap();
            let _ = b.try_read_buf(&mut buffer);
        }
        a.writable().await.unwrap();
        assert!(a.try_send(b"more").unwrap() > 0);
    }

    #[tokio::test]
    async fn descriptors_find_their_kind_again() {
        let (a, b) = Stream::pair().unwrap();
        let a = Stream::from_owned_fd(a.into_owned_fd().unwrap()).unwrap();
        assert!(matches!(a, Stream::Unix(_)));
        assert_eq!(a.peer_addr(), None);
        drop(b);

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let tcp = std::net::TcpStream::connect(address).unwrap();
        let stream = Stream::from_owned_fd(tcp.into()).unwrap();
        let Stream::Tcp(inner) = &stream else {
            panic!("{stream:?} should be TCP");
        };
        assert!(inner.nodelay().unwrap());
        assert_eq!(stream.peer_addr(), Some(address));

        let file = std::fs::File::open("/dev/null").unwrap();
        assert!(Stream::from_owned_fd(file.into()).is_err());
        let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        assert!(Stream::from_owned_fd(udp.into()).is_err());
    }

    #[test]
    fn mapped_addresses_are_shown_as_what_they_are() {
        let mapped = "[::ffff:192.0.2.1]:7".parse().unwrap();
        assert_eq!(canonical(mapped), "192.0.2.1:7".parse().unwrap());
    }
}
