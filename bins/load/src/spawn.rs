//! Starting a server for a load, and ending it.

use std::fmt;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long a server may take to say where it listens.
pub(crate) const START: Duration = Duration::from_secs(20);
/// How long it may take to end.
const END: Duration = Duration::from_secs(15);

/// Which of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// chat-server alone.
    One,
    /// That many servers behind chat-launcher.
    Fleet(u16),
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fleet = text.strip_prefix("fleet:").map(str::parse);
        match (text, fleet) {
            ("one", _) => Ok(Self::One),
            (_, Some(Ok(servers @ 1..=64))) => Ok(Self::Fleet(servers)),
            _ => Err("expected one, or fleet:N with 1 to 64 servers".to_owned()),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One => f.write_str("one"),
            Self::Fleet(servers) => write!(f, "fleet:{servers}"),
        }
    }
}

/// A server that was started here, with the folder that it works in. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Started {
    child: Child,
    pub(crate) address: SocketAddr,
    folder: Option<TempDir>,
}

impl Started {
    /// A child that is up at an address.
    pub(crate) fn new(child: Child, address: SocketAddr, folder: TempDir) -> Self {
        Self {
            child,
            address,
            folder: Some(folder),
        }
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Ends it; the folder stays as it leaves it, for another one.
    pub(crate) fn leave(mut self) -> Option<TempDir> {
        end(&mut self.child);
        self.folder.take()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a child: asks, waits, and insists.
pub(crate) fn end(child: &mut Child) {
    if let Ok(raw) = i32::try_from(child.id())
        && let Some(pid) = Pid::from_raw(raw)
    {
        let _ = kill_process(pid, Signal::TERM);
    }
    let deadline = Instant::now() + END;
    while Instant::now() < deadline {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Starts one of ours with everything in a temporary folder, its flood limits off.
pub(crate) fn ours(kind: Kind, programs: &Path) -> anyhow::Result<Started> {
    let folder = tempfile::tempdir().context("no temporary folder")?;
    ours_in(folder, kind, programs)
}

/// The same in a folder that another may have left.
pub(crate) fn ours_in(folder: TempDir, kind: Kind, programs: &Path) -> anyhow::Result<Started> {
    let config = folder.path().join("chat.toml");
    std::fs::write(
        &config,
        "[server]\nlobby = \"\"\nlisten = [\"127.0.0.1:0\"]\n\
         [limits]\nflood = false\nsendq = 67108864\n",
    )
    .context("the temporary folder cannot be written")?;
    let program = programs.join(match kind {
        Kind::One => "chat-server",
        Kind::Fleet(_) => "chat-launcher",
    });
    let mut command = Command::new(&program);
    if let Kind::Fleet(servers) = kind {
        command.arg("--servers").arg(servers.to_string());
    }
    command
        .arg("--config")
        .arg(&config)
        .arg("--database")
        .arg(folder.path().join("storage.db"))
        .env("XDG_RUNTIME_DIR", folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    match address(&mut child) {
        Ok(address) => Ok(Started::new(child, address, folder)),
        Err(error) => {
            end(&mut child);
            Err(error).with_context(|| format!("{} does not come up", program.display()))
        }
    }
}

/// Where the child says that it listens. It goes on being read, so that it can go on writing.
fn address(child: &mut Child) -> anyhow::Result<SocketAddr> {
    let output = child.stdout.take().context("its output is not piped")?;
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(rest) = line.strip_prefix("Connect to ") {
                let address = rest.split_whitespace().next().map(str::parse::<SocketAddr>);
                let _ = tell.try_send(address);
            }
        }
    });
    match told.recv_timeout(START) {
        Ok(Some(Ok(address))) => Ok(address),
        Ok(_) => bail!("it names no address"),
        Err(_) => bail!("it has not said where it listens"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_as_they_are_written() {
        for text in ["one", "fleet:1", "fleet:64"] {
            assert_eq!(text.parse::<Kind>().unwrap().to_string(), text);
        }
        for text in [
            "", "two", "fleet", "fleet:", "fleet:0", "fleet:65", "fleet:x",
        ] {
            assert!(text.parse::<Kind>().is_err(), "{text}");
        }
    }
}
