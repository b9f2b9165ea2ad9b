//! Listening addresses of every kind, behind which there are only connections of plain lines.
//!
//! Plain addresses are accepted on where [`Doors::next`] is called. TLS and WebSocket end on a thread
//! of their own: it accepts, does the handshakes, and copies between each such connection and one
//! end of a socket pair; the other end is what comes out here. So whoever serves connections never
//! waits for cryptography, and the private key is in this process alone.
//!
//! Handshakes are bounded in number ([`MAX_HANDSHAKES`]) and time ([`HANDSHAKE_TIMEOUT`]; where there
//! is no room for another, the oldest is given up once it has had [`CROWDED_TIMEOUT`]). One that
//! fails comes out as [`Arrival::Failed`], so that it can be counted.

mod fence;
mod handshake;
mod thread;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::timeout;

pub use fence::Fence;

use crate::tls::Identity;
use crate::{BindError, Connection, Listener, bind_socket};

/// Handshakes that may be under way at the same time. More connections wait in the kernel's queue.
pub const MAX_HANDSHAKES: usize = 512;

/// How long one may take.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long one is sure to be given where there is no room for another.
pub const CROWDED_TIMEOUT: Duration = Duration::from_secs(2);

/// Connections that have come through and wait to be taken.
const WAITING: usize = 64;

/// How long the thread may take to end once it is told to.
const END: Duration = Duration::from_secs(4);

/// What is spoken at a listening address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Lines.
    Plain,
    /// Lines over TLS.
    Tls,
    /// WebSocket.
    WebSocket,
    /// WebSocket over TLS.
    SecureWebSocket,
}

/// Which doors there are to be.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Addresses for lines.
    pub plain: Vec<SocketAddr>,
    /// Addresses for lines over TLS.
    pub tls: Vec<SocketAddr>,
    /// Addresses for WebSocket.
    pub websocket: Vec<SocketAddr>,
    /// Addresses for WebSocket over TLS.
    pub secure_websocket: Vec<SocketAddr>,
    /// Who the server is, for those with TLS.
    pub identity: Option<Arc<Identity>>,
    /// Masks of the web pages (`https://chat.example.org`) that may connect to the WebSocket
    /// addresses; none: all. Programs that are no browsers do not tell theirs and are let in.
    pub origins: Vec<String>,
    /// How long a handshake may take: [`HANDSHAKE_TIMEOUT`] unless set.
    pub handshake_timeout: Duration,
}

/// Listening addresses of every kind; see the [module](self).
#[derive(Debug)]
pub struct Doors {
    plain: Option<Listener>,
    thread: Option<Thread>,
    addresses: Vec<(Kind, SocketAddr)>,
    identity: Option<Arc<Identity>>,
}

/// What came to a door.
#[derive(Debug)]
pub enum Arrival {
    /// A connection of plain lines.
    Connection(Connection),
    /// So many connections did not get through their handshake.
    Failed(u64),
}

/// Why doors cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// An address cannot be taken.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// There are addresses for TLS and no certificate.
    #[error("TLS addresses need a certificate and its key")]
    NoIdentity,
    /// The system refused something else.
    #[error("cannot serve TLS or WebSocket: {0}")]
    System(#[from] io::Error),
}

/// The connecting line to the thread.
#[derive(Debug)]
struct Thread {
    fence: Fence,
    arrivals: mpsc::Receiver<Connection>,
    failures: Arc<Failures>,
    stage: watch::Sender<Stage>,
    ended: Option<oneshot::Receiver<()>>,
}

/// Handshakes that failed and were not reported yet.
#[derive(Debug, Default)]
struct Failures {
    count: AtomicU64,
    news: Notify,
}

/// What the thread is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// Nobody new is let in.
    Closed,
    /// It ends when its last connection does, or after a moment.
    Ending,
}

// === impl Kind ===

impl Kind {
    /// Whether what comes there is secure.
    #[must_use]
    pub fn is_secure(self) -> bool {
        matches!(self, Kind::Tls | Kind::SecureWebSocket)
    }

    /// How an address of this kind is written: `ircs://`, `ws://`, `wss://`, or nothing.
    #[must_use]
    pub fn scheme(self) -> &'static str {
        match self {
            Kind::Plain => "",
            Kind::Tls => "ircs://",
            Kind::WebSocket => "ws://",
            Kind::SecureWebSocket => "wss://",
        }
    }
}

// === impl Plan ===

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            plain: Vec::new(),
            tls: Vec::new(),
            websocket: Vec::new(),
            secure_websocket: Vec::new(),
            identity: None,
            origins: Vec::new(),
            handshake_timeout: HANDSHAKE_TIMEOUT,
        }
    }
}

impl Plan {
    /// Whether there is no address in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let guarded = [&self.tls, &self.websocket, &self.secure_websocket];
        self.plain.is_empty() && guarded.iter().all(|addresses| addresses.is_empty())
    }

    /// Whether something in it needs a certificate.
    #[must_use]
    pub fn needs_identity(&self) -> bool {
        !(self.tls.is_empty() && self.secure_websocket.is_empty())
    }
}

// === impl Doors ===

impl Doors {
    /// Listens on every address of the plan. A thread is started if there is one that is not plain.
    ///
    /// [`Peer::listener`](crate::Peer::listener) counts through the addresses in the order of the plan's fields.
    ///
    /// # Errors
    /// [`OpenError`]; nothing is kept then. Must be called inside a tokio runtime.
    pub fn open(plan: &Plan) -> Result<Doors, OpenError> {
        let Plan {
            plain,
            tls,
            websocket,
            secure_websocket,
            ..
        } = plan;
        if plan.identity.is_none() && plan.needs_identity() {
            return Err(OpenError::NoIdentity);
        }
        let mut doors = Doors::from(Listener::bind(plain)?);
        let guarded = [
            (Kind::Tls, tls),
            (Kind::WebSocket, websocket),
            (Kind::SecureWebSocket, secure_websocket),
        ];
        let mut sockets = Vec::new();
        for (kind, addresses) in guarded {
            for &address in addresses {
                let socket = bind_socket(address)?;
                let bound = rustix::net::getsockname(&socket).map_err(io::Error::from)?;
                let bound = SocketAddr::try_from(bound).unwrap_or(address);
                doors.addresses.push((kind, bound));
                sockets.push((kind, socket));
            }
        }
        if !sockets.is_empty() {
            let first = u16::try_from(plain.len()).unwrap_or(u16::MAX);
            doors.thread = Some(Thread::start(plan, first, sockets)?);
        }
        doors.identity.clone_from(&plan.identity);
        Ok(doors)
    }

    /// The addresses, with the ports that the system chose, and what is spoken there.
    #[must_use]
    pub fn addresses(&self) -> &[(Kind, SocketAddr)] {
        &self.addresses
    }

    /// The certificate of those with TLS.
    #[must_use]
    pub fn identity(&self) -> Option<&Arc<Identity>> {
        self.identity.as_ref()
    }

    /// What waits until everything is handed on that has come over TLS or WebSocket; `None`: there
    /// is no such door.
    #[must_use]
    pub fn fence(&self) -> Option<Fence> {
        self.thread.as_ref().map(|thread| thread.fence.clone())
    }

    /// Waits for whoever comes next. With no address, or once closed, it waits for ever.
    ///
    /// Dropping the future loses nobody.
    ///
    /// # Errors
    /// Only what makes a listener useless, as [`Listener::accept`].
    pub async fn next(&mut self) -> io::Result<Arrival> {
        tokio::select! {
            accepted = accept(&mut self.plain) => accepted.map(Arrival::Connection),
            arrival = passed(&mut self.thread) => arrival,
        }
    }

    /// Lets nobody new in. Connections that are open stay so; what comes back are those who had just
    /// come through and were not taken.
    pub fn close(&mut self) -> Vec<Arrival> {
        self.plain = None;
        let Some(thread) = &mut self.thread else {
            return Vec::new();
        };
        thread.stage.send_replace(Stage::Closed);
        thread.arrivals.close();
        let mut left = Vec::new();
        while let Ok(connection) = thread.arrivals.try_recv() {
            left.push(Arrival::Connection(connection));
        }
        left
    }

    /// Ends: waits until the open connections have written their last words, within bounds, and gives
    /// the number of handshakes that were not reported as failed yet.
    pub async fn finish(mut self) -> u64 {
        let left = self.close();
        let Some(thread) = &mut self.thread else {
            return 0;
        };
        thread.stage.send_replace(Stage::Ending);
        if let Some(ended) = thread.ended.take() {
            let _ = timeout(END, ended).await;
        }
        let untaken = u64::try_from(left.len()).unwrap_or(u64::MAX);
        untaken.saturating_add(thread.failures.take())
    }
}

impl From<Listener> for Doors {
    /// Plain addresses alone.
    fn from(listener: Listener) -> Doors {
        let addresses = listener.local_addrs().into_iter();
        Doors {
            addresses: addresses.map(|address| (Kind::Plain, address)).collect(),
            plain: Some(listener),
            thread: None,
            identity: None,
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.stage.send_replace(Stage::Ending);
    }
}

// === helpers ===

async fn accept(listener: &mut Option<Listener>) -> io::Result<Connection> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

async fn passed(thread: &mut Option<Thread>) -> io::Result<Arrival> {
    let Some(thread) = thread else {
        return std::future::pending().await;
    };
    tokio::select! {
        failed = thread.failures.wait() => Ok(Arrival::Failed(failed)),
        passed = thread.arrivals.recv() => match passed {
            Some(connection) => Ok(Arrival::Connection(connection)),
            None if *thread.stage.borrow() == Stage::Open => {
                let reason = "the thread of TLS and WebSocket has ended";
                Err(io::Error::other(reason))
            }
            None => std::future::pending().await,
        },
    }
}

impl Failures {
    fn add(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.news.notify_one();
    }

    fn take(&self) -> u64 {
        self.count.swap(0, Ordering::Relaxed)
    }

    /// How many there are, once there are some.
    async fn wait(&self) -> u64 {
        loop {
            match self.take() {
                0 => self.news.notified().await,
                failed => return failed,
            }
        }
    }
}
