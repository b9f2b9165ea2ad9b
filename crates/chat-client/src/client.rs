//! The two ends that a user of this crate holds.

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::{Command, Config, Update, driver};

/// How many commands may wait to be sent.
const COMMANDS: usize = 64;

/// How many updates may wait to be read. A reader that falls behind further makes the client stop
/// reading from the server, whose own limits then hold.
const UPDATES: usize = 1024;

/// The sending end of a running client. When the last clone is dropped, the client quits.
#[derive(Debug, Clone)]
pub struct Client {
    commands: mpsc::Sender<Command>,
}

/// The receiving end of a running client. When it is dropped, the client quits.
#[derive(Debug)]
pub struct Updates {
    updates: mpsc::Receiver<Update>,
}

/// Why a command was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Too many commands are waiting.
    #[error("too much is waiting to be sent")]
    Full,
    /// The client has ended.
    #[error("the client has ended")]
    Closed,
}

// === impl Client ===

impl Client {
    /// Starts a client on the current tokio runtime. It connects at once, and again whenever the
    /// connection ends, until it is told to [quit](Command::Quit) or the server refuses it for good.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn connect(config: Config) -> (Client, Updates) {
        let (commands, command_queue) = mpsc::channel(COMMANDS);
        let (update_queue, updates) = mpsc::channel(UPDATES);
        tokio::spawn(driver::run(config, command_queue, update_queue));
        (Client { commands }, Updates { updates })
    }

    /// Hands over a command, waiting for room.
    ///
    /// # Errors
    /// [`SendError::Closed`].
    pub async fn send(&self, command: Command) -> Result<(), SendError> {
        let sent = self.commands.send(command).await;
        sent.map_err(|_closed| SendError::Closed)
    }

    /// Hands over a command if there is room.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn try_send(&self, command: Command) -> Result<(), SendError> {
        self.commands
            .try_send(command)
            .map_err(|error| match error {
                TrySendError::Full(_) => SendError::Full,
                TrySendError::Closed(_) => SendError::Closed,
            })
    }
}

// === impl Updates ===

impl Updates {
    /// The next update; `None` after the last.
    pub async fn next(&mut self) -> Option<Update> {
        self.updates.recv().await
    }

    /// Waits for an update, then adds it and what else is there already to `into`, at most `limit`
    /// of them. Returns how many were added: 0 after the last.
    pub async fn next_many(&mut self, into: &mut Vec<Update>, limit: usize) -> usize {
        self.updates.recv_many(into, limit).await
    }
}
