//! What `/proc` says about the server's processes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// What the server's processes used during a measurement.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// How long it took, in seconds.
    pub(crate) seconds: f64,
    /// Processor time of all processes, in seconds; `None` where they are not known.
    pub(crate) cpu: Option<f64>,
    /// Processor time of this program.
    pub(crate) own_cpu: f64,
    /// Processor time of everything else on the machine.
    #[serde(default)]
    pub(crate) others_cpu: f64,
    /// How often their threads went to sleep or were taken off a processor.
    pub(crate) switches: Option<u64>,
    /// Processor time in seconds by process and thread; those of the same name are one part.
    #[serde(default)]
    pub(crate) parts: BTreeMap<String, f64>,
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
    before: Reading,
}

/// What clocks and counters say at one moment.
#[derive(Debug)]
struct Reading {
    known: bool,
    /// Nanoseconds of each thread that lives, and what it belongs to.
    threads: BTreeMap<u32, (String, u64)>,
    /// Of processes as wholes, with threads that have ended: coarse.
    ticks: u64,
    own: u64,
    machine: u64,
    switches: u64,
}

impl Meter {
    /// Begins to measure these processes and their children.
    pub(crate) fn start(roots: &[u32]) -> Self {
        Self {
            roots: roots.to_vec(),
            began: Instant::now(),
            before: Reading::take(roots),
        }
    }

    /// What was used since.
    pub(crate) fn stop(self) -> Usage {
        let (before, after) = (self.before, Reading::take(&self.roots));
        let mut parts: BTreeMap<String, f64> = BTreeMap::new();
        for (thread, (name, nanos)) in after.threads {
            let earlier = before.threads.get(&thread).map_or(0, |(_, nanos)| *nanos);
            *parts.entry(name).or_default() += fine(nanos.saturating_sub(earlier));
        }
        // Threads that have ended are only in the coarse figure.
        let cpu = coarse(after.ticks.saturating_sub(before.ticks)).max(parts.values().sum());
        let own_cpu = coarse(after.own.saturating_sub(before.own));
        let machine = coarse(after.machine.saturating_sub(before.machine));
        Usage {
            seconds: self.began.elapsed().as_secs_f64(),
            cpu: after.known.then_some(cpu),
            own_cpu,
            others_cpu: (machine - own_cpu - cpu).max(0.0),
            switches: after
                .known
                .then(|| after.switches.saturating_sub(before.switches)),
            parts,
        }
    }
}

impl Reading {
    fn take(roots: &[u32]) -> Self {
        let all = family(roots);
        Self {
            known: !all.is_empty(),
            threads: all.iter().flat_map(|pid| threads(*pid)).collect(),
            ticks: all.iter().map(|pid| ticks(*pid)).sum(),
            own: ticks(std::process::id()),
            machine: machine(),
            switches: all.iter().map(|pid| switches(*pid)).sum(),
        }
    }
}

/// Processor time in seconds that processes and their children have used since they were started.
pub(crate) fn spent(roots: &[u32]) -> f64 {
    let threads = family(roots).into_iter().flat_map(threads);
    fine(threads.map(|(_, (_, nanos))| nanos).sum())
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

/// User and system time of everything on the machine, in ticks.
fn machine() -> u64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let first = stat.lines().next().unwrap_or_default();
    let fields = first.split_whitespace().skip(1).take(8).enumerate();
    // The fourth and the fifth are idling and waiting for a disk.
    fields
        .filter(|(place, _)| !matches!(place, 3 | 4))
        .filter_map(|(_, ticks)| ticks.parse::<u64>().ok())
        .sum()
}

/// The threads of a process: what they belong to, and the nanoseconds they ran.
fn threads(pid: u32) -> Vec<(u32, (String, u64))> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let name = |path: &Path| fs::read_to_string(path.join("comm")).unwrap_or_default();
    let process = name(Path::new(&format!("/proc/{pid}")));
    let thread = |task: fs::DirEntry| {
        let ran = fs::read_to_string(task.path().join("schedstat")).ok()?;
        let nanos = ran.split(' ').next()?.parse().ok()?;
        let number = task.file_name().to_str()?.parse().ok()?;
        Some((number, (part(&process, &name(&task.path())), nanos)))
    };
    tasks.flatten().filter_map(thread).collect()
}

/// What a thread belongs to: its process, without the number that it may have, and its own name, if
/// it has one.
fn part(process: &str, thread: &str) -> String {
    let plain = |name: &str| {
        let name = name.trim_end();
        let without = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
        without.strip_suffix('-').unwrap_or(name).to_owned()
    };
    let (process, thread) = (plain(process), plain(thread));
    if thread == process {
        process
    } else {
        format!("{process}: {thread}")
    }
}

fn coarse(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

fn fine(nanos: u64) -> f64 {
    nanos as f64 / 1e9
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
        let parts: f64 = usage.parts.values().sum();
        assert!(parts >= 0.02 && parts <= usage.cpu.unwrap(), "{usage:?}");
        assert!(
            held.processes >= 2 && held.pss > 100 && held.rss >= held.pss / 2,
            "{held:?}"
        );
        assert!(held.descriptors >= 3, "{held:?}");
    }

    #[test]
    fn threads_belong_to_their_process_whatever_its_number() {
        let parts = [
            part("chat-server-2\n", "chat-server-2\n"),
            part("chat-launcher\n", "chat-store\n"),
            part("ngircd\n", "ngircd\n"),
        ];
        let wanted = ["chat-server", "chat-launcher: chat-store", "ngircd"];
        assert_eq!(parts, wanted);
    }

    #[test]
    fn nothing_is_known_of_nobody() {
        assert!(holding(&[]).is_none());
        assert!(Meter::start(&[]).stop().cpu.is_none());
    }
}
