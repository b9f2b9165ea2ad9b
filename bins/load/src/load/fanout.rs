//! One channel with many members: some send, everyone reads.
//!
//! A fixed number of messages is on its way at any time: when one has reached everybody, the next is
//! sent. With one on its way the cost of a single delivery shows, with many what is gained by
//! gathering.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use anyhow::bail;
use hdrhistogram::Histogram;

use crate::client::Client;
use crate::ground::Ground;
use crate::load::mark::{self, Mark, Marks};
use crate::processes::holding;
use crate::report::{Report, histogram};

/// How it is set.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Settings {
    /// Members of the channel
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub(crate) members: u32,
    /// How many of them send, in turn
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) senders: u32,
    /// Messages on their way at the same time
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) window: u32,
    /// Bytes of a message
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u32).range(32..=400))]
    pub(crate) bytes: u32,
    /// Seconds that count
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) seconds: u32,
}

impl Settings {
    /// Whether the settings make sense together.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        if self.senders > self.members {
            bail!("there cannot be more senders than members");
        }
        Ok(())
    }
}

/// What is on its way, and what has come.
struct Traffic {
    ground: Rc<Ground>,
    channel: String,
    bytes: usize,
    senders: RefCell<Vec<Rc<Client>>>,
    /// Who has to get each message besides the sender.
    readers: u32,
    marks: Marks,
    /// How many have still to get each message, beginning with the message `first`.
    missing: RefCell<VecDeque<u32>>,
    first: Cell<u32>,
    sending: Cell<bool>,
    delivered: Cell<u64>,
    each: RefCell<Histogram<u64>>,
    last: RefCell<Histogram<u64>>,
}

/// Puts the load on.
pub(crate) async fn run(ground: &Rc<Ground>, settings: &Settings) -> anyhow::Result<Report> {
    let traffic = Rc::new(Traffic {
        ground: Rc::clone(ground),
        channel: format!("#{}", ground.prefix),
        bytes: settings.bytes as usize,
        senders: RefCell::default(),
        readers: settings.members - 1,
        marks: Marks::new(),
        missing: RefCell::default(),
        first: Cell::new(0),
        sending: Cell::new(true),
        delivered: Cell::new(0),
        each: RefCell::new(histogram()),
        last: RefCell::new(histogram()),
    });
    let crowd = ground
        .crowd(settings.members as usize, |_| Some(traffic.channel.clone()))
        .await?;
    let senders = crowd.iter().take(settings.senders as usize).cloned();
    traffic.senders.borrow_mut().extend(senders);
    for client in crowd {
        let traffic = Rc::clone(&traffic);
        let listening = client.listen(Rc::clone(ground), move |line, now| {
            traffic.hear(line, now);
        });
        tokio::task::spawn_local(listening);
    }
    for _ in 0..settings.window {
        traffic.send();
    }
    let usage = ground
        .measure_seconds(settings.seconds, || traffic.reset())
        .await;
    let count = traffic.delivered.get();
    traffic.sending.set(false);
    ground
        .all_come(|| traffic.missing.borrow().is_empty())
        .await;
    let report = Report::new("fanout", "delivery", count, usage)
        .with_settings([
            ("members", settings.members.into()),
            ("senders", settings.senders.into()),
            ("window", settings.window.into()),
            ("bytes", settings.bytes.into()),
        ])
        .with_latencies([
            ("delivery", &traffic.each.borrow()),
            ("last member", &traffic.last.borrow()),
        ])
        .with_holding(holding(ground.processes()));
    Ok(report)
}

impl Traffic {
    /// Sends the next message.
    fn send(&self) {
        let mut missing = self.missing.borrow_mut();
        let ahead = u32::try_from(missing.len()).unwrap_or(u32::MAX);
        let number = self.first.get().wrapping_add(ahead);
        missing.push_back(self.readers);
        drop(missing);
        let mark = Mark {
            number,
            time: self.ground.now(),
        };
        let text = mark::message(&self.channel, mark, self.bytes);
        let senders = self.senders.borrow();
        senders[number as usize % senders.len()].send(text.as_bytes());
    }

    /// A member has got a line.
    fn hear(&self, line: &[u8], now: u64) {
        let Some(mark) = self.marks.find(line) else {
            return;
        };
        let took = now.saturating_sub(mark.time);
        self.delivered.set(self.delivered.get() + 1);
        self.each.borrow_mut().saturating_record(took);
        if self.arrived(mark.number) {
            self.last.borrow_mut().saturating_record(took);
            if self.sending.get() {
                self.send();
            }
        }
    }

    /// Counts an arrival; says whether it was the last of its message.
    fn arrived(&self, number: u32) -> bool {
        let mut missing = self.missing.borrow_mut();
        let place = number.wrapping_sub(self.first.get()) as usize;
        let Some(left) = missing.get_mut(place).filter(|left| **left > 0) else {
            drop(missing);
            self.ground
                .problem(format!("message {number} has come too often"));
            return false;
        };
        *left -= 1;
        let last = *left == 0;
        while missing.pop_front_if(|left| *left == 0).is_some() {
            self.first.set(self.first.get().wrapping_add(1));
        }
        last
    }

    /// What came so far does not count.
    fn reset(&self) {
        self.delivered.set(0);
        self.each.borrow_mut().reset();
        self.last.borrow_mut().reset();
    }
}
