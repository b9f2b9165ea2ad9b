//! One life of one server: a task that starts it, hears it and sees its end.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::forker::{ForkFailure, Forked, ForkerLink};
use crate::handoff::{Assignment, Link, Order, Report};
use crate::packet;
use crate::process::{Exit, Process};
use crate::program::Program;

/// How long a server may go on after it has closed its control socket.
const CLOSED_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the last words of a dead server may take.
const LAST_WORDS_TIMEOUT: Duration = Duration::from_millis(300);

/// How long the forker may take to tell how a server ended.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

/// What a life tells the fleet's task, in this order: started, reports, closed, ended.
#[derive(Debug)]
pub(crate) enum News {
    Started(Arc<Process>),
    Report(Report),
    /// The control socket is closed: nothing can be handed over any more.
    Closed,
    /// Nothing of it runs any more, and everything that it said has been told.
    Ended {
        reason: String,
    },
}

/// News, and of whom: a server, and which of its lives.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) index: usize,
    pub(crate) attempt: u32,
    pub(crate) news: News,
}

/// How servers are started.
#[derive(Debug, Clone)]
pub(crate) struct Starter {
    /// Used as long as it lives.
    pub(crate) forker: Option<Arc<ForkerLink>>,
    pub(crate) program: Program,
}

/// What a life needs.
pub(crate) struct Life {
    pub(crate) index: usize,
    pub(crate) assignment: Assignment,
    pub(crate) direct: Option<OwnedFd>,
    pub(crate) starter: Starter,
    pub(crate) told: mpsc::Sender<Told>,
}

impl Life {
    /// Makes the control socket and starts the task. The link is the launcher's end.
    pub(crate) fn begin(self) -> io::Result<Arc<Link>> {
        let (near, far) = packet::pair()?;
        let link = Arc::new(Link::new(near)?);
        tokio::spawn(self.run(Arc::clone(&link), far));
        Ok(link)
    }

    async fn run(self, link: Arc<Link>, control: OwnedFd) {
        let attempt = self.assignment.attempt;
        let teller = Teller {
            index: self.index,
            attempt,
            told: self.told,
        };
        let (process, exit) = match self.starter.start(control).await {
            Ok(started) => started,
            Err(error) => {
                let reason = format!("cannot be started: {error}");
                teller.tell(News::Ended { reason }).await;
                return;
            }
        };
        let process = Arc::new(process);
        teller.tell(News::Started(Arc::clone(&process))).await;
        // If this fails the server is dying, which is seen below.
        let order = Order::Assignment(self.assignment);
        let direct = self.direct.as_ref().map(AsFd::as_fd);
        if let Err(error) = link.send(&order, direct).await {
            tracing::warn!(%error, "a server cannot be told who it is");
            process.kill();
        }
        drop(self.direct);
        let mut reports = pin!(teller.reports(&link));
        tokio::select! {
            () = &mut reports => {
                teller.tell(News::Closed).await;
                if timeout(CLOSED_TIMEOUT, process.ended()).await.is_err() {
                    tracing::warn!(pid = process.pid(), "a server hangs and is killed");
                    process.kill();
                    process.ended().await;
                }
            }
            () = process.ended() => {
                // Its last words are in the socket, acknowledgements above all. Their end comes at
                // once, unless a process of its own still holds the other end.
                let _ = timeout(LAST_WORDS_TIMEOUT, &mut reports).await;
            }
        }
        let exit = exit.take(&process).await;
        let reason = exit.to_string();
        teller.tell(News::Ended { reason }).await;
    }
}

impl Starter {
    async fn start(&self, control: OwnedFd) -> io::Result<(Process, ExitSource)> {
        if let Some(forker) = &self.forker {
            let copy = control.try_clone()?;
            match forker.fork(copy).await {
                Ok(Forked { process, exit }) => return Ok((process, ExitSource::Forker(exit))),
                Err(ForkFailure::Failed(error)) => return Err(error),
                Err(ForkFailure::Gone) => {
                    tracing::warn!("the forker is gone: the server is started as a program");
                }
            }
        }
        let process = self.program.start(control)?;
        Ok((process, ExitSource::Own))
    }
}

/// Who can say how a process ended.
enum ExitSource {
    /// This process, its parent.
    Own,
    Forker(oneshot::Receiver<Exit>),
}

impl ExitSource {
    async fn take(self, process: &Process) -> Exit {
        match self {
            ExitSource::Own => process.reap(),
            ExitSource::Forker(exit) => match timeout(EXIT_TIMEOUT, exit).await {
                Ok(Ok(exit)) => exit,
                _ => Exit::Unknown,
            },
        }
    }
}

struct Teller {
    index: usize,
    attempt: u32,
    told: mpsc::Sender<Told>,
}

impl Teller {
    async fn tell(&self, news: News) {
        let told = Told {
            index: self.index,
            attempt: self.attempt,
            news,
        };
        // The fleet's task ends after the last life, or with the runtime.
        let _ = self.told.send(told).await;
    }

    /// Hands on reports until the server closes its end.
    async fn reports(&self, link: &Link) {
        let mut buffer = [0; 64];
        while let Ok(packet) = link.receive::<Report>(&mut buffer).await {
            self.tell(News::Report(packet.message)).await;
        }
    }
}
