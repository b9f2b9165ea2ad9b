//! One running fleet or lone server among others on the machine.
//!
//! An instance has a name (by default the first port it listens on), a run directory that only its
//! user may enter, a lock that says that it runs, the socket of its journal and a shared-memory
//! segment.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// The longest path of a Unix socket that Linux takes, in bytes.
const SOCKET_PATH_LIMIT: usize = 107;

/// Where an instance keeps what it shares while it runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paths {
    name: String,
    directory: PathBuf,
}

impl Paths {
    /// The paths of the instance with this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            directory: base_directory().join(name),
        }
    }

    /// The instances that are running, by name.
    #[must_use]
    pub fn running() -> Vec<String> {
        let Ok(entries) = fs::read_dir(base_directory()) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| Self::new(name).is_running())
            .collect();
        names.sort();
        names
    }

    /// The instance's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The socket on which the journal takes servers and observers.
    #[must_use]
    pub fn journal_socket(&self) -> PathBuf {
        self.directory.join("hub.sock")
    }

    /// The name of the shared-memory segment: `client_status`, user and instance.
    #[must_use]
    pub fn segment(&self) -> String {
        format!("client_status.{}.{}", user(), self.name)
    }

    fn lock_file(&self) -> PathBuf {
        self.directory.join("lock")
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        File::open(self.lock_file())
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Takes the instance: makes the run directory, and holds its lock until dropped.
    ///
    /// # Errors
    ///
    /// An instance of this name runs already, or the directory cannot be made or is not ours.
    pub fn hold(&self) -> anyhow::Result<Held> {
        let base = base_directory();
        for directory in [&base, &self.directory] {
            make_private(directory).with_context(|| {
                format!("cannot make the run directory {}", directory.display())
            })?;
        }
        if self.journal_socket().as_os_str().len() > SOCKET_PATH_LIMIT {
            bail!(
                "the run directory {} has too long a name for a socket",
                self.directory.display()
            );
        }
        let path = self.lock_file();
        let mut lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "the instance '{}' is running already; choose another name with --instance",
                self.name
            ),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        lock.set_len(0)?;
        writeln!(lock, "{}", std::process::id())?;
        match fs::remove_file(self.journal_socket()) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).context("cannot remove the socket of a former run"),
        }
        Ok(Held {
            paths: self.clone(),
            _lock: lock,
        })
    }
}

/// A held instance; dropping it removes the run directory.
#[derive(Debug)]
pub struct Held {
    paths: Paths,
    _lock: File,
}

impl Held {
    /// The paths of the instance.
    #[must_use]
    pub fn paths(&self) -> &Paths {
        &self.paths
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Whoever starts next with this name makes its own directory and lock: the order of the
        // removals does not matter to it.
        let _ = fs::remove_file(self.paths.journal_socket());
        let _ = fs::remove_file(self.paths.lock_file());
        let _ = fs::remove_dir(&self.paths.directory);
    }
}

/// Makes a directory that only we may enter, or checks that the one there is such.
fn make_private(directory: &Path) -> io::Result<()> {
    match fs::DirBuilder::new()
        .recursive(false)
        .mode(0o700)
        .create(directory)
    {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let found = fs::symlink_metadata(directory)?;
    if !found.is_dir() || found.uid() != user() {
        return Err(io::Error::other("something of another user is there"));
    }
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))
}

fn base_directory() -> PathBuf {
    match std::env::var_os("XDG_RUNTIME_DIR").filter(|directory| Path::new(directory).is_dir()) {
        Some(directory) => PathBuf::from(directory).join("chat-server"),
        None => std::env::temp_dir().join(format!("chat-server-{}", user())),
    }
}

fn user() -> u32 {
    rustix::process::getuid().as_raw()
}
