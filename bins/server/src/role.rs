//! The server role under the launcher: the process, started or forked, that holds the clients of
//! one Server-i.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use chat_journal::Link;
use chat_network::ServerId;
use chat_server::{Accepted, Both, Incoming, Parts, PlaceTaken};
use chat_stats::{Board, SlotSetup};
use chat_store::Reader;
use chat_supervisor::MAX_PAYLOAD;
use chat_supervisor::role::{self, Leave, Notices, Role};
use chat_transport::Listener;
use serde::{Deserialize, Serialize};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::File;
use crate::{courier, process};

/// What the launcher tells a server, beside its number and name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// The socket of the launcher's journal.
    #[serde(with = "path")]
    pub journal: PathBuf,
    /// The database, which the servers read.
    #[serde(with = "path")]
    pub database: PathBuf,
    /// What brings the codes that verify new accounts: a program and its arguments; empty: nothing.
    pub verification_command: Vec<String>,
    /// The name of the shared-memory segment.
    pub segment: String,
    /// Connections come through doors of the launcher's, over TLS or WebSocket.
    pub guarded: bool,
    /// What clients see, and bounds.
    pub server: chat_server::Config,
}

/// Room for what [`Settings`] hold beside the configuration: two paths and a name.
const PATHS: usize = 9 * 1024;

/// Whether a fleet can start with a configuration: its servers are told it in one message.
///
/// # Errors
///
/// It is too long for that; says which parts of it are how long.
pub fn check_length(file: &File) -> anyhow::Result<()> {
    let config = file.server_config();
    let command = &file.accounts.verification_command;
    let length = length(&config)? + length(command)?;
    let most = MAX_PAYLOAD - PATHS;
    anyhow::ensure!(
        length <= most,
        "the configuration is too long for the servers of a fleet: expected at most {most} bytes of \
         what they are told, found {length}; [server] motd has {}, the {} [[operator]] have {} \
         together",
        config.motd.len(),
        config.operators.len(),
        self::length(&config.operators)?,
    );
    Ok(())
}

/// Bytes on the way to a server.
fn length(part: &impl Serialize) -> anyhow::Result<usize> {
    let counted = postcard::serialize_with_flavor(part, postcard::ser_flavors::Size::default());
    counted.context("the configuration cannot be written")
}

impl Settings {
    /// As bytes, for the fleet's builder.
    ///
    /// # Panics
    ///
    /// Never: plain data in memory has nothing to fail on.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("plain data in memory has nothing to fail on")
    }

    /// From what [`Role::payload`] gives.
    ///
    /// # Errors
    ///
    /// The bytes come from another version of the launcher.
    pub fn from_bytes(bytes: &[u8]) -> anyhow::Result<Self> {
        postcard::from_bytes(bytes).context("the launcher's settings cannot be understood")
    }
}

/// A path that need not be UTF-8. What serde does with a path by itself fails there.
mod path {
    use std::ffi::OsString;
    use std::path::{Path, PathBuf};

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        path.as_os_str().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        OsString::deserialize(from).map(PathBuf::from)
    }
}

/// Runs the role of a process that the launcher started as a program; its exit code.
#[must_use]
pub fn started() -> i32 {
    run(None)
}

/// Runs the role of a forked process; its exit code.
#[must_use]
pub fn forked(control: OwnedFd) -> i32 {
    run(Some(control))
}

fn run(control: Option<OwnedFd>) -> i32 {
    process::log_to_stderr();
    let _ = process::raise_open_files();
    let result = process::runtime().and_then(|runtime| runtime.block_on(serve(control)));
    match result {
        Ok(()) => 0,
        Err(error) => {
            tracing::error!("the server ends: {}", process::in_words(&error));
            1
        }
    }
}

async fn serve(control: Option<OwnedFd>) -> anyhow::Result<()> {
    let mut role = match control {
        Some(control) => Role::receive(control).await,
        None => Role::inherited().await,
    }?;
    process::name_after(role.name());
    let settings = Settings::from_bytes(role.payload())?;
    let server = u16::try_from(role.index() + 1).context("there are too many servers")?;
    let config = chat_server::Config {
        server,
        label: role.name().to_owned(),
        ..settings.server
    };
    let board = board(&settings.segment, server);
    let link = Link::connect(
        &settings.journal,
        chat_journal::Role::Server(ServerId(server)),
    )
    .await
    .context("cannot link to the journal")?;
    let listener = role
        .take_direct()
        .map(|socket| Listener::from_owned_fds([socket]));
    let listener = listener
        .transpose()
        .context("cannot use the server's own port")?;
    // Ctrl-C is for the launcher, which then asks this process to leave.
    let _interrupts = signal(SignalKind::interrupt()).context("cannot watch SIGINT")?;
    let (incoming, notices) = role.ready().await?;
    let handed_over = HandedOver {
        incoming,
        guarded: settings.guarded,
    };
    let direct = Direct {
        listener,
        notices: notices.clone(),
    };
    let parts = Parts {
        config,
        link,
        board,
        reader: reader(&settings.database),
        courier: courier::of(settings.verification_command),
        rendered: Arc::default(),
    };
    chat_server::run(parts, Both::new(handed_over, direct), reason(notices)).await?;
    Ok(())
}

/// The database that the launcher writes. Where it cannot be read the chat goes on, without what was
/// said before.
fn reader(database: &Path) -> Option<Reader> {
    let reader = Reader::open(database);
    reader
        .inspect_err(|error| tracing::error!("there is no history: {error}"))
        .ok()
}

/// The fleet's board. Where somebody removed it while the fleet runs, the chat goes on all the same,
/// and this server's counts stay its own.
fn board(segment: &str, server: u16) -> Board {
    Board::open(segment).unwrap_or_else(|error| {
        tracing::error!("the shared memory is lost, counts are not shared: {error}");
        let capacity = u32::MAX;
        Board::private(&vec![SlotSetup { capacity }; usize::from(server)])
    })
}

/// Waits until the server has to leave; what its clients are told.
async fn reason(mut notices: Notices) -> String {
    tokio::select! {
        leave = notices.leave() => match leave {
            Leave::Asked { reason } => reason,
            Leave::LauncherGone => "The chat was interrupted".to_owned(),
        },
        _ = process::terminated() => "The server is stopped".to_owned(),
    }
}

/// Connections from the edge: their places are taken.
struct HandedOver {
    incoming: role::Incoming,
    /// Some come over TLS or WebSocket, which end at the edge.
    guarded: bool,
}

impl Incoming for HandedOver {
    fn guarded_elsewhere(&self) -> bool {
        self.guarded
    }

    async fn accept(&mut self) -> Option<Accepted> {
        let connection = self.incoming.next().await?;
        Some(Accepted {
            connection,
            place: PlaceTaken::ByEdge,
        })
    }
}

/// Connections to the server's own port, if it has one, until it drains.
struct Direct {
    listener: Option<Listener>,
    notices: Notices,
}

impl Incoming for Direct {
    async fn accept(&mut self) -> Option<Accepted> {
        let listener = self.listener.as_mut()?;
        tokio::select! {
            accepted = Incoming::accept(listener) => accepted,
            () = self.notices.draining() => {
                self.listener = None;
                None
            }
        }
    }
}
