//! Several servers in turns, in one run.
//!
//! In each round each load is put on each server, which is started for it and ended after it, so
//! that what the machine does besides disturbs all of them alike. What is told is the median of the
//! rounds, and its ratio to the first server.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::bail;
use serde::Serialize;

use crate::arguments::{Compare, TargetArguments};
use crate::load::{self, Load, churn, fanout, idle, rooms};
use crate::peers::Peer;
use crate::plot::{self, Bars};
use crate::report::Report;
use crate::spawn::Kind;
use crate::target::{Target, folder};
use crate::{save, table, tell};

/// One of the servers.
#[derive(Clone, Copy, Debug)]
enum Contestant {
    Ours(Kind),
    Peer(Peer),
}

/// A measured value of a load, less is better.
#[derive(Clone, Copy, Debug)]
struct Measure {
    load: &'static str,
    name: &'static str,
    value: fn(&Report) -> Option<f64>,
}

/// The medians of one measure.
#[derive(Debug, Serialize)]
struct Row {
    measure: String,
    medians: Vec<(String, f64)>,
}

/// Everything, as it is written to JSON.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    rows: &'a [Row],
    reports: &'a [Report],
}

const MEASURES: [Measure; 9] = [
    Measure {
        load: "fanout",
        name: "fan-out: CPU per delivery, µs",
        value: Report::cpu_micros,
    },
    Measure {
        load: "fanout",
        name: "fan-out: last member p50, µs",
        value: |report| Some(report.latency("last member")?.p50),
    },
    Measure {
        load: "fanout",
        name: "fan-out: last member p99, µs",
        value: |report| Some(report.latency("last member")?.p99),
    },
    Measure {
        load: "rooms",
        name: "rooms: CPU per delivery, µs",
        value: Report::cpu_micros,
    },
    Measure {
        load: "rooms",
        name: "rooms: delivery p50, µs",
        value: |report| Some(report.latency("delivery")?.p50),
    },
    Measure {
        load: "rooms",
        name: "rooms: delivery p99, µs",
        value: |report| Some(report.latency("delivery")?.p99),
    },
    Measure {
        load: "churn",
        name: "churn: CPU per visit, µs",
        value: Report::cpu_micros,
    },
    Measure {
        load: "churn",
        name: "churn: joined p50, µs",
        value: |report| Some(report.latency("joined")?.p50),
    },
    Measure {
        load: "idle",
        name: "idle: memory per client, KiB",
        value: |report| report.kib_per_client,
    },
];

/// Runs all rounds and tells what came of it.
pub(crate) async fn run(plan: &Compare) -> anyhow::Result<()> {
    let programs = folder(plan.programs.as_deref())?;
    let servers = contestants(&plan.servers)?;
    let loads = loads(plan)?;
    let mut reports = Vec::new();
    for round in 1..=plan.rounds {
        for load in &loads {
            for server in &servers {
                tell(&format!("round {round}: {} on {server}", name(load)));
                match one(*server, load, &programs, !plan.no_pin).await {
                    Ok(report) => reports.push(report),
                    // One that cannot do it is left out of this load.
                    Err(error) => tell(&format!("  left out: {error:#}")),
                }
            }
        }
    }
    let names: Vec<String> = servers.iter().map(ToString::to_string).collect();
    let rows = rows(&reports, &names);
    tell(&shown(&rows, &names));
    if let Some(path) = &plan.output.json {
        let outcome = Outcome {
            rows: &rows,
            reports: &reports,
        };
        save(path, &serde_json::to_vec_pretty(&outcome)?)?;
    }
    if let Some(path) = &plan.output.plot {
        let groups = rows.iter().map(|row| Bars {
            title: row.measure.clone(),
            bars: row.medians.clone(),
        });
        save(path, plot::bars(&groups.collect::<Vec<_>>()).as_bytes())?;
    }
    if reports.is_empty() {
        bail!("nothing could be measured");
    }
    Ok(())
}

/// One load on one server, started for it.
async fn one(
    server: Contestant,
    load: &Load,
    programs: &Path,
    pin: bool,
) -> anyhow::Result<Report> {
    let target = match server {
        Contestant::Ours(kind) => Target::ours(kind, programs, pin)?,
        Contestant::Peer(peer) => Target::peer(peer, pin)?,
    };
    let report = load::run(load, &target, &TargetArguments::for_started()).await?;
    if let Some(problem) = report.problems.first() {
        bail!("{problem}");
    }
    Ok(report)
}

/// Who is compared: who is named, or ours and whoever is installed.
fn contestants(named: &[String]) -> anyhow::Result<Vec<Contestant>> {
    if named.is_empty() {
        let installed = Peer::ALL.into_iter().filter(|peer| peer.path().is_some());
        return Ok([Kind::One, Kind::Fleet(3)]
            .map(Contestant::Ours)
            .into_iter()
            .chain(installed.map(Contestant::Peer))
            .collect());
    }
    let contestant = |name: &String| match (name.parse::<Kind>(), name.parse::<Peer>()) {
        (Ok(kind), _) => Ok(Contestant::Ours(kind)),
        (_, Ok(peer)) if peer.path().is_some() => Ok(Contestant::Peer(peer)),
        (_, Ok(peer)) => bail!("{peer} is not installed"),
        (_, Err(error)) => bail!(error),
    };
    named.iter().map(contestant).collect()
}

/// The loads that are named, in the size that is wanted.
fn loads(plan: &Compare) -> anyhow::Result<Vec<Load>> {
    let seconds = plan.seconds;
    let scaled = |whole: u32| (whole * plan.scale / 100).max(2);
    let load = |name: &String| {
        Ok(match name.as_str() {
            "fanout" => Load::Fanout(fanout::Settings {
                members: scaled(500),
                senders: 2,
                window: 1,
                bytes: 80,
                seconds,
            }),
            "rooms" => Load::Rooms(rooms::Settings {
                rooms: scaled(200),
                members: 10,
                rate: scaled(2000),
                bytes: 80,
                spin_us: 0,
                seconds,
            }),
            "churn" => Load::Churn(churn::Settings {
                slots: scaled(32),
                rooms: 64,
                seconds,
            }),
            "idle" => Load::Idle(idle::Settings {
                clients: scaled(2000),
                members: 100,
                seconds: 1,
            }),
            other => bail!("{other} is not one of fanout, rooms, churn, idle"),
        })
    };
    plan.loads.iter().map(load).collect()
}

fn name(load: &Load) -> &'static str {
    match load {
        Load::Fanout(_) => "fanout",
        Load::Rooms(_) => "rooms",
        Load::Churn(_) => "churn",
        Load::Idle(_) => "idle",
        Load::Soak(_) => "soak",
    }
}

fn rows(reports: &[Report], names: &[String]) -> Vec<Row> {
    let row = |measure: &Measure| {
        let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for report in reports.iter().filter(|report| report.load == measure.load) {
            if let Some(value) = (measure.value)(report) {
                values.entry(&report.server).or_default().push(value);
            }
        }
        let medians: Vec<(String, f64)> = names
            .iter()
            .filter_map(|name| Some((name.clone(), median(values.get_mut(name.as_str())?))))
            .collect();
        (!medians.is_empty()).then(|| Row {
            measure: measure.name.to_owned(),
            medians,
        })
    };
    MEASURES.iter().filter_map(row).collect()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) {
        f64::midpoint(values[middle - 1], values[middle])
    } else {
        values[middle]
    }
}

/// A line per measure: the median of each server, and its ratio to that of the first.
fn shown(rows: &[Row], names: &[String]) -> String {
    let mut heading = vec!["median (ratio to the first)".to_owned()];
    heading.extend(names.iter().cloned());
    let mut lines = vec![heading];
    for row in rows {
        let of = |name: &String| row.medians.iter().find(|(own, _)| own == name);
        let first = names.first().and_then(of).map(|(_, value)| *value);
        let mut line = vec![row.measure.clone()];
        line.extend(names.iter().map(|name| match (of(name), first) {
            (Some((_, value)), Some(first)) => {
                format!("{} ({:.2})", table::number(*value), value / first)
            }
            (Some((_, value)), None) => table::number(*value),
            (None, _) => "-".to_owned(),
        }));
        lines.push(line);
    }
    table::aligned(&lines)
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
    fn for_started() -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]).to_string(), "2");
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]).to_string(), "2.5");
    }

    #[test]
    fn ratios_are_to_the_first_and_gaps_are_shown() {
        let names = ["one", "other", "third"].map(str::to_owned);
        let rows = [Row {
            measure: "m".to_owned(),
            medians: vec![("one".to_owned(), 2.0), ("other".to_owned(), 3.0)],
        }];
        let shown = shown(&rows, &names);
        let last = shown.lines().last().unwrap();
        let cells: Vec<&str> = last.split_whitespace().collect();
        assert_eq!(cells, ["m", "2.00", "(1.00)", "3.00", "(1.50)", "-"]);
    }
}
