//! The fleet's task: it alone changes what is known of the servers, so nothing here is locked.

use chat_stats::Board;
use chat_transport::doors::Arrival;
use chat_transport::{Connection, Doors};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::event::FleetEvent;
use crate::fleet::FleetError;
use crate::forker::ForkerLink;
use crate::handoff::{Assignment, Order, Report};
use crate::life::{Life, News, Starter, Told};
use crate::member::{Member, Next, Phase};
use crate::place::Edge;
use crate::refuse::closing_line;
use crate::restart::RestartPolicy;

/// What the handle asks for.
#[derive(Debug)]
pub(crate) enum Command {
    Drain {
        index: usize,
        done: oneshot::Sender<Result<(), FleetError>>,
    },
    Restart {
        index: usize,
        done: oneshot::Sender<Result<(), FleetError>>,
    },
    Stop {
        reason: String,
    },
}

/// Makes what the role of a server is told, from its index and the number of the attempt.
pub(crate) type Payload = Box<dyn Fn(usize, u32) -> Vec<u8> + Send>;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// From the start of a process until it is ready.
    pub(crate) start: Duration,
    /// From being told to leave until the process has ended.
    pub(crate) leave: Duration,
    /// From being given a client until it has acknowledged it.
    pub(crate) answer: Duration,
}

pub(crate) struct Watch {
    pub(crate) members: Vec<Member>,
    pub(crate) edge: Edge,
    pub(crate) board: Board,
    pub(crate) doors: Option<Doors>,
    pub(crate) starter: Starter,
    pub(crate) payload: Payload,
    pub(crate) policy: RestartPolicy,
    pub(crate) patience: Patience,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) told: mpsc::Receiver<Told>,
    /// Given to each life.
    pub(crate) teller: mpsc::Sender<Told>,
    pub(crate) events: mpsc::Sender<FleetEvent>,
    /// Why everybody leaves, once they do.
    pub(crate) stopping: Option<String>,
}

/// What woke the task.
enum Woken {
    Arrived(io::Result<Arrival>),
    Told(Option<Told>),
    Command(Option<Command>),
    Due,
}

impl Watch {
    /// Runs until the fleet has been stopped and nothing of it is left.
    pub(crate) async fn run(mut self) {
        for index in 0..self.members.len() {
            self.start(index);
        }
        while self.stopping.is_none() || self.members.iter().any(|member| member.alive) {
            match self.wait().await {
                Woken::Arrived(Ok(arrival)) => self.arrived(arrival),
                Woken::Arrived(Err(error)) => self.listener_lost(&error),
                Woken::Told(Some(told)) => self.hear(told),
                Woken::Told(None) => {}
                Woken::Command(Some(command)) => self.obey(command),
                Woken::Command(None) => self.stop("The chat is closing".to_owned()),
                Woken::Due => self.on_time(),
            }
        }
        if let Some(forker) = self.starter.forker.take() {
            ForkerLink::leave(&forker).await;
        }
        self.edge.refuser.finish().await;
        // Those whose lines go through this process hear the last of them.
        if let Some(doors) = self.doors.take() {
            let failed = doors.finish().await;
            self.edge.fail(failed, &self.members);
        }
    }

    async fn wait(&mut self) -> Woken {
        let due = self.members.iter().filter_map(|member| member.due);
        let hung = self.members.iter().filter_map(Member::hangs_at);
        let due = due.chain(hung).chain(self.edge.due()).min();
        let room = self.edge.has_room();
        let open = self.stopping.is_none();
        let waits = room && open;
        tokio::select! {
            told = self.told.recv() => Woken::Told(told),
            command = self.commands.recv(), if open => Woken::Command(command),
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Woken::Due,
            arrived = next(&mut self.doors), if waits => Woken::Arrived(arrived),
        }
    }

    // --- clients ---

    fn arrived(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Connection(connection) => self.accepted(connection),
            Arrival::Failed(count) => self.edge.fail(count, &self.members),
        }
    }

    fn accepted(&mut self, connection: Connection) {
        self.edge.place(connection, &mut self.members);
    }

    /// Lets nobody in any more; gives those who had just come.
    fn shut(&mut self) -> Vec<Arrival> {
        self.doors.as_mut().map(Doors::close).unwrap_or_default()
    }

    fn listener_lost(&mut self, error: &io::Error) {
        tracing::error!(%error, "nobody can be accepted any more");
        self.shut();
        let reason = error.to_string();
        self.tell(FleetEvent::ListenerLost { reason });
    }

    // --- servers ---

    fn start(&mut self, index: usize) {
        let member = &mut self.members[index];
        member.attempt = member.attempt.saturating_add(1);
        member.next = Next::Recover;
        member.enter(Phase::Starting);
        let begun = begin(member, index, &self.payload, &self.starter, &self.teller);
        match begun {
            Ok(()) => {
                member.alive = true;
                member.due = Some(Instant::now() + self.patience.start);
            }
            Err(error) => {
                let reason = format!("cannot be started: {error}");
                self.ended(index, reason);
            }
        }
    }

    fn hear(&mut self, told: Told) {
        let Told {
            index,
            attempt,
            news,
        } = told;
        let member = &mut self.members[index];
        if member.attempt != attempt || !member.alive {
            return;
        }
        match news {
            News::Started(process) => {
                member.started(process);
                // Told to leave before it had begun.
                if member.phase == Phase::Leaving {
                    member.kill();
                }
            }
            News::Report(report) => self.report(index, report),
            News::Closed => member.link = None,
            News::Ended { reason } => self.ended(index, reason),
        }
    }

    fn report(&mut self, index: usize, report: Report) {
        let member = &mut self.members[index];
        match report {
            Report::Ready if member.phase == Phase::Starting => {
                member.enter(Phase::Running);
                member.due = None;
                let event = FleetEvent::ServerUp {
                    index,
                    name: member.name.clone(),
                    pid: member.process.as_ref().map_or(0, |process| process.pid()),
                    attempt: member.attempt,
                };
                tracing::info!(server = %member.name, "a server is up");
                self.tell(event);
                self.edge.settle(&mut self.members);
            }
            Report::Ready => {}
            Report::Taken { id } => member.taken(id),
            Report::Refused { id } => {
                if let Some(client) = member.refused(id) {
                    self.edge.refused(index, client, &mut self.members);
                }
            }
        }
    }

    fn ended(&mut self, index: usize, reason: String) {
        let on = self.board.snapshot().servers[index].now;
        let member = &mut self.members[index];
        let clients = member.ended(on);
        let name = member.name.clone();
        tracing::info!(server = %name, %reason, rehomed = clients.len(), "a server is down");
        self.tell(FleetEvent::ServerDown {
            index,
            name,
            reason,
        });
        let member = &mut self.members[index];
        match member.next {
            _ if self.stopping.is_some() => self.rest(index, Phase::Down),
            Next::StayDown => self.rest(index, Phase::Down),
            Next::StartAgain => self.start(index),
            Next::Recover => self.recover(index),
        }
        for client in clients {
            match &self.stopping {
                None => self.edge.place(client, &mut self.members),
                Some(reason) => self.edge.lose(client, &self.members, &closing_line(reason)),
            }
        }
    }

    /// A server that was not asked to end is started again after a pause, unless it has failed.
    fn recover(&mut self, index: usize) {
        let now = Instant::now();
        let member = &mut self.members[index];
        if let Some(after) = member.crashes.note(now, &self.policy) {
            member.enter(Phase::Waiting);
            member.due = Some(now + after);
            self.tell(FleetEvent::Restarting { index, after });
        } else {
            tracing::error!(server = %member.name, "a server has failed and stays down");
            self.rest(index, Phase::Failed);
            self.tell(FleetEvent::Failed { index });
        }
    }

    /// It will not run until somebody asks for it.
    fn rest(&mut self, index: usize, phase: Phase) {
        let member = &mut self.members[index];
        member.enter(phase);
        member.due = None;
        if let Some(direct) = &mut member.direct {
            direct.close();
        }
    }

    /// Tells a server to leave. One that is not ready has no clients and is ended at once.
    fn dismiss(&mut self, index: usize, reason: &str, next: Next) {
        let member = &mut self.members[index];
        member.next = next;
        if member.phase == Phase::Starting {
            member.kill();
        } else {
            let reason = reason.to_owned();
            order(member, Order::Shutdown { reason });
        }
        member.enter(Phase::Leaving);
        member.due = Some(Instant::now() + self.patience.leave);
    }

    fn on_time(&mut self) {
        let now = Instant::now();
        for index in 0..self.members.len() {
            let member = &mut self.members[index];
            if member.has_hung(now) {
                tracing::warn!(server = %member.name, "a server takes no client and is killed");
                member.kill();
            }
            if member.due.is_none_or(|due| due > now) {
                continue;
            }
            member.due = None;
            match member.phase {
                Phase::Waiting => self.start(index),
                Phase::Starting | Phase::Leaving => {
                    tracing::warn!(server = %member.name, "a server takes too long and is killed");
                    member.kill();
                }
                Phase::Running | Phase::Draining | Phase::Failed | Phase::Down => {}
            }
        }
        if self.edge.due().is_some_and(|due| due <= now) {
            self.edge.settle(&mut self.members);
        }
    }

    // --- commands ---

    fn obey(&mut self, command: Command) {
        match command {
            Command::Drain { index, done } => {
                let _ = done.send(self.drain(index));
            }
            Command::Restart { index, done } => {
                let _ = done.send(self.restart(index));
            }
            Command::Stop { reason } => self.stop(reason),
        }
    }

    fn drain(&mut self, index: usize) -> Result<(), FleetError> {
        let member = self.members.get_mut(index);
        let member = member.ok_or(FleetError::NoSuchServer(index))?;
        match member.phase {
            Phase::Running => {
                member.next = Next::StayDown;
                member.enter(Phase::Draining);
                order(member, Order::Drain);
                if let Some(direct) = &mut member.direct {
                    direct.close();
                }
            }
            Phase::Starting => self.dismiss(index, "", Next::StayDown),
            Phase::Leaving => member.next = Next::StayDown,
            Phase::Waiting => self.rest(index, Phase::Down),
            Phase::Draining | Phase::Failed | Phase::Down => {}
        }
        self.edge.settle(&mut self.members);
        Ok(())
    }

    fn restart(&mut self, index: usize) -> Result<(), FleetError> {
        let member = self.members.get_mut(index);
        let member = member.ok_or(FleetError::NoSuchServer(index))?;
        member.crashes.forget();
        match member.phase {
            Phase::Running | Phase::Draining => {
                self.dismiss(index, "The server is restarted", Next::StartAgain);
            }
            Phase::Leaving => member.next = Next::StartAgain,
            Phase::Waiting | Phase::Failed | Phase::Down => self.start(index),
            Phase::Starting => {}
        }
        Ok(())
    }

    /// Nobody is accepted any more, everybody is told, and all servers leave.
    fn stop(&mut self, reason: String) {
        let line = closing_line(&reason);
        for arrival in self.shut() {
            match arrival {
                Arrival::Connection(connection) => {
                    self.edge.lose(connection, &self.members, &line);
                }
                Arrival::Failed(count) => self.edge.fail(count, &self.members),
            }
        }
        self.edge.close(&self.members, &line);
        for index in 0..self.members.len() {
            if self.members[index].alive {
                self.dismiss(index, &reason, Next::StayDown);
            } else {
                self.rest(index, Phase::Down);
            }
        }
        self.stopping = Some(reason);
    }

    /// Whoever does not listen misses it; the log has it as well.
    fn tell(&self, event: FleetEvent) {
        if let Err(mpsc::error::TrySendError::Full(event)) = self.events.try_send(event) {
            tracing::warn!(?event, "an event was not listened to");
        }
    }
}

/// Who comes next to doors that there may not be.
async fn next(doors: &mut Option<Doors>) -> io::Result<Arrival> {
    match doors {
        Some(doors) => doors.next().await,
        None => std::future::pending().await,
    }
}

fn begin(
    member: &mut Member,
    index: usize,
    payload: &Payload,
    starter: &Starter,
    teller: &mpsc::Sender<Told>,
) -> io::Result<()> {
    let direct = member.direct.as_mut().map(|direct| direct.copy());
    let direct = direct.transpose()?;
    let assignment = Assignment {
        index: u16::try_from(index).map_err(io::Error::other)?,
        name: member.name.clone(),
        attempt: member.attempt,
        payload: payload(index, member.attempt),
        direct: direct.is_some(),
    };
    let life = Life {
        index,
        assignment,
        direct,
        starter: starter.clone(),
        told: teller.clone(),
    };
    member.link = Some(life.begin()?);
    Ok(())
}

/// Orders are few and must arrive, so a full control socket is waited for, beside everything else;
/// a dead server's closes.
fn order(member: &Member, order: Order) {
    if let Some(link) = &member.link {
        let link = Arc::clone(link);
        tokio::spawn(async move {
            if let Err(error) = link.send(&order, None).await {
                tracing::debug!(%error, "a server did not hear an order");
            }
        });
    }
}
