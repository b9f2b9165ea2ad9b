//! Many channels with few members, at a steady rate.
//!
//! Messages are due at fixed times whatever the server does, and latency counts from when a message
//! was due: a server that stalls cannot hide it by being asked less.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use hdrhistogram::Histogram;

use crate::client::Client;
use crate::ground::Ground;
use crate::load::mark::{self, Mark, Marks};
use crate::pace::Pace;
use crate::processes::holding;
use crate::report::{Report, histogram};

/// How it is set.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Settings {
    /// Channels
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub(crate) rooms: u32,
    /// Members of each
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub(crate) members: u32,
    /// Messages a second, over all channels
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) rate: u32,
    /// Bytes of a message
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u32).range(32..=400))]
    pub(crate) bytes: u32,
    /// Do not sleep where the next message is due within so many microseconds, but look at the
    /// clock and the sockets: more than the pause between two messages, and this program never
    /// sleeps, so that its waking up is in no latency
    #[arg(long, value_name = "MICROSECONDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub(crate) spin_us: u32,
    /// Seconds that count
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) seconds: u32,
}

impl Settings {
    fn clients(&self) -> usize {
        self.rooms as usize * self.members as usize
    }
}

/// What has come.
struct Traffic {
    marks: Marks,
    delivered: Cell<u64>,
    /// Deliveries that are to come, of all messages so far.
    expected: Cell<u64>,
    seen: Cell<u64>,
    late: RefCell<Histogram<u64>>,
    latency: RefCell<Histogram<u64>>,
    sending: Cell<bool>,
}

/// Puts the load on.
pub(crate) async fn run(ground: &Rc<Ground>, settings: &Settings) -> anyhow::Result<Report> {
    let traffic = Rc::new(Traffic {
        marks: Marks::new(),
        delivered: Cell::new(0),
        expected: Cell::new(0),
        seen: Cell::new(0),
        late: RefCell::new(histogram()),
        latency: RefCell::new(histogram()),
        sending: Cell::new(true),
    });
    let rooms = settings.rooms as usize;
    let crowd = ground
        .crowd(settings.clients(), |number| {
            Some(room(&ground.prefix, number % rooms))
        })
        .await?;
    for client in &crowd {
        let traffic = Rc::clone(&traffic);
        let listening = Rc::clone(client).listen(Rc::clone(ground), move |line, now| {
            traffic.hear(line, now);
        });
        tokio::task::spawn_local(listening);
    }
    let sending = tokio::task::spawn_local(send(
        Rc::clone(ground),
        Rc::clone(&traffic),
        settings.clone(),
        crowd,
    ));
    let usage = ground
        .measure_seconds(settings.seconds, || traffic.reset())
        .await;
    let count = traffic.delivered.get();
    traffic.sending.set(false);
    sending.await??;
    ground
        .all_come(|| traffic.seen.get() >= traffic.expected.get())
        .await;
    let report = Report::new("rooms", "delivery", count, usage)
        .with_settings([
            ("rooms", settings.rooms.into()),
            ("members", settings.members.into()),
            ("rate", settings.rate.into()),
            ("bytes", settings.bytes.into()),
            ("spin, µs", settings.spin_us.into()),
        ])
        .with_latencies([
            ("delivery", &traffic.latency.borrow()),
            ("own delay", &traffic.late.borrow()),
        ])
        .with_holding(holding(ground.processes()));
    Ok(report)
}

/// Sends each message when it is due, until told otherwise.
async fn send(
    ground: Rc<Ground>,
    traffic: Rc<Traffic>,
    settings: Settings,
    crowd: Vec<Rc<Client>>,
) -> anyhow::Result<()> {
    let pace = Pace::new()?;
    let began = ground.now();
    let rooms = settings.rooms as usize;
    let spin = u64::from(settings.spin_us) * 1000;
    let mut number: u32 = 0;
    while traffic.sending.get() && !ground.is_spoilt() {
        let due = began + u64::from(number) * 1_000_000_000 / u64::from(settings.rate);
        let now = ground.now();
        if due > now + spin {
            pace.sleep(due - now - spin).await?;
            continue;
        }
        if due > now {
            // Whoever reads has its turn.
            tokio::task::yield_now().await;
            continue;
        }
        // Neighbours in time are in different rooms, and everyone has a turn.
        let client = &crowd[spread(number, crowd.len())];
        let mark = Mark { number, time: due };
        let text = mark::message(
            &room(&ground.prefix, client.number % rooms),
            mark,
            settings.bytes as usize,
        );
        client.send(text.as_bytes());
        traffic.late.borrow_mut().saturating_record(now - due);
        let readers = u64::from(settings.members) - 1;
        traffic.expected.set(traffic.expected.get() + readers);
        number = number.wrapping_add(1);
        if number.is_multiple_of(64) {
            // Also where the rate cannot be kept, readers have their turn.
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

/// A place in a list of that length: each in turn, far from the one before.
fn spread(number: u32, length: usize) -> usize {
    number.wrapping_mul(0x9e37_79b1) as usize % length
}

fn room(prefix: &str, number: usize) -> String {
    format!("#{prefix}r{number}")
}

impl Traffic {
    fn hear(&self, line: &[u8], now: u64) {
        if let Some(mark) = self.marks.find(line) {
            self.seen.set(self.seen.get() + 1);
            self.delivered.set(self.delivered.get() + 1);
            let took = now.saturating_sub(mark.time);
            self.latency.borrow_mut().saturating_record(took);
        }
    }

    /// What came so far does not count.
    fn reset(&self) {
        self.delivered.set(0);
        self.late.borrow_mut().reset();
        self.latency.borrow_mut().reset();
    }
}
