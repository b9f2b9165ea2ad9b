//! What came of comparing servers: to be merged with that of other runs, shown and kept.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::arguments::{Merge, Output};
use crate::plot::{self, Bars};
use crate::report::Report;
use crate::spawn::Kind;
use crate::{finish, table, tell};

/// Everything, as it is written to JSON.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// What has to be known to read it.
    pub(crate) notes: Vec<String>,
    /// Who could not do what.
    pub(crate) gaps: Vec<Gap>,
    /// Each round of each load on each server.
    pub(crate) reports: Vec<Report>,
}

/// A server that could not do a load.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Gap {
    pub(crate) load: String,
    pub(crate) server: String,
    pub(crate) reason: String,
}

/// A measured value of a load, less is better.
#[derive(Clone, Copy, Debug)]
struct Measure {
    load: &'static str,
    name: &'static str,
    value: fn(&Report) -> Option<f64>,
}

/// The medians of one measure, in the order of the servers; `None` for one that has none.
#[derive(Debug)]
struct Row {
    load: &'static str,
    measure: &'static str,
    medians: Vec<Option<f64>>,
}

const fn measure(
    load: &'static str,
    name: &'static str,
    value: fn(&Report) -> Option<f64>,
) -> Measure {
    Measure { load, name, value }
}

/// How long a visit takes is none: they come to each server as many at a time as suits it.
const MEASURES: [Measure; 12] = [
    measure(
        "fanout",
        "fan-out: CPU per delivery, µs",
        Report::cpu_micros,
    ),
    measure("fanout", "fan-out: to the last member p50, µs", |report| {
        Some(report.latency("last member")?.p50)
    }),
    measure("fanout", "fan-out: to the last member p99, µs", |report| {
        Some(report.latency("last member")?.p99)
    }),
    measure(
        "burst",
        "16 on their way: CPU per delivery, µs",
        Report::cpu_micros,
    ),
    measure("burst", "16 on their way: to the last p50, µs", |report| {
        Some(report.latency("last member")?.p50)
    }),
    measure("rooms", "rooms: CPU per delivery, µs", Report::cpu_micros),
    measure("rooms", "rooms: delivery p50, µs", |report| {
        Some(report.latency("delivery")?.p50)
    }),
    measure("rooms", "rooms: delivery p99, µs", |report| {
        Some(report.latency("delivery")?.p99)
    }),
    measure("churn", "churn: CPU per visit, µs", Report::cpu_micros),
    measure(
        "idle",
        "idle: CPU per client that comes, µs",
        Report::cpu_micros,
    ),
    measure("idle", "idle: memory (PSS) per client, KiB", |report| {
        report.kib_per_client
    }),
    measure("idle", "idle: memory (PSS) of all, MiB", |report| {
        Some(crate::report::as_float(report.holding?.pss) / 1024.0)
    }),
];

/// Puts the results of several runs together.
pub(crate) fn merge(plan: &Merge) -> anyhow::Result<()> {
    let mut all = Outcome::default();
    for path in &plan.files {
        let name = path.display();
        let json = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
        let one: Outcome = serde_json::from_slice(&json)
            .with_context(|| format!("{name} is not what compare writes"))?;
        all.add(one).with_context(|| format!("cannot add {name}"))?;
    }
    all.finish(&plan.output)
}

impl Outcome {
    /// Adds another one, whose loads must have been set in the same way.
    fn add(&mut self, other: Self) -> anyhow::Result<()> {
        for report in &other.reports {
            let same = |own: &&Report| own.load == report.load && own.server == report.server;
            let Some(own) = self.reports.iter().find(same) else {
                continue;
            };
            if own.settings != report.settings {
                bail!(
                    "{} on {} was set otherwise: {:?}, not {:?}",
                    report.load,
                    report.server,
                    report.settings,
                    own.settings
                );
            }
        }
        let new = other.notes.into_iter();
        let new: Vec<String> = new.filter(|note| !self.notes.contains(note)).collect();
        self.notes.extend(new);
        self.gaps.extend(other.gaps);
        self.reports.extend(other.reports);
        Ok(())
    }

    /// Shows it, and writes what was asked for.
    pub(crate) fn finish(&self, output: &Output) -> anyhow::Result<()> {
        let (servers, rows) = (self.servers(), self.rows());
        tell(&self.shown(&servers, &rows));
        let bars = || {
            let group = |row: &Row| Bars {
                title: row.measure.to_owned(),
                bars: servers.iter().cloned().zip(row.medians.clone()).collect(),
            };
            plot::bars(&rows.iter().map(group).collect::<Vec<_>>())
        };
        finish(output, || serde_json::to_vec_pretty(self), bars)?;
        if self.reports.is_empty() {
            bail!("nothing could be measured");
        }
        Ok(())
    }

    /// Ours, then the others, in the order in which they came.
    fn servers(&self) -> Vec<String> {
        let mut servers: Vec<String> = Vec::new();
        let all = self.reports.iter().map(|report| &report.server);
        for server in all.chain(self.gaps.iter().map(|gap| &gap.server)) {
            if !servers.contains(server) {
                servers.push(server.clone());
            }
        }
        servers.sort_by_key(|server| !is_ours(server));
        servers
    }

    fn rows(&self) -> Vec<Row> {
        let servers = self.servers();
        let row = |measure: &Measure| {
            let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
            let of_load = self.reports.iter();
            for report in of_load.filter(|report| report.load == measure.load) {
                if let Some(value) = (measure.value)(report) {
                    values.entry(&report.server).or_default().push(value);
                }
            }
            let medians = servers.iter().map(|server| {
                let values = values.get_mut(server.as_str())?;
                Some(median(values))
            });
            let medians: Vec<Option<f64>> = medians.collect();
            medians.iter().any(Option::is_some).then_some(Row {
                load: measure.load,
                measure: measure.name,
                medians,
            })
        };
        MEASURES.iter().filter_map(row).collect()
    }

    /// The medians, the ratios of ours to the others, and what has to be known to read them.
    fn shown(&self, servers: &[String], rows: &[Row]) -> String {
        let mut heading = vec!["median".to_owned()];
        heading.extend(servers.iter().cloned());
        let mut lines = vec![heading];
        for row in rows {
            let cells = row.medians.iter().zip(servers);
            let cells = cells.map(|(median, server)| match median {
                Some(value) => table::number(*value),
                None if self.gap(row.load, server).is_some() => "cannot".to_owned(),
                None => "-".to_owned(),
            });
            lines.push([row.measure.to_owned()].into_iter().chain(cells).collect());
        }
        let mut shown = table::aligned(&lines);
        if let Some(ratios) = ratios(servers, rows) {
            shown += &format!("\n\n{ratios}");
        }
        shown + "\n\n" + &self.remarks().join("\n")
    }

    fn gap(&self, load: &str, server: &str) -> Option<&Gap> {
        let mut gaps = self.gaps.iter();
        gaps.find(|gap| gap.load == load && gap.server == server)
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = self.notes.clone();
        for gap in &self.gaps {
            let Gap {
                load,
                server,
                reason,
            } = gap;
            let said = format!("{server} cannot do {load}: {reason}");
            if !remarks.contains(&said) {
                remarks.push(said);
            }
        }
        let mut rounds: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        for report in &self.reports {
            *rounds.entry((&report.load, &report.server)).or_default() += 1;
        }
        let (few, many) = (rounds.values().min(), rounds.values().max());
        remarks.push(match (few, many) {
            (Some(1), Some(1)) => "of a single round".to_owned(),
            (Some(few), Some(many)) if few == many => format!("medians of {few} rounds"),
            (Some(few), Some(many)) => format!("medians of {few} to {many} rounds"),
            _ => "no rounds".to_owned(),
        });
        let mut others: Vec<f64> = self.reports.iter().map(Report::others).collect();
        if !others.is_empty() {
            let usual = median(&mut others);
            let most = others.last().copied().unwrap_or_default();
            remarks.push(format!(
                "everything else on the machine took {usual:.0} % of a processor, at most {most:.0} %"
            ));
        }
        remarks
    }
}

fn is_ours(server: &str) -> bool {
    server.parse::<Kind>().is_ok()
}

/// A line per measure: each of ours to each of the others, below 1 where ours takes less.
fn ratios(servers: &[String], rows: &[Row]) -> Option<String> {
    let places = 0..servers.len();
    let ours: Vec<usize> = places.clone().filter(|at| is_ours(&servers[*at])).collect();
    let others: Vec<usize> = places.filter(|at| !is_ours(&servers[*at])).collect();
    let pairs: Vec<(usize, usize)> = others
        .iter()
        .flat_map(|other| ours.iter().map(|own| (*own, *other)))
        .collect();
    if pairs.is_empty() {
        return None;
    }
    let mut heading = vec!["ratio".to_owned()];
    heading.extend(pairs.iter().map(|(own, other)| {
        let (own, other) = (&servers[*own], &servers[*other]);
        format!("{own} / {other}")
    }));
    let mut lines = vec![heading];
    for row in rows {
        let cells = pairs.iter().map(|(own, other)| {
            let both = row.medians[*own].zip(row.medians[*other]);
            both.map_or("-".to_owned(), |(own, other)| format!("{:.2}", own / other))
        });
        lines.push([row.measure.to_owned()].into_iter().chain(cells).collect());
    }
    Some(table::aligned(&lines))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::Usage;

    fn report(load: &str, server: &str, cpu: f64) -> Report {
        let usage = Usage {
            seconds: 1.0,
            cpu: Some(cpu),
            others_cpu: 0.5,
            ..Usage::default()
        };
        let mut report = Report::new(load, "visit", 1_000_000, usage);
        report.server = server.to_owned();
        report.with_settings([("slots", 8)])
    }

    fn outcome() -> Outcome {
        Outcome {
            notes: vec!["other: slow".to_owned()],
            gaps: vec![Gap {
                load: "fanout".to_owned(),
                server: "other".to_owned(),
                reason: "too slow".to_owned(),
            }],
            reports: vec![
                report("churn", "other", 4.0),
                report("churn", "one", 2.0),
                report("churn", "fleet:3", 3.0),
                report("fanout", "one", 5.0),
            ],
        }
    }

    /// The cells of the lines that begin with a measure.
    fn cells<'a>(shown: &'a str, measure: &str) -> Vec<Vec<&'a str>> {
        let lines = shown.lines().filter_map(|line| line.strip_prefix(measure));
        lines
            .map(|rest| rest.split_whitespace().collect())
            .collect()
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]).to_string(), "2");
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]).to_string(), "2.5");
    }

    #[test]
    fn ours_come_first_and_ratios_are_of_ours_to_each_other() {
        let outcome = outcome();
        let servers = outcome.servers();
        assert_eq!(servers, ["one", "fleet:3", "other"]);
        let shown = outcome.shown(&servers, &outcome.rows());
        let churn = cells(&shown, "churn: CPU per visit, µs");
        assert_eq!(churn, [vec!["2.00", "3.00", "4.00"], vec!["0.50", "0.75"]]);
        let fanout = cells(&shown, "fan-out: CPU per delivery, µs");
        assert_eq!(fanout, [vec!["5.00", "-", "cannot"], vec!["-", "-"]]);
        for remark in [
            "other: slow",
            "other cannot do fanout: too slow",
            "of a single round",
            "took 50 % of a processor, at most 50 %",
        ] {
            assert!(shown.contains(remark), "{remark}: {shown}");
        }
    }

    #[test]
    fn pieces_are_merged_if_they_are_alike() {
        let mut all = outcome();
        all.add(Outcome {
            reports: vec![report("churn", "one", 4.0)],
            ..outcome()
        })
        .unwrap();
        assert_eq!(all.notes.len(), 1);
        let rows = all.rows();
        let churn = rows.iter().find(|row| row.load == "churn").unwrap();
        assert_eq!(
            churn.medians[0].map(|median| median.to_string()).as_deref(),
            Some("3")
        );
        let unlike = report("churn", "one", 1.0).with_settings([("slots", 9)]);
        let refused = all.add(Outcome {
            reports: vec![unlike],
            ..Outcome::default()
        });
        assert!(refused.unwrap_err().to_string().contains("set otherwise"));
    }
}
