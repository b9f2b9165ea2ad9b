//! What `/proc` says about the server's processes.

use std::collections::BTreeSet;
use std::fs;
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// What the server's processes used during a measurement.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// How long it took, in seconds.
    pub(crate) seconds: f64,
    /// Processor time of all processes, in seconds; `None` where they are not known.
    pub(crate) cpu: Option<f64>,
    /// Processor time of this program.
    pub(crate) own_cpu: f64,
    /// How often their threads went to sleep or were taken off a processor.
    pub(crate) switches: Option<u64>,
}

/// What the server's processes hold.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Holding {
    /// Memory in KiB, shared pages divided among those who share them.
    pub(crate) pss: u64,
    /// Memory in KiB, shared pages counted in full in each process.
    pub(crate) rss: u64,
    /// Open files.
    pub(crate) descriptors: u64,
    /// Processes.
    pub(crate) processes: u64,
}

/// A measurement that has begun.
#[derive(Debug)]
pub(crate) struct Meter {
    roots: Vec<u32>,
    began: Instant,
    cpu: u64,
    own: u64,
    switches: u64,
}

impl Meter {
    /// Begins to measure these processes and their children.
    pub(crate) fn start(roots: &[u32]) -> Self {
        let all = family(roots);
        Self {
            roots: roots.to_vec(),
            began: Instant::now(),
            cpu: all.iter().map(|pid| ticks(*pid)).sum(),
            own: ticks(std::process::id()),
            switches: all.iter().map(|pid| switches(*pid)).sum(),
        }
    }

    /// What was used since.
    pub(crate) fn stop(self) -> Usage {
        let all = family(&self.roots);
        let known = !all.is_empty();
        let cpu: u64 = all.iter().map(|pid| ticks(*pid)).sum();
        let switched: u64 = all.iter().map(|pid| switches(*pid)).sum();
        let own = ticks(std::process::id());
        Usage {
            seconds: self.began.elapsed().as_secs_f64(),
            cpu: known.then(|| seconds(cpu.saturating_sub(self.cpu))),
            own_cpu: seconds(own.saturating_sub(self.own)),
            switches: known.then(|| switched.saturating_sub(self.switches)),
        }
    }
}

/// What these processes and their children hold now; `None` where none is known.
pub(crate) fn holding(roots: &[u32]) -> Option<Holding> {
    let all = family(roots);
    if all.is_empty() {
        return None;
    }
    let mut sum = Holding {
        processes: all.len() as u64,
        ..Holding::default()
    };
    for pid in all {
        let memory = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        sum.pss += field(&memory, "Pss:");
        sum.rss += field(&memory, "Rss:");
        sum.descriptors +=
            fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, |all| all.count()) as u64;
    }
    Some(sum)
}

/// The processes and all their descendants that exist.
fn family(roots: &[u32]) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut look: Vec<u32> = roots.to_vec();
    while let Some(pid) = look.pop() {
        let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
            continue;
        };
        if !found.insert(pid) {
            continue;
        }
        for task in tasks.flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            look.extend(
                children
                    .split_whitespace()
                    .filter_map(|pid| pid.parse::<u32>().ok()),
            );
        }
    }
    found
}

/// User and system time of a process in ticks of the kernel's clock.
fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in parentheses, may contain anything.
    let Some((_, rest)) = stat.rsplit_once(") ") else {
        return 0;
    };
    let mut fields = rest
        .split(' ')
        .skip(11)
        .map(|field| field.parse().unwrap_or(0));
    fields.next().unwrap_or(0) + fields.next().unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "ticks are few")]
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// Context switches of all threads of a process.
fn switches(pid: u32) -> u64 {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return 0;
    };
    tasks
        .flatten()
        .map(|task| {
            let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
            field(&status, "voluntary_ctxt_switches:")
                + field(&status, "nonvoluntary_ctxt_switches:")
        })
        .sum()
}

/// The number behind a name at the beginning of a line.
fn field(text: &str, name: &str) -> u64 {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn work_is_measured_and_so_are_children() {
        let own = std::process::id();
        let meter = Meter::start(&[own]);
        let mut child = Command::new("sleep").arg("10").spawn().unwrap();
        assert!(family(&[own]).contains(&child.id()));
        let end = Instant::now() + std::time::Duration::from_millis(120);
        while Instant::now() < end {}
        let usage = meter.stop();
        let held = holding(&[own]).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(usage.cpu.unwrap() >= 0.02, "{usage:?}");
        assert!(usage.cpu.unwrap() <= usage.seconds * 64.0, "{usage:?}");
        assert!(
            held.processes >= 2 && held.pss > 100 && held.rss >= held.pss / 2,
            "{held:?}"
        );
        assert!(held.descriptors >= 3, "{held:?}");
    }

    #[test]
    fn nothing_is_known_of_nobody() {
        assert!(holding(&[]).is_none());
        assert!(Meter::start(&[]).stop().cpu.is_none());
    }
}
