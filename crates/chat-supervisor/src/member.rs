//! What the launcher knows of one server.

use std::collections::VecDeque;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use chat_balance::Load;
use chat_stats::{Identity, Place, Slot, State};
use chat_transport::Connection;
use smol_str::SmolStr;
use tokio::time::Instant;

use crate::direct::Direct;
use crate::handoff::{Header, Link, Order};
use crate::packet::SendError;
use crate::process::Process;
use crate::restart::Crashes;

/// How many connections may wait for one server's acknowledgement. The control socket itself holds
/// a few hundred; this bounds what the launcher keeps open if a server reads and never answers.
const MAX_PENDING: usize = 1024;

/// The part of its time to answer after which a server is given nobody while another is there.
const SILENT_PART: u32 = 10;

/// What a server that is about to be killed for its silence is still given: its answer may wait
/// unread if the launcher itself did not run for a while.
const LAST_CHANCE: Duration = Duration::from_secs(1);

/// One server: what it is doing and what it was given.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: SmolStr,
    pub(crate) slot: Slot,
    pub(crate) phase: Phase,
    /// What follows when the present life ends.
    pub(crate) next: Next,
    /// How often it has been started.
    pub(crate) attempt: u32,
    /// A life has begun and not ended.
    pub(crate) alive: bool,
    /// Connections can be handed over as long as there is one.
    pub(crate) link: Option<Arc<Link>>,
    pub(crate) process: Option<Arc<Process>>,
    pub(crate) crashes: Crashes,
    /// When something has to happen: a server that starts or leaves is killed, one that waits is
    /// started.
    pub(crate) due: Option<Instant>,
    /// It refused a connection and is left alone until then.
    pub(crate) rests_until: Option<Instant>,
    /// The port of its own.
    pub(crate) direct: Option<Direct>,
    /// Within which it has to acknowledge a client.
    answer: Duration,
    pending: VecDeque<Pending>,
    /// It has not, and is killed if it does not do so by then.
    last_chance: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Started, not ready yet.
    Starting,
    /// Takes clients.
    Running,
    /// Keeps its clients until they leave.
    Draining,
    /// Was told to leave.
    Leaving,
    /// Died, and will be started again.
    Waiting,
    /// Died too often.
    Failed,
    /// Left as it was told.
    Down,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nobody asked it to end: it counts as a crash.
    Recover,
    /// Start it again at once.
    StartAgain,
    /// Leave it.
    StayDown,
}

/// Why a client was not handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No place is free.
    Full,
    /// The server does not keep up; soon it may.
    Busy,
    /// It is dying.
    Closed,
}

/// Handed over and not acknowledged: the launcher's copy keeps the connection open.
#[derive(Debug)]
struct Pending {
    id: u64,
    client: Connection,
    place: Place,
    since: Instant,
}

impl Member {
    pub(crate) fn new(
        index: usize,
        slot: Slot,
        direct: Option<Direct>,
        answer: Duration,
    ) -> Member {
        Member {
            name: format!("Server-{}", index + 1).into(),
            slot,
            phase: Phase::Waiting,
            next: Next::Recover,
            attempt: 0,
            alive: false,
            link: None,
            process: None,
            crashes: Crashes::default(),
            due: None,
            rests_until: None,
            direct,
            answer,
            pending: VecDeque::new(),
            last_chance: None,
        }
    }

    /// What the algorithm sees.
    pub(crate) fn load(&self, now: Instant) -> Load {
        Load {
            taken: self.slot.places_taken(),
            capacity: self.slot.capacity(),
            available: self.phase == Phase::Running
                && self.link.is_some()
                && self.rests_until.is_none_or(|until| until <= now),
        }
    }

    /// It takes nobody now and may do so soon.
    pub(crate) fn is_coming(&self) -> bool {
        match self.phase {
            Phase::Starting | Phase::Waiting => true,
            Phase::Leaving => self.next == Next::StartAgain,
            Phase::Running => self.link.is_none() || self.rests_until.is_some(),
            Phase::Draining | Phase::Failed | Phase::Down => false,
        }
    }

    /// It leaves a client unacknowledged for longer than a server does that runs.
    pub(crate) fn is_silent(&self, now: Instant) -> bool {
        let first = self.pending.front();
        first.is_some_and(|first| first.since + self.answer / SILENT_PART <= now)
    }

    /// When to call [`has_hung`](Self::has_hung), if it says nothing until then.
    pub(crate) fn hangs_at(&self) -> Option<Instant> {
        let runs = matches!(self.phase, Phase::Running | Phase::Draining);
        let first = self.pending.front().filter(|_| runs)?;
        Some(self.last_chance.unwrap_or(first.since + self.answer))
    }

    /// Whether it had its time and its last chance. Nobody else may be given its clients as long as
    /// it lives: it could still take them.
    pub(crate) fn has_hung(&mut self, now: Instant) -> bool {
        if self.hangs_at().is_none_or(|at| at > now) {
            return false;
        }
        self.last_chance.replace(now + LAST_CHANCE).is_some()
    }

    /// Takes a place and sends the client's socket; the launcher's copy stays here until the server
    /// has acknowledged it. On failure the client comes back.
    pub(crate) fn hand_over(
        &mut self,
        id: u64,
        client: Connection,
    ) -> Result<(), (Connection, Trouble)> {
        let Some(link) = &self.link else {
            return Err((client, Trouble::Closed));
        };
        if self.pending.len() >= MAX_PENDING {
            return Err((client, Trouble::Busy));
        }
        let Some(place) = self.slot.take() else {
            return Err((client, Trouble::Full));
        };
        let order = Order::Connection(Header::new(id, &client.peer));
        let trouble = match link.try_send(&order, Some(client.socket.as_fd())) {
            Ok(()) => {
                self.pending.push_back(Pending {
                    id,
                    client,
                    place,
                    since: Instant::now(),
                });
                return Ok(());
            }
            Err(SendError::Full) => Trouble::Busy,
            Err(error) => {
                tracing::debug!(server = %self.name, %error, "a client cannot be handed over");
                self.link = None;
                Trouble::Closed
            }
        };
        self.slot.give_back_place(place);
        Err((client, trouble))
    }

    /// The server has the client now: the launcher's copy is closed.
    pub(crate) fn taken(&mut self, id: u64) {
        drop(self.take_pending(id));
    }

    /// The server did not want the client: it comes back, and the place is free again.
    pub(crate) fn refused(&mut self, id: u64) -> Option<Connection> {
        let pending = self.take_pending(id)?;
        self.slot.give_back_place(pending.place);
        Some(pending.client)
    }

    /// The process runs.
    pub(crate) fn started(&mut self, process: Arc<Process>) {
        let pid = process.pid();
        let start_time = Identity::of(pid).map_or(0, |identity| identity.start_time);
        self.slot.occupy(pid, start_time);
        self.process = Some(process);
    }

    /// Nothing of it runs any more: its slot is cleared, and the clients come back that it never
    /// acknowledged. `on` is how many of its clients were registered.
    pub(crate) fn ended(&mut self, on: u64) -> Vec<Connection> {
        self.alive = false;
        self.link = None;
        self.process = None;
        self.due = None;
        self.rests_until = None;
        self.last_chance = None;
        let clients: Vec<_> = self.pending.drain(..).map(|lost| lost.client).collect();
        self.count_unregistered(on, clients.len());
        self.slot.reset();
        clients
    }

    pub(crate) fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.slot.set_state(match phase {
            Phase::Starting => State::Starting,
            Phase::Running => State::Running,
            Phase::Draining | Phase::Leaving => State::Draining,
            Phase::Waiting | Phase::Down => State::Dead,
            Phase::Failed => State::Failed,
        });
    }

    pub(crate) fn kill(&self) {
        if let Some(process) = &self.process {
            process.kill();
        }
    }

    /// Connections that the server had and that were not registered yet ended with it, and nobody
    /// else can count them: each holds a place and is not among those who are on.
    fn count_unregistered(&self, on: u64, pending: usize) {
        let places = u64::from(self.slot.places_taken());
        let counted = on.saturating_add(pending as u64);
        for _ in 0..places.saturating_sub(counted) {
            self.slot.rejected();
        }
    }

    /// Servers acknowledge in order, so it is nearly always the first.
    fn take_pending(&mut self, id: u64) -> Option<Pending> {
        let at = self.pending.iter().position(|pending| pending.id == id)?;
        self.last_chance = None;
        self.pending.remove(at)
    }
}
