//! The near end of a link to a hub in another process.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chat_network::{Network, Position, Rejection, Request, SessionId};
use tokio::{io::AsyncWriteExt, net::UnixStream, sync::Semaphore};

use crate::{
    Closed, ConnectError, Deliveries, Delivery, Link, Requests, Role,
    link::{REQUEST_BYTES, Way},
    pipe::{self, Reading, Writing},
    queue::{Cost, PushError, Queue},
    weight,
    wire::{self, Chunk, Frame, FrameReader, Kind, MAX_SNAPSHOT, Welcome},
};

/// How many positions may be rendered here that the hub does not know of, while it has not asked.
const UNTOLD: u64 = 256;

/// What the requests and the deliveries of a link share.
#[derive(Debug)]
pub(crate) struct Wires {
    /// What may still wait to be written, in bytes (about).
    pub(crate) budget: Semaphore,
    pub(crate) requests: Queue<Request>,
    /// The position that is rendered here.
    acknowledged: AtomicU64,
    /// The last of them that the hub was told.
    told: AtomicU64,
    /// The hub wants to know when that is rendered.
    asked: AtomicU64,
    /// The highest position that all servers are awaited at.
    awaited: AtomicU64,
    /// How often it was wished that all servers hand in what has come to them.
    wished: AtomicU64,
    /// The last round for which this server has done that.
    turned: AtomicU64,
}

impl Cost for Request {
    fn cost(&self) -> usize {
        weight::of_request(self)
    }
}

impl Wires {
    fn new(position: Position) -> Self {
        Self {
            budget: Semaphore::new(REQUEST_BYTES),
            // The budget is the bound.
            requests: Queue::new(usize::MAX),
            acknowledged: AtomicU64::new(position.0),
            told: AtomicU64::new(position.0),
            asked: AtomicU64::new(0),
            awaited: AtomicU64::new(0),
            wished: AtomicU64::new(0),
            turned: AtomicU64::new(0),
        }
    }

    pub(crate) fn pass(&self, request: Request) -> Result<(), Closed> {
        match self.requests.push(request) {
            Ok(()) => Ok(()),
            Err(PushError::Closed(reason)) => Err(reason),
            Err(PushError::Full) => unreachable!("the budget is the bound"),
        }
    }

    /// Everything up to a position is rendered. The hub is told with the next request, when it has
    /// asked, or when this is far from what it knows: to tell it of each batch would wake it as often
    /// as all that the servers ask.
    pub(crate) fn acknowledge(&self, position: Position) {
        let before = self.acknowledged.fetch_max(position.0, Ordering::SeqCst);
        let far = position.0 >= self.told.load(Ordering::SeqCst) + UNTOLD;
        if before < position.0 && (far || self.is_asked()) {
            self.requests.poke();
        }
    }

    /// The hub asks to be told when a position is rendered.
    fn ask(&self, position: Position) {
        self.asked.fetch_max(position.0, Ordering::SeqCst);
        if self.is_asked() {
            self.requests.poke();
        }
    }

    /// Whether what the hub has asked for is rendered and it does not know it yet.
    fn is_asked(&self) -> bool {
        let asked = self.asked.load(Ordering::SeqCst);
        asked > self.told.load(Ordering::SeqCst)
            && asked <= self.acknowledged.load(Ordering::SeqCst)
    }

    /// The hub is to say when all servers have come to a position. Where several wait, they wait for
    /// the last of them.
    pub(crate) fn await_all(&self, position: Position) {
        if self.awaited.fetch_max(position.0, Ordering::Relaxed) < position.0 {
            self.requests.poke();
        }
    }

    /// All servers are to hand in what has come to them; the number of this wish.
    pub(crate) fn gather(&self) -> u64 {
        let wish = self.wished.fetch_add(1, Ordering::SeqCst) + 1;
        self.requests.poke();
        wish
    }

    /// All that had come here before a round was asked for.
    pub(crate) fn turned(&self, round: u64) {
        if self.turned.fetch_max(round, Ordering::SeqCst) < round {
            self.requests.poke();
        }
    }

    /// The link is over: nothing is asked any more.
    fn end(&self, reason: Closed) {
        self.requests.cut(reason);
        self.budget.close();
    }
}

pub(crate) async fn connect(path: &Path, role: Role) -> Result<Link, ConnectError> {
    let stream = UnixStream::connect(path).await?;
    let (read, mut write) = pipe::split(stream)?;
    let mut out = Vec::new();
    wire::append(&wire::hello(role), &mut out);
    write.write_all(&out).await?;
    let mut reader = FrameReader::new(read);
    let (welcome, network) = begin(&mut reader).await?;
    let wires = Arc::new(Wires::new(welcome.position));
    tokio::spawn(write_requests(write, Arc::clone(&wires)));
    let remote = Remote {
        reader,
        wires: Arc::clone(&wires),
        ended: None,
    };
    Ok(Link {
        incarnation: welcome.incarnation,
        position: welcome.position,
        network,
        requests: Requests::new(Way::Remote(wires)),
        deliveries: Deliveries::remote(remote),
    })
}

/// Reads the hub's answer to the hello, and the snapshot.
async fn begin(reader: &mut FrameReader<Reading>) -> Result<(Welcome, Network), ConnectError> {
    let frame = reader.next().await.map_err(unlinked)?;
    let welcome: Welcome = match frame.kind {
        Kind::Welcome => frame.item().map_err(unlinked)?,
        Kind::Refused => {
            let reason = String::from_utf8_lossy(frame.body).into_owned();
            return Err(ConnectError::Refused(reason));
        }
        _ => return Err(ConnectError::Protocol("not a hub")),
    };
    let length = usize::try_from(welcome.snapshot)
        .ok()
        .filter(|length| *length <= MAX_SNAPSHOT);
    let length = length.ok_or(ConnectError::Protocol("the snapshot is too large"))?;
    // Grows with what comes, not with what is promised.
    let mut snapshot = Vec::new();
    while snapshot.len() < length {
        let frame = reader.next().await.map_err(unlinked)?;
        if frame.kind != Kind::Snapshot || frame.body.is_empty() {
            return Err(ConnectError::Protocol("the snapshot is not whole"));
        }
        snapshot.extend_from_slice(frame.body);
    }
    let network = postcard::from_bytes(&snapshot)
        .map_err(|_| ConnectError::Protocol("the snapshot is damaged"))?;
    Ok((welcome, network))
}

fn unlinked(closed: Closed) -> ConnectError {
    match closed {
        Closed::Protocol(what) => ConnectError::Protocol(what),
        _ => ConnectError::Io(std::io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Writes what is asked, and what is acknowledged, until the link ends. What was asked before is
/// written even if nobody holds the link any more.
async fn write_requests(mut write: Writing, wires: Arc<Wires>) {
    const WRITE: usize = 256 * 1024;
    let mut requests = VecDeque::new();
    let mut out = Vec::new();
    let mut awaited = Position(0);
    let (mut wished, mut turned) = (0, 0);
    loop {
        wires.requests.ready().await;
        // Looked at first: what was asked before it is taken below.
        let round = wires.turned.load(Ordering::SeqCst);
        if wires
            .requests
            .take(&mut requests, usize::MAX, WRITE)
            .is_err()
        {
            break;
        }
        wire::requests(requests.iter(), &mut out);
        let latest = Position(wires.acknowledged.load(Ordering::SeqCst));
        if latest.0 > wires.told.swap(latest.0, Ordering::SeqCst) {
            wire::append(&Chunk::item(Kind::Acknowledge, &latest), &mut out);
        }
        let latest = Position(wires.awaited.load(Ordering::Relaxed));
        if latest > awaited {
            awaited = latest;
            wire::append(&Chunk::item(Kind::Await, &latest), &mut out);
        }
        let latest = wires.wished.load(Ordering::SeqCst);
        if latest > wished {
            wished = latest;
            wire::append(&Chunk::item(Kind::Gather, &latest), &mut out);
        }
        // Not before the last of what was asked by then is on its way.
        if round > turned && wires.requests.is_empty() {
            turned = round;
            wire::append(&Chunk::item(Kind::Turned, &round), &mut out);
        }
        if write.write_all(&out).await.is_err() {
            break;
        }
        out.clear();
        out.shrink_to(WRITE);
        wires
            .budget
            .add_permits(requests.drain(..).map(|request| request.cost()).sum());
    }
    wires.end(Closed::Broken);
}

/// The deliveries of a link.
#[derive(Debug)]
pub(crate) struct Remote {
    reader: FrameReader<Reading>,
    pub(crate) wires: Arc<Wires>,
    /// How the link has ended, if it has.
    ended: Option<Closed>,
}

impl Remote {
    pub(crate) async fn next(&mut self, out: &mut Vec<Delivery>) -> Result<(), Closed> {
        let before = out.len();
        while out.len() == before {
            if let Some(reason) = &self.ended {
                return Err(reason.clone());
            }
            let unpacked = match self.reader.next().await {
                Ok(frame) => unpack(&frame, out, &self.wires),
                Err(reason) => Err(reason),
            };
            if let Err(reason) = unpacked.and_then(|()| self.unpack_rest(out)) {
                self.end(reason);
            }
        }
        Ok(())
    }

    /// Unpacks the frames that have come with the first one.
    fn unpack_rest(&mut self, out: &mut Vec<Delivery>) -> Result<(), Closed> {
        while let Some(frame) = self.reader.buffered()? {
            unpack(&frame, out, &self.wires)?;
        }
        Ok(())
    }

    fn end(&mut self, reason: Closed) {
        self.wires.end(reason.clone());
        self.ended = Some(reason);
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.wires.requests.finish(Closed::Broken);
        self.wires.budget.close();
    }
}

fn unpack(frame: &Frame<'_>, out: &mut Vec<Delivery>, wires: &Wires) -> Result<(), Closed> {
    match frame.kind {
        Kind::Entries => {
            for entry in frame.items() {
                out.push(Delivery::Entry(Arc::new(entry?)));
            }
            Ok(())
        }
        Kind::Rejections => {
            for refused in frame.items::<(SessionId, Rejection)>() {
                let (session, rejection) = refused?;
                out.push(Delivery::Rejected { session, rejection });
            }
            Ok(())
        }
        Kind::Reached => {
            out.push(Delivery::Reached(frame.item()?));
            Ok(())
        }
        Kind::Turn => {
            out.push(Delivery::Turn(frame.item()?));
            Ok(())
        }
        Kind::Gathered => {
            out.push(Delivery::Gathered(frame.item()?));
            Ok(())
        }
        Kind::Ask => {
            wires.ask(frame.item()?);
            Ok(())
        }
        Kind::Goodbye => Err(Closed::Goodbye),
        _ => Err(Closed::Protocol("not for a link")),
    }
}
