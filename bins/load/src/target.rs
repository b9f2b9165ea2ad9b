//! The server under test: named, or started for it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use tempfile::TempDir;

use crate::arguments::TargetArguments;
use crate::peers::Peer;
use crate::spawn::{self, Kind, Started};

/// The server under test. One that was started ends with it.
#[derive(Debug)]
pub(crate) struct Target {
    /// What it is called in the results.
    pub(crate) name: String,
    /// Where clients connect, in turn.
    pub(crate) addresses: Vec<SocketAddr>,
    /// Its processes, each with its children.
    pub(crate) processes: Vec<u32>,
    /// Registrations at the same time, where the server needs another number than asked for.
    pub(crate) at_once: Option<usize>,
    started: Option<Started>,
}

impl Target {
    /// What the command line names.
    pub(crate) fn of(arguments: &TargetArguments) -> anyhow::Result<Self> {
        if let Some(kind) = arguments.spawn {
            return Self::ours(kind, &folder(arguments.programs.as_deref())?, arguments.pin);
        }
        let Some(first) = arguments.connect.first() else {
            bail!("which server? --connect ADDRESS, or --spawn one");
        };
        let outside = arguments
            .connect
            .iter()
            .find(|address| !address.ip().is_loopback());
        if let Some(outside) = outside
            && !arguments.yes_remote
        {
            bail!("{outside} is not on this machine: add --yes-remote if that server is yours");
        }
        Ok(Self {
            name: first.to_string(),
            addresses: arguments.connect.clone(),
            processes: arguments.pid.clone(),
            at_once: None,
            started: None,
        })
    }

    /// One of ours, started.
    pub(crate) fn ours(kind: Kind, programs: &Path, pin: bool) -> anyhow::Result<Self> {
        let started = pinned(pin, || spawn::ours(kind, programs))?;
        Ok(Self::started(kind.to_string(), started, None))
    }

    /// One of others, started.
    pub(crate) fn peer(peer: Peer, pin: bool) -> anyhow::Result<Self> {
        let started = pinned(pin, || peer.start())?;
        let at_once = peer.at_once().map(|count| count as usize);
        Ok(Self::started(peer.to_string(), started, at_once))
    }

    /// One of ours, started in a folder that another may have left.
    pub(crate) fn ours_in(
        folder: TempDir,
        kind: Kind,
        programs: &Path,
        pin: bool,
    ) -> anyhow::Result<Self> {
        let started = pinned(pin, || spawn::ours_in(folder, kind, programs))?;
        Ok(Self::started(kind.to_string(), started, None))
    }

    /// Ends it, if it was started here; its folder stays.
    pub(crate) fn leave(self) -> Option<TempDir> {
        self.started?.leave()
    }

    fn started(name: String, started: Started, at_once: Option<usize>) -> Self {
        Self {
            name,
            addresses: vec![started.address],
            processes: vec![started.process()],
            at_once,
            started: Some(started),
        }
    }
}

/// Where our programs are.
pub(crate) fn folder(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(folder) = named {
        return Ok(folder.to_owned());
    }
    let own = std::env::current_exe().context("where is this program?")?;
    let folder = own.parent().context("this program is in no folder")?;
    Ok(folder.to_owned())
}

/// Starts something on processor 0, if there are others for this program to go on with.
fn pinned<T>(pin: bool, start: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let all = sched_getaffinity(None).context("cannot read the processors")?;
    if !pin || all.count() < 2 || !all.is_set(0) {
        return start();
    }
    let mut first = CpuSet::new();
    first.set(0);
    // What is started inherits it.
    sched_setaffinity(None, &first).context("cannot go to processor 0")?;
    let started = start();
    let mut others = all;
    others.unset(0);
    sched_setaffinity(None, &others).context("cannot leave processor 0")?;
    let started = started?;
    Ok(started)
}

/// Each client is a descriptor: as many as the system allows.
pub(crate) fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    );
}

/// Whether so many clients fit under the limit of open files.
pub(crate) fn check_open_files(clients: usize) -> anyhow::Result<()> {
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    if clients as u64 + 64 > most {
        bail!("{clients} clients need more than the {most} open files that are allowed here");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(address: &str, yes_remote: bool) -> TargetArguments {
        TargetArguments {
            connect: vec![address.parse().unwrap()],
            pid: Vec::new(),
            spawn: None,
            programs: None,
            yes_remote,
            password: String::new(),
            at_once: 1,
            pin: false,
        }
    }

    #[test]
    fn only_loopback_unless_said_otherwise() {
        assert!(Target::of(&arguments("127.0.0.1:6667", false)).is_ok());
        assert!(Target::of(&arguments("[::1]:6667", false)).is_ok());
        let refused = Target::of(&arguments("192.0.2.1:6667", false)).unwrap_err();
        assert!(refused.to_string().contains("--yes-remote"), "{refused}");
        assert!(Target::of(&arguments("192.0.2.1:6667", true)).is_ok());
    }

    #[test]
    fn more_clients_than_open_files_are_refused() {
        assert!(check_open_files(1).is_ok());
        assert!(check_open_files(usize::MAX / 2).is_err());
    }
}
