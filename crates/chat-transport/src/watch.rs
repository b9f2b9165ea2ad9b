//! Many sockets watched as one.

use std::io;
use std::os::fd::OwnedFd;
use std::task::{Context, Poll, ready};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::time::Timespec;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::Socket;

/// How much news is taken at once.
const BATCH: usize = 256;

/// Sockets that the runtime does not know one by one, but all together: it watches an `epoll` set
/// that they are in. A watched socket costs no memory of the process.
///
/// News is told once, when something changes: whoever reads reads until nothing is there, and whoever
/// could not write all is told when there is room again. A socket leaves the set when its last
/// descriptor is closed, in whichever process that is; until then there may be news of a key that is
/// no longer known here.
#[derive(Debug)]
pub struct Watch {
    set: AsyncFd<OwnedFd>,
}

/// What has happened to one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    /// The key that it was added with.
    pub key: u64,
    /// There is something to read, or the end of it, or an error.
    pub readable: bool,
    /// Something may be written.
    pub writable: bool,
    /// Nothing more will come than what is there.
    pub finished: bool,
}

/// Room for some news.
pub struct Batch(Vec<Event>);

impl Watch {
    /// Watches nothing yet.
    ///
    /// # Errors
    /// Fails where no descriptor is left. Must be called inside a tokio runtime.
    pub fn new() -> io::Result<Watch> {
        let set = epoll::create(CreateFlags::CLOEXEC)?;
        let set = watched(set, Interest::READABLE)?;
        Ok(Watch { set })
    }

    /// Watches one more socket. Its first news is that it can be written.
    ///
    /// # Errors
    /// What the kernel says: no memory, or more watched than a user may.
    pub fn add(&self, socket: &Socket, key: u64) -> io::Result<()> {
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        let key = EventData::new_u64(key);
        Ok(epoll::add(self.set.get_ref(), socket, key, flags)?)
    }

    /// Takes the news that there is now, without waiting. There may be more where `batch` is
    /// [full](Batch::is_full).
    ///
    /// # Errors
    /// None that is known.
    pub fn take(&self, batch: &mut Batch) -> io::Result<()> {
        const NOW: Timespec = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        batch.0.clear();
        match epoll::wait(self.set.get_ref(), spare_capacity(&mut batch.0), Some(&NOW)) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the news that there is, or has the task woken when there is some.
    ///
    /// # Errors
    /// Fails if the runtime is shutting down.
    pub fn poll_take(&self, task: &mut Context<'_>, batch: &mut Batch) -> Poll<io::Result<()>> {
        batch.0.clear();
        loop {
            let mut ready = ready!(self.set.poll_read_ready(task))?;
            self.take(batch)?;
            if !batch.is_full() {
                // What comes from now on wakes the runtime again.
                ready.clear_ready();
            }
            if !batch.0.is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl Default for Batch {
    fn default() -> Batch {
        Batch(Vec::with_capacity(BATCH))
    }
}

impl Batch {
    /// What was taken.
    pub fn iter(&self) -> impl Iterator<Item = News> {
        self.0.iter().map(News::from)
    }

    /// No more fits.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.len() == self.0.capacity()
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl From<&Event> for News {
    fn from(event: &Event) -> News {
        let (flags, data) = (event.flags, event.data);
        let broken = EventFlags::ERR | EventFlags::HUP;
        let finished = flags.intersects(EventFlags::RDHUP | broken);
        News {
            key: data.u64(),
            readable: finished || flags.contains(EventFlags::IN),
            writable: flags.intersects(EventFlags::OUT | broken),
            finished,
        }
    }
}

/// Has the runtime watch a descriptor that this process made or was handed.
///
/// # Errors
/// Fails where the descriptor cannot be watched. Must be called inside a tokio runtime.
#[expect(
    deprecated,
    reason = "its successor is not safe for types whose descriptor may change; this keeps its own"
)]
pub fn watched(descriptor: OwnedFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(descriptor, interest)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    async fn news(watch: &Watch, batch: &mut Batch) -> Vec<News> {
        let taken = poll_fn(|task| watch.poll_take(task, batch));
        let taken = timeout(Duration::from_secs(10), taken).await;
        taken.expect("there is news").unwrap();
        batch.iter().collect()
    }

    fn quiet(watch: &Watch, batch: &mut Batch) -> bool {
        watch.take(batch).unwrap();
        batch.iter().next().is_none()
    }

    fn told(key: u64, what: &str) -> News {
        News {
            key,
            readable: what.contains('r') || what.contains('f'),
            writable: what.contains('w'),
            finished: what.contains('f'),
        }
    }

    #[tokio::test]
    async fn each_change_is_told_once() {
        let watch = Watch::new().unwrap();
        let mut batch = Batch::default();
        let (far, near) = Socket::pair().unwrap();
        watch.add(&near, 7).unwrap();
        assert_eq!(news(&watch, &mut batch).await, [told(7, "w")]);
        assert!(quiet(&watch, &mut batch));
        for _ in 0..3 {
            far.try_send(b"ping").unwrap();
            assert_eq!(news(&watch, &mut batch).await, [told(7, "rw")]);
            assert!(quiet(&watch, &mut batch), "read or not");
        }
        far.shutdown_write().unwrap();
        assert_eq!(news(&watch, &mut batch).await, [told(7, "rwf")]);
        drop(far);
        assert_eq!(news(&watch, &mut batch).await, [told(7, "rwf")]);
        drop(near);
        assert!(quiet(&watch, &mut batch), "closed sockets are gone");
    }

    #[tokio::test]
    async fn room_is_told_to_whoever_found_none() {
        let watch = Watch::new().unwrap();
        let mut batch = Batch::default();
        let (far, near) = Socket::pair().unwrap();
        watch.add(&near, 1).unwrap();
        assert_eq!(news(&watch, &mut batch).await, [told(1, "w")]);
        let chunk = [0; 4096];
        while near.try_send(&chunk).is_ok() {}
        assert!(quiet(&watch, &mut batch));
        let mut room = vec![0; 1 << 20];
        while far.try_read(&mut room).is_ok() {}
        assert_eq!(news(&watch, &mut batch).await, [told(1, "w")]);
    }

    #[tokio::test]
    async fn more_than_fits_comes_in_turns() {
        let watch = Watch::new().unwrap();
        let mut batch = Batch::default();
        let count = BATCH + BATCH / 2;
        let pairs: Vec<_> = (0..count).map(|_| Socket::pair().unwrap()).collect();
        for (key, (_, near)) in (0..).zip(&pairs) {
            watch.add(near, key).unwrap();
        }
        let mut keys: Vec<_> = news(&watch, &mut batch).await;
        assert!(batch.is_full());
        keys.extend(news(&watch, &mut batch).await);
        assert!(!batch.is_full());
        keys.sort_by_key(|news| news.key);
        let all: Vec<_> = (0..count as u64).map(|key| told(key, "w")).collect();
        assert_eq!(keys, all);
        assert!(quiet(&watch, &mut batch));
    }
}
