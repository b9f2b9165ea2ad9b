//! What all tasks of one server share. One thread, so no locks: cells.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

use bytes::BytesMut;
use chat_journal::{Requests, TrySendError};
use chat_network::{Action, Origin, Position, Request, SessionId};
use chat_stats::Slot;
use chat_transport::doors::Fence;
use hashbrown::HashMap;
use tokio::time::Instant;

use crate::barrier::Barrier;
use crate::client::{Client, is_a_close};
use crate::command::{Context, Step, Steps};
use crate::fanout::Fanout;
use crate::history::Archive;
use crate::home::Home;
use crate::session::Pending;
use crate::state::State;
use crate::wheel::Wheel;

/// What is told of who has closed its connection.
const CLOSED: &str = "Connection closed";
/// How much is read at once.
const READ: usize = 16 * 1024;
/// Read buffers kept for the next reader.
const BUFFERS: usize = 16;

/// Where bytes of clients may lie before a server can read them.
pub(crate) enum Guarded {
    /// At doors of this process.
    Here(Fence),
    /// At those of the journal's process.
    Elsewhere,
}

impl Guarded {
    /// Whether some may lie there now, as far as this process knows.
    pub(crate) fn matters(&self) -> bool {
        match self {
            Self::Here(fence) => fence.matters(),
            Self::Elsewhere => true,
        }
    }
}

/// What all tasks of one server share.
pub(crate) struct Core {
    /// What handlers may look at.
    pub(crate) state: State,
    /// Who gets what.
    pub(crate) fanout: Fanout,
    /// What all clients have in common.
    pub(crate) home: Rc<Home>,
    /// To the network.
    pub(crate) requests: Requests,
    /// What was said before.
    pub(crate) archive: Archive,
    /// Who is to be looked at when.
    pub(crate) wheel: RefCell<Wheel>,
    /// Who waits until the other servers have what was asked.
    pub(crate) barrier: Barrier,
    /// What waits for bytes that have come and are not handed on yet.
    pub(crate) guarded: Option<Guarded>,
    /// The link is over: nothing will be answered any more.
    pub(crate) link_over: Cell<bool>,
    /// After which position clients that have just come have missed what was said.
    pub(crate) missed: RefCell<HashMap<SessionId, Position>>,
    /// Connections that are being told that there is no place for them.
    pub(crate) turned_away: Cell<usize>,
    incarnation: u16,
    serial: Cell<u32>,
    began: Instant,
    /// Where what is read arrives.
    arrivals: RefCell<Box<[u8]>>,
    buffers: RefCell<Vec<BytesMut>>,
}

impl Core {
    /// The core of a server that has just linked.
    pub(crate) fn new(
        state: State,
        fanout: Fanout,
        home: Home,
        requests: Requests,
        archive: Archive,
        incarnation: u16,
        guarded: Option<Guarded>,
    ) -> Self {
        Self {
            state,
            fanout,
            home: Rc::new(home),
            requests,
            archive,
            wheel: RefCell::new(Wheel::new()),
            barrier: Barrier::default(),
            guarded,
            link_over: Cell::new(false),
            missed: RefCell::default(),
            turned_away: Cell::new(0),
            incarnation,
            serial: Cell::new(0),
            began: Instant::now(),
            arrivals: RefCell::new(vec![0; READ].into()),
            buffers: RefCell::default(),
        }
    }

    /// One more connection that is not registered, or one less.
    pub(crate) fn count_unregistered(&self, more: bool) {
        let count = self.state.unregistered.get();
        let count = if more {
            count.saturating_add(1)
        } else {
            count.saturating_sub(1)
        };
        self.state.unregistered.set(count);
    }

    /// An id for the next connection.
    pub(crate) fn next_session(&self) -> SessionId {
        let serial = self.serial.get().wrapping_add(1);
        self.serial.set(serial);
        SessionId::new(self.state.server(), self.incarnation, serial)
    }

    /// The id of the connection with a serial.
    pub(crate) fn session_of(&self, serial: u32) -> SessionId {
        SessionId::new(self.state.server(), self.incarnation, serial)
    }

    /// Whether a session is of this life of this server.
    pub(crate) fn is_own(&self, session: SessionId) -> bool {
        session.server() == self.state.server() && session.incarnation() == self.incarnation
    }

    /// The server's clock in milliseconds.
    pub(crate) fn millis(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The server's clock in seconds.
    pub(crate) fn seconds(&self) -> u32 {
        u32::try_from(self.began.elapsed().as_secs()).unwrap_or(u32::MAX)
    }

    /// Whether all servers have rendered up to a position; if not, the barrier will tell.
    pub(crate) fn is_everywhere(&self, position: Position) -> bool {
        position == Position(0)
            || self.state.board.slot_count() < 2
            || self.barrier.has_reached(position)
            || self.requests.reached(position)
    }

    /// What this server counts, and its places.
    pub(crate) fn slot(&self) -> &Slot {
        &self.home.slot
    }

    /// Reads once what a client has sent, behind the line that it has begun; and whether there may be
    /// more. `None` if nothing is there or the connection is over.
    pub(crate) fn read(&self, client: &Client) -> Option<(BytesMut, bool)> {
        let mut arrivals = self.arrivals.borrow_mut();
        match client.read(&mut arrivals) {
            Ok(0) => client.broken(CLOSED),
            Ok(count) => {
                let mut buffer = self.buffers.borrow_mut().pop().unwrap_or_default();
                if let Some(begun) = client.take_begun() {
                    buffer.extend_from_slice(&begun);
                }
                buffer.extend_from_slice(&arrivals[..count]);
                return Some((buffer, count == arrivals.len()));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if is_a_close(&error) => client.broken(CLOSED),
            Err(error) => client.broken(&format!("Read error: {}", error.kind())),
        }
        None
    }

    /// Reads once what a client has sent, and throws it away.
    ///
    /// # Errors
    ///
    /// As [`Client::read`].
    pub(crate) fn discard(&self, client: &Client) -> io::Result<usize> {
        client.read(&mut self.arrivals.borrow_mut())
    }

    /// Gives a read buffer back.
    pub(crate) fn give_buffer(&self, mut buffer: BytesMut) {
        let mut buffers = self.buffers.borrow_mut();
        if buffers.len() < BUFFERS {
            buffer.clear();
            buffers.push(buffer);
        }
    }

    /// A request in a client's name, from elsewhere than its own turn: at once if that is
    /// possible.
    pub(crate) fn request_now(&self, client: &Client, action: Action, pending: Pending) -> bool {
        let origin = Origin::Session(client.session.id);
        client.session.pending.push(pending);
        match self.requests.try_send(Request { origin, action }) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Closed(_) | TrySendError::TooLarge) => {
                client.session.pending.unpush();
                false
            }
        }
    }

    /// Queues what `answer` says to a client, outside of its own turn; it may ask nothing.
    pub(crate) fn tell(&self, client: &Rc<Client>, answer: impl FnOnce(&mut Context<'_>)) {
        let mut steps = Steps::default();
        answer(&mut Context {
            state: &self.state,
            session: &client.session,
            steps: &mut steps,
        });
        for step in steps.take() {
            if let Step::Line(line) = step {
                self.fanout.push(client, line);
            }
        }
    }
}
