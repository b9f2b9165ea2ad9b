//! The edge: which server a client goes to, and what happens if none can take it now.

use std::collections::VecDeque;
use std::time::Duration;

use chat_balance::{Algorithm, Load};
use chat_stats::Slot;
use tokio::time::Instant;

use chat_transport::Connection;

use crate::member::{Member, Trouble};
use crate::refuse::{FULL, Refuser};

/// How long a client waits for a server that is being started or does not keep up.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many clients wait so. Beyond them nobody is accepted, and the kernel's queue fills.
const MAX_WAITING: usize = 256;

/// How long a server is left alone that refused a connection.
const REST: Duration = Duration::from_millis(200);

/// How often the waiting clients are tried again, besides at events that make it likely.
const RETRY: Duration = Duration::from_millis(50);

/// Places clients on servers. The algorithm alone chooses; this takes the place, hands over, and
/// asks again if the server that was chosen cannot take the client after all.
pub(crate) struct Edge {
    algorithm: Box<dyn Algorithm>,
    /// One per server; kept to spare an allocation per client.
    loads: Vec<Load>,
    next_id: u64,
    waiting: VecDeque<Waiting>,
    retry_at: Option<Instant>,
    /// The server that the next client is counted for that no server had. It was lost to all of
    /// them, and each has a count of its own, so they take turns.
    next_lost: usize,
    pub(crate) refuser: Refuser,
}

struct Waiting {
    client: Connection,
    until: Instant,
}

impl Edge {
    pub(crate) fn new(algorithm: Box<dyn Algorithm>) -> Edge {
        Edge {
            algorithm,
            loads: Vec::new(),
            next_id: 0,
            waiting: VecDeque::new(),
            retry_at: None,
            next_lost: 0,
            refuser: Refuser::new(),
        }
    }

    /// Whether there is room for one more that cannot be placed at once.
    pub(crate) fn has_room(&self) -> bool {
        self.waiting.len() < MAX_WAITING
    }

    /// When to call [`settle`](Edge::settle) again.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.retry_at
    }

    /// Gives the client to a server; or lets it wait, if one may take it soon; or sends it away.
    pub(crate) fn place(&mut self, client: Connection, members: &mut [Member]) {
        let now = Instant::now();
        if let Err((client, soon)) = self.try_place(client, members, now) {
            if soon && self.has_room() {
                let until = now + PATIENCE;
                self.waiting.push_back(Waiting { client, until });
                self.retry_at.get_or_insert(now + RETRY);
            } else {
                self.lose(client, members, FULL);
            }
        }
    }

    /// A server has sent the client back.
    pub(crate) fn refused(&mut self, index: usize, client: Connection, members: &mut [Member]) {
        members[index].rests_until = Some(Instant::now() + REST);
        self.place(client, members);
    }

    /// Tries those who wait again, oldest first; who has waited too long is sent away.
    pub(crate) fn settle(&mut self, members: &mut [Member]) {
        let now = Instant::now();
        while let Some(Waiting { client, until }) = self.waiting.pop_front() {
            match self.try_place(client, members, now) {
                Ok(()) => {}
                Err((client, soon)) if soon && now < until => {
                    // If one cannot be placed, those behind it cannot either.
                    self.waiting.push_front(Waiting { client, until });
                    break;
                }
                Err((client, _)) => self.lose(client, members, FULL),
            }
        }
        self.retry_at = (!self.waiting.is_empty()).then(|| now + RETRY);
    }

    /// Sends everybody away who still waits.
    pub(crate) fn close(&mut self, members: &[Member], line: &str) {
        while let Some(Waiting { client, .. }) = self.waiting.pop_front() {
            self.lose(client, members, line);
        }
        self.retry_at = None;
    }

    /// Counts the client as lost and tells it why.
    pub(crate) fn lose(&mut self, client: Connection, members: &[Member], line: &str) {
        if let Some(slot) = self.take_turns(members) {
            slot.lost();
        }
        self.refuser.refuse(client, line);
    }

    /// Counts connections as rejected that did not get through their handshake.
    pub(crate) fn fail(&mut self, count: u64, members: &[Member]) {
        for _ in 0..count {
            if let Some(slot) = self.take_turns(members) {
                slot.rejected();
            }
        }
    }

    /// The server that the next client is counted for which no server had.
    fn take_turns<'a>(&mut self, members: &'a [Member]) -> Option<&'a Slot> {
        let member = members.get(self.next_lost)?;
        self.next_lost = (self.next_lost + 1) % members.len();
        Some(&member.slot)
    }

    /// On failure the client comes back, and whether a server may take it soon.
    fn try_place(
        &mut self,
        mut client: Connection,
        members: &mut [Member],
        now: Instant,
    ) -> Result<(), (Connection, bool)> {
        let mut soon = members.iter().any(Member::is_coming);
        let id = self.next_id;
        self.next_id += 1;
        // One that has fallen silent only if nobody else takes the client.
        for silent in [false, true] {
            self.look(members, silent, now);
            // Each round places the client or takes a server out of the choice.
            while let Some(index) = self.algorithm.pick(&self.loads) {
                match members[index].hand_over(id, client) {
                    Ok(()) => return Ok(()),
                    Err((back, trouble)) => {
                        client = back;
                        soon |= trouble != Trouble::Full;
                        self.loads[index].available = false;
                    }
                }
            }
        }
        Err((client, soon))
    }

    /// What the algorithm is shown: the servers that answer, or those that do not.
    fn look(&mut self, members: &[Member], silent: bool, now: Instant) {
        self.loads.clear();
        self.loads.extend(members.iter().map(|member| {
            let load = member.load(now);
            let available = load.available && member.is_silent(now) == silent;
            Load { available, ..load }
        }));
    }
}
