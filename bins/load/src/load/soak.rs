//! Everything mixed for a long time: memory and descriptors over time.
//!
//! Clients talk, enter and leave rooms, change their nicks, set topics, ask for history, and leave
//! for good to be followed by others. What the server holds is sampled all the while and must not
//! grow between the second and the last quarter of the time.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::ground::Ground;
use crate::pace::Pace;
use crate::processes::{Meter, Usage, holding};
use crate::report::{Report, Sample, as_float};

/// How it is set.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Settings {
    /// Clients
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(2..=50_000))]
    pub(crate) clients: u32,
    /// Members of a channel
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub(crate) members: u32,
    /// What clients do, a second, all together
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) rate: u32,
    /// Seconds
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// Seconds between two samples
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) sample: u32,
    /// Growth of the memory in percent that is taken for none
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(crate) growth: u32,
}

/// A client's place: others take it when one has left.
struct Seat {
    client: RefCell<Rc<Client>>,
    /// It is between two clients.
    empty: Cell<bool>,
    /// In a second room.
    visiting: Cell<bool>,
    /// How often the nick was changed, or someone else came.
    changes: Cell<u32>,
}

struct Traffic {
    ground: Rc<Ground>,
    seats: Vec<Seat>,
    rooms: usize,
    done: Cell<u64>,
    lines: Cell<u64>,
    going: Cell<bool>,
}

/// Puts the load on.
pub(crate) async fn run(ground: &Rc<Ground>, settings: &Settings) -> anyhow::Result<Report> {
    let rooms = settings.clients.div_ceil(settings.members) as usize;
    let crowd = ground
        .crowd(settings.clients as usize, |number| {
            Some(room(&ground.prefix, number % rooms))
        })
        .await?;
    let seats = crowd.into_iter().map(|client| Seat {
        client: RefCell::new(client),
        empty: Cell::new(false),
        visiting: Cell::new(false),
        changes: Cell::new(0),
    });
    let traffic = Rc::new(Traffic {
        ground: Rc::clone(ground),
        seats: seats.collect(),
        rooms,
        done: Cell::new(0),
        lines: Cell::new(0),
        going: Cell::new(true),
    });
    for number in 0..traffic.seats.len() {
        tokio::task::spawn_local(Rc::clone(&traffic).sit(number));
    }
    let acting = tokio::task::spawn_local(Rc::clone(&traffic).act(settings.rate));
    let (usage, samples) = sampled(&traffic, settings).await;
    traffic.going.set(false);
    acting.await??;
    if let Some(problem) = growth(&samples, settings.growth) {
        ground.problem(problem);
    }
    let mut report = Report::new("soak", "act", traffic.done.get(), usage)
        .with_settings([
            ("clients", settings.clients.into()),
            ("members", settings.members.into()),
            ("rate", settings.rate.into()),
            ("lines read", traffic.lines.get()),
        ])
        .with_holding(samples.last().map(|sample| sample.holding));
    report.samples = samples;
    Ok(report)
}

/// Looks at the server's processes again and again.
async fn sampled(traffic: &Traffic, settings: &Settings) -> (Usage, Vec<Sample>) {
    let ground = &traffic.ground;
    let whole = Meter::start(ground.processes());
    let mut samples = Vec::new();
    let mut meter = Meter::start(ground.processes());
    let (mut done, began) = (traffic.done.get(), Instant::now());
    let every = f64::from(settings.sample);
    let length = Duration::from_secs(settings.seconds.into());
    ground
        .watch(length, |elapsed| {
            if elapsed.as_secs_f64() < every * as_float(samples.len() as u64 + 1) {
                return;
            }
            let next = Meter::start(ground.processes());
            let usage = std::mem::replace(&mut meter, next).stop();
            let before = std::mem::replace(&mut done, traffic.done.get());
            if let Some(holding) = holding(ground.processes()) {
                samples.push(Sample {
                    at: began.elapsed().as_secs_f64(),
                    holding,
                    rate: as_float(done - before) / usage.seconds,
                    cpu_percent: 100.0 * usage.cpu.unwrap_or_default() / usage.seconds,
                });
            }
        })
        .await;
    (whole.stop(), samples)
}

/// Whether the server holds more in the last quarter of the time than in the second.
fn growth(samples: &[Sample], percent: u32) -> Option<String> {
    type What = (&'static str, fn(&Sample) -> u64);
    let quarter = samples.len() / 4;
    if quarter == 0 {
        return None;
    }
    let mean = |part: &[Sample], what: fn(&Sample) -> u64| {
        as_float(part.iter().map(what).sum()) / as_float(part.len() as u64)
    };
    let (early, late) = (
        &samples[quarter..2 * quarter],
        &samples[samples.len() - quarter..],
    );
    let what: [What; 2] = [
        ("KiB of memory", |sample| sample.holding.pss),
        ("descriptors", |sample| sample.holding.descriptors),
    ];
    what.into_iter().find_map(|(name, what)| {
        let (early, late) = (mean(early, what), mean(late, what));
        (late > early * (1.0 + f64::from(percent) / 100.0))
            .then(|| format!("it grows: {early:.0} {name}, later {late:.0}"))
    })
}

fn room(prefix: &str, number: usize) -> String {
    format!("#{prefix}s{number}")
}

impl Traffic {
    /// Whoever sits there is heard, until nobody does any more.
    async fn sit(self: Rc<Self>, number: usize) {
        let client = Rc::clone(&self.seats[number].client.borrow());
        let (ground, traffic) = (Rc::clone(&self.ground), Rc::clone(&self));
        let listening = client.listen(ground, move |_, _| {
            traffic.lines.set(traffic.lines.get() + 1);
        });
        listening.await;
    }

    /// Does something every now and then.
    async fn act(self: Rc<Self>, rate: u32) -> anyhow::Result<()> {
        let pace = Pace::new()?;
        let began = self.ground.now();
        let mut number: u64 = 0;
        while self.going.get() && !self.ground.is_spoilt() {
            let due = began + number * 1_000_000_000 / u64::from(rate);
            let now = self.ground.now();
            if due > now {
                pace.sleep(due - now).await?;
                continue;
            }
            self.one(number);
            number += 1;
            if number.is_multiple_of(64) {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// The act with that number.
    fn one(self: &Rc<Self>, number: u64) {
        let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        let place = usize::try_from(random >> 8).unwrap_or_default() % self.seats.len();
        let seat = &self.seats[place];
        if seat.empty.get() {
            return;
        }
        self.done.set(self.done.get() + 1);
        let client = Rc::clone(&seat.client.borrow());
        let own = room(&self.ground.prefix, place % self.rooms);
        let line = match number % 20 {
            0 => return self.leave(place),
            1 | 2 => {
                seat.changes.set(seat.changes.get() + 1);
                format!("NICK {}", self.nick(place))
            }
            3 => format!("TOPIC {own} :topic {number}"),
            4..=6 => {
                let verb = if seat.visiting.replace(!seat.visiting.get()) {
                    "PART"
                } else {
                    "JOIN"
                };
                format!(
                    "{verb} {}",
                    room(&self.ground.prefix, (place + 1) % self.rooms)
                )
            }
            7 => format!("CHATHISTORY LATEST {own} * 50"),
            _ => format!("PRIVMSG {own} :soak {number} {}", "x".repeat(60)),
        };
        client.send(format!("{line}\r\n").as_bytes());
    }

    /// The client leaves for good, and another one comes.
    fn leave(self: &Rc<Self>, place: usize) {
        let seat = &self.seats[place];
        seat.empty.set(true);
        seat.visiting.set(false);
        seat.changes.set(seat.changes.get() + 1);
        seat.client.borrow().leave();
        let traffic = Rc::clone(self);
        tokio::task::spawn_local(async move {
            match traffic.come(place).await {
                Ok(client) => {
                    let seat = &traffic.seats[place];
                    seat.client.replace(client);
                    seat.empty.set(false);
                    traffic.sit(place).await;
                }
                Err(error) => traffic.ground.problem(format!("{error:#}")),
            }
        });
    }

    async fn come(&self, place: usize) -> anyhow::Result<Rc<Client>> {
        let client = Client::connect(&self.ground, place, self.nick(place)).await?;
        let own = room(&self.ground.prefix, place % self.rooms);
        client.join(&self.ground, &own).await?;
        Ok(client)
    }

    fn nick(&self, place: usize) -> String {
        let changes = self.seats[place].changes.get();
        format!("{}n{place}c{changes}", self.ground.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::Holding;

    fn samples(pss: impl Iterator<Item = u64>) -> Vec<Sample> {
        let sample = |pss| Sample {
            at: 0.0,
            holding: Holding {
                pss,
                descriptors: 10,
                ..Holding::default()
            },
            rate: 0.0,
            cpu_percent: 0.0,
        };
        pss.map(sample).collect()
    }

    #[test]
    fn what_grows_is_told_and_a_start_is_no_growth() {
        let steady = (0..40).map(|at| if at < 8 { 100 * at } else { 1000 + at % 3 });
        assert_eq!(growth(&samples(steady), 5), None);
        let leak = growth(&samples((0..40).map(|at| 1000 + 10 * at)), 5).unwrap();
        assert!(leak.contains("KiB of memory"), "{leak}");
        assert_eq!(growth(&samples([1, 1000].into_iter()), 5), None);
    }
}
