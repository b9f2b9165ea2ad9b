//! The server's side: a process that a launcher started finds out who it is and receives its
//! connections.
//!
//! ```no_run
//! # async fn example() -> Result<(), chat_supervisor::role::RoleError> {
//! use chat_supervisor::role::{Leave, Role};
//!
//! let mut role = Role::inherited().await?;
//! let listener = role.take_direct(); // a port of its own, if it has one
//! let settings = role.payload(); // whatever the launcher put there
//! // ... connect to the journal, open the board ...
//! let (mut incoming, mut notices) = role.ready().await?;
//! loop {
//!     tokio::select! {
//!         connection = incoming.next() => match connection {
//!             Some(connection) => drop(connection), // serve it
//!             None => break, // nobody new comes: drain, or leave
//!         },
//!         leave = notices.leave() => match leave {
//!             Leave::Asked { reason } => break, // tell the clients the reason
//!             Leave::LauncherGone => break,
//!         },
//!     }
//! }
//! # Ok(())
//! # }
//! ```

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use chat_transport::Connection;
use rustix::net::{SocketType, sockopt};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::handoff::{Assignment, Header, Link, Order, Report};
use crate::packet::{MAX_MESSAGE, Packet, RecvError, SendError};

/// How long a new process waits to be told who it is.
const ASSIGNMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections received but not yet asked for. Few: what waits here waits behind a busy server
/// while another may be idle, and what is left in the control socket makes the launcher choose
/// another.
const WAITING: usize = 16;

/// A server process that knows who it is and is not ready yet.
#[derive(Debug)]
pub struct Role {
    assignment: Assignment,
    direct: Option<OwnedFd>,
    link: Link,
}

/// Why a process cannot take its role.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoleError {
    /// The process was started by hand, not by a launcher.
    #[error("standard input is not a launcher's control socket")]
    NotStartedByLauncher,
    /// The launcher left before it said anything.
    #[error("the launcher is gone")]
    LauncherGone,
    /// The launcher said nothing.
    #[error("the launcher did not say who this server is")]
    NoAssignment,
    /// The launcher's first message is of another version, or lost its listening socket.
    #[error("the launcher's assignment cannot be understood")]
    BadAssignment,
    /// The control socket does not work.
    #[error("the control socket failed: {0}")]
    Socket(#[from] io::Error),
}

/// The clients that the launcher hands over.
#[derive(Debug)]
pub struct Incoming {
    queue: mpsc::Receiver<(Header, OwnedFd)>,
    link: Arc<Link>,
}

/// What the launcher wants of the server. Clones see the same.
#[derive(Debug, Clone)]
pub struct Notices {
    stage: watch::Receiver<Stage>,
}

/// Why a server has to leave at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leave {
    /// The launcher asked for it; the clients may be told the reason.
    Asked {
        /// A sentence for people.
        reason: String,
    },
    /// The launcher has died: nobody hands over connections, and nobody orders the chat.
    LauncherGone,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Serving,
    Draining,
    Leaving(Leave),
}

impl Role {
    /// The role of a process that the launcher started as a program of its own: the control socket
    /// is its standard input, which is replaced by `/dev/null`.
    ///
    /// # Errors
    /// [`RoleError`]; in particular if the process was not started by a launcher.
    pub async fn inherited() -> Result<Role, RoleError> {
        let input = io::stdin();
        if !matches!(sockopt::socket_type(&input), Ok(SocketType::SEQPACKET)) {
            return Err(RoleError::NotStartedByLauncher);
        }
        let control = input.as_fd().try_clone_to_owned()?;
        let null = std::fs::File::open("/dev/null")?;
        rustix::stdio::dup2_stdin(&null).map_err(io::Error::from)?;
        Role::receive(control).await
    }

    /// The role that comes over `control`, the socket given to a forked server.
    ///
    /// # Errors
    /// [`RoleError`].
    pub async fn receive(control: OwnedFd) -> Result<Role, RoleError> {
        let link = Link::new(control)?;
        let mut buffer = vec![0; MAX_MESSAGE];
        let received = timeout(ASSIGNMENT_TIMEOUT, link.receive(&mut buffer)).await;
        let packet: Packet<Order> = match received {
            Ok(Ok(packet)) => packet,
            Ok(Err(RecvError::Closed)) => return Err(RoleError::LauncherGone),
            Ok(Err(RecvError::Failed(errno))) => return Err(RoleError::Socket(errno.into())),
            Ok(Err(_)) => return Err(RoleError::BadAssignment),
            Err(_elapsed) => return Err(RoleError::NoAssignment),
        };
        match packet.message {
            Order::Assignment(assignment) if assignment.direct == packet.fd.is_some() => Ok(Role {
                assignment,
                direct: packet.fd,
                link,
            }),
            _ => Err(RoleError::BadAssignment),
        }
    }

    /// The server's number, from 0: Server-1 is 0. Also its slot on the board.
    #[must_use]
    pub fn index(&self) -> usize {
        usize::from(self.assignment.index)
    }

    /// The server's name, such as `Server-1`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.assignment.name
    }

    /// How often this server has been started, 1 the first time.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.assignment.attempt
    }

    /// What the launcher wants the role to know, as it was given to the fleet's builder.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.assignment.payload
    }

    /// The listening socket of the server's own port, once.
    pub fn take_direct(&mut self) -> Option<OwnedFd> {
        self.direct.take()
    }

    /// Says that connections may come now. Everything that a client needs must be in place.
    ///
    /// A task is started that listens to the launcher; it ends when the launcher does. From then on
    /// SIGTERM asks the server to leave, as the launcher can; a service manager sends it to all.
    ///
    /// # Errors
    /// [`RoleError::LauncherGone`] if nobody is left to hear it.
    pub async fn ready(self) -> Result<(Incoming, Notices), RoleError> {
        let link = Arc::new(self.link);
        match link.send(&Report::Ready, None).await {
            Ok(()) => {}
            Err(SendError::Failed(errno)) => return Err(RoleError::Socket(errno.into())),
            Err(_) => return Err(RoleError::LauncherGone),
        }
        let (sender, queue) = mpsc::channel(WAITING);
        let (changes, stage) = watch::channel(Stage::Serving);
        let listening = Listening {
            link: Arc::clone(&link),
            queue: Some(sender),
            stage: changes,
        };
        tokio::spawn(listening.run());
        Ok((Incoming { queue, link }, Notices { stage }))
    }
}

impl Incoming {
    /// The next client, or `None` when nobody new will come: the server drains or leaves.
    ///
    /// With it the launcher learns that the client is in this server's hands; until then it would
    /// give it to another server if this one died. Dropping the future loses no client.
    pub async fn next(&mut self) -> Option<Connection> {
        let (header, fd) = self.queue.recv().await?;
        let report = Report::Taken { id: header.id };
        // A report is a few bytes and the launcher always reads: a full socket means that it
        // hangs. Then the connection is served all the same, without its acknowledgement.
        if let Err(error) = self.link.try_send(&report, None) {
            tracing::debug!(%error, "a connection could not be acknowledged");
        }
        Some(Connection {
            socket: fd.into(),
            peer: header.into_peer(),
        })
    }
}

impl Notices {
    /// Waits until the server should take nobody new (drain or leave). A listener of its own is
    /// closed then.
    pub async fn draining(&mut self) {
        let changed = self.stage.wait_for(|stage| *stage != Stage::Serving).await;
        // The sender is gone only when the runtime is; nothing is new then either.
        drop(changed);
    }

    /// Waits until the server has to leave, and says why.
    pub async fn leave(&mut self) -> Leave {
        let leaving = |stage: &Stage| matches!(stage, Stage::Leaving(_));
        match self.stage.wait_for(leaving).await.as_deref() {
            Ok(Stage::Leaving(leave)) => leave.clone(),
            _ => Leave::LauncherGone,
        }
    }
}

/// The task that hears the launcher.
struct Listening {
    link: Arc<Link>,
    queue: Option<mpsc::Sender<(Header, OwnedFd)>>,
    stage: watch::Sender<Stage>,
}

impl Listening {
    async fn run(mut self) {
        let mut buffer = vec![0; MAX_MESSAGE];
        let mut terminate = signal(SignalKind::terminate()).ok();
        loop {
            let received = tokio::select! {
                received = self.link.receive::<Order>(&mut buffer) => received,
                () = signalled(&mut terminate) => {
                    self.leave("The server is shutting down".to_owned());
                    continue;
                }
            };
            let packet = match received {
                Ok(packet) => packet,
                Err(error) => {
                    tracing::warn!(%error, "the launcher is gone");
                    self.advance(Stage::Leaving(Leave::LauncherGone));
                    return;
                }
            };
            match packet.message {
                Order::Connection(header) => self.connection(header, packet.fd).await,
                Order::Drain => {
                    self.queue = None;
                    self.advance(Stage::Draining);
                }
                Order::Shutdown { reason } => self.leave(reason),
                Order::Assignment(_) => tracing::warn!("a second assignment is ignored"),
            }
        }
    }

    fn leave(&mut self, reason: String) {
        self.queue = None;
        self.advance(Stage::Leaving(Leave::Asked { reason }));
    }

    /// Queues a connection, or says that it cannot be taken: its descriptor was lost because this
    /// process has no room for one, or the server no longer accepts.
    async fn connection(&mut self, header: Header, fd: Option<OwnedFd>) {
        let id = header.id;
        if let (Some(queue), Some(fd)) = (&self.queue, fd)
            && queue.send((header, fd)).await.is_ok()
        {
            return;
        }
        if let Err(error) = self.link.send(&Report::Refused { id }, None).await {
            tracing::debug!(%error, "a refusal could not be reported");
        }
    }

    /// The first reason to leave is the one that counts; from leaving nothing leads back.
    fn advance(&self, next: Stage) {
        self.stage.send_if_modified(|stage| {
            let forward = !matches!(stage, Stage::Leaving(_)) && *stage != next;
            if forward {
                *stage = next;
            }
            forward
        });
    }
}

/// Waits for a signal; for ever where it cannot be heard.
async fn signalled(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet;
    use chat_transport::{Peer, Socket};

    fn assignment(direct: bool) -> Assignment {
        Assignment {
            index: 1,
            name: "Server-2".into(),
            attempt: 4,
            payload: vec![1, 2, 3],
            direct,
        }
    }

    /// A launcher's end and a server that has been told who it is.
    async fn role() -> (Link, Role) {
        let (near, far) = packet::pair().unwrap();
        let link = Link::new(near).unwrap();
        let order = Order::Assignment(assignment(false));
        link.send(&order, None).await.unwrap();
        (link, Role::receive(far).await.unwrap())
    }

    async fn report(link: &Link) -> Report {
        link.receive(&mut [0; 64]).await.unwrap().message
    }

    async fn hand_over(link: &Link, id: u64) -> Socket {
        let (near, far) = Socket::pair().unwrap();
        let header = Header::new(id, &Peer::default());
        let order = Order::Connection(header);
        link.send(&order, Some(far.as_fd())).await.unwrap();
        near
    }

    #[tokio::test]
    async fn a_server_learns_who_it_is() {
        let (near, far) = packet::pair().unwrap();
        let link = Link::new(near).unwrap();
        let listener = chat_transport::bind_socket("127.0.0.1:0".parse().unwrap()).unwrap();
        let order = Order::Assignment(assignment(true));
        link.send(&order, Some(listener.as_fd())).await.unwrap();
        let mut role = Role::receive(far).await.unwrap();
        assert_eq!((role.index(), role.name()), (1, "Server-2"));
        assert_eq!((role.attempt(), role.payload()), (4, &[1, 2, 3][..]));
        let direct = role.take_direct().unwrap();
        assert!(sockopt::socket_acceptconn(&direct).unwrap());
        assert!(role.take_direct().is_none());
    }

    #[tokio::test]
    async fn only_an_assignment_makes_a_role() {
        let (near, far) = packet::pair().unwrap();
        drop(near);
        let error = Role::receive(far).await.unwrap_err();
        assert!(matches!(error, RoleError::LauncherGone), "{error:?}");

        for order in [Order::Drain, Order::Assignment(assignment(true))] {
            let (near, far) = packet::pair().unwrap();
            let link = Link::new(near).unwrap();
            link.send(&order, None).await.unwrap();
            let error = Role::receive(far).await.unwrap_err();
            assert!(matches!(error, RoleError::BadAssignment), "{error:?}");
        }
    }

    #[tokio::test]
    async fn a_client_is_acknowledged_when_it_is_taken_and_not_before() {
        let (link, role) = role().await;
        let (mut incoming, _notices) = role.ready().await.unwrap();
        assert_eq!(report(&link).await, Report::Ready);
        let client = hand_over(&link, 5).await;
        tokio::task::yield_now().await;
        let nothing = link.try_receive::<Report>(&mut [0; 64]).unwrap_err();
        assert!(matches!(nothing, RecvError::Empty), "not yet taken");
        let connection = incoming.next().await.unwrap();
        assert_eq!(report(&link).await, Report::Taken { id: 5 });
        connection.socket.try_send(b"hello").unwrap();
        assert_eq!(client.try_read(&mut [0; 8]).unwrap(), 5);
    }

    #[tokio::test]
    async fn a_draining_server_refuses_who_was_still_on_the_way() {
        let (link, role) = role().await;
        let (mut incoming, mut notices) = role.ready().await.unwrap();
        assert_eq!(report(&link).await, Report::Ready);
        let _first = hand_over(&link, 1).await;
        link.send(&Order::Drain, None).await.unwrap();
        let _second = hand_over(&link, 2).await;
        notices.draining().await;
        assert!(incoming.next().await.is_some(), "came before the drain");
        assert!(incoming.next().await.is_none());
        let mut reports = [report(&link).await, report(&link).await];
        reports.sort_by_key(|report| matches!(report, Report::Refused { .. }));
        let expected = [Report::Taken { id: 1 }, Report::Refused { id: 2 }];
        assert_eq!(reports, expected);
    }

    #[tokio::test]
    async fn the_first_reason_to_leave_counts() {
        let (link, role) = role().await;
        let (mut incoming, mut notices) = role.ready().await.unwrap();
        let reason = "maintenance".to_owned();
        let order = Order::Shutdown { reason };
        link.send(&order, None).await.unwrap();
        drop(link);
        let reason = "maintenance".to_owned();
        assert_eq!(notices.leave().await, Leave::Asked { reason });
        assert!(incoming.next().await.is_none());
    }

    #[tokio::test]
    async fn a_dead_launcher_is_noticed() {
        let (link, role) = role().await;
        let (mut incoming, mut notices) = role.ready().await.unwrap();
        drop(link);
        assert_eq!(notices.leave().await, Leave::LauncherGone);
        assert!(incoming.next().await.is_none());
    }
}
