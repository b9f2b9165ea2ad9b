//! Where connections come from.

use std::future::Future;

use chat_stats::Slot;
use chat_transport::doors::{Arrival, Fence};
use chat_transport::{Connection, Doors, Listener};
use tokio::sync::mpsc;

/// A connection that the server is to serve.
#[derive(Debug)]
pub struct Accepted {
    /// The bytes and who is at the other end.
    pub connection: Connection,
    /// Whether a place of this server is taken for it already.
    pub place: PlaceTaken,
}

/// Whether a place of the server is taken for a connection already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlaceTaken {
    /// Yes, by the edge. The server gives it back.
    ByEdge,
    /// No: the server takes one, or turns the connection away if it has none.
    NotYet,
}

/// A stream of accepted connections: a listener, the receiving end of the hand-over, or pipes in a
/// test.
pub trait Incoming {
    /// The next connection; `None` when there will be no more, which does not end the server.
    ///
    /// Dropping the future before it is ready loses no connection.
    fn accept(&mut self) -> impl Future<Output = Option<Accepted>>;

    /// What waits until all bytes are handed on that have come so far; `None`: they come straight
    /// here.
    fn fence(&self) -> Option<Fence> {
        None
    }

    /// Whether another process hands on the bytes of connections, of this server or of another one:
    /// then the journal has its [`Gate`](chat_journal::Gate).
    fn guarded_elsewhere(&self) -> bool {
        false
    }
}

/// Connections of a listener of the server's own take their places themselves.
impl Incoming for Listener {
    async fn accept(&mut self) -> Option<Accepted> {
        match Self::accept(self).await {
            Ok(connection) => Some(Accepted {
                connection,
                place: PlaceTaken::NotYet,
            }),
            Err(error) => {
                tracing::error!(%error, "listening is over");
                None
            }
        }
    }
}

/// Connections of doors of the server's own, which take their places themselves. A handshake that
/// fails is counted as rejected. When nobody listens any more, the doors are closed.
#[derive(Debug)]
pub struct AtDoors<'a> {
    doors: &'a mut Doors,
    slot: Slot,
}

impl<'a> AtDoors<'a> {
    /// What comes to `doors`, counted in `slot`.
    pub fn new(doors: &'a mut Doors, slot: Slot) -> Self {
        Self { doors, slot }
    }
}

impl Incoming for AtDoors<'_> {
    fn fence(&self) -> Option<Fence> {
        self.doors.fence()
    }

    async fn accept(&mut self) -> Option<Accepted> {
        loop {
            match self.doors.next().await {
                Ok(Arrival::Connection(connection)) => {
                    return Some(Accepted {
                        connection,
                        place: PlaceTaken::NotYet,
                    });
                }
                Ok(Arrival::Failed(count)) => reject(&self.slot, count),
                Err(error) => {
                    tracing::error!(%error, "listening is over");
                    return None;
                }
            }
        }
    }
}

impl Drop for AtDoors<'_> {
    fn drop(&mut self) {
        for arrival in self.doors.close() {
            match arrival {
                // It came in the last moment, and nobody serves it.
                Arrival::Connection(_) => reject(&self.slot, 1),
                Arrival::Failed(count) => reject(&self.slot, count),
            }
        }
    }
}

/// Counts connections that ended before anybody served them.
pub(crate) fn reject(slot: &Slot, count: u64) {
    for _ in 0..count {
        slot.rejected();
    }
}

impl Incoming for mpsc::Receiver<Accepted> {
    async fn accept(&mut self) -> Option<Accepted> {
        self.recv().await
    }
}

/// No connections.
impl Incoming for () {
    async fn accept(&mut self) -> Option<Accepted> {
        None
    }
}

impl<I: Incoming> Incoming for Option<I> {
    async fn accept(&mut self) -> Option<Accepted> {
        let accepted = self.as_mut()?.accept().await;
        if accepted.is_none() {
            *self = None;
        }
        accepted
    }
}

/// Connections of both, as they come.
#[derive(Debug)]
pub struct Both<A, B>(Option<A>, Option<B>);

impl<A: Incoming, B: Incoming> Both<A, B> {
    /// Connections of `a` and of `b`.
    pub fn new(a: A, b: B) -> Self {
        Self(Some(a), Some(b))
    }
}

impl<A: Incoming, B: Incoming> Incoming for Both<A, B> {
    fn guarded_elsewhere(&self) -> bool {
        self.0.as_ref().is_some_and(A::guarded_elsewhere)
            || self.1.as_ref().is_some_and(B::guarded_elsewhere)
    }

    async fn accept(&mut self) -> Option<Accepted> {
        loop {
            let accepted = match (&mut self.0, &mut self.1) {
                (Some(a), Some(b)) => tokio::select! {
                    accepted = a.accept() => match accepted {
                        None => { self.0 = None; continue }
                        accepted => accepted,
                    },
                    accepted = b.accept() => match accepted {
                        None => { self.1 = None; continue }
                        accepted => accepted,
                    },
                },
                (Some(a), None) => a.accept().await,
                (None, Some(b)) => b.accept().await,
                (None, None) => None,
            };
            return accepted;
        }
    }
}
