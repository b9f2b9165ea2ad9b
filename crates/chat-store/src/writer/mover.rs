//! Moves the log into the file beside the writing.
//!
//! That takes tens of milliseconds of a processor and some waits for the disk, so it has a
//! connection and a thread of its own, which gives way to everybody else.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use rustix::process::setpriority_process;

use crate::{Error, connection, schema};

/// The least urgent there is.
const NICE: i32 = 19;

/// A move that is under way.
pub(super) struct Mover {
    thread: JoinHandle<()>,
    done: Arc<AtomicBool>,
}

impl Mover {
    /// Starts to move the log of the database at `path`; `call` is called at the end. `None` where
    /// no thread can be had: the next long log is another chance.
    pub(super) fn start(path: PathBuf, call: impl FnOnce() + Send + 'static) -> Option<Self> {
        let done = Arc::new(AtomicBool::new(false));
        let tell = Arc::clone(&done);
        let run = move || {
            // Of this thread only; one that may not is as urgent as the others, no harm in it.
            let _ = setpriority_process(None, NICE);
            if let Err(error) = move_log(&path) {
                tracing::debug!(%error, "could not empty the log beside the writing");
            }
            tell.store(true, Ordering::Release);
            call();
        };
        let builder = thread::Builder::new().name("chat-store-log".to_owned());
        let thread = builder.spawn(run).ok()?;
        Some(Self { thread, done })
    }

    /// Nothing is left but to [`join`](Self::join) it.
    pub(super) fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire)
    }

    /// Waits for its end.
    pub(super) fn join(self) {
        if self.thread.join().is_err() {
            tracing::error!("moving the log panicked");
        }
    }
}

fn move_log(path: &Path) -> Result<(), Error> {
    let connection = connection::mover(path)?;
    connection::move_log(&connection).map_err(|error| schema::sqlite(path, error))
}
