//! Several listening addresses behind one `accept`.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, ipproto, sockopt};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, sleep_until};

use crate::stream::canonical;
use crate::watch::watched;
use crate::{Connection, Peer, Socket};

/// How many connections the kernel holds per address until they are accepted (it may hold fewer:
/// `net.core.somaxconn`).
pub const BACKLOG: i32 = 4096;

/// How long accepting rests when the process or the machine has no descriptor left.
const PAUSE: Duration = Duration::from_millis(200);

/// While descriptors are short the log says so once in this time.
const TELL: Duration = Duration::from_secs(10);

/// TCP listeners that accept as one.
#[derive(Debug)]
pub struct Listener {
    sockets: Vec<Bound>,
    /// Where the next look starts, so that a busy address does not starve the others.
    next: usize,
    /// Accepting rests until then. Kept here, not in the future: `accept` may be dropped and called
    /// again at any time, and must not spin then either.
    paused_until: Option<Instant>,
    /// When the log was told last that accepting pauses.
    told: Option<Instant>,
}

/// A listening address could not be taken.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct BindError {
    /// The address that was asked for.
    pub address: SocketAddr,
    /// What the system said.
    pub source: io::Error,
}

#[derive(Debug)]
struct Bound {
    socket: AsyncFd<OwnedFd>,
    address: SocketAddr,
}

impl Listener {
    /// Listens on every one of `addresses`; port 0 lets the system choose.
    ///
    /// An IPv6 address stands for IPv6 alone, so `0.0.0.0` and `[::]` can be listened on together.
    ///
    /// # Errors
    /// The first address that cannot be taken; none is kept then. Must be called inside a tokio
    /// runtime.
    pub fn bind(addresses: &[SocketAddr]) -> Result<Listener, BindError> {
        let mut sockets = Vec::with_capacity(addresses.len());
        for &address in addresses {
            let failed = |source| BindError { address, source };
            let socket = Bound::new(bind_socket(address)?).map_err(failed)?;
            sockets.push(socket);
        }
        Ok(Listener::of(sockets))
    }

    /// Takes over sockets that listen already, such as those of a launcher.
    ///
    /// # Errors
    /// Fails if one of them is not a listening TCP socket. Must be called inside a tokio runtime.
    pub fn from_owned_fds(fds: impl IntoIterator<Item = OwnedFd>) -> io::Result<Listener> {
        let sockets: io::Result<_> = fds.into_iter().map(Bound::new).collect();
        Ok(Listener::of(sockets?))
    }

    /// Gives the listening sockets back, in the order of their addresses.
    #[must_use]
    pub fn into_owned_fds(self) -> Vec<OwnedFd> {
        let sockets = self.sockets.into_iter();
        sockets.map(|bound| bound.socket.into_inner()).collect()
    }

    /// The addresses listened on, with the ports that the system chose.
    #[must_use]
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        self.sockets.iter().map(|socket| socket.address).collect()
    }

    /// Waits for the next connection on any of the addresses. With no address it waits for ever.
    ///
    /// A client that left before it was accepted is passed over. When descriptors or memory run
    /// out, accepting pauses for 200 ms at a time and the log says so, every ten seconds at most.
    /// Dropping the future loses no connection.
    ///
    /// # Errors
    /// Only what makes the listener useless, for example that its socket was shut down.
    pub async fn accept(&mut self) -> io::Result<Connection> {
        loop {
            if let Some(until) = self.paused_until {
                sleep_until(until).await;
                self.paused_until = None;
            }
            match poll_fn(|context| self.poll_accept(context)).await {
                (index, Ok((socket, address))) => {
                    return Ok(self.connection(index, socket.into(), address));
                }
                (index, Err(error)) => match verdict(&error) {
                    Verdict::TryAgain => {}
                    Verdict::Pause => {
                        self.pause(index, &error);
                    }
                    Verdict::GiveUp => return Err(error),
                },
            }
        }
    }

    fn of(sockets: Vec<Bound>) -> Listener {
        Listener {
            sockets,
            next: 0,
            paused_until: None,
            told: None,
        }
    }

    /// Rests for a while. Where descriptors stay short that happens again and again, so the log is
    /// told of the first time only, and then every ten seconds.
    fn pause(&mut self, index: usize, error: &io::Error) {
        let now = Instant::now();
        self.paused_until = Some(now + PAUSE);
        if self.told.is_none_or(|told| now >= told + TELL) {
            self.told = Some(now);
            let address = self.sockets[index].address;
            tracing::warn!(%address, %error, "accepting pauses, 200 ms at a time");
        }
    }

    /// Asks each socket once, beginning after the one that gave the last connection.
    fn poll_accept(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<(usize, io::Result<(OwnedFd, SocketAddr)>)> {
        let count = self.sockets.len();
        for step in 0..count {
            let index = (self.next + step) % count;
            if let Poll::Ready(result) = self.sockets[index].poll_accept(context) {
                self.next = (index + 1) % count;
                return Poll::Ready((index, result));
            }
        }
        Poll::Pending
    }

    fn connection(&self, index: usize, socket: Socket, address: SocketAddr) -> Connection {
        let bound = self.sockets[index].address;
        // Only a wildcard listener has to ask which of the machine's addresses was meant.
        let local = if bound.ip().is_unspecified() {
            socket.local_addr()
        } else {
            Some(canonical(bound))
        };
        let peer = Peer {
            address: Some(canonical(address)),
            local,
            listener: u16::try_from(index).unwrap_or(u16::MAX),
            ..Peer::default()
        };
        Connection { socket, peer }
    }
}

impl Bound {
    fn new(fd: OwnedFd) -> io::Result<Bound> {
        if !sockopt::socket_acceptconn(&fd)? {
            let reason = "not a listening socket";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        rustix::io::ioctl_fionbio(&fd, true)?;
        // Accepted sockets take this over from the listening one: no call per connection.
        sockopt::set_tcp_nodelay(&fd, true)?;
        let address = SocketAddr::try_from(rustix::net::getsockname(&fd)?)?;
        let socket = watched(fd, Interest::READABLE)?;
        Ok(Bound { socket, address })
    }

    fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<(OwnedFd, SocketAddr)>> {
        loop {
            let mut ready = ready!(self.socket.poll_read_ready(context))?;
            if let Ok(accepted) = ready.try_io(|socket| accept(socket.get_ref())) {
                return Poll::Ready(accepted);
            }
        }
    }
}

fn accept(listening: &OwnedFd) -> io::Result<(OwnedFd, SocketAddr)> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (socket, address) = rustix::net::acceptfrom_with(listening, flags)?;
    // The kernel always names the far end of a TCP connection.
    let address = address.ok_or(Errno::AFNOSUPPORT)?;
    Ok((socket, SocketAddr::try_from(address)?))
}

/// Makes one listening socket without a runtime, for example to hand it to another process.
///
/// The address may be taken again while old connections of an earlier run still linger.
///
/// # Errors
/// As [`Listener::bind`].
pub fn bind_socket(address: SocketAddr) -> Result<OwnedFd, BindError> {
    listen(address).map_err(|errno| BindError {
        address,
        source: errno.into(),
    })
}

fn listen(address: SocketAddr) -> Result<OwnedFd, Errno> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let tcp = Some(ipproto::TCP);
    let fd = rustix::net::socket_with(family, SocketType::STREAM, flags, tcp)?;
    sockopt::set_socket_reuseaddr(&fd, true)?;
    if family == AddressFamily::INET6 {
        sockopt::set_ipv6_v6only(&fd, true)?;
    }
    rustix::net::bind(&fd, &address)?;
    rustix::net::listen(&fd, BACKLOG)?;
    Ok(fd)
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    TryAgain,
    Pause,
    GiveUp,
}

/// What an error of accept(2) means for the listener.
fn verdict(error: &io::Error) -> Verdict {
    match Errno::from_io_error(error) {
        // The connection, not the listener: accept(2) hands on errors of the network that were
        // already pending for the new socket.
        Some(
            Errno::CONNABORTED
            | Errno::INTR
            | Errno::PERM
            | Errno::PROTO
            | Errno::NOPROTOOPT
            | Errno::NETDOWN
            | Errno::NETUNREACH
            | Errno::HOSTDOWN
            | Errno::HOSTUNREACH
            | Errno::NONET
            | Errno::OPNOTSUPP
            | Errno::TIMEDOUT,
        ) => Verdict::TryAgain,
        Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => Verdict::Pause,
        _ => Verdict::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    fn loopback() -> SocketAddr {
        "127.0.0.1:0".parse().unwrap()
    }

    #[tokio::test]
    async fn every_address_is_served_and_named() {
        let mut listener = Listener::bind(&[loopback(), loopback()]).unwrap();
        let addresses = listener.local_addrs();
        assert_ne!(addresses[0], addresses[1]);
        for _ in 0..3 {
            for (index, &address) in addresses.iter().enumerate() {
                let client = std::net::TcpStream::connect(address).unwrap();
                let connection = listener.accept().await.unwrap();
                assert_eq!(usize::from(connection.peer.listener), index);
                assert_eq!(connection.peer.address, client.local_addr().ok());
                assert_eq!(connection.peer.local, Some(address));
                assert!(!connection.peer.secure);
                let nodelay = sockopt::tcp_nodelay(connection.socket.as_fd());
                assert!(nodelay.unwrap(), "taken over from the listener");
            }
        }
    }

    #[tokio::test]
    async fn a_busy_address_does_not_starve_another() {
        let mut listener = Listener::bind(&[loopback(), loopback()]).unwrap();
        let addresses = listener.local_addrs();
        let connect = |index: usize| std::net::TcpStream::connect(addresses[index]).unwrap();
        let _clients = [connect(0), connect(0), connect(0), connect(0), connect(1)];
        let mut order = Vec::new();
        for _ in 0..5 {
            order.push(listener.accept().await.unwrap().peer.listener);
        }
        assert!(order[..3].contains(&1), "{order:?}");
    }

    #[tokio::test]
    async fn a_taken_port_is_named() {
        let first = Listener::bind(&[loopback()]).unwrap();
        let taken = first.local_addrs()[0];
        let error = Listener::bind(&[loopback(), taken]).unwrap_err();
        assert_eq!(error.address, taken);
        assert_eq!(error.source.kind(), io::ErrorKind::AddrInUse);
    }

    #[tokio::test]
    async fn listening_sockets_travel_as_descriptors() {
        let bound = Listener::bind(&[loopback()]).unwrap();
        let address = bound.local_addrs()[0];
        let client = std::net::TcpStream::connect(address).unwrap();
        let fds = bound.into_owned_fds();
        let mut listener = Listener::from_owned_fds(fds).unwrap();
        let connection = listener.accept().await.unwrap();
        assert_eq!(connection.peer.address, client.local_addr().ok());

        let stranger = OwnedFd::from(client);
        assert!(Listener::from_owned_fds([stranger]).is_err());
    }

    #[tokio::test]
    async fn a_wildcard_listener_knows_the_address_that_was_meant() {
        let mut listener = Listener::bind(&["0.0.0.0:0".parse().unwrap()]).unwrap();
        let port = listener.local_addrs()[0].port();
        let _client = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        let peer = listener.accept().await.unwrap().peer;
        assert_eq!(peer.local, Some(SocketAddr::from(([127, 0, 0, 1], port))));
    }

    #[test]
    fn errors_are_judged() {
        let judge = |errno: Errno| verdict(&errno.into());
        assert_eq!(judge(Errno::CONNABORTED), Verdict::TryAgain);
        assert_eq!(judge(Errno::MFILE), Verdict::Pause);
        assert_eq!(judge(Errno::NFILE), Verdict::Pause);
        assert_eq!(judge(Errno::INVAL), Verdict::GiveUp);
        assert_eq!(judge(Errno::BADF), Verdict::GiveUp);
    }
}
