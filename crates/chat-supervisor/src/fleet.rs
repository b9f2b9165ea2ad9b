//! The fleet's handle and how it is built.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chat_balance::AlgorithmKind;
use chat_stats::Board;
use chat_transport::doors::Kind;
use chat_transport::tls::Identity;
use chat_transport::{BindError, Doors};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::direct::Direct;
use crate::event::FleetEvent;
use crate::forker::{Forker, ForkerLink};
use crate::life::Starter;
use crate::member::Member;
use crate::place::Edge;
use crate::program::Program;
use crate::restart::RestartPolicy;
use crate::watch::{Command, Patience, Payload, Watch};

/// Events kept for a listener that is slow to take them.
const EVENTS: usize = 1024;

/// News of the servers kept for the fleet's task; behind it the servers' sockets fill, not memory.
const NEWS: usize = 1024;

/// How servers are started.
#[derive(Debug)]
pub enum Approach {
    /// As programs.
    Process(Program),
    /// By fork; as programs if the forker dies.
    Fork(Forker, Program),
}

/// What a fleet is made of; see [`Fleet::builder`].
pub struct Builder {
    servers: usize,
    algorithm: AlgorithmKind,
    approach: Option<Approach>,
    board: Option<Board>,
    doors: Option<Doors>,
    direct: Vec<SocketAddr>,
    payload: Payload,
    policy: RestartPolicy,
    patience: Patience,
}

/// Servers that run, are watched and get clients. Dropped without [`stop`](Fleet::stop), it stops
/// all the same, but nobody waits for it.
#[derive(Debug)]
pub struct Fleet {
    commands: mpsc::Sender<Command>,
    events: Option<mpsc::Receiver<FleetEvent>>,
    task: JoinHandle<()>,
    addresses: Vec<(Kind, SocketAddr)>,
    identity: Option<Arc<Identity>>,
    direct_addrs: Vec<SocketAddr>,
}

/// Why a fleet cannot be started or does not do what it is asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FleetError {
    /// No server, or more than the board can hold or than have a number.
    #[error("a fleet cannot have {0} servers")]
    ServerCount(usize),
    /// The board has another number of slots than the fleet has servers.
    #[error("the board has {slots} slots for {servers} servers")]
    Board {
        /// Slots on the board.
        slots: usize,
        /// Servers asked for.
        servers: usize,
    },
    /// Something that [`Builder`] cannot do without was not given.
    #[error("a fleet needs {0}")]
    Missing(&'static str),
    /// Ports of their own were given, but not one for each server.
    #[error("{ports} ports of their own for {servers} servers")]
    DirectPorts {
        /// Ports given.
        ports: usize,
        /// Servers asked for.
        servers: usize,
    },
    /// A port of a server's own cannot be taken.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The system refused something else.
    #[error("the fleet cannot be started: {0}")]
    System(#[from] io::Error),
    /// There is no server with this number.
    #[error("there is no Server-{}", .0.saturating_add(1))]
    NoSuchServer(usize),
    /// The fleet is being stopped or was.
    #[error("the fleet is stopped")]
    Stopped,
}

impl Fleet {
    /// Begins to describe a fleet of so many servers. A board and an approach have to be given.
    #[must_use]
    pub fn builder(servers: usize) -> Builder {
        Builder {
            servers,
            algorithm: AlgorithmKind::default(),
            approach: None,
            board: None,
            doors: None,
            direct: Vec::new(),
            payload: Box::new(|_, _| Vec::new()),
            policy: RestartPolicy::default(),
            patience: Patience {
                start: Duration::from_secs(30),
                leave: Duration::from_secs(10),
                answer: Duration::from_secs(20),
            },
        }
    }

    /// What happens from now on, once: later calls give `None`. At most 1,024 events are kept
    /// unread; the log has them all.
    pub fn events(&mut self) -> Option<mpsc::Receiver<FleetEvent>> {
        self.events.take()
    }

    /// The addresses where clients are accepted and balanced, and what is spoken there.
    #[must_use]
    pub fn addresses(&self) -> &[(Kind, SocketAddr)] {
        &self.addresses
    }

    /// The certificate of the addresses with TLS, to be read again when it was renewed.
    #[must_use]
    pub fn identity(&self) -> Option<&Arc<Identity>> {
        self.identity.as_ref()
    }

    /// The servers' own addresses, in their order; empty if they have none.
    #[must_use]
    pub fn direct_addrs(&self) -> &[SocketAddr] {
        &self.direct_addrs
    }

    /// Gives this server nobody new. It leaves when its last client has left, and stays down until
    /// it is [restarted](Fleet::restart). Returns as soon as it is so; the end is an event.
    ///
    /// # Errors
    /// [`FleetError::NoSuchServer`], [`FleetError::Stopped`].
    pub async fn drain(&self, index: usize) -> Result<(), FleetError> {
        let (done, answer) = oneshot::channel();
        self.ask(Command::Drain { index, done }, answer).await
    }

    /// Ends this server, whose clients are told, and starts it again; or starts it if it is down or
    /// has failed. Earlier crashes are forgotten. The end and the start are events.
    ///
    /// # Errors
    /// [`FleetError::NoSuchServer`], [`FleetError::Stopped`].
    pub async fn restart(&self, index: usize) -> Result<(), FleetError> {
        let (done, answer) = oneshot::channel();
        self.ask(Command::Restart { index, done }, answer).await
    }

    /// Accepts nobody any more, tells all servers to leave and why, waits for them, kills those that
    /// take too long (10 seconds, see [`Builder::leave_within`]), and returns when no process and no
    /// socket of the fleet is left.
    pub async fn stop(self, reason: &str) {
        let reason = reason.to_owned();
        // It fails only if the task has ended, which is what is wanted.
        let _ = self.commands.send(Command::Stop { reason }).await;
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the fleet's task ended badly");
        }
    }

    async fn ask(
        &self,
        command: Command,
        answer: oneshot::Receiver<Result<(), FleetError>>,
    ) -> Result<(), FleetError> {
        let sent = self.commands.send(command).await;
        sent.map_err(|_| FleetError::Stopped)?;
        answer.await.map_err(|_| FleetError::Stopped)?
    }
}

impl Builder {
    /// How the server for a client is chosen.
    #[must_use]
    pub fn algorithm(mut self, kind: AlgorithmKind) -> Builder {
        self.algorithm = kind;
        self
    }

    /// How servers are started. Required.
    #[must_use]
    pub fn approach(mut self, approach: Approach) -> Builder {
        self.approach = Some(approach);
        self
    }

    /// Where places are taken and states are shown; as many slots as servers. Required.
    #[must_use]
    pub fn board(mut self, board: Board) -> Builder {
        self.board = Some(board);
        self
    }

    /// Where clients are accepted: doors, or a listener of plain addresses alone. Without, only the
    /// servers' own ports are left.
    #[must_use]
    pub fn doors(mut self, doors: impl Into<Doors>) -> Builder {
        self.doors = Some(doors.into());
        self
    }

    /// A port for each server, bound at the start and passed to it. Clients that come there are
    /// not balanced; the server takes their places itself.
    #[must_use]
    pub fn direct_listeners(mut self, addresses: impl IntoIterator<Item = SocketAddr>) -> Builder {
        self.direct = addresses.into_iter().collect();
        self
    }

    /// What the role of a server is told when it is started: its index and how often it has been
    /// started go in, bytes that only the role understands come out, at most
    /// [`MAX_PAYLOAD`](crate::MAX_PAYLOAD): with more the server does not start.
    #[must_use]
    pub fn role_payload(
        mut self,
        payload: impl Fn(usize, u32) -> Vec<u8> + Send + 'static,
    ) -> Builder {
        self.payload = Box::new(payload);
        self
    }

    /// What happens to servers that die.
    #[must_use]
    pub fn restart_policy(mut self, policy: RestartPolicy) -> Builder {
        self.policy = policy;
        self
    }

    /// How long a server may take to be ready (30 seconds) before it is killed.
    #[must_use]
    pub fn start_within(mut self, patience: Duration) -> Builder {
        self.patience.start = patience;
        self
    }

    /// How long a server may take to leave (10 seconds) before it is killed.
    #[must_use]
    pub fn leave_within(mut self, patience: Duration) -> Builder {
        self.patience.leave = patience;
        self
    }

    /// How long a server may take to acknowledge a client before it counts as hung and is killed
    /// (20 seconds if not set); its clients that it had not taken go to another one. After a tenth
    /// of that it is given nobody as long as another server has a place.
    #[must_use]
    pub fn answer_within(mut self, patience: Duration) -> Builder {
        self.patience.answer = patience;
        self
    }

    /// Starts the servers. Clients that come before the first is ready wait.
    ///
    /// # Errors
    /// [`FleetError`]; nothing is left then. Must be called inside a tokio runtime.
    pub fn start(self) -> Result<Fleet, FleetError> {
        let servers = self.servers;
        if servers == 0 || servers > usize::from(u16::MAX) {
            return Err(FleetError::ServerCount(servers));
        }
        let board = self.board.ok_or(FleetError::Missing("a board"))?;
        let approach = self.approach.ok_or(FleetError::Missing("an approach"))?;
        let slots = board.slot_count();
        if slots != servers {
            return Err(FleetError::Board { slots, servers });
        }
        let directs = bind_directs(&self.direct, servers)?;
        let direct_addrs = directs.iter().flatten().map(Direct::address).collect();
        let members = directs.into_iter().enumerate();
        let answer = self.patience.answer;
        let members =
            members.map(|(index, direct)| Member::new(index, board.slot(index), direct, answer));
        let doors = self.doors.as_ref();
        let addresses = doors.map(|doors| doors.addresses().to_vec());
        let identity = doors.and_then(|doors| doors.identity().cloned());
        let (events, events_out) = mpsc::channel(EVENTS);
        let (commands_in, commands) = mpsc::channel(16);
        let (teller, told) = mpsc::channel(NEWS);
        let watch = Watch {
            members: members.collect(),
            edge: Edge::new(self.algorithm.build()),
            starter: starter(approach, events.clone())?,
            board,
            doors: self.doors,
            payload: self.payload,
            policy: self.policy,
            patience: self.patience,
            commands,
            told,
            teller,
            events,
            stopping: None,
        };
        Ok(Fleet {
            commands: commands_in,
            events: Some(events_out),
            task: tokio::spawn(watch.run()),
            addresses: addresses.unwrap_or_default(),
            identity,
            direct_addrs,
        })
    }
}

/// One entry per server; all `None` where no ports of their own were asked for.
fn bind_directs(
    addresses: &[SocketAddr],
    servers: usize,
) -> Result<Vec<Option<Direct>>, FleetError> {
    let ports = addresses.len();
    if ports == 0 {
        return Ok((0..servers).map(|_| None).collect());
    }
    if ports != servers {
        return Err(FleetError::DirectPorts { ports, servers });
    }
    let bound = addresses.iter().map(|&address| Direct::bind(address));
    Ok(bound
        .map(|direct| direct.map(Some))
        .collect::<Result<_, _>>()?)
}

fn starter(approach: Approach, events: mpsc::Sender<FleetEvent>) -> io::Result<Starter> {
    let (forker, program) = match approach {
        Approach::Process(program) => (None, program),
        Approach::Fork(forker, program) => (Some(forker), program),
    };
    let lost = move || {
        tracing::warn!("the forker is gone: servers will be started as programs");
        let _ = events.try_send(FleetEvent::ForkerLost);
    };
    let forker = forker.map(|forker| ForkerLink::run(forker, lost));
    Ok(Starter {
        forker: forker.transpose()?,
        program,
    })
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("servers", &self.servers)
            .field("algorithm", &self.algorithm)
            .field("approach", &self.approach)
            .finish_non_exhaustive()
    }
}
