//! The database: sessions, daily figures, messages, ratings, accounts and what is theirs; one writer,
//! many readers.
//!
//! [`open`] gives a [`Writer`], the handle of one thread that commits whatever waits in one
//! transaction and then says so, and a [`Reader`] for questions. A small batch can be committed on
//! the caller's thread instead ([`Writer::commit_soon`]); there is one writing connection either
//! way. SQL exists in this crate only; what a row means to the chat is decided elsewhere.
//!
//! ```
//! use chat_store::{Batch, Config, Row};
//!
//! let (writer, reader) = chat_store::open(&Config::default())?;
//! let position = writer.start_state("2026-11-22")?.position;
//! let rows = vec![Row::SessionOpened { session: 7, user: "ann".into(), time_ms: 0 }];
//! writer.commit(Batch { rows, position }, |outcome| println!("{outcome:?}"));
//! writer.flush(std::time::Duration::from_secs(5))?;
//! assert_eq!(reader.sessions(None, 10)?[0].user.as_deref(), Some("ann"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Layout
//!
//! * `row`, `record`: what is stored; `config`, `error`
//! * `connection`, `schema`, `migrations/*.sql`: whose file it is, and what becomes of it
//! * `tables/<table>`: the SQL, one module per table; `transaction`: all of it or nothing
//! * `clock`: local date and time, as the original tables have them
//! * `folding`: the keys that names are found by, made again when the rules for names have changed
//! * `sessions`: who is on, and their rows
//! * `watermark`: which positions may have been seen
//! * `engine`: the transactions, wherever they run
//! * `writer` with `queue` and `thread`: when they run, and what happens while the disk fails
//! * `sweep`: what is old enough goes
//! * `reader`: questions; `history` and `search`: those about what was said
//!
//! # The index of the search
//!
//! It is kept up behind the writing, at most a quarter of the time, in steps of up to 1,024 messages
//! 0.4 s after they were written: the larger a step, the less each message costs, and the longer a commit
//! may have to wait for it. A search looks through what is not in the index yet message by message, so
//! that how far the index is makes no difference.
//!
//! # Events
//!
//! They come to many places at once, and where each place has its own page a commit would write as many
//! pages. So they gather in `recent_events`, in the order in which they come, and when there are 1,024
//! the same transaction moves them to `events`. Readers see both; see `tables/recent_events`.
//!
//! # When the disk fails
//!
//! A transaction that fails (full, failing or locked disk) loses nothing: its batches stay in
//! memory in order ([`Outcome::Held`]) and are tried again, after 0.1 s and then ever longer up to
//! 5 s. What comes meanwhile joins them. Past [`Config::held_bytes`] [`Writer::accepting`] is
//! false and new messages must be refused; who goes on is cut off ([`Outcome::Refused`]) at one and
//! a half times that. [`Writer::health`] shows the state.
//!
//! # What must not be done with the file
//!
//! Rows of `session` are known by their rowid: no `VACUUM` while the program runs.
//! The lock file beside it (`…-lock`) keeps a second writer out and may stay where it is.

mod clock;
mod config;
mod connection;
mod engine;
mod error;
mod folding;
mod history;
mod reader;
mod record;
mod row;
mod schema;
mod search;
mod sessions;
mod sweep;
mod tables;
mod transaction;
mod watermark;
mod writer;

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

pub use config::{Config, Durability};
pub use error::{Error, FlushError};
pub use folding::Folding;
pub use history::{Latest, Mark, Page, Record, Selection, View};
pub use reader::Reader;
pub use record::{EventKind, Happening, Message, MessageKind, conversation};
pub use row::{
    AccountRow, Batch, ChannelRow, DayFigures, OperatorAct, RatingSum, Row, ServerStart,
    SessionRow, Start,
};
pub use search::Search;
pub use sweep::Retention;
pub use writer::{Counts, Health, Outcome, Writer};

/// Opens a database for its one writer, and brings it to the current schema. An empty file or none
/// becomes a new database; one of the original program (its two tables) keeps its rows. Sessions
/// that a crash left open get the last known time as their out-time.
///
/// Starts a thread: fork before, not after.
///
/// # Errors
///
/// The file is not a SQLite database, belongs to another program or is of a newer schema (it is
/// then left untouched, byte for byte), has a writer already, or can't be written.
pub fn open(config: &Config) -> Result<(Writer, Reader), Error> {
    let mut opened = match &config.path {
        Some(path) => connection::writer(path, config.durability)?,
        None => connection::memory()?,
    };
    let path = opened.path.clone();
    if let Some(folding) = &config.folding {
        folding::renew(&mut opened.connection, folding).map_err(|e| schema::sqlite(&path, e))?;
    }
    let engine = engine::Engine::start(opened).map_err(|e| schema::sqlite(&path, e))?;
    let core = Arc::new(Mutex::new(engine));
    let reader = Reader::beside(&core, config.path.is_none());
    let writer =
        Writer::start(core, reader.clone(), config).map_err(|source| Error::Io { path, source })?;
    Ok((writer, reader))
}

/// Makes an empty database of the current schema, as `storage.db` of the repository is: without a
/// write-ahead log, so that looking at it changes nothing.
///
/// # Errors
///
/// [`Error::Io`] where the file exists already or can't be made.
pub fn create_empty(path: &Path) -> Result<(), Error> {
    connection::create_empty(path)
}
