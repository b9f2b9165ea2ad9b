//! What can go wrong at the door. Failures of the disk while running are not errors but a state:
//! see [`crate::Health`].

use std::io;
use std::path::PathBuf;

/// Why a database could not be opened or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is something else than a SQLite database. It was not touched.
    #[error("{} is not a SQLite database; it was left as it is", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The database belongs to another program. It was not touched.
    #[error("{} is the database of another program ({found}); it was left as it is", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was found in it.
        found: String,
    },
    /// A newer version of this program made the database. It was not touched.
    #[error(
        "{} has schema version {found}, this program knows up to {supported}: \
         use the newer program; the file was left as it is",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known here.
        supported: i64,
    },
    /// A reader found a schema that the writer has not yet brought up to date.
    #[error("{} has schema version {found}, not {supported}: start the writer first", path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version needed.
        supported: i64,
    },
    /// Another writer (of this or another process) has the database.
    #[error("{} is in use by another server or launcher", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// SQLite said no.
    #[error("database {}: {source}", path.display())]
    Sqlite {
        /// The file, `:memory:` where there is none.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The writer was closed.
    #[error("the database is closed")]
    Closed,
}

/// Why [`crate::Writer::flush`] or [`crate::Writer::close`] could not keep its promise.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FlushError {
    /// Not everything was written in the time given.
    #[error("{rows} rows are not yet written: {reason}")]
    Unwritten {
        /// How many rows.
        rows: usize,
        /// The last failure, or that time ran out.
        reason: String,
    },
    /// The writer was closed before.
    #[error("the database is closed")]
    Closed,
}
