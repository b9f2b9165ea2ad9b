//! The handle of a running server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use chat_journal::{Journal, Requests, Role, TrySendError};
use chat_network::{Action, Configuration, MessageKind, Origin, Request, ServerId, SessionId};
use chat_stats::{Board, Snapshot};
use chat_transport::doors::Kind;
use chat_transport::tls::Identity;
use tokio::sync::oneshot;

use crate::{Error, Events};

/// What the handle needs of a server that runs.
pub(crate) struct Running {
    pub(crate) addresses: Vec<(Kind, SocketAddr)>,
    pub(crate) identity: Option<Arc<Identity>>,
    pub(crate) board: Board,
    pub(crate) journal: Journal,
    pub(crate) requests: Requests,
    pub(crate) rendered: Arc<AtomicU64>,
    pub(crate) server: ServerId,
}

/// A running server. Dropping the handle ends the server, without waiting for it.
pub struct ServerHandle {
    running: Running,
    stop: oneshot::Sender<String>,
    end: oneshot::Receiver<Result<(), Error>>,
    thread: JoinHandle<()>,
}

/// Why a server did not take what it was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AskError {
    /// Too much is waiting already; try again.
    #[error("too many requests are waiting")]
    Busy,
    /// The text is too long.
    #[error("the request is too large")]
    TooLarge,
    /// The server has ended.
    #[error("the server has ended")]
    Ended,
}

impl ServerHandle {
    pub(crate) fn new(
        running: Running,
        stop: oneshot::Sender<String>,
        end: oneshot::Receiver<Result<(), Error>>,
        thread: JoinHandle<()>,
    ) -> Self {
        Self {
            running,
            stop,
            end,
            thread,
        }
    }

    /// The plain addresses that the server listens on, with the ports that the system chose.
    #[must_use]
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        let plain = self.addresses().iter();
        plain
            .filter_map(|(kind, address)| (*kind == Kind::Plain).then_some(*address))
            .collect()
    }

    /// All addresses that the server listens on, and what is spoken there.
    #[must_use]
    pub fn addresses(&self) -> &[(Kind, SocketAddr)] {
        &self.running.addresses
    }

    /// Reads the certificate and its key again, as after a renewal: who comes from now on gets the
    /// new one. Without TLS nothing happens.
    ///
    /// # Errors
    ///
    /// The files are not as they should be; the old certificate stays.
    pub fn reload_certificate(&self) -> Result<(), Error> {
        match &self.running.identity {
            Some(identity) => Ok(identity.reload()?),
            None => Ok(()),
        }
    }

    /// Waits until operators ask for the configuration to be read again; who has asked so far. They
    /// are to be told by [`configure`](Self::configure).
    pub async fn rehash_wanted(&self) -> Vec<SessionId> {
        self.running.journal.rehash_wanted().await
    }

    /// Has another configuration hold from now on
    /// ([`Config::reconfiguration`](crate::Config::reconfiguration) makes it), or tells who has asked
    /// why not.
    ///
    /// # Errors
    ///
    /// The server has ended.
    pub fn configure(&self, read: Configuration) -> Result<(), AskError> {
        let told = self.running.journal.configure(read);
        told.map_err(|_| AskError::Ended)
    }

    /// Says something in the server's name to a channel or a nick, line by line. Who is not there
    /// gets nothing; that is not told.
    ///
    /// # Errors
    ///
    /// It was not taken; nothing is said after the line that was not.
    pub fn say(&self, target: &str, text: &str) -> Result<(), AskError> {
        for line in text.lines().filter(|line| !line.is_empty()) {
            self.ask(Action::Message {
                kind: MessageKind::Privmsg,
                target: target.into(),
                text: line.into(),
                tags: Vec::new(),
            })?;
        }
        Ok(())
    }

    /// Ends every connection of a user.
    ///
    /// # Errors
    ///
    /// It was not taken.
    pub fn kick(&self, nick: &str, reason: &str) -> Result<(), AskError> {
        self.ask(Action::Disconnect {
            nick: nick.into(),
            reason: reason.into(),
        })
    }

    /// The numbers as they are now.
    #[must_use]
    pub fn stats(&self) -> Snapshot {
        self.running.board.snapshot()
    }

    /// How many lines of events were rendered so far: one per variant of capabilities, however many
    /// clients get it.
    #[must_use]
    pub fn rendered(&self) -> u64 {
        self.running.rendered.load(Ordering::Relaxed)
    }

    /// What happens from now on.
    ///
    /// # Errors
    ///
    /// The server has ended.
    pub async fn events(&self) -> Result<Events, Error> {
        Ok(Events::new(
            self.running.journal.attach(Role::Observer).await?,
        ))
    }

    /// Waits until the server has ended by itself, because its database or its journal failed;
    /// [`shutdown`](Self::shutdown) then tells why.
    pub async fn ended(&self) {
        self.running.journal.ended().await;
    }

    /// Ends the server: every client is told the reason, everything is written.
    ///
    /// # Errors
    ///
    /// What ended the server before, if it did not last until now.
    pub async fn shutdown(self, reason: impl Into<String>) -> Result<(), Error> {
        // It may have ended by itself.
        let _ = self.stop.send(reason.into());
        let result = self.end.await;
        finished(result.ok(), self.thread)
    }

    /// As [`shutdown`](Self::shutdown), for programs without a runtime.
    ///
    /// # Errors
    ///
    /// As [`shutdown`](Self::shutdown).
    ///
    /// # Panics
    ///
    /// Inside of an async runtime.
    pub fn shutdown_blocking(self, reason: impl Into<String>) -> Result<(), Error> {
        let _ = self.stop.send(reason.into());
        let result = self.end.blocking_recv();
        finished(result.ok(), self.thread)
    }

    fn ask(&self, action: Action) -> Result<(), AskError> {
        let origin = Origin::Server(self.running.server);
        let sent = self.running.requests.try_send(Request { origin, action });
        sent.map_err(|error| match error {
            TrySendError::Full(_) => AskError::Busy,
            TrySendError::TooLarge => AskError::TooLarge,
            TrySendError::Closed(_) => AskError::Ended,
        })
    }
}

/// The thread has sent its result, or panicked; either way it is at its end.
fn finished(result: Option<Result<(), Error>>, thread: JoinHandle<()>) -> Result<(), Error> {
    thread.join().map_err(|_| Error::Panicked)?;
    result.unwrap_or(Err(Error::Panicked))
}

impl std::fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerHandle")
            .field("addresses", &self.running.addresses)
            .finish()
    }
}
