//! The end of a link that a server holds: requests go in, deliveries come out. Whether the
//! sequencer is in the same process or behind a socket makes no difference here.

use std::{collections::VecDeque, path::Path, sync::Arc};

use chat_network::{
    Action, Entry, Network, Origin, Position, Rejection, Request, ServerId, SessionId,
};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, TryAcquireError};

use crate::{
    Closed, ConnectError, MAX_REQUEST_BYTES, SendError, TrySendError,
    port::Port,
    queue::Queue,
    remote::{Remote, Wires},
    shared::{Command, Guard},
    weight,
};

/// Requests of one link that may wait for the sequencer, in bytes (about). At the bound
/// [`Requests::send`] waits.
pub(crate) const REQUEST_BYTES: usize = 1024 * 1024;

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Role {
    /// A server with clients. There is one link per server: a second one takes over, and the
    /// sessions of the first end.
    Server(ServerId),
    /// Looks on, and asks for nothing: a request from an observer ends its link.
    Observer,
    /// Asks in the name of who operates the chat: with [`Origin::Operator`] and a session id of the
    /// hub ([`ServerId::HUB`]) with [`Link::incarnation`].
    Operator,
}

/// What a link brings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// Something happened. Entries come in the order of their positions, without a gap.
    Entry(Arc<Entry>),
    /// A request of one of this server's sessions (or of this operator) was refused. It stands in
    /// the order where the entry would have.
    Rejected {
        /// Whose request.
        session: SessionId,
        /// Why.
        rejection: Rejection,
    },
    /// All other servers have rendered up to this position, which this link had asked about with
    /// [`Requests::reached`].
    Reached(Position),
    /// A server is to hand in what its clients have sent by now, and then to call
    /// [`Requests::turned`] with this number.
    Turn(u64),
    /// All servers have done so since [`Requests::gather`] gave this number, or a smaller one.
    Gathered(u64),
}

/// A link to the sequencer.
///
/// Apply the deliveries to `network` as they come, and it stays equal to the sequencer's. A link of
/// a server ends with its [`Deliveries`]: dropping them ends all sessions of this life of the
/// server, everywhere.
#[derive(Debug)]
pub struct Link {
    /// The life of this server: what its session ids are made with. 0 for observers.
    pub incarnation: u16,
    /// The last position that `network` includes.
    pub position: Position,
    /// The chat as it was at `position`.
    pub network: Network,
    /// Where requests go.
    pub requests: Requests,
    /// What happens from `position` on.
    pub deliveries: Deliveries,
}

impl Link {
    /// Links to the hub that listens on `path`.
    ///
    /// # Errors
    ///
    /// Where nobody listens, the hub refuses (other version), or what listens is no hub.
    pub async fn connect(path: &Path, role: Role) -> Result<Self, ConnectError> {
        crate::remote::connect(path, role).await
    }

    /// Asks as an operator, and waits until that is decided and stored: the entry that it led to, or
    /// why it was refused. Only on links with [`Role::Operator`]; `network` is up to date after it.
    ///
    /// # Errors
    ///
    /// If the link is over, or the request too large.
    pub async fn ask(
        &mut self,
        action: Action,
    ) -> Result<Result<Arc<Entry>, Rejection>, SendError> {
        let session = SessionId::new(ServerId::HUB, self.incarnation, 1);
        let origin = Origin::Operator(session);
        self.requests.send(Request { origin, action }).await?;
        let mut batch = Vec::new();
        let mut answer = None;
        while answer.is_none() {
            self.deliveries.next(&mut batch).await?;
            for delivery in batch.drain(..) {
                match delivery {
                    Delivery::Entry(entry) => {
                        self.network.apply(&entry);
                        self.position = entry.stamp.position;
                        if entry.origin == origin {
                            answer = Some(Ok(entry));
                        }
                    }
                    Delivery::Rejected { rejection, .. } => answer = Some(Err(rejection)),
                    Delivery::Reached(_) | Delivery::Turn(_) | Delivery::Gathered(_) => {}
                }
            }
            self.deliveries.acknowledge(self.position);
        }
        Ok(answer.expect("the loop ends with an answer"))
    }
}

/// Where requests go. Clones share the bound on what may wait.
#[derive(Clone, Debug)]
pub struct Requests(Arc<Way>);

#[derive(Debug)]
pub(crate) enum Way {
    Local { port: Arc<Port>, guard: Arc<Guard> },
    Remote(Arc<Wires>),
}

impl Requests {
    pub(crate) fn new(way: Way) -> Self {
        Self(Arc::new(way))
    }

    /// Hands a request over; waits while too many wait already. Requests of one caller stay in
    /// order.
    ///
    /// # Errors
    ///
    /// If the link is over or the request too large; nothing was asked then.
    pub async fn send(&self, request: Request) -> Result<(), SendError> {
        let weight = weigh(&request).ok_or(SendError::TooLarge)?;
        match self.0.budget().acquire_many(weight).await {
            Ok(permit) => permit.forget(),
            Err(_) => return Err(self.0.closed().into()),
        }
        self.0.pass(request, weight).map_err(SendError::Closed)
    }

    /// Whether all other servers are known to have rendered up to `position` (one that this link was
    /// delivered). If not, [`Delivery::Reached`] tells when they have, unless the link is over.
    #[must_use]
    pub fn reached(&self, position: Position) -> bool {
        match &*self.0 {
            Way::Local { port, guard } => guard.0.reached(port.id, position),
            Way::Remote(wires) => {
                wires.await_all(position);
                false
            }
        }
    }

    /// All servers are to hand in what their clients have sent by now, and what lies at the
    /// [`Gate`](crate::Gate) before them. [`Delivery::Gathered`] tells when they have, with the number
    /// that this returns, unless the link is over. What is asked after that comes after all of it.
    #[must_use]
    pub fn gather(&self) -> u64 {
        match &*self.0 {
            Way::Local { port, guard } => {
                let wish = port.wish();
                guard.0.gather(port.id, wish);
                wish
            }
            Way::Remote(wires) => wires.gather(),
        }
    }

    /// What had come to this server is handed in: the answer to [`Delivery::Turn`].
    pub fn turned(&self, round: u64) {
        match &*self.0 {
            Way::Local { port, guard } => guard.0.turned(port, round),
            Way::Remote(wires) => wires.turned(round),
        }
    }

    /// Hands a request over if that is possible at once.
    ///
    /// # Errors
    ///
    /// If too many requests wait, the link is over, or the request is too large; nothing was asked
    /// then.
    pub fn try_send(&self, request: Request) -> Result<(), TrySendError> {
        let weight = weigh(&request).ok_or(TrySendError::TooLarge)?;
        match self.0.budget().try_acquire_many(weight) {
            Ok(permit) => permit.forget(),
            Err(TryAcquireError::NoPermits) => return Err(TrySendError::Full(Box::new(request))),
            Err(TryAcquireError::Closed) => return Err(self.0.closed().into()),
        }
        self.0.pass(request, weight).map_err(TrySendError::Closed)
    }
}

/// The weight of a request that is not too large.
fn weigh(request: &Request) -> Option<u32> {
    let weight = weight::of_request(request);
    (weight <= MAX_REQUEST_BYTES)
        .then(|| u32::try_from(weight).ok())
        .flatten()
}

impl Way {
    fn budget(&self) -> &Semaphore {
        match self {
            Self::Local { port, .. } => &port.budget,
            Self::Remote(wires) => &wires.budget,
        }
    }

    fn closed(&self) -> Closed {
        match self {
            Self::Local { port, .. } => port.ended().unwrap_or(Closed::Broken),
            Self::Remote(wires) => wires.requests.closed().unwrap_or(Closed::Broken),
        }
    }

    fn pass(&self, request: Request, weight: u32) -> Result<(), Closed> {
        match self {
            Self::Local { port, guard } => guard.command(Command::Request {
                link: port.id,
                weight,
                request,
            }),
            Self::Remote(wires) => wires.pass(request),
        }
    }
}

/// What happens, in order.
#[derive(Debug)]
pub struct Deliveries(Source);

#[derive(Debug)]
enum Source {
    Local(Local),
    Remote(Remote),
}

#[derive(Debug)]
struct Local {
    queue: Arc<Queue<Delivery>>,
    port: Arc<Port>,
    guard: Arc<Guard>,
    /// Changes places with the queue's own memory, so that neither allocates again and again.
    taken: VecDeque<Delivery>,
}

impl Deliveries {
    pub(crate) fn local(queue: Arc<Queue<Delivery>>, port: Arc<Port>, guard: Arc<Guard>) -> Self {
        Self(Source::Local(Local {
            queue,
            port,
            guard,
            taken: VecDeque::new(),
        }))
    }

    pub(crate) fn remote(remote: Remote) -> Self {
        Self(Source::Remote(remote))
    }

    /// Waits for deliveries and appends all that are there to `out`: at least one. Dropping the
    /// call before it is done loses none.
    ///
    /// # Errors
    ///
    /// When the link is over, after the last delivery.
    pub async fn next(&mut self, out: &mut Vec<Delivery>) -> Result<(), Closed> {
        match &mut self.0 {
            Source::Local(local) => local.next(out).await,
            Source::Remote(remote) => remote.next(out).await,
        }
    }

    /// Tells the sequencer that everything up to `position` has been rendered for the clients.
    pub fn acknowledge(&self, position: Position) {
        match &self.0 {
            Source::Local(local) => local.guard.0.acknowledge(&local.port, position),
            Source::Remote(remote) => remote.wires.acknowledge(position),
        }
    }
}

impl Local {
    async fn next(&mut self, out: &mut Vec<Delivery>) -> Result<(), Closed> {
        loop {
            self.queue.ready().await;
            self.queue.take(&mut self.taken, usize::MAX, usize::MAX)?;
            if !self.taken.is_empty() {
                out.extend(self.taken.drain(..));
                return Ok(());
            }
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let gone = Command::Gone {
            link: self.port.id,
            reason: Closed::Broken,
        };
        // Fails only if the sequencer is gone as well.
        let _ = self.guard.command(gone);
    }
}
