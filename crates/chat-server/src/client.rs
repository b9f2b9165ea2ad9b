//! One connected client: its session, its socket, and what waits for it.

mod accounts;
mod input;

use std::cell::{Cell, OnceCell, RefCell};
use std::io;
use std::rc::Rc;
use std::task::{Context, Waker};

use chat_network::Position;
use chat_network::dense::Keyed;
use chat_stats::Place;
use chat_transport::{News, Socket};

use crate::flood::Bucket;
use crate::home::Home;
use crate::label::Labeled;
use crate::queue::{Flushed, Queue};
use crate::render::{self, Wire};
use crate::session::Session;
use accounts::Accounts;
use input::Input;

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
/// It rests, or is served: by one turn ([`serve`](crate::serve)), which reads, waits for answers and
/// ends it. Whoever has something for it pushes, and flushes at the end of a batch; what the socket
/// does not take then is written when there is news of room ([`hear`](Client::hear)). While it rests
/// it is not more than this: no task, no buffer.
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
    /// Its turn waits for the answers to all its requests.
    pub(crate) settling: Cell<bool>,
    /// What is pushed now answers the client's own request.
    pub(crate) answering: Cell<bool>,
    /// A labeled request is on its way.
    labeled: Cell<Option<Box<Labeled>>>,
    /// Batches so far: what names them begins anew long after the first has ended.
    batches: Cell<u16>,
    socket: Socket,
    input: Input,
    queue: RefCell<Queue>,
    /// What may wait, in bytes; beyond 4 GiB it is 4 GiB, and every client is smaller.
    sendq: u32,
    /// The socket took no more: nobody writes until there is news of room.
    blocked: Cell<bool>,
    /// The peer has closed: what it sent before is still read, and nothing is written.
    deaf: Cell<bool>,
    /// Something was pushed since the last flush.
    dirty: Cell<bool>,
    /// What is queued goes with the answer to what the client has asked.
    held: Cell<bool>,
    end: OnceCell<Box<RefCell<End>>>,
    /// It is to be told where it is.
    pub(crate) greeting_due: Cell<bool>,
    /// It has its turn.
    served: Cell<bool>,
    /// What its turn waits with.
    waker: Cell<Option<Waker>>,
    accounts: Accounts,
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
        socket: Socket,
        sendq: usize,
        came: u32,
        home: Rc<Home>,
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
            socket,
            input: Input::default(),
            queue: RefCell::default(),
            sendq: u32::try_from(sendq).unwrap_or(u32::MAX),
            blocked: Cell::new(false),
            deaf: Cell::new(false),
            dirty: Cell::new(false),
            held: Cell::new(false),
            end: OnceCell::new(),
            greeting_due: Cell::new(true),
            served: Cell::new(false),
            waker: Cell::new(None),
            accounts: Accounts::new(home, place),
        }
    }

    /// The socket, to be watched.
    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Notes the news of its socket: what waits is written if there is room, and whoever serves it
    /// looks again.
    pub(crate) fn hear(&self, news: News) {
        self.input.hear(news);
        if news.writable && self.blocked.get() {
            self.write();
        }
        if self.is_served() {
            self.wake();
        }
    }

    /// Whether there may be something to read.
    pub(crate) fn is_readable(&self) -> bool {
        self.input.is_readable()
    }

    /// Reads what is there; 0: its end.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there, else the socket's error.
    pub(crate) fn read(&self, room: &mut [u8]) -> io::Result<usize> {
        self.input.read(&self.socket, room)
    }

    /// The beginning of a line that is not complete yet, if there is one.
    pub(crate) fn take_begun(&self) -> Option<Box<[u8]>> {
        self.input.take_begun()
    }

    /// Keeps the beginning of a line, in its own size.
    pub(crate) fn keep_begun(&self, bytes: &[u8]) {
        self.input.keep_begun(bytes);
    }

    /// Says that nothing more will be written.
    ///
    /// # Errors
    ///
    /// The socket's error.
    pub(crate) fn shutdown_write(&self) -> io::Result<()> {
        self.socket.shutdown_write()
    }

    /// Whether it has its turn.
    pub(crate) fn is_served(&self) -> bool {
        self.served.get()
    }

    /// Its turn begins.
    pub(crate) fn set_served(&self) {
        self.served.set(true);
    }

    /// Whether there is something that a turn would do.
    pub(crate) fn has_work(&self) -> bool {
        let due = [&self.greeting_due, &self.lobby_due, &self.missed_due];
        self.is_ending() || self.is_readable() || due.iter().any(|due| due.get())
    }

    /// Its turn ends, unless there is more to do.
    pub(crate) fn rest(&self) -> bool {
        self.flush_unless_held();
        let rests = !self.has_work();
        if rests {
            self.served.set(false);
            self.waker.set(None);
        }
        rests
    }

    /// It is a user now: counted.
    pub(crate) fn admitted(&self) {
        self.accounts.admitted();
    }

    /// It has not registered and will not: it is no unknown connection any more.
    pub(crate) fn leaves(&self) {
        self.accounts.leaves();
    }

    /// Queues something, and says whether it is the first since the last flush. A client for which
    /// too much waits is closed instead.
    pub(crate) fn push(&self, wire: Wire) -> bool {
        if self.is_ending() || self.deaf.get() {
            return false;
        }
        let mut labeled = self.labeled.take();
        let held = labeled.as_ref().map_or(0, |labeled| labeled.bytes());
        let mut queue = self.queue.borrow_mut();
        if queue.bytes() + held + wire.len() > self.sendq() {
            queue.abandon();
            drop(queue);
            self.accounts.home.slot.sendq_exceeded();
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

    /// Whoever serves it looks again; if nobody does, somebody will.
    pub(crate) fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        } else if !self.served.get() && self.has_work() {
            self.accounts.home.rouse(self.session.id);
        }
    }

    /// Its turn wants to be woken when something has changed.
    pub(crate) fn set_waker(&self, task: &Context<'_>) {
        let known = self.waker.take();
        let known = known.filter(|waker| waker.will_wake(task.waker()));
        let waker = known.unwrap_or_else(|| task.waker().clone());
        self.waker.set(Some(waker));
    }

    fn write(&self) {
        if self.deaf.get() {
            return self.queue.borrow_mut().clear();
        }
        let flushed = self.queue.borrow_mut().flush(&self.socket);
        match flushed {
            Ok(Flushed::Empty) => self.blocked.set(false),
            Ok(Flushed::Blocked) => self.blocked.set(true),
            Err(error) if is_a_close(&error) => self.turn_deaf(),
            Err(error) => {
                self.blocked.set(false);
                self.broken(&format!("Write error: {}", error.kind()));
            }
        }
    }

    /// The peer has closed and hears nothing more. What it said before may still lie in the socket,
    /// QUIT among it: so it is read to its end, which is there already.
    fn turn_deaf(&self) {
        self.deaf.set(true);
        self.blocked.set(false);
        self.queue.borrow_mut().clear();
        self.input.finished();
        self.wake();
    }
}

/// Whether the error of a socket says no more than that the peer has closed. Who closes before it has
/// read everything resets the connection, as one does that never read again after its QUIT.
pub(crate) fn is_a_close(error: &io::Error) -> bool {
    let kind = error.kind();
    matches!(
        kind,
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
    )
}
