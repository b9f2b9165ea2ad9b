//! A connected socket that no runtime knows.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{RecvFlags, SendFlags, Shutdown};

use crate::stream::canonical;

/// A connected stream socket, TCP or Unix, that is never waited for here.
///
/// It is a descriptor and nothing else, so that a server can hold very many and a launcher can pass
/// them on. A [`Watch`](crate::Watch) tells when there is something to do; a
/// [`Stream`](crate::Stream) is made of it where few are to be waited for one by one.
#[derive(Debug)]
pub struct Socket(OwnedFd);

impl Socket {
    /// Two sockets that are connected to each other.
    ///
    /// # Errors
    /// Fails where no descriptor is left.
    pub fn pair() -> io::Result<(Socket, Socket)> {
        let (a, b) = UnixStream::pair()?;
        Ok((Socket(a.into()), Socket(b.into())))
    }

    /// Reads what is there into `room`; 0 means that the peer has finished.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if nothing is there, else the socket's error.
    pub fn try_read(&self, room: &mut [u8]) -> io::Result<usize> {
        let (count, _) = rustix::net::recv(&self.0, room, RecvFlags::DONTWAIT)?;
        Ok(count)
    }

    /// Writes as much as fits now and says how many bytes that were.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if nothing fits, else the socket's error.
    pub fn try_send(&self, bytes: &[u8]) -> io::Result<usize> {
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        Ok(rustix::net::send(&self.0, bytes, flags)?)
    }

    /// Tells the peer that nothing more will be written; reading goes on.
    ///
    /// # Errors
    /// The socket's error, for example when it is no longer connected.
    pub fn shutdown_write(&self) -> io::Result<()> {
        Ok(rustix::net::shutdown(&self.0, Shutdown::Write)?)
    }

    /// The address at this end; `None` on a Unix socket.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        let address = rustix::net::getsockname(&self.0).ok()?;
        SocketAddr::try_from(address).ok().map(canonical)
    }
}

impl From<OwnedFd> for Socket {
    /// Takes over a connected stream socket. Nothing is asked of the kernel: what is no such socket
    /// fails at the first read or write.
    fn from(fd: OwnedFd) -> Socket {
        Socket(fd)
    }
}

impl From<Socket> for OwnedFd {
    fn from(socket: Socket) -> OwnedFd {
        socket.0
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_waits() {
        let (a, b) = Socket::pair().unwrap();
        let mut room = [0; 8];
        let nothing = b.try_read(&mut room).unwrap_err();
        assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(a.try_send(b"one two three").unwrap(), 13);
        assert_eq!(b.try_read(&mut room).unwrap(), 8);
        assert_eq!(&room, b"one two ");
        a.shutdown_write().unwrap();
        assert_eq!(b.try_read(&mut room).unwrap(), 5);
        assert_eq!(b.try_read(&mut room).unwrap(), 0, "the end");
        assert_eq!(a.local_addr(), None);

        let chunk = vec![b'x'; 64 * 1024];
        let full = (0..1024).find_map(|_| b.try_send(&chunk).err());
        assert_eq!(full.unwrap().kind(), io::ErrorKind::WouldBlock);
        drop(a);
        assert_eq!(
            b.try_send(b"x").unwrap_err().kind(),
            io::ErrorKind::BrokenPipe
        );
    }

    #[test]
    fn what_is_no_socket_fails_when_it_is_used() {
        let file = std::fs::File::open("/dev/null").unwrap();
        let socket = Socket::from(OwnedFd::from(file));
        assert!(socket.try_send(b"x").is_err());
        assert!(socket.try_read(&mut [0]).is_err());
    }
}
