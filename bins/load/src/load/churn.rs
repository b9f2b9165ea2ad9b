//! Connect, register, join, quit, again and again.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::task::spawn_local;

use crate::client::Client;
use crate::ground::{Ground, together};
use crate::processes::holding;
use crate::report::{Report, histogram};

/// How it is set.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Settings {
    /// Clients that come and go at the same time
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) slots: u32,
    /// Channels that they join, in turn
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rooms: u32,
    /// Seconds that count
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) seconds: u32,
}

/// Who comes next, and how long it took.
struct Traffic {
    next: Cell<usize>,
    done: Cell<u64>,
    coming: Cell<bool>,
    joined: RefCell<Histogram<u64>>,
    whole: RefCell<Histogram<u64>>,
}

/// Puts the load on.
pub(crate) async fn run(ground: &Rc<Ground>, settings: &Settings) -> anyhow::Result<Report> {
    let traffic = Rc::new(Traffic {
        next: Cell::new(0),
        done: Cell::new(0),
        coming: Cell::new(true),
        joined: RefCell::new(histogram()),
        whole: RefCell::new(histogram()),
    });
    let slots = settings.slots as usize;
    let rooms = settings.rooms as usize;
    let coming = spawn_local({
        let (ground, traffic) = (Rc::clone(ground), Rc::clone(&traffic));
        together(slots, move |_| {
            come_and_go(Rc::clone(&ground), Rc::clone(&traffic), rooms)
        })
    });
    let length = Duration::from_secs(settings.seconds.into());
    let usage = ground
        .measure(length.min(Duration::from_secs(1)), length, || {
            traffic.reset()
        })
        .await;
    let count = traffic.done.get();
    traffic.coming.set(false);
    coming.await?;
    let report = Report::new("churn", "visit", count, usage)
        .with_settings([
            ("slots", settings.slots.into()),
            ("rooms", settings.rooms.into()),
        ])
        .with_latencies([
            ("joined", &traffic.joined.borrow()),
            ("whole visit", &traffic.whole.borrow()),
        ])
        .with_holding(holding(ground.processes()));
    Ok(report)
}

async fn come_and_go(ground: Rc<Ground>, traffic: Rc<Traffic>, rooms: usize) {
    while traffic.coming.get() && !ground.is_spoilt() {
        let number = traffic.next.get();
        traffic.next.set(number + 1);
        if let Err(error) = visit(&ground, &traffic, number, rooms).await {
            ground.problem(format!("{error:#}"));
        }
    }
}

async fn visit(
    ground: &Ground,
    traffic: &Traffic,
    number: usize,
    rooms: usize,
) -> anyhow::Result<()> {
    let began = ground.now();
    let nick = format!("{}n{number}", ground.prefix);
    let client = Client::connect(ground, number, nick).await?;
    let channel = format!("#{}c{}", ground.prefix, number % rooms);
    client.join(ground, &channel).await?;
    traffic
        .joined
        .borrow_mut()
        .saturating_record(ground.now() - began);
    client.quit(ground).await?;
    traffic
        .whole
        .borrow_mut()
        .saturating_record(ground.now() - began);
    traffic.done.set(traffic.done.get() + 1);
    Ok(())
}

impl Traffic {
    /// Who came so far does not count.
    fn reset(&self) {
        self.done.set(0);
        self.joined.borrow_mut().reset();
        self.whole.borrow_mut().reset();
    }
}
