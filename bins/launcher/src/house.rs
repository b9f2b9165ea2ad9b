//! The launcher's house: database, journal, board and fleet, built up in this order and taken down
//! in the other.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chat_balance::AlgorithmKind;
use chat_journal::{Gate, Journal, Setup};
use chat_server::figures::Bookkeeper;
use chat_stats::{Board, SlotSetup};
use chat_store::Writer;
use chat_supervisor::{Approach, Fleet, FleetEvent};
use chat_transport::Doors;
use chat_transport::doors::Fence;
use server::config::{Algorithm, File};
use server::instance::{Held, Paths};
use server::process::{self, HangUps, StopSignals};
use server::rehash::Rereader;
use server::role::Settings;
use tokio::sync::{mpsc, oneshot};

use crate::arguments::Plan;

/// How often the figures go to the database, where they have changed.
const SAVE: Duration = Duration::from_secs(1);

/// How long the end may take to write what is left.
const CLOSE: Duration = Duration::from_secs(10);

/// What clients are told when the launcher is stopped.
const FAREWELL: &str = "The chat is stopped";

/// Everything that runs, in the order in which it is taken down.
struct House {
    fleet: Fleet,
    journal: Journal,
    books: Bookkeeper,
    writer: Writer,
    // Dropped last: removes the segment, then the run directory.
    _board: Board,
    _held: Held,
}

/// Runs a fleet until SIGINT or SIGTERM.
pub(crate) async fn run(plan: &Plan, approach: Approach) -> anyhow::Result<()> {
    let mut stop = StopSignals::watch()?;
    let paths = Paths::new(&plan.file.instance());
    let mut house = House::build(plan, approach, &paths)?;
    let mut events = house.fleet.events().context("asked once")?;
    let (end, ended) = oneshot::channel::<()>();
    let books = house.books.run(SAVE, &house.journal, ended);
    let life = async {
        let result = live(
            plan,
            &mut stop,
            &house.fleet,
            &house.journal,
            &mut events,
            &paths,
        )
        .await;
        drop(end);
        result
    };
    let (result, ()) = tokio::join!(life, books);
    let closed = house.take_down().await;
    result.and(closed)
}

impl House {
    fn build(plan: &Plan, approach: Approach, paths: &Paths) -> anyhow::Result<Self> {
        let file = &plan.file;
        let files = process::raise_open_files();
        let capacity = file.launcher.capacity.unwrap_or(files);
        let held = paths.hold()?;
        let doors = Doors::open(&file.doors()?)?;
        let store = file.store_config()?;
        let database = store.path.clone().unwrap_or_default();
        let (writer, reader) = chat_store::open(&store).context("cannot use the database")?;
        let slots = vec![SlotSetup { capacity }; usize::from(plan.servers)];
        let board =
            Board::create(&paths.segment(), &slots).context("cannot make the shared memory")?;
        let books =
            Bookkeeper::restore(board.clone(), writer.clone(), |server| server.to_string())?;
        let limits = file.network_limits();
        let mut setup = Setup::restore(limits, writer.clone(), &reader, books.first_position())
            .context("cannot take up what the database has kept")?
            .hub_socket(paths.journal_socket());
        setup.keep = file.keep();
        setup.rereads = true;
        setup.gate = doors.fence().map(gate);
        let guarded = setup.gate.is_some();
        let journal = Journal::start(setup).context("cannot open the journal's socket")?;
        let fleet = fleet(
            plan,
            approach,
            board.clone(),
            doors,
            settings(file, paths, database, guarded),
        )?;
        Ok(Self {
            fleet,
            journal,
            books,
            writer,
            _board: board,
            _held: held,
        })
    }

    /// Takes it down in order. What the database did not take is lost, and said by the exit code.
    async fn take_down(self) -> anyhow::Result<()> {
        self.fleet.stop(FAREWELL).await;
        self.journal.shutdown().await;
        self.books.save();
        let closed = self.writer.close(CLOSE);
        closed.context("the database was not closed in order")
    }
}

/// What the journal lets through before it asks the servers for what has come to them.
fn gate(fence: Fence) -> Gate {
    Gate::new(move || {
        let fence = fence.matters().then(|| fence.clone())?;
        Some(async move { fence.passed().await })
    })
}

fn settings(file: &File, paths: &Paths, database: PathBuf, guarded: bool) -> Settings {
    Settings {
        journal: paths.journal_socket(),
        database,
        verification_command: file.accounts.verification_command.clone(),
        segment: paths.segment(),
        guarded,
        server: file.server_config(),
    }
}

fn fleet(
    plan: &Plan,
    approach: Approach,
    board: Board,
    doors: Doors,
    settings: Settings,
) -> anyhow::Result<Fleet> {
    let launcher = &plan.file.launcher;
    let mut own = plan.file.first_address();
    let ports = launcher.ports.iter().filter_map(|port| {
        let address = own.as_mut()?;
        address.set_port(*port);
        Some(*address)
    });
    let ports: Vec<_> = ports.collect();
    let payload = settings.to_bytes();
    let fleet = Fleet::builder(usize::from(plan.servers))
        .algorithm(match launcher.algorithm {
            Algorithm::LeastConnection => AlgorithmKind::LeastConnection,
            Algorithm::RoundRobin => AlgorithmKind::RoundRobin,
        })
        .approach(approach)
        .board(board)
        .doors(doors)
        .direct_listeners(ports)
        .role_payload(move |_, _| payload.clone())
        .start()?;
    Ok(fleet)
}

/// Tells the operator what happens, until it is time to end.
async fn live(
    plan: &Plan,
    stop: &mut StopSignals,
    fleet: &Fleet,
    journal: &Journal,
    events: &mut mpsc::Receiver<FleetEvent>,
    paths: &Paths,
) -> anyhow::Result<()> {
    let mut hang_ups = HangUps::watch()?;
    let mut rereader = rereader(plan, fleet);
    let mut waiting = usize::from(plan.servers);
    let mut failed = 0;
    loop {
        let event = tokio::select! {
            () = stop.next() => return Ok(()),
            () = hang_ups.next() => {
                // Where it has ended the next turn tells.
                let _ = journal.configure(rereader.read(Vec::new()));
                continue;
            }
            askers = journal.rehash_wanted() => {
                let _ = journal.configure(rereader.read(askers));
                continue;
            }
            () = journal.ended() => bail!("the journal has ended: the database does not take it"),
            event = events.recv() => event.context("the fleet has ended by itself")?,
        };
        tell(&event, fleet);
        match event {
            FleetEvent::ServerUp { attempt: 1, .. } => waiting = waiting.saturating_sub(1),
            FleetEvent::Failed { .. } => failed += 1,
            _ => continue,
        }
        if failed == usize::from(plan.servers) {
            bail!("all servers have failed");
        }
        if waiting == 0 {
            // Once: no later event can bring it to zero again.
            waiting = usize::MAX;
            open(plan, fleet, paths);
        }
    }
}

fn rereader(plan: &Plan, fleet: &Fleet) -> Rereader {
    let arguments = plan.arguments.clone();
    let identity = fleet.identity().cloned();
    Rereader::new("chat-launcher", plan.file.clone(), identity, move || {
        arguments.file_again()
    })
}

/// All servers are up for the first time: says where to connect, and opens the window.
fn open(plan: &Plan, fleet: &Fleet, paths: &Paths) {
    process::tell_addresses(fleet.addresses());
    if plan.monitor
        && let Err(error) = process::open_monitor(paths.name())
    {
        process::complain("chat-launcher", &error);
    }
}

fn tell(event: &FleetEvent, fleet: &Fleet) {
    match event {
        FleetEvent::ServerUp {
            index, name, pid, ..
        } => match fleet.direct_addrs().get(*index) {
            Some(address) => process::tell(format_args!(
                "{name} is up (process {pid}), also on {address}"
            )),
            None => process::tell(format_args!("{name} is up (process {pid})")),
        },
        FleetEvent::ServerDown { name, reason, .. } => {
            process::tell(format_args!("{name} is down: {reason}"));
        }
        FleetEvent::Restarting { index, after } => {
            let number = index + 1;
            process::tell(format_args!("Server-{number} starts again in {after:?}"));
        }
        FleetEvent::Failed { index } => process::tell(format_args!(
            "Server-{} has failed: it crashed too often and stays down",
            index + 1
        )),
        FleetEvent::ForkerLost => {
            process::tell("The forker is gone: servers will be started as processes");
        }
        FleetEvent::ListenerLost { reason } => {
            process::tell(format_args!("Nobody is accepted any more: {reason}"));
        }
        _ => {}
    }
}
