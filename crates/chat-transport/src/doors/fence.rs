//! Whoever must not overtake what lies at the guarded doors.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;

/// Who may wait to be let through at the same time; more wait before they ask.
const WAITING: usize = 64;

/// How often the thread's other tasks have their turn before one is let through: the news of the
/// system is asked for after the first, and who it wakes has had the next.
const TURNS: usize = 2;

/// Waits until what has come over TLS or WebSocket has been handed on. Clones are the same.
#[derive(Debug, Clone)]
pub struct Fence {
    open: Arc<AtomicUsize>,
    wanted: mpsc::Sender<oneshot::Sender<()>>,
}

/// The side of the thread.
#[derive(Debug)]
pub(super) struct Gate {
    open: Arc<AtomicUsize>,
    wanted: mpsc::Receiver<oneshot::Sender<()>>,
}

/// Counts one open connection until it is dropped.
#[derive(Debug)]
pub(super) struct Counted(Arc<AtomicUsize>);

pub(super) fn fence() -> (Fence, Gate) {
    let open = Arc::new(AtomicUsize::new(0));
    let (sender, wanted) = mpsc::channel(WAITING);
    let fence = Fence {
        open: Arc::clone(&open),
        wanted: sender,
    };
    (fence, Gate { open, wanted })
}

impl Fence {
    /// Whether there is a connection whose bytes go through the thread.
    #[must_use]
    pub fn matters(&self) -> bool {
        self.open.load(Ordering::Acquire) > 0
    }

    /// Waits until all that the system had received for such connections, when this was called, can
    /// be read at the other end.
    pub async fn passed(&self) {
        let (tell, told) = oneshot::channel();
        if self.wanted.send(tell).await.is_ok() {
            // An error means that the thread has ended.
            let _ = told.await;
        }
    }
}

impl Gate {
    /// For the count of open connections.
    pub(super) fn counter(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.open)
    }

    /// Lets through who waits, as long as somebody may.
    pub(super) async fn keep(mut self) {
        let mut waiting = Vec::new();
        while self.wanted.recv_many(&mut waiting, WAITING).await > 0 {
            for _ in 0..TURNS {
                yield_now().await;
            }
            for tell in waiting.drain(..) {
                // Who waited may be gone.
                let _ = tell.send(());
            }
        }
    }
}

impl Counted {
    pub(super) fn new(open: &Arc<AtomicUsize>) -> Counted {
        open.fetch_add(1, Ordering::AcqRel);
        Counted(Arc::clone(open))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
