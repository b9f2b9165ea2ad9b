//! Where a board's numbers are: in shared memory, or in ordinary memory of this process.

use std::time::Duration;

use parking_lot::Mutex;

use crate::error::Error;
use crate::layout::{Cells, Header};
use crate::lock;
use crate::segment::Segment;

/// How long to wait for a lock whose holder is alive.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// The numbers of a board, wherever they are.
pub(crate) enum Memory {
    /// Seen by other processes.
    Shared(Segment),
    /// Of this process alone.
    Private(Box<Private>),
}

/// A board's numbers in ordinary memory.
pub(crate) struct Private {
    header: Header,
    cells: Box<[Cells]>,
    lock: Mutex<()>,
}

impl Memory {
    /// Ordinary memory for `slots` servers.
    pub(crate) fn private(slots: usize) -> Self {
        let cells = (0..slots).map(|_| Cells::default()).collect();
        Self::Private(Box::new(Private {
            header: Header::default(),
            cells,
            lock: Mutex::new(()),
        }))
    }

    pub(crate) fn header(&self) -> &Header {
        match self {
            Self::Shared(segment) => segment.mapping().header(),
            Self::Private(private) => &private.header,
        }
    }

    pub(crate) fn cells(&self) -> &[Cells] {
        match self {
            Self::Shared(segment) => segment.mapping().cells(),
            Self::Private(private) => &private.cells,
        }
    }

    /// Does `act` while nobody else does anything under the lock, in any process.
    ///
    /// `act` must be short and may die at any point: what it changes becomes visible with its last
    /// store. It must not come back here.
    pub(crate) fn locked<T>(&self, act: impl FnOnce() -> T) -> Result<T, Error> {
        match self {
            Self::Shared(segment) => lock::with(segment.mapping(), act),
            Self::Private(private) => {
                let held = private.lock.try_lock_for(PATIENCE);
                let _held = held.ok_or_else(|| Error::LockBusy(std::process::id()))?;
                Ok(act())
            }
        }
    }
}
