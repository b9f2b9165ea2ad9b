//! What can go wrong with a server as a whole.

use chat_journal::{Closed, ConnectError, RestoreError, StartError};
use chat_transport::BindError;
use chat_transport::doors::OpenError;
use chat_transport::tls::CertificateError;

/// Why a server did not start, or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was set makes no sense.
    #[error("{key}: {problem}")]
    Config {
        /// Which setting.
        key: &'static str,
        /// What was expected.
        problem: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] chat_store::Error),
    /// The database was not closed in order: what it did not take is lost.
    #[error("the database was not closed in order: {0}")]
    Close(#[source] chat_store::FlushError),
    /// The figures of before.
    #[error(transparent)]
    Figures(#[from] crate::figures::FiguresError),
    /// What the database has kept of the chat.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The journal did not start.
    #[error(transparent)]
    Journal(#[from] StartError),
    /// The link to the journal could not be made.
    #[error(transparent)]
    Link(#[from] ConnectError),
    /// The link to the journal is over.
    #[error("the link to the journal is over: {0}")]
    LinkOver(#[from] Closed),
    /// An address to listen on.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// An address of another kind than plain.
    #[error(transparent)]
    Doors(OpenError),
    /// The certificate of the addresses with TLS, or its key.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A thread or a runtime could not be made.
    #[error("cannot start the server: {0}")]
    Start(#[from] std::io::Error),
    /// The board has no slot for this server.
    #[error("the board has no slot for server {0}")]
    NoSlot(u16),
    /// The server's thread ended by a bug.
    #[error("the server's thread panicked")]
    Panicked,
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Bind(error) => Self::Bind(error),
            error => Self::Doors(error),
        }
    }
}
