//! The task that carries one link between a socket and the sequencer.

use std::{collections::VecDeque, io, io::IoSlice, sync::Arc, time::Duration};

use bytes::Bytes;
use chat_network::{Position, Request};
use smallvec::SmallVec;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    net::UnixStream,
    sync::oneshot,
    time,
};
use tracing::{debug, warn};

use crate::{
    Closed, MAX_REQUEST_BYTES, Role,
    link::REQUEST_BYTES,
    pipe::{self, Reading},
    port::Port,
    queue::Queue,
    shared::{Attached, Command, Shared, Sink},
    weight,
    wire::{self, Chunk, FRAME_TARGET, FrameReader, Kind, MAX_SNAPSHOT, Welcome},
};

/// How long a connection may take to say what it is.
const HELLO: Duration = Duration::from_secs(10);
/// Bytes written in one go at most: what is beyond still counts as waiting.
const WRITE: usize = 256 * 1024;
/// Frames written in one go at most.
const SLICES: usize = 64;
/// Requests passed on in one go, in bytes (about). Well below the budget, so that the next ones
/// can be read while these wait.
const PASS: usize = REQUEST_BYTES / 4;

/// Carries a link from the hello to its end.
pub(crate) async fn carry(stream: UnixStream, shared: Arc<Shared>) {
    let (read, mut write) = match pipe::split(stream) {
        Ok(ends) => ends,
        Err(error) => return warn!(%error, "a connection to the hub cannot be used"),
    };
    let mut reader = FrameReader::new(read);
    let role = match time::timeout(HELLO, hello(&mut reader)).await {
        Ok(Ok(role)) => role,
        Ok(Err(reason)) => {
            warn!(reason, "a connection to the hub is refused");
            let refused = Chunk::new(Kind::Refused, reason.into());
            // It fits into the socket's buffer, or nobody wants it.
            let _ = time::timeout(HELLO, write_all(&mut write, &mut [refused].into())).await;
            return;
        }
        Err(_) => return debug!("a connection to the hub says nothing"),
    };
    let port = Arc::new(Port::new(shared.next_link(), role));
    let queue = Arc::new(Queue::new(shared.link_bytes));
    let mut end = End {
        shared: &shared,
        port: &port,
        reason: Closed::Broken,
    };
    let (reply, attached) = oneshot::channel();
    let sink = Sink::Remote(Arc::clone(&queue));
    let attach = Command::Attach {
        port: Arc::clone(&port),
        sink,
        reply,
    };
    if shared.command([attach]).is_err() {
        return;
    }
    let Ok(attached) = attached.await else { return };
    let sending = async {
        let sent = match welcome(&mut write, attached).await {
            Ok(()) => send(&mut write, &queue).await,
            Err(reason) => Err(reason),
        };
        match sent {
            // The other side is gone; but what it has asked before that is still to be read.
            Err(Closed::Broken) => std::future::pending().await,
            sent => sent,
        }
    };
    let receiving = async {
        match receive(&mut reader, &shared, &port).await {
            // Nothing more is taken, but what is left for the link still has to be sent.
            Closed::Goodbye => std::future::pending().await,
            reason => reason,
        }
    };
    end.reason = tokio::select! {
        reason = receiving => reason,
        sent = sending => sent.err().unwrap_or(Closed::Goodbye),
        () = port.cut_off() => Closed::Broken,
    };
}

/// Tells the sequencer that the link is over, however its task ends.
struct End<'a> {
    shared: &'a Shared,
    port: &'a Port,
    reason: Closed,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        let gone = Command::Gone {
            link: self.port.id,
            reason: self.reason.clone(),
        };
        // Fails only if the sequencer is gone as well.
        let _ = self.shared.command([gone]);
    }
}

async fn hello(reader: &mut FrameReader<Reading>) -> Result<Role, String> {
    let frame = reader.next().await.map_err(|closed| closed.to_string())?;
    wire::parse_hello(&frame)
}

/// Writes the state that the link begins with.
async fn welcome(write: &mut (impl AsyncWrite + Unpin), attached: Attached) -> Result<(), Closed> {
    let Attached {
        incarnation,
        position,
        network,
    } = attached;
    // Takes a while for a large chat, which the sequencer need not wait for.
    let encoded = tokio::task::spawn_blocking(move || postcard::to_allocvec(&network)).await;
    let snapshot: Bytes = match encoded {
        Ok(Ok(bytes)) if bytes.len() <= MAX_SNAPSHOT => bytes.into(),
        _ => return Err(Closed::Protocol("the snapshot is too large")),
    };
    let welcome = Welcome {
        incarnation,
        position,
        snapshot: snapshot.len() as u64,
    };
    let mut chunks = VecDeque::from([Chunk::item(Kind::Welcome, &welcome)]);
    let mut rest = snapshot;
    while !rest.is_empty() {
        let piece = rest.split_to(rest.len().min(FRAME_TARGET));
        chunks.push_back(Chunk::new(Kind::Snapshot, piece));
    }
    write_all(write, &mut chunks)
        .await
        .map_err(|_| Closed::Broken)
}

/// Writes what is put into the queue, until it ends.
async fn send(write: &mut (impl AsyncWrite + Unpin), queue: &Queue<Chunk>) -> Result<(), Closed> {
    let mut chunks = VecDeque::new();
    loop {
        queue.ready().await;
        if let Err(reason) = queue.take(&mut chunks, SLICES, WRITE) {
            if reason != Closed::Goodbye {
                return Err(reason);
            }
            chunks.push_back(Chunk::new(Kind::Goodbye, Bytes::new()));
            write_all(write, &mut chunks)
                .await
                .map_err(|_| Closed::Broken)?;
            return write.shutdown().await.map_err(|_| Closed::Broken);
        }
        write_all(write, &mut chunks)
            .await
            .map_err(|_| Closed::Broken)?;
    }
}

/// Writes frames without copying what they share with other links.
async fn write_all(
    write: &mut (impl AsyncWrite + Unpin),
    chunks: &mut VecDeque<Chunk>,
) -> io::Result<()> {
    while !chunks.is_empty() {
        let now = chunks.len().min(SLICES);
        let mut slices: SmallVec<[IoSlice<'_>; 8]> = SmallVec::with_capacity(now * 2);
        for chunk in chunks.iter().take(now) {
            slices.push(IoSlice::new(&chunk.head));
            slices.push(IoSlice::new(&chunk.body));
        }
        let mut rest = &mut slices[..];
        IoSlice::advance_slices(&mut rest, 0);
        while !rest.is_empty() {
            let written = write.write_vectored(rest).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            IoSlice::advance_slices(&mut rest, written);
        }
        drop(slices);
        chunks.drain(..now);
    }
    Ok(())
}

/// Reads what the link asks for, until it ends; answers why. While the sequencer is full it does
/// not read, and in the end the link's own process waits.
async fn receive(reader: &mut FrameReader<Reading>, shared: &Arc<Shared>, port: &Port) -> Closed {
    let mut batch = Vec::new();
    loop {
        let frame = match reader.next().await {
            Ok(frame) => frame,
            Err(reason) => return reason,
        };
        let done = match frame.kind {
            Kind::Requests => pass(frame.items(), &mut batch, shared, port).await,
            Kind::Acknowledge => frame
                .item()
                .and_then(|position| acknowledge(position, shared, port)),
            Kind::Await => frame
                .item()
                .and_then(|position| wait_for_all(position, shared, port)),
            Kind::Gather => frame.item().map(|wish| shared.gather(port.id, wish)),
            Kind::Turned => frame.item().map(|round| shared.turned(port, round)),
            _ => Err(Closed::Protocol("not for a hub")),
        };
        if let Err(reason) = done {
            return reason;
        }
    }
}

/// Passes requests on to the sequencer, as many at once as fit.
async fn pass(
    requests: impl Iterator<Item = Result<Request, Closed>>,
    batch: &mut Vec<Command>,
    shared: &Shared,
    port: &Port,
) -> Result<(), Closed> {
    let mut waiting = 0;
    for request in requests {
        let request = request?;
        let size = weight::of_request(&request);
        if size > MAX_REQUEST_BYTES {
            return Err(Closed::Protocol("a request too large"));
        }
        let weight = u32::try_from(size).unwrap_or(u32::MAX);
        batch.push(Command::Request {
            link: port.id,
            weight,
            request,
        });
        waiting += size;
        if waiting >= PASS {
            flush(batch, std::mem::take(&mut waiting), shared, port).await?;
        }
    }
    flush(batch, waiting, shared, port).await
}

async fn flush(
    batch: &mut Vec<Command>,
    weight: usize,
    shared: &Shared,
    port: &Port,
) -> Result<(), Closed> {
    let ended = || port.ended().unwrap_or(Closed::Broken);
    let weight = u32::try_from(weight).unwrap_or(u32::MAX);
    port.budget
        .acquire_many(weight)
        .await
        .map_err(|_| ended())?
        .forget();
    shared.command(batch.drain(..))
}

fn acknowledge(position: Position, shared: &Shared, port: &Port) -> Result<(), Closed> {
    if position > shared.released() {
        return Err(Closed::Protocol("acknowledges what was not sent"));
    }
    shared.acknowledge(port, position);
    Ok(())
}

/// Tells the link when all servers have rendered up to a position: now, or later.
fn wait_for_all(position: Position, shared: &Shared, port: &Port) -> Result<(), Closed> {
    if position > shared.released() {
        return Err(Closed::Protocol("waits for what was not sent"));
    }
    if shared.reached(port.id, position) {
        shared.tell_reached(port.id, position);
    }
    Ok(())
}
