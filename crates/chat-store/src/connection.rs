//! Opening: what is checked, in which order, and the settings of a connection.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::schema::{self, sqlite};
use crate::tables::secret;
use crate::{Durability, Error};

/// How long a transaction waits for somebody else's lock. Short: meanwhile nothing that is said
/// gets through; the rows are then held in memory and tried again.
const BUSY: Duration = Duration::from_secs(1);

/// After a checkpoint the log file is cut to this. It is as long as the log gets in normal times:
/// writing over a file is cheaper than making it longer.
const JOURNAL_BYTES: i64 = 64 << 20;

/// Pages in the log at which a commit also checkpoints, in front of everyone: 256 MiB. Long before
/// that the store's thread has done it on the quiet.
const CHECKPOINT_PAGES: i64 = 65_536;

/// The page cache, in KiB (negative: KiB instead of pages).
const CACHE: i64 = -4_096;

/// The same of a reader: each server may keep several, and the system keeps the file in memory too.
const READER_CACHE: i64 = -512;

/// Room for every statement of this crate.
const STATEMENTS: usize = 48;

/// The one connection that writes, and the lock that makes it the only one.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    /// Held while open. A lock of its own file: SQLite's own would keep readers out.
    pub(crate) lock: Option<File>,
    /// A commit does not wait for the disk.
    pub(crate) quick: bool,
}

/// Opens a file for writing, of the current schema when this returns. A file that is refused is
/// left as it was.
pub(crate) fn writer(path: &Path, durability: Durability) -> Result<Opened, Error> {
    let path = make(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = open(&path, flags)?;
    if let Err(refused) = schema::inspect(&connection, &path) {
        leave(&connection, &path);
        return Err(refused);
    }
    let lock = lock(&path)?;
    configure(&connection, durability).map_err(|e| sqlite(&path, e))?;
    schema::migrate(&mut connection, &path)?;
    secret::ensure(&connection).map_err(|e| sqlite(&path, e))?;
    Ok(Opened {
        connection,
        path,
        lock: Some(lock),
        quick: durability == Durability::Normal,
    })
}

/// A connection that only moves the log into the file, beside the writer's.
pub(crate) fn mover(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags)?;
    connection
        .pragma_update(None, "synchronous", Durability::Normal.pragma())
        .map_err(|e| sqlite(path, e))?;
    Ok(connection)
}

/// Moves what is in the log into the file, as far as nobody is in the way.
pub(crate) fn move_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

/// A database in memory, of the current schema.
pub(crate) fn memory() -> Result<Opened, Error> {
    let path = PathBuf::from(":memory:");
    let mut connection = Connection::open_in_memory().map_err(|e| sqlite(&path, e))?;
    configure(&connection, Durability::Normal).map_err(|e| sqlite(&path, e))?;
    schema::migrate(&mut connection, &path)?;
    secret::ensure(&connection).map_err(|e| sqlite(&path, e))?;
    Ok(Opened {
        connection,
        path,
        lock: None,
        quick: true,
    })
}

/// A new file of the current schema, without a write-ahead log.
pub(crate) fn create_empty(path: &Path) -> Result<(), Error> {
    File::create_new(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    schema::migrate(&mut open(path, flags)?, path)
}

/// Opens a file for reading. It must be of the current schema.
pub(crate) fn reader(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags)?;
    let found = schema::inspect(&connection, path)?;
    if found < schema::CURRENT {
        let supported = schema::CURRENT;
        return Err(Error::Older {
            path: path.to_owned(),
            found,
            supported,
        });
    }
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    plan_once(&connection)
        .and_then(|()| connection.pragma_update(None, "cache_size", READER_CACHE))
        .and_then(|()| connection.pragma_update(None, "temp_store", "MEMORY"))
        .map_err(|e| sqlite(path, e))?;
    Ok(connection)
}

/// A statement keeps its plan whatever is bound to it. Else one with `LIMIT ?` is prepared anew each
/// time, which takes longer than to run it.
fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map(|_| ())
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(path, flags).map_err(|e| sqlite(path, e))?;
    connection.busy_timeout(BUSY).map_err(|e| sqlite(path, e))?;
    Ok(connection)
}

/// The file, made (for its owner only: it holds what people say) where there is none.
fn make(path: &Path) -> Result<PathBuf, Error> {
    let wrong = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(wrong(e)),
    }
    let path = fs::canonicalize(path).map_err(wrong)?;
    let found = fs::metadata(&path).map_err(wrong)?;
    // SQLite takes a file of one byte for an empty one; no header is shorter than 100.
    if found.is_file() && (found.len() == 0 || found.len() >= 100) {
        Ok(path)
    } else {
        Err(Error::NotADatabase { path })
    }
}

fn lock(path: &Path) -> Result<File, Error> {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    let wrong = |source| Error::Io {
        path: PathBuf::from(&name),
        source,
    };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&name)
        .map_err(wrong)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(e)) => Err(wrong(e)),
    }
}

fn configure(connection: &Connection, durability: Durability) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" && mode != "memory" {
        tracing::warn!(
            mode,
            "no write-ahead log here: reading and writing will wait for each other"
        );
    }
    connection.pragma_update(None, "synchronous", durability.pragma())?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", CACHE)?;
    plan_once(connection)?;
    // What is deleted is overwritten, so that a withdrawn message is in no free page either.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    for (name, value) in [
        ("journal_size_limit", JOURNAL_BYTES),
        ("wal_autocheckpoint", CHECKPOINT_PAGES),
    ] {
        connection.pragma_update_and_check(None, name, value, |_| Ok(()))?;
    }
    Ok(())
}

/// Before a refused file is closed: the last connection would move the log that its owner left
/// into it.
fn leave(connection: &Connection, path: &Path) {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        // A failure could only mean that the log is moved, which loses nothing.
        let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }
}
