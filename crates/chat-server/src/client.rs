//! One connected client: its session, its socket, and what waits for it.

use std::cell::{Cell, OnceCell, RefCell};
use std::io;
use std::task::{Context, Poll, Waker};

use chat_network::Position;
use chat_network::dense::Keyed;
use chat_stats::{Place, Slot};
use chat_transport::Stream;

use crate::flood::Bucket;
use crate::label::Labeled;
use crate::queue::{Flushed, Queue};
use crate::render::{self, Wire};
use crate::session::Session;

/// Why a connection ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct End {
    /// What the others read as the reason of the QUIT.
    pub(crate) reason: String,
    /// The client was told; else the connection is broken and there is nobody to tell.
    pub(crate) told: bool,
}

/// One connected client.
///
/// The task that serves it reads and ends it. Whoever has something for it pushes, and flushes at
/// the end of a batch; only what the socket does not take then is left to the task.
pub(crate) struct Client {
    /// What it has said and what it is.
    pub(crate) session: Session,
    /// How fast it has sent.
    pub(crate) bucket: Bucket,
    /// When it came, in seconds of the server's clock.
    pub(crate) came: u32,
    /// When it was last heard, likewise.
    pub(crate) heard: Cell<u32>,
    /// It was pinged since.
    pub(crate) pinged: Cell<bool>,
    /// The last walk over many clients that came by here; see `fanout`.
    pub(crate) visited: Cell<u64>,
    /// The lobby is to be joined in its name.
    pub(crate) lobby_due: Cell<bool>,
    /// It is to be shown what its user has missed.
    pub(crate) missed_due: Cell<bool>,
    /// It has said QUIT: it sends nothing more.
    pub(crate) has_quit: Cell<bool>,
    /// The position of the latest event that it has asked for and that other servers may not have.
    pub(crate) asked: Cell<Position>,
    /// Its task waits for the answers to all its requests.
    pub(crate) settling: Cell<bool>,
    /// What is pushed now answers the client's own request.
    pub(crate) answering: Cell<bool>,
    /// A labeled request is on its way.
    labeled: Cell<Option<Box<Labeled>>>,
    /// Batches so far: what names them begins anew long after the first has ended.
    batches: Cell<u16>,
    stream: Stream,
    queue: RefCell<Queue>,
    /// What may wait, in bytes; beyond 4 GiB it is 4 GiB, and every client is smaller.
    sendq: u32,
    /// The socket took no more: the client's own task waits for it, nobody else writes.
    blocked: Cell<bool>,
    /// Something was pushed since the last flush.
    dirty: Cell<bool>,
    /// What is queued goes with the answer to what the client has asked.
    held: Cell<bool>,
    end: OnceCell<Box<RefCell<End>>>,
    waker: Cell<Option<Waker>>,
    accounts: Accounts,
}

/// The accounts that a connection keeps with the board: exactly one outcome, and its place.
struct Accounts {
    slot: Slot,
    place: Option<Place>,
    /// [`ADMITTED`] and [`LEAVING`], in one byte: two would make every client larger.
    told: Cell<u8>,
}

/// The board knows that the client was admitted.
const ADMITTED: u8 = 1;
/// And that it is on its way out.
const LEAVING: u8 = 2;

impl Accounts {
    /// Notes that the board knows something; whether it did not before.
    fn tell(&self, what: u8) -> bool {
        let before = self.told.replace(self.told.get() | what);
        before & what == 0
    }

    fn knows(&self, what: u8) -> bool {
        self.told.get() & what != 0
    }
}

impl Keyed for Client {
    fn key(&self) -> u64 {
        self.session.id.as_u64()
    }
}

impl Client {
    /// A client that has just come. `place`: what was taken for it here; `None` where the edge
    /// took it.
    pub(crate) fn new(
        session: Session,
        stream: Stream,
        sendq: usize,
        came: u32,
        slot: Slot,
        place: Option<Place>,
    ) -> Self {
        Self {
            session,
            bucket: Bucket::default(),
            came,
            heard: Cell::new(came),
            pinged: Cell::new(false),
            visited: Cell::new(0),
            lobby_due: Cell::new(false),
            missed_due: Cell::new(false),
            has_quit: Cell::new(false),
            asked: Cell::default(),
            settling: Cell::new(false),
            answering: Cell::new(false),
            labeled: Cell::new(None),
            batches: Cell::new(0),
            stream,
            queue: RefCell::default(),
            sendq: u32::try_from(sendq).unwrap_or(u32::MAX),
            blocked: Cell::new(false),
            dirty: Cell::new(false),
            held: Cell::new(false),
            end: OnceCell::new(),
            waker: Cell::new(None),
            accounts: Accounts {
                slot,
                place,
                told: Cell::new(0),
            },
        }
    }

    /// The socket, for reading.
    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// It is a user now: counted.
    pub(crate) fn admitted(&self) {
        if self.accounts.tell(ADMITTED) {
            self.accounts.slot.admitted();
        }
    }

    /// It has not registered and will not: it is no unknown connection any more.
    pub(crate) fn leaves(&self) {
        if self.accounts.tell(LEAVING) {
            self.accounts.slot.leaving();
        }
    }

    /// Queues something, and says whether it is the first since the last flush. A client for which
    /// too much waits is closed instead.
    pub(crate) fn push(&self, wire: Wire) -> bool {
        if self.is_ending() {
            return false;
        }
        let mut labeled = self.labeled.take();
        let held = labeled.as_ref().map_or(0, |labeled| labeled.bytes());
        let mut queue = self.queue.borrow_mut();
        if queue.bytes() + held + wire.len() > self.sendq() {
            queue.abandon();
            drop(queue);
            self.accounts.slot.sendq_exceeded();
            self.close("SendQ exceeded");
            return false;
        }
        if let Some(own) = labeled.as_mut() {
            own.push(wire, self.answering.get());
            self.labeled.set(labeled);
            return false;
        }
        queue.push(wire.into_bytes());
        !self.dirty.replace(true)
    }

    /// Queues a line that answers what the client itself has asked.
    pub(crate) fn answer(&self, wire: Wire) {
        self.answering.set(true);
        self.push(wire);
        self.answering.set(false);
    }

    /// What is pushed from now on waits until the request with that label is answered.
    pub(crate) fn begin_labeled(&self, labeled: Labeled) {
        self.labeled.set(Some(Box::new(labeled)));
    }

    /// Whether a labeled request waits for its answer.
    pub(crate) fn is_labeled(&self) -> bool {
        let labeled = self.labeled.take();
        let is_labeled = labeled.is_some();
        self.labeled.set(labeled);
        is_labeled
    }

    /// The labeled request is answered, if there is one: all that waited is queued.
    pub(crate) fn end_labeled(&self) {
        if let Some(labeled) = self.labeled.take() {
            let batch = self.next_batch();
            self.queue.borrow_mut().push(labeled.finish(batch));
        }
    }

    /// The labeled request is answered later, if it has not been yet: all that waited is queued.
    pub(crate) fn postpone_labeled(&self) {
        let Some(labeled) = self.labeled.take() else {
            return;
        };
        if labeled.is_answered() {
            self.labeled.set(Some(labeled));
            return self.end_labeled();
        }
        let waited = labeled.postpone();
        if !waited.is_empty() {
            self.queue.borrow_mut().push(waited);
        }
    }

    /// Queues the first line. `held`: it need not be written before the first answer.
    pub(crate) fn greet(&self, wire: Wire, held: bool) {
        self.push(wire);
        self.held.set(held);
    }

    /// Writes what waits, unless that goes with an answer that is on its way.
    pub(crate) fn flush_unless_held(&self) {
        if self.held.get() && !self.session.pending.is_empty() {
            // Who pushes the answer has it written, and all of this with it.
            self.dirty.set(false);
        } else {
            self.flush();
        }
    }

    /// Writes what waits, as far as the socket takes it.
    pub(crate) fn flush(&self) {
        self.dirty.set(false);
        self.held.set(false);
        if !self.blocked.get() {
            self.write();
        }
    }

    /// A name for its next batch.
    pub(crate) fn next_batch(&self) -> u32 {
        let batch = self.batches.get().wrapping_add(1);
        self.batches.set(batch);
        batch.into()
    }

    /// Bytes that wait to be written.
    pub(crate) fn queued(&self) -> usize {
        self.queue.borrow().bytes()
    }

    /// Bytes that may wait to be written.
    pub(crate) fn sendq(&self) -> usize {
        self.sendq as usize
    }

    /// Ends the connection after what is queued and an ERROR with the reason. Only the first end
    /// counts.
    pub(crate) fn close(&self, reason: &str) {
        if self.is_ending() {
            return;
        }
        let error = render::error(&format!("Closing link: {reason}"));
        if let Some(mut labeled) = self.labeled.take() {
            labeled.push(error, true);
            self.labeled.set(Some(labeled));
            self.end_labeled();
        } else {
            self.queue.borrow_mut().push(error.into_bytes());
        }
        self.end_with(reason, true);
        self.flush();
    }

    /// The connection is of no more use.
    pub(crate) fn broken(&self, reason: &str) {
        self.queue.borrow_mut().clear();
        self.end_with(reason, false);
    }

    fn end_with(&self, reason: &str, told: bool) {
        let new = || End {
            reason: reason.to_owned(),
            told,
        };
        let end = self.end.get_or_init(|| Box::new(RefCell::new(new())));
        if end.borrow().told && !told {
            end.replace(new());
        }
        self.wake();
    }

    /// Why it ends, if it does.
    pub(crate) fn end(&self) -> Option<End> {
        self.end.get().map(|end| end.borrow().clone())
    }

    /// Whether it ends.
    pub(crate) fn is_ending(&self) -> bool {
        self.end.get().is_some()
    }

    /// Nothing waits to be written.
    pub(crate) fn is_flushed(&self) -> bool {
        self.queue.borrow().bytes() == 0
    }

    /// Wakes the client's task, if it waits.
    pub(crate) fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// The task wants to be woken; meanwhile it does what is left of the writing.
    pub(crate) fn poll_writing(&self, context: &mut Context<'_>) {
        let known = self.waker.take();
        let known = known.filter(|waker| waker.will_wake(context.waker()));
        self.waker
            .set(known.or_else(|| Some(context.waker().clone())));
        while self.blocked.get() {
            match poll_write_ready(&self.stream, context) {
                Poll::Pending => return,
                Poll::Ready(Ok(())) => self.write(),
                Poll::Ready(Err(error)) => self.broken(&format!("Write error: {}", error.kind())),
            }
        }
    }

    /// Whether there may be something to read.
    pub(crate) fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.stream {
            Stream::Tcp(stream) => stream.poll_read_ready(context),
            Stream::Unix(stream) => stream.poll_read_ready(context),
        }
    }

    /// Whether the socket takes something, or is of no more use.
    pub(crate) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<()> {
        poll_write_ready(&self.stream, context).map(|_| ())
    }

    fn write(&self) {
        let flushed = self.queue.borrow_mut().flush(&self.stream);
        match flushed {
            Ok(Flushed::Empty) => self.blocked.set(false),
            Ok(Flushed::Blocked) => {
                if !self.blocked.replace(true) {
                    self.wake();
                }
            }
            Err(error) => {
                self.blocked.set(false);
                self.broken(&format!("Write error: {}", error.kind()));
            }
        }
    }
}

fn poll_write_ready(stream: &Stream, context: &mut Context<'_>) -> Poll<io::Result<()>> {
    match stream {
        Stream::Tcp(stream) => stream.poll_write_ready(context),
        Stream::Unix(stream) => stream.poll_write_ready(context),
    }
}

impl Drop for Accounts {
    /// However the connection ended, it is counted once and its place is free.
    fn drop(&mut self) {
        if self.knows(ADMITTED) {
            self.slot.left();
        } else {
            self.slot.rejected();
        }
        match self.place {
            Some(place) => self.slot.give_back_place(place),
            None => self.slot.give_back(),
        };
        // After the place, so that it is not taken for unknown meanwhile.
        if self.knows(LEAVING) {
            self.slot.gone();
        }
    }
}
