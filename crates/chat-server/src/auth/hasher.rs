//! Hashing, off the server's thread: its tasks go on while a password is checked.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::Semaphore;

/// Passwords that one server works on at the same time; each takes a core and 19 MiB.
const RUNNING: usize = 2;
/// Those that may wait for it, together with those that run.
const WAITING: usize = 64;

/// So many passwords wait that no more are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("Too many people log in at the moment, try again in a few seconds")]
pub(crate) struct Busy;

/// Works off the server's thread, a bounded amount at a time.
#[derive(Clone, Debug)]
pub(crate) struct Hasher {
    permits: Arc<Semaphore>,
    waiting: Rc<Cell<usize>>,
}

impl Hasher {
    /// One that has nothing to do yet.
    pub(crate) fn new() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(RUNNING)),
            waiting: Rc::default(),
        }
    }

    /// Does the work on another thread.
    ///
    /// Dropping the future gives the place in the queue back; work that has begun is done to its
    /// end, and its place stays taken until then.
    ///
    /// # Errors
    ///
    /// [`Busy`] at once, where too much waits already.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let _queued = Queued::new(&self.waiting)?;
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = permit.await.map_err(|_| Busy)?;
        let work = move || {
            let done = work();
            drop(permit);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Busy)
    }
}

/// One place in the queue.
struct Queued(Rc<Cell<usize>>);

impl Queued {
    fn new(waiting: &Rc<Cell<usize>>) -> Result<Self, Busy> {
        if waiting.get() >= WAITING {
            return Err(Busy);
        }
        waiting.set(waiting.get() + 1);
        Ok(Self(Rc::clone(waiting)))
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::mpsc;
    use std::task::Poll;

    use super::*;

    #[tokio::test]
    async fn work_is_done_and_its_result_comes_back() {
        let hasher = Hasher::new();
        assert_eq!(hasher.run(|| 2 + 2).await, Ok(4));
        assert_eq!(hasher.waiting.get(), 0);
    }

    #[tokio::test]
    async fn what_waits_has_a_bound_and_who_leaves_gives_the_place_back() {
        let hasher = Hasher::new();
        let (open, gate) = mpsc::sync_channel::<()>(WAITING);
        let gate = Arc::new(parking_lot::Mutex::new(gate));
        let mut tasks = Vec::new();
        for _ in 0..WAITING {
            let gate = Arc::clone(&gate);
            tasks.push(Box::pin(hasher.run(move || gate.lock().recv().is_ok())));
        }
        poll_fn(|task| {
            for waiting in &mut tasks {
                assert!(waiting.as_mut().poll(task).is_pending());
            }
            Poll::Ready(())
        })
        .await;
        assert_eq!(hasher.run(|| ()).await, Err(Busy));
        tasks.pop();
        let mut next = Box::pin(hasher.run(|| true));
        poll_fn(|task| {
            assert!(next.as_mut().poll(task).is_pending());
            Poll::Ready(())
        })
        .await;
        drop(next);
        for _ in 0..WAITING {
            open.send(()).expect("is open");
        }
        for task in tasks {
            assert_eq!(task.await, Ok(true));
        }
        assert_eq!(hasher.waiting.get(), 0);
    }
}
