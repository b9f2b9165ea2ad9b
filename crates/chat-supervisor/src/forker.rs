//! Starting servers by fork: the launcher's side of the forker.
//!
//! A process with threads cannot be forked safely, so one process never has any: the *forker*,
//! itself forked before the launcher started its first thread. It forks servers on request and
//! tells the launcher of their ends. If it dies the servers go on; new ones are started as
//! programs.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustix::process::Pid;
use serde::{Deserialize, Serialize};
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use crate::handoff::Link;
use crate::process::{Exit, Process};
use crate::{fork, packet};

/// How long the forker has to leave when it is told to.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a fork may take.
const FORK_TIMEOUT: Duration = Duration::from_secs(5);

/// What runs in a forked server: it gets the control socket, for
/// [`Role::receive`](crate::role::Role::receive), and returns the exit code.
pub type ForkedRole = fn(OwnedFd) -> i32;

/// A process that forks servers, started by [`Forker::start`].
#[derive(Debug)]
pub struct Forker {
    control: OwnedFd,
    pid: Pid,
    handle: OwnedFd,
}

/// Why there is no forker.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForkerError {
    /// The process has threads already, and their locks and memory would be copied in whatever
    /// state they are in.
    #[error("forking is only possible before the first thread is started; there are {0}")]
    Threads(usize),
    /// The system refused.
    #[error("the forker could not be started: {0}")]
    System(#[from] io::Error),
}

/// Launcher to forker. The control socket of the new server comes along.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ForkRequest {
    pub(crate) number: u64,
}

/// Forker to launcher.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ForkReply {
    /// It runs; a process descriptor comes along.
    Forked { number: u64, pid: i32 },
    /// It could not be forked.
    Failed { number: u64, errno: i32 },
    /// It ended, by a signal or with a code.
    Ended {
        number: u64,
        code: Option<i32>,
        signal: Option<i32>,
    },
}

impl Forker {
    /// Forks the forker. Call it first in `main`: before any thread, runtime, database or log file.
    ///
    /// The forked processes keep what this one has open now, and run `role` with nothing of the
    /// launcher's later state. They leave by exiting; what is above this call on the stack is never
    /// returned to in them.
    ///
    /// # Errors
    /// [`ForkerError::Threads`] if it comes too late.
    pub fn start(role: ForkedRole) -> Result<Forker, ForkerError> {
        let threads = fork::thread_count()?;
        if threads != 1 {
            return Err(ForkerError::Threads(threads));
        }
        let (near, far) = packet::pair().map_err(io::Error::from)?;
        match fork::fork()? {
            fork::Side::Child => {
                drop(near);
                fork::run_forker(far, role)
            }
            fork::Side::Parent { pid, handle } => Ok(Forker {
                control: near,
                pid,
                handle,
            }),
        }
    }
}

/// The forker inside the launcher's runtime.
#[derive(Debug)]
pub(crate) struct ForkerLink {
    link: Link,
    process: Process,
    book: Mutex<Book>,
    /// True once it has ended and nothing of it is left.
    ended: watch::Sender<bool>,
}

/// A server that was forked, and where its exit will be told.
#[derive(Debug)]
pub(crate) struct Forked {
    pub(crate) process: Process,
    pub(crate) exit: oneshot::Receiver<Exit>,
}

/// Who waits for what. Small: one entry per server that runs or is being started.
#[derive(Debug, Default)]
struct Book {
    next: u64,
    starting: HashMap<u64, Start>,
    running: HashMap<u64, oneshot::Sender<Exit>>,
    /// It does not answer any more.
    gone: bool,
    /// It was told to leave.
    leaving: bool,
}

type Start = oneshot::Sender<Result<Forked, ForkFailure>>;

/// Why a fork was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForkFailure {
    /// The forker is dead: start a program instead.
    #[error("the forker is gone")]
    Gone,
    #[error("the fork failed: {0}")]
    Failed(io::Error),
}

impl ForkerLink {
    /// Joins the runtime; `lost` is called when the forker has died.
    pub(crate) fn run(
        forker: Forker,
        lost: impl FnOnce() + Send + 'static,
    ) -> io::Result<Arc<Self>> {
        let this = Arc::new(ForkerLink {
            link: Link::new(forker.control)?,
            process: Process::new(forker.pid, forker.handle)?,
            book: Mutex::default(),
            ended: watch::Sender::new(false),
        });
        let task = Arc::clone(&this);
        tokio::spawn(async move {
            task.listen().await;
            let unasked = {
                let mut book = task.book.lock();
                book.gone = true;
                // Whoever waits for an answer learns that none will come.
                book.starting.clear();
                book.running.clear();
                !book.leaving
            };
            if unasked {
                lost();
                task.process.kill();
            }
            task.process.ended().await;
            task.process.reap();
            task.ended.send_replace(true);
        });
        Ok(this)
    }

    /// Asks for one more server, whose control socket is `control`.
    pub(crate) async fn fork(&self, control: OwnedFd) -> Result<Forked, ForkFailure> {
        let (sender, answer) = oneshot::channel();
        let number = {
            let mut book = self.book.lock();
            if book.gone {
                return Err(ForkFailure::Gone);
            }
            let number = book.next;
            book.next += 1;
            book.starting.insert(number, sender);
            number
        };
        let asked = self
            .link
            .try_send(&ForkRequest { number }, Some(control.as_fd()));
        // The forker has its own copy now, or there is none; ours would hide the server's end.
        drop(control);
        let answer = match asked {
            Ok(()) => timeout(FORK_TIMEOUT, answer).await,
            Err(_) => Ok(Ok(Err(ForkFailure::Gone))),
        };
        match answer {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_forgotten)) => Err(ForkFailure::Gone),
            Err(_elapsed) => {
                self.book.lock().starting.remove(&number);
                Err(ForkFailure::Failed(io::ErrorKind::TimedOut.into()))
            }
        }
    }

    /// Tells the forker to leave, and waits for it.
    pub(crate) async fn leave(&self) {
        self.book.lock().leaving = true;
        // Half a close is enough: the forker sees the end of the requests.
        self.link.finish();
        let mut ended = self.ended.subscribe();
        if timeout(LEAVE_TIMEOUT, ended.wait_for(|&ended| ended))
            .await
            .is_err()
        {
            self.process.kill();
            let _ = ended.wait_for(|&ended| ended).await;
        }
    }

    async fn listen(&self) {
        let mut buffer = [0; 256];
        loop {
            let packet = match self.link.receive::<ForkReply>(&mut buffer).await {
                Ok(packet) => packet,
                Err(error) => {
                    tracing::debug!(%error, "the forker says nothing more");
                    return;
                }
            };
            let mut book = self.book.lock();
            match packet.message {
                ForkReply::Forked { number, pid } => book.forked(number, pid, packet.fd),
                ForkReply::Failed { number, errno } => {
                    let error = io::Error::from_raw_os_error(errno);
                    book.answer(number, Err(ForkFailure::Failed(error)));
                }
                ForkReply::Ended {
                    number,
                    code,
                    signal,
                } => book.ended(number, code, signal),
            }
        }
    }
}

impl Book {
    fn forked(&mut self, number: u64, pid: i32, handle: Option<OwnedFd>) {
        let process = match (Pid::from_raw(pid), handle) {
            (Some(pid), Some(handle)) => Process::new(pid, handle),
            _ => Err(io::Error::other("its process descriptor was lost")),
        };
        let outcome = process.map_err(ForkFailure::Failed).map(|process| {
            let (sender, exit) = oneshot::channel();
            self.running.insert(number, sender);
            Forked { process, exit }
        });
        self.answer(number, outcome);
    }

    fn answer(&mut self, number: u64, outcome: Result<Forked, ForkFailure>) {
        let outcome = match self.starting.remove(&number) {
            Some(asking) => asking.send(outcome),
            None => Err(outcome),
        };
        // Nobody waits any more: a server that nobody watches must not run.
        if let Err(Ok(forked)) = outcome {
            forked.process.kill();
        }
    }

    fn ended(&mut self, number: u64, code: Option<i32>, signal: Option<i32>) {
        if let Some(watching) = self.running.remove(&number) {
            let exit = match (code, signal) {
                (Some(code), _) => Exit::Code(code),
                (None, Some(signal)) => Exit::Signal(signal),
                (None, None) => Exit::Unknown,
            };
            let _ = watching.send(exit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test runner has threads of its own.
    #[test]
    fn a_process_with_threads_is_not_forked() {
        let (hold, held) = std::sync::mpsc::sync_channel::<()>(0);
        let thread = std::thread::spawn(move || held.recv());
        let error = Forker::start(|_| 0).unwrap_err();
        assert!(matches!(error, ForkerError::Threads(count) if count > 1));
        drop(hold);
        assert!(thread.join().unwrap().is_err());
    }
}
