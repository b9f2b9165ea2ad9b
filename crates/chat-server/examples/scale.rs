//! How it scales, by simulation: `cargo run --release -p chat-server --example scale`.
//!
//! People act at random moments. A hub decides one event after the other and sends it to servers; each
//! server takes in one after the other and delivers to its members of the room. What is told is how
//! busy the hub and the busiest server are, in percent of a processor each, and how long it takes until
//! the last member has a message. The costs are those that the benchmarks measure.
//!
//! `all` sends each event to every server, as it is today; `rooms` only to those with a member in the
//! room, which is what one would build next. From nine servers on there is a machine for each eight,
//! with a hub of its own that passes on what the first one has decided.

#![allow(clippy::print_stdout, reason = "a program to look at")]

/// Microseconds to decide and commit an event, in a batch of several.
const DECIDE: f64 = 7.0;
/// To send it over one link.
const LINK: f64 = 0.8;
/// To take it into a replica.
const APPLY: f64 = 2.0;
/// To deliver it to a member.
const DELIVER: f64 = 3.0;
/// Until whoever sleeps runs, at each of the hops.
const WAKE: f64 = 30.0;
/// Seconds between two acts of a person.
const PAUSE: f64 = 20.0;
/// Servers of a machine.
const MACHINE: usize = 8;
/// Events that are looked at.
const EVENTS: usize = 200_000;

/// A chat of some size.
struct Chat {
    users: u32,
    members: u32,
    servers: usize,
    only_rooms: bool,
}

/// What came of it.
struct Outcome {
    hub: f64,
    server: f64,
    last: Vec<f64>,
}

/// A worker that does one thing after the other.
#[derive(Clone, Default)]
struct Worker {
    free: f64,
    worked: f64,
}

impl Worker {
    /// Does something that has come at a time; when it is done.
    fn work(&mut self, came: f64, takes: f64) -> f64 {
        self.free = came.max(self.free) + takes;
        self.worked += takes;
        self.free
    }
}

/// Numbers from 0 to 1, the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let high = u32::try_from(self.0 >> 32).unwrap_or(u32::MAX);
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "below the count"
    )]
    fn below(&mut self, count: u32) -> usize {
        (self.roll() * f64::from(count)) as usize
    }
}

impl Chat {
    fn run(&self) -> Outcome {
        let mut dice = Dice(42);
        let many = u32::try_from(self.servers).unwrap_or(u32::MAX);
        let machines = self.servers.div_ceil(MACHINE);
        let mut first = Worker::default();
        let mut hubs = vec![Worker::default(); machines];
        let mut servers = vec![Worker::default(); self.servers];
        let mut last = Vec::with_capacity(EVENTS);
        let mut now = 0.0;
        for _ in 0..EVENTS {
            now += -(1.0 - dice.roll()).ln() * 1e6 * PAUSE / f64::from(self.users);
            let mut local = vec![0_u32; self.servers];
            (0..self.members).for_each(|_| local[dice.below(many)] += 1);
            let gets = |server: usize| !self.only_rooms || local[server] > 0;
            let links = |servers: std::ops::Range<usize>| servers.filter(|at| gets(*at)).count();
            let machine = |at: usize| at * MACHINE..((at + 1) * MACHINE).min(self.servers);
            // With one machine the first hub links to its servers itself.
            let out = if machines == 1 {
                links(0..self.servers)
            } else {
                (0..machines).filter(|at| links(machine(*at)) > 0).count()
            };
            let decided = first.work(now + WAKE, DECIDE + LINK * count(out)) + WAKE;
            let mut done: f64 = 0.0;
            for (at, hub) in hubs.iter_mut().enumerate() {
                let out = links(machine(at));
                if out == 0 {
                    continue;
                }
                let sent = if machines == 1 {
                    decided
                } else {
                    hub.work(decided, APPLY + LINK * count(out)) + WAKE
                };
                for server in machine(at).filter(|at| gets(*at)) {
                    let takes = APPLY + DELIVER * f64::from(local[server]);
                    let told = servers[server].work(sent, takes);
                    if local[server] > 0 {
                        done = done.max(told);
                    }
                }
            }
            last.push(done - now);
        }
        last.sort_by(f64::total_cmp);
        let busiest = |workers: &[Worker]| {
            let worked = workers.iter().map(|worker| worker.worked);
            100.0 * worked.fold(0.0, f64::max) / now
        };
        Outcome {
            hub: busiest(&[first]).max(busiest(&hubs)),
            server: busiest(&servers),
            last,
        }
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn main() {
    println!(
        "{:>9} {:>8} {:>8} {:>8} {:>7} {:>7} {:>7} {:>12} {:>12}",
        "users",
        "members",
        "servers",
        "machines",
        "sent to",
        "hub %",
        "server %",
        "last p50, ms",
        "p99, ms"
    );
    for (users, members, servers) in [
        (10_000, 20, 3),
        (100_000, 20, 8),
        (100_000, 500, 8),
        (100_000, 5000, 8),
        (400_000, 20, 25),
        (400_000, 5, 25),
        (1_000_000, 20, 60),
    ] {
        for only_rooms in [false, true] {
            let chat = Chat {
                users,
                members,
                servers,
                only_rooms,
            };
            let outcome = chat.run();
            let at = |percent: usize| outcome.last[EVENTS * percent / 100 - 1] / 1000.0;
            // A queue that grows all the time has no latency.
            let full = outcome.hub.max(outcome.server) >= 99.0;
            let told = |percent| match full {
                true => "grows".to_owned(),
                false => format!("{:.2}", at(percent)),
            };
            println!(
                "{users:>9} {members:>8} {servers:>8} {:>8} {:>7} {:>7.1} {:>8.1} {:>12} {:>12}",
                servers.div_ceil(MACHINE),
                if only_rooms { "rooms" } else { "all" },
                outcome.hub,
                outcome.server,
                told(50),
                told(99),
            );
        }
    }
}
