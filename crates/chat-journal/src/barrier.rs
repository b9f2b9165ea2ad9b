//! Who waits until all servers have rendered up to a position.
//!
//! Nothing is paid while nobody waits: an acknowledgement then looks at one number.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chat_network::Position;
use parking_lot::Mutex;

use crate::{
    Role,
    port::{LinkId, Port},
    shared::Sink,
};

/// No position is awaited.
const NONE: u64 = u64::MAX;

/// What is awaited, and by whom.
#[derive(Debug)]
pub(crate) struct Barrier {
    /// The lowest position that is awaited. Written under the lock; read by whoever acknowledges.
    lowest: AtomicU64,
    waiting: Mutex<Vec<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    link: LinkId,
    position: Position,
    sink: Sink,
}

impl Default for Barrier {
    fn default() -> Self {
        Self {
            lowest: AtomicU64::new(NONE),
            waiting: Mutex::default(),
        }
    }
}

impl Barrier {
    /// A link wants to know when the others have come to a position. Whoever calls this looks at
    /// the others afterwards ([`settle`](Self::settle)), so that none is missed.
    pub(crate) fn wait(&self, link: LinkId, position: Position, sink: Sink) {
        let mut waiting = self.waiting.lock();
        waiting.push(Waiting {
            link,
            position,
            sink,
        });
        let lowest = self.lowest.load(Ordering::SeqCst).min(position.0);
        self.lowest.store(lowest, Ordering::SeqCst);
    }

    /// Whether a link that has come to `position` may be what somebody waits for.
    pub(crate) fn concerns(&self, position: Position) -> bool {
        self.lowest.load(Ordering::SeqCst) <= position.0
    }

    /// Answers those who wait for nobody any more.
    pub(crate) fn settle(&self, links: &[(Arc<Port>, Sink)]) {
        let mut waiting = self.waiting.lock();
        waiting.retain(|wait| {
            let reached = is_reached(links, wait.link, wait.position);
            if reached {
                wait.sink.tell_reached(wait.position);
            }
            !reached
        });
        let positions = waiting.iter().map(|wait| wait.position.0);
        let lowest = positions.min().unwrap_or(NONE);
        self.lowest.store(lowest, Ordering::SeqCst);
    }

    /// A link is over and waits for nothing.
    pub(crate) fn forget(&self, link: LinkId) {
        self.waiting.lock().retain(|wait| wait.link != link);
    }
}

/// Whether all servers but the one of `link` have come to a position.
pub(crate) fn is_reached(links: &[(Arc<Port>, Sink)], link: LinkId, position: Position) -> bool {
    links.iter().all(|(port, _)| {
        let other = port.id != link && matches!(port.role, Role::Server(_));
        !other || port.acknowledged() >= position
    })
}
