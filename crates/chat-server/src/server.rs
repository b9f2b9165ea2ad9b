//! A server with everything it needs, on a thread of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use chat_journal::FOLDING;
use chat_journal::Keep;
use chat_network::ServerId;
use chat_stats::{Board, SlotSetup};
use chat_store::Durability;
use chat_transport::doors::Plan;
use chat_transport::tls::Identity;
use tokio::sync::oneshot;

use crate::auth::Courier;
use crate::config::{self, Config, Limits};
use crate::handle::{Running, ServerHandle};
use crate::{Error, host};

/// A chat server that another program embeds; see [`Server::builder`].
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Begins a server whose defaults work alone: a database in memory, a journal in this process,
    /// a board of its own, a free port of the loopback address.
    #[must_use]
    pub fn builder() -> Builder {
        Builder {
            config: Config::default(),
            network: chat_network::Limits::default(),
            store: chat_store::Config {
                folding: Some(FOLDING),
                ..chat_store::Config::default()
            },
            doors: Plan::default(),
            certificate: None,
            keep: Keep::default(),
            rereads: false,
            capacity: 10_000,
            board: None,
            journal_socket: None,
            courier: None,
        }
    }
}

/// What a [`Server`] is to be.
#[derive(Clone, Debug)]
pub struct Builder {
    pub(crate) config: Config,
    pub(crate) network: chat_network::Limits,
    pub(crate) store: chat_store::Config,
    pub(crate) doors: Plan,
    pub(crate) certificate: Option<(PathBuf, PathBuf)>,
    pub(crate) keep: Keep,
    pub(crate) rereads: bool,
    pub(crate) capacity: u32,
    pub(crate) board: Option<Board>,
    pub(crate) journal_socket: Option<PathBuf>,
    pub(crate) courier: Option<Arc<dyn Courier>>,
}

impl Builder {
    /// The whole configuration at once.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// The name on the wire, such as `irc.example.org`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.config.name = name.into();
        self
    }

    /// The name of the network.
    #[must_use]
    pub fn network(mut self, network: impl Into<String>) -> Self {
        self.config.network = network.into();
        self
    }

    /// The channel that everyone is put into; empty: none.
    #[must_use]
    pub fn lobby(mut self, lobby: impl Into<String>) -> Self {
        self.config.lobby = lobby.into();
        self
    }

    /// What clients must send with PASS; empty: nothing.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.config.password = password.into();
        self
    }

    /// The message of the day.
    #[must_use]
    pub fn motd(mut self, motd: impl Into<String>) -> Self {
        self.config.motd = motd.into();
        self
    }

    /// The bounds of the server.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.config.limits = limits;
        self
    }

    /// The bounds of the chat.
    #[must_use]
    pub fn network_limits(mut self, limits: chat_network::Limits) -> Self {
        self.network = limits;
        self
    }

    /// What of the chat is kept for later readers.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }

    /// Listens here; may be called for several addresses. Port 0 lets the system choose.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.doors.plain.push(address);
        self
    }

    /// Listens here for TLS; needs a [`certificate`](Self::certificate).
    #[must_use]
    pub fn listen_tls(mut self, address: SocketAddr) -> Self {
        self.doors.tls.push(address);
        self
    }

    /// Listens here for WebSocket.
    #[must_use]
    pub fn listen_websocket(mut self, address: SocketAddr) -> Self {
        self.doors.websocket.push(address);
        self
    }

    /// Listens here for WebSocket over TLS; needs a [`certificate`](Self::certificate).
    #[must_use]
    pub fn listen_secure_websocket(mut self, address: SocketAddr) -> Self {
        self.doors.secure_websocket.push(address);
        self
    }

    /// The certificate chain and its private key, both PEM files, for the addresses with TLS.
    #[must_use]
    pub fn certificate(mut self, chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.certificate = Some((chain.into(), key.into()));
        self
    }

    /// Where clients come in, all at once: instead of the `listen` methods and `certificate`.
    #[must_use]
    pub fn doors(mut self, plan: Plan) -> Self {
        self.doors = plan;
        self
    }

    /// Keeps the chat in this file, made where there is none (its folder must exist).
    #[must_use]
    pub fn database(mut self, path: impl Into<PathBuf>) -> Self {
        self.store.path = Some(path.into());
        self
    }

    /// What a commit outlives.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.store.durability = durability;
        self
    }

    /// How the database is kept, all at once.
    #[must_use]
    pub fn store(mut self, store: chat_store::Config) -> Self {
        self.store = store;
        self.store.folding.get_or_insert(FOLDING);
        self
    }

    /// How many clients there may be at the same time; who comes beyond that is turned away.
    #[must_use]
    pub fn capacity(mut self, places: u32) -> Self {
        self.capacity = places;
        self
    }

    /// Counts on this board, such as one in shared memory that a monitor reads, instead of a
    /// private one. Its slot `config.server - 1` is this server's.
    #[must_use]
    pub fn board(mut self, board: Board) -> Self {
        self.board = Some(board);
        self
    }

    /// Lets observers, such as the monitor, follow the journal over a Unix socket at this path.
    #[must_use]
    pub fn journal_socket(mut self, path: impl Into<PathBuf>) -> Self {
        self.journal_socket = Some(path.into());
        self
    }

    /// Operators may ask for the configuration to be read again:
    /// [`ServerHandle::rehash_wanted`](crate::ServerHandle::rehash_wanted) tells of it, and is
    /// expected to be waited for. Otherwise they are told that there is none.
    #[must_use]
    pub fn rereads(mut self) -> Self {
        self.rereads = true;
        self
    }

    /// Lets this one bring the codes that verify new accounts, where they have to be
    /// ([`config::Accounts::require_email`]).
    #[must_use]
    pub fn courier(mut self, courier: Arc<dyn Courier>) -> Self {
        self.courier = Some(courier);
        self
    }

    /// Starts the server on a thread of its own and waits until it listens.
    ///
    /// # Errors
    ///
    /// What was set makes no sense, the database cannot be used, or an address is taken.
    pub fn start(mut self) -> Result<ServerHandle, Error> {
        self.check()?;
        if self.doors.is_empty() {
            let free_port = SocketAddr::from(([127, 0, 0, 1], 0));
            self.doors.plain.push(free_port);
        }
        if let Some((chain, key)) = &self.certificate {
            self.doors.identity = Some(Identity::load(chain, key)?);
        }
        let (stop, stopped) = oneshot::channel();
        let (started, wait) = std::sync::mpsc::sync_channel::<Result<Running, Error>>(1);
        let (ended, end) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let name = self.config.label().to_string();
        let thread = thread::Builder::new().name(name).spawn(move || {
            let result = runtime.block_on(host::run(self, started, stopped));
            // Nobody may be waiting for the end any more.
            let _ = ended.send(result);
        })?;
        match wait.recv() {
            Ok(Ok(running)) => Ok(ServerHandle::new(running, stop, end, thread)),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::Panicked),
        }
    }

    /// A board with a slot for this server, if none was given.
    pub(crate) fn board_or_private(&self) -> Board {
        self.board.clone().unwrap_or_else(|| {
            let slots = usize::from(self.config.server);
            Board::private(&vec![
                SlotSetup {
                    capacity: self.capacity
                };
                slots
            ])
        })
    }

    /// The bounds of the chat; unless they say otherwise the lobby belongs to everyone.
    pub(crate) fn network_limits_with_commons(&self) -> chat_network::Limits {
        let mut limits = self.network.clone();
        if limits.commons.is_none() && !self.config.lobby.is_empty() {
            limits.commons = Some(self.config.lobby.as_str().into());
        }
        limits
    }

    /// This server's number.
    pub(crate) fn server(&self) -> ServerId {
        ServerId(self.config.server)
    }

    fn check(&self) -> Result<(), Error> {
        let wrong = |key, problem: &str| {
            Err(Error::Config {
                key,
                problem: problem.to_owned(),
            })
        };
        let config = &self.config;
        let word = |text: &str| {
            (1..=63).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_graphic())
                && !text.starts_with(':')
        };
        if !word(&config.name) {
            return wrong("name", "expected a word of at most 63 letters");
        }
        if !word(&config.network) {
            return wrong("network", "expected a word of at most 63 letters");
        }
        if !config.lobby.is_empty() && !config::is_channel_name(&config.lobby) {
            return wrong(
                "lobby",
                "expected a channel name such as \"#lobby\", or nothing",
            );
        }
        if !(1..=256).contains(&config.server) {
            return wrong("server", "expected a number from 1 to 256");
        }
        if config.limits.sendq < 16 << 10 {
            return wrong("limits.sendq", "expected at least 16384 bytes");
        }
        Ok(())
    }
}
