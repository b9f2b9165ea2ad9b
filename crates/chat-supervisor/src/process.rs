//! A server process, held by a descriptor that no other process can be mistaken for.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};
use tokio::net::unix::pipe;

/// A running server. Its number may be used again once it is gone; the descriptor never names
/// another process.
#[derive(Debug)]
pub(crate) struct Process {
    pid: Pid,
    /// A process descriptor. It is no pipe, but it becomes readable as one does, when the process
    /// ends, and this is the runtime's safe way to wait for that; it is never read.
    handle: pipe::Receiver,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
    /// Nobody is left who was told.
    Unknown,
}

impl Process {
    pub(crate) fn new(pid: Pid, handle: OwnedFd) -> io::Result<Process> {
        let handle = pipe::Receiver::from_owned_fd_unchecked(handle)?;
        Ok(Process { pid, handle })
    }

    /// Holds a child of this process that has not been waited for, so that its number is its own.
    pub(crate) fn of_child(id: u32) -> io::Result<Process> {
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or(io::ErrorKind::InvalidInput)?;
        Process::new(pid, pidfd_open(pid, PidfdFlags::empty())?)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw_pid().unsigned_abs()
    }

    /// Ends it at once. One that has ended already stays so.
    pub(crate) fn kill(&self) {
        match pidfd_send_signal(self.handle.as_fd(), Signal::KILL) {
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => tracing::warn!(pid = self.pid(), %error, "a server cannot be killed"),
        }
    }

    /// Waits until it has ended; nothing of it runs any more then.
    pub(crate) async fn ended(&self) {
        // It fails only while the runtime is shutting down.
        let _ = self.handle.readable().await;
    }

    /// Takes the exit of a child that has [`ended`](Process::ended), which frees its number.
    pub(crate) fn reap(&self) -> Exit {
        reap(&self.handle)
    }
}

/// Takes the exit of a child without waiting; [`Exit::Unknown`] if it is not a child or still runs.
pub(crate) fn reap(handle: impl AsFd) -> Exit {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
    match waitid(WaitId::PidFd(handle.as_fd()), options) {
        Ok(Some(status)) => match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => Exit::Unknown,
        },
        Ok(None) | Err(_) => Exit::Unknown,
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Code(0) => f.write_str("left"),
            Exit::Code(code) => write!(f, "exit code {code}"),
            Exit::Signal(signal) => write!(f, "killed by signal {signal}"),
            Exit::Unknown => f.write_str("ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[expect(clippy::zombie_processes, reason = "reaping is what is tested")]
    fn child(script: &str) -> Process {
        let child = Command::new("sh").args(["-c", script]).spawn().unwrap();
        let process = Process::of_child(child.id()).unwrap();
        assert_eq!(process.pid(), child.id());
        process
    }

    #[tokio::test]
    async fn a_child_is_held_killed_and_reaped() {
        let process = child("exec sleep 1000");
        process.kill();
        process.ended().await;
        assert_eq!(process.reap(), Exit::Signal(9));
        assert_eq!(process.reap(), Exit::Unknown, "an exit is told once");
        process.kill();
    }

    #[tokio::test]
    async fn an_exit_code_is_told() {
        let process = child("exit 7");
        process.ended().await;
        assert_eq!(process.reap(), Exit::Code(7));
        assert_eq!(Exit::Code(7).to_string(), "exit code 7");
    }
}
