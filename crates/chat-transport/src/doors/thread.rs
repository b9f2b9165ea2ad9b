//! The thread on which TLS and WebSocket end.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout};

use super::fence::{Counted, fence};
use super::handshake::{Guard, Handshake};
use super::{CROWDED_TIMEOUT, Failures, Kind, MAX_HANDSHAKES, Plan, Stage, Thread, WAITING};
use crate::tls::Acceptor;
use crate::{Connection, Listener, pump};

/// How long the connections that are open at the end may take.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// What the thread works with.
struct Work {
    listener: Listener,
    /// What is spoken at each of the listener's addresses.
    kinds: Vec<Kind>,
    /// The number of the first of them among all addresses.
    first: u16,
    handshake: Arc<Handshake>,
    handshake_timeout: Duration,
    passed: mpsc::Sender<Connection>,
    failures: Arc<Failures>,
    stage: watch::Receiver<Stage>,
    room: Arc<Semaphore>,
    /// Those under way, oldest first.
    under_way: VecDeque<(Instant, AbortHandle)>,
    /// Held by every open connection; nobody sends.
    open: mpsc::Sender<()>,
    /// How many they are.
    count: Arc<AtomicUsize>,
}

impl Thread {
    pub(super) fn start(
        plan: &Plan,
        first: u16,
        sockets: Vec<(Kind, OwnedFd)>,
    ) -> io::Result<Thread> {
        let (passed, arrivals) = mpsc::channel(WAITING);
        let (stage, stages) = watch::channel(Stage::Open);
        let (tell_end, ended) = oneshot::channel();
        let failures = Arc::new(Failures::default());
        let (open, closed) = mpsc::channel(1);
        let (fence, gate) = fence();
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (kinds, sockets): (Vec<_>, Vec<_>) = sockets.into_iter().unzip();
        let listener = {
            let _inside = runtime.enter();
            Listener::from_owned_fds(sockets)?
        };
        let handshake = Handshake {
            acceptor: plan.identity.clone().map(Acceptor::new),
            origins: plan.origins.clone(),
        };
        let work = Work {
            listener,
            kinds,
            first,
            handshake: Arc::new(handshake),
            handshake_timeout: plan.handshake_timeout,
            passed,
            failures: Arc::clone(&failures),
            stage: stages,
            room: Arc::new(Semaphore::new(MAX_HANDSHAKES)),
            under_way: VecDeque::new(),
            open,
            count: gate.counter(),
        };
        let thread = std::thread::Builder::new().name("doors".to_owned());
        thread.spawn(move || {
            runtime.spawn(gate.keep());
            runtime.block_on(work.run(closed));
            drop(runtime);
            let _ = tell_end.send(());
        })?;
        Ok(Thread {
            fence,
            arrivals,
            failures,
            stage,
            ended: Some(ended),
        })
    }
}

impl Work {
    /// Lets people in until told otherwise, then waits for the end.
    async fn run(mut self, mut closed: mpsc::Receiver<()>) {
        let mut stages = self.stage.clone();
        loop {
            tokio::select! {
                // An error means that nobody is there any more to tell.
                _ = stages.wait_for(|stage| *stage != Stage::Open) => break,
                goes_on = self.let_in() => if !goes_on { break },
            }
        }
        let Work {
            listener,
            passed,
            under_way,
            open,
            ..
        } = self;
        drop((listener, passed));
        for (_, handshake) in under_way {
            handshake.abort();
        }
        drop(open);
        let _ = stages.wait_for(|stage| *stage == Stage::Ending).await;
        // Nobody sends: this ends when the last connection has.
        let _ = timeout(LAST_WORDS, closed.recv()).await;
    }

    /// Lets one in as soon as there is room for its handshake; false if nobody can come any more.
    async fn let_in(&mut self) -> bool {
        while self
            .under_way
            .front()
            .is_some_and(|(_, handshake)| handshake.is_finished())
        {
            self.under_way.pop_front();
        }
        let room = Arc::clone(&self.room);
        let oldest = self
            .under_way
            .front()
            .map(|(since, _)| *since + CROWDED_TIMEOUT);
        let permit = tokio::select! {
            biased;
            permit = room.acquire_owned() => permit,
            () = sleep_until(oldest.unwrap_or_else(Instant::now)), if oldest.is_some() => {
                if let Some((_, slow)) = self.under_way.pop_front() {
                    slow.abort();
                }
                return true;
            }
        };
        let Ok(permit) = permit else { return false };
        match self.listener.accept().await {
            Ok(connection) => self.begin(connection, permit),
            Err(error) => {
                tracing::error!(%error, "nobody can be accepted any more at TLS and WebSocket");
                return false;
            }
        }
        true
    }

    fn begin(&mut self, connection: Connection, permit: OwnedSemaphorePermit) {
        let guard = Guard::new(Arc::clone(&self.failures));
        let index = connection.peer.listener;
        let kind = self.kinds.get(usize::from(index)).copied();
        let kind = kind.unwrap_or(Kind::Plain);
        let mut connection = connection;
        connection.peer.listener = self.first.saturating_add(index);
        let handshake = Arc::clone(&self.handshake);
        let (passed, open) = (self.passed.clone(), self.open.clone());
        let count = Arc::clone(&self.count);
        let time = self.handshake_timeout;
        let task = tokio::spawn(async move {
            let shaken = timeout(time, handshake.shake(kind, connection)).await;
            let (far, mut peer) = match shaken {
                Ok(Ok(done)) => done,
                Ok(Err(error)) => return tracing::debug!(%error, "a handshake failed"),
                Err(_elapsed) => return tracing::debug!("a handshake took too long"),
            };
            peer.secure = kind.is_secure();
            let (near, socket) = match pump::pair() {
                Ok(pair) => pair,
                Err(error) => return tracing::warn!(%error, "no socket pair for a connection"),
            };
            let Ok(place) = passed.reserve().await else {
                return;
            };
            let counted = Counted::new(&count);
            place.send(Connection { socket, peer });
            guard.passed();
            drop(permit);
            // What the copying needs is a task of its own: the handshake needs more.
            tokio::spawn(async move {
                far.run(near).await;
                drop((counted, open));
            });
        });
        self.under_way
            .push_back((Instant::now(), task.abort_handle()));
    }
}
