//! What every program of ours does with the process it runs in.

use std::ffi::{CString, OsStr};
use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};
use chat_transport::doors::Kind;
use rustix::process::{Resource, Rlimit, Signal as RawSignal, getrlimit, setrlimit};
use rustix::thread::set_name;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// The exit code for a command line or a configuration file that cannot be followed.
pub const USAGE: u8 = 2;

/// What the help of our programs ends with.
pub const HELP: &str = "\
Talk to it with any IRC client: connect to the printed address, and you are in the lobby.
The log goes to standard error; CHAT_LOG chooses what is in it (error, warn, info, debug).";

/// Descriptors that a server needs beside those of its clients.
const OWN_DESCRIPTORS: u64 = 100;

/// Writes the log to standard error; `CHAT_LOG` chooses what (default `warn`). Where standard error
/// takes nothing (a closed pipe, a full disk) the program goes on without a log.
pub fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("CHAT_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    // A second call (a forked server) keeps the first one's setting.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        // They would go to standard error too, by a macro that panics where it takes nothing.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal())
        .try_init();
}

/// Raises the limit of open files as far as it goes, and says how many clients fit under it.
#[must_use]
pub fn raise_open_files() -> u32 {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    );
    let files = getrlimit(Resource::Nofile).current.unwrap_or(1 << 20);
    u32::try_from(files.saturating_sub(OWN_DESCRIPTORS).clamp(1, 1 << 20)).unwrap_or(1 << 20)
}

/// A runtime of one thread.
///
/// From then on a file that grows beyond the limit of file sizes (`ulimit -f`) fails to be written, as
/// on a full disk: the signal that would end the process is caught.
///
/// # Errors
///
/// The system refuses what it needs.
pub fn runtime() -> anyhow::Result<Runtime> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let guard = runtime.enter();
    // Once caught it stays so; that it came is told by the write that fails.
    let caught = signal(SignalKind::from_raw(RawSignal::XFSZ.as_raw()));
    drop(caught.context("cannot catch SIGXFSZ")?);
    drop(guard);
    Ok(runtime)
}

/// SIGINT and SIGTERM, watched from the moment this is made: make it before telling anybody that the
/// program is up.
#[derive(Debug)]
pub struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// Begins to watch; inside of a runtime.
    ///
    /// # Errors
    ///
    /// The signals cannot be watched.
    pub fn watch() -> anyhow::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).context("cannot watch SIGINT")?,
            terminate: signal(SignalKind::terminate()).context("cannot watch SIGTERM")?,
        })
    }

    /// Waits for one of them.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// SIGHUP, watched from the moment this is made. It asks for the configuration and certificates to be
/// read again.
#[derive(Debug)]
pub struct HangUps(Signal);

impl HangUps {
    /// Begins to watch; inside of a runtime.
    ///
    /// # Errors
    ///
    /// The signal cannot be watched.
    pub fn watch() -> anyhow::Result<Self> {
        let signal = signal(SignalKind::hangup()).context("cannot watch SIGHUP")?;
        Ok(Self(signal))
    }

    /// Waits for the next.
    pub async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// Names this process after a server, for `ps` and `top`: chat-server-2 for Server-2.
///
/// Threads that are started later begin with this name, those that run keep theirs.
pub(crate) fn name_after(server: &str) {
    let name = format!("chat-{}", server.to_lowercase());
    if let Ok(name) = CString::new(name) {
        // It is for people only.
        let _ = set_name(&name);
    }
}

/// Writes a line to standard output. A chat does not end because nobody reads what it tells: where
/// standard output takes nothing (a closed pipe, a full disk), the line is dropped.
pub fn tell(line: impl fmt::Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Tells where to connect.
pub fn tell_addresses(addresses: &[(Kind, SocketAddr)]) {
    for (kind, address) in addresses {
        tell(format_args!("Connect to {}{address}", kind.scheme()));
    }
}

/// Waits for SIGTERM.
///
/// # Errors
///
/// The signal cannot be watched.
pub async fn terminated() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot watch SIGTERM")?;
    terminate.recv().await;
    Ok(())
}

/// An error with its causes; a cause that the sentence before it names already is not repeated, nor
/// one that only puts a number before what was said last (`database is locked: Error code 5: database
/// is locked`).
pub(crate) fn in_words(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |told, cause| {
        let cause = cause.to_string();
        if told.is_empty() {
            cause
        } else if told.contains(&cause) || ends_as(&told, &cause) {
            told
        } else {
            format!("{told}: {cause}")
        }
    })
}

/// Whether both end with the same sentence, after their last colon.
fn ends_as(told: &str, cause: &str) -> bool {
    fn last(text: &str) -> Option<&str> {
        text.rsplit_once(": ").map(|(_, last)| last)
    }
    last(told).is_some() && last(told) == last(cause)
}

/// Says on standard error what a program cannot do, and goes on.
pub fn complain(program: &str, error: &anyhow::Error) {
    let _ = writeln!(io::stderr().lock(), "{program}: {}", in_words(error));
}

/// Where a database is kept that nobody named: `chat-server/storage.db` in the state folder.
///
/// # Errors
///
/// There is no home directory, or the folder cannot be made.
pub fn default_database() -> anyhow::Result<PathBuf> {
    let base = directories::BaseDirs::new()
        .context("no home directory to keep the database in; name one with --database")?;
    let folder = base
        .state_dir()
        .unwrap_or_else(|| base.data_local_dir())
        .join("chat-server");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    Ok(folder.join("storage.db"))
}

/// Starts chat-monitor, which is looked for beside this program, on an instance.
///
/// # Errors
///
/// It is not there (the error says what to build), there is no display, or it cannot be started.
pub fn open_monitor(instance: &str) -> anyhow::Result<Child> {
    let program = std::env::current_exe()
        .context("cannot tell where this program is")?
        .with_file_name("chat-monitor");
    if !program.is_file() {
        bail!(
            "the window is the program chat-monitor, and {} is not there; build it with: cargo build --release --bin chat-monitor",
            program.display()
        );
    }
    if ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .all(|name| std::env::var_os(name).is_none_or(|value| value.is_empty()))
    {
        bail!("there is no display for the window (neither DISPLAY nor WAYLAND_DISPLAY is set)");
    }
    Command::new(&program)
        .args([OsStr::new("--instance"), OsStr::new(instance)])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let cause = io::Error::other("address in use");
        let error = anyhow::Error::new(cause).context("cannot listen: address in use");
        assert_eq!(in_words(&error), "cannot listen: address in use");
        let error = error.context("cannot start");
        assert_eq!(
            in_words(&error),
            "cannot start: cannot listen: address in use"
        );
        let cause = io::Error::other("Error code 5: database is locked");
        let error = anyhow::Error::new(cause).context("database /a.db: database is locked");
        assert_eq!(in_words(&error), "database /a.db: database is locked");
        let cause = io::Error::other("Error code 778: writing failed");
        let error = anyhow::Error::new(cause).context("database /a.db: disk I/O error");
        assert_eq!(
            in_words(&error),
            "database /a.db: disk I/O error: Error code 778: writing failed"
        );
    }
}
