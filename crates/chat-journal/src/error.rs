//! What can go wrong on a link, and how one ends.

use std::{io, path::PathBuf};

use chat_network::Request;

/// Why a link is over. Nothing comes or goes on it any more.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Closed {
    /// The journal was shut down in order: everything that it decided is stored and was sent
    /// before this.
    #[error("the journal was shut down")]
    Goodbye,
    /// The link did not read what was sent to it, until the bound was reached.
    #[error("the link did not read what was sent to it")]
    TooSlow,
    /// Another link has taken over for the same server.
    #[error("another link took over for the same server")]
    Replaced,
    /// What came over the link makes no sense.
    #[error("broken protocol: {0}")]
    Protocol(&'static str),
    /// The other side is gone.
    #[error("the other side is gone")]
    Broken,
    /// The thread that stores is gone; nothing can be committed any more.
    #[error("the store is gone")]
    StoreGone,
}

/// Why a request was not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SendError {
    /// The link is over.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The request is larger than [`MAX_REQUEST_BYTES`](crate::MAX_REQUEST_BYTES).
    #[error("the request is too large")]
    TooLarge,
}

/// Why a request was not taken at once.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TrySendError {
    /// Too much is waiting already; here it is back.
    #[error("too many requests are waiting")]
    Full(Box<Request>),
    /// The link is over.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The request is larger than [`MAX_REQUEST_BYTES`](crate::MAX_REQUEST_BYTES).
    #[error("the request is too large")]
    TooLarge,
}

/// Why a journal did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody answers on the hub's socket already.
    #[error("another hub is running on {}", .0.display())]
    InUse(PathBuf),
    /// The hub's socket could not be made.
    #[error("cannot listen on {}", path.display())]
    Socket {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Why what was kept could not be taken up again.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The database cannot be read.
    #[error("cannot read what was kept")]
    Store(#[from] chat_store::Error),
    /// A row makes no sense. Nothing is taken up then: what is missing would be overwritten.
    #[error("a record in the table {table} is damaged")]
    Record {
        /// Which table.
        table: &'static str,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Why a link to a hub was not made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The socket could not be reached, or broke before the link stood.
    #[error("cannot reach the hub")]
    Io(#[from] io::Error),
    /// The hub does not want the link.
    #[error("the hub refused the link: {0}")]
    Refused(String),
    /// What answered does not speak this protocol.
    #[error("broken protocol: {0}")]
    Protocol(&'static str),
}
