//! Several servers in turns, in one run.
//!
//! In each round each load is put on each server, which is started for it and ended after it, so
//! that what the machine does besides disturbs all of them alike.

use std::path::Path;

use anyhow::bail;

use crate::arguments::{Compare, TargetArguments};
use crate::load::{self, Load, churn, fanout, idle, rooms};
use crate::outcome::{Gap, Outcome};
use crate::peers::Peer;
use crate::report::Report;
use crate::spawn::Kind;
use crate::target::{Target, folder};
use crate::tell;

/// A server that delivers less than that share of what was due cannot do the load.
const ENOUGH: f64 = 0.95;

/// One of the servers.
#[derive(Clone, Copy, Debug)]
enum Contestant {
    Ours(Kind),
    Peer(Peer),
}

/// Runs all rounds and tells what came of it.
pub(crate) async fn run(plan: &Compare) -> anyhow::Result<()> {
    let programs = folder(plan.programs.as_deref())?;
    let mut outcome = Outcome::default();
    let servers = contestants(&plan.servers, &mut outcome)?;
    let loads = loads(plan)?;
    for round in 1..=plan.rounds {
        for (name, load) in &loads {
            for server in &servers {
                tell(&format!("round {round}: {name} on {server}"));
                match one(*server, load, &programs, !plan.no_pin).await {
                    Ok(mut report) => {
                        report.load.clone_from(name);
                        outcome.reports.push(report);
                    }
                    Err(error) => {
                        tell(&format!("  cannot: {error:#}"));
                        outcome.gaps.push(Gap {
                            load: name.clone(),
                            server: server.to_string(),
                            reason: format!("{error:#}"),
                        });
                    }
                }
            }
        }
    }
    outcome.finish(&plan.output)
}

/// One load on one server, started for it.
async fn one(
    server: Contestant,
    load: &Load,
    programs: &Path,
    pin: bool,
) -> anyhow::Result<Report> {
    let mut load = load.clone();
    let target = match server {
        Contestant::Ours(kind) => Target::ours(kind, programs, pin)?,
        Contestant::Peer(peer) => {
            if let (Load::Churn(churn), Some(at_once)) = (&mut load, peer.at_once()) {
                churn.slots = at_once;
            }
            Target::peer(peer, pin)?
        }
    };
    let report = load::run(&load, &target, &TargetArguments::for_started()).await?;
    if let Some(problem) = report.problems.first() {
        bail!("{problem}");
    }
    if let Load::Rooms(rooms) = &load {
        let share = report.rate() / f64::from(rooms.rate * (rooms.members - 1));
        if share < ENOUGH {
            bail!("it delivers {:.0} % of what is due", 100.0 * share);
        }
    }
    Ok(report)
}

/// Who is compared: who is named, or ours and everybody else; of these, whoever is installed.
fn contestants(named: &[String], outcome: &mut Outcome) -> anyhow::Result<Vec<Contestant>> {
    let all = || {
        let ours = [Kind::One, Kind::Fleet(3)].map(Contestant::Ours);
        ours.into_iter().chain(Peer::ALL.map(Contestant::Peer))
    };
    let contestant = |name: &String| match (name.parse::<Kind>(), name.parse::<Peer>()) {
        (Ok(kind), _) => Ok(Contestant::Ours(kind)),
        (_, Ok(peer)) => Ok(Contestant::Peer(peer)),
        (_, Err(error)) => bail!(error),
    };
    let mut wanted: Vec<Contestant> = if named.is_empty() {
        all().collect()
    } else {
        named.iter().map(contestant).collect::<Result<_, _>>()?
    };
    wanted.retain(|contestant| match contestant {
        Contestant::Ours(_) => true,
        Contestant::Peer(peer) => {
            let version = peer.version();
            outcome.notes.push(match &version {
                Some(version) => format!("{peer}: {version}; {}", peer.note()),
                None => format!("{peer} is not installed and left out"),
            });
            version.is_some()
        }
    });
    Ok(wanted)
}

/// The loads that are named, in the size that is wanted.
fn loads(plan: &Compare) -> anyhow::Result<Vec<(String, Load)>> {
    let seconds = plan.seconds;
    let scaled = |whole: u32| (whole * plan.scale / 100).max(2);
    let fanout = |window| {
        Load::Fanout(fanout::Settings {
            members: scaled(500),
            senders: 2,
            window,
            bytes: 80,
            seconds,
        })
    };
    let load = |name: &String| {
        let load = match name.as_str() {
            "fanout" => fanout(1),
            "burst" => fanout(16),
            "rooms" => Load::Rooms(rooms::Settings {
                rooms: scaled(200),
                members: 10,
                rate: scaled(2000),
                bytes: 80,
                // It never sleeps: its own waking up is in no latency.
                spin_us: 1000,
                seconds,
            }),
            "churn" => Load::Churn(churn::Settings {
                slots: scaled(32),
                rooms: 64,
                seconds,
            }),
            "idle" => Load::Idle(idle::Settings {
                clients: scaled(5000),
                members: 100,
                seconds: 1,
            }),
            other => bail!("{other} is not one of fanout, burst, rooms, churn, idle"),
        };
        Ok((name.clone(), load))
    };
    plan.loads.iter().map(load).collect()
}

impl std::fmt::Display for Contestant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ours(kind) => kind.fmt(f),
            Self::Peer(peer) => peer.fmt(f),
        }
    }
}

impl TargetArguments {
    /// For a server that was started here.
    pub(crate) fn for_started() -> Self {
        Self {
            connect: Vec::new(),
            pid: Vec::new(),
            spawn: None,
            programs: None,
            yes_remote: false,
            password: String::new(),
            at_once: 64,
            pin: false,
        }
    }
}
