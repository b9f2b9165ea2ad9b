//! Connections that come and go and never register: what it takes to let somebody in.
//!
//! Each says QUIT at once and waits for its end. In a fleet the launcher accepts it, chooses a server
//! and hands the socket over; as nobody registers, its journal has nothing to do, and all that the
//! launcher's thread takes is the balancer's.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;
use hdrhistogram::Histogram;
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio::time::timeout;

use crate::ground::{Ground, together};
use crate::processes::holding;
use crate::report::{Report, histogram};

/// How long one connection may take.
const VISIT: Duration = Duration::from_secs(30);

/// How it is set.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Settings {
    /// Connections at the same time
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) slots: u32,
    /// Seconds that count
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) seconds: u32,
}

struct Traffic {
    next: Cell<usize>,
    done: Cell<u64>,
    coming: Cell<bool>,
    whole: RefCell<Histogram<u64>>,
}

/// Puts the load on.
pub(crate) async fn run(ground: &Rc<Ground>, settings: &Settings) -> anyhow::Result<Report> {
    let traffic = Rc::new(Traffic {
        next: Cell::new(0),
        done: Cell::new(0),
        coming: Cell::new(true),
        whole: RefCell::new(histogram()),
    });
    let coming = spawn_local({
        let (ground, traffic) = (Rc::clone(ground), Rc::clone(&traffic));
        together(settings.slots as usize, move |_| {
            come_and_go(Rc::clone(&ground), Rc::clone(&traffic))
        })
    });
    let usage = ground
        .measure_seconds(settings.seconds, || {
            traffic.done.set(0);
            traffic.whole.borrow_mut().reset();
        })
        .await;
    let count = traffic.done.get();
    traffic.coming.set(false);
    coming.await?;
    let report = Report::new("edge", "connection", count, usage)
        .with_settings([("slots", settings.slots.into())])
        .with_latencies([("whole connection", &traffic.whole.borrow())])
        .with_holding(holding(ground.processes()));
    Ok(report)
}

async fn come_and_go(ground: Rc<Ground>, traffic: Rc<Traffic>) {
    while traffic.coming.get() && !ground.is_spoilt() {
        let number = traffic.next.get();
        traffic.next.set(number + 1);
        let began = ground.now();
        match timeout(VISIT, visit(&ground, number)).await {
            Ok(Ok(())) => {
                let took = ground.now() - began;
                traffic.whole.borrow_mut().saturating_record(took);
                traffic.done.set(traffic.done.get() + 1);
            }
            Ok(Err(error)) => ground.problem(format!("{error:#}")),
            Err(_) => ground.problem(format!("a connection has not ended within {VISIT:?}")),
        }
    }
}

async fn visit(ground: &Ground, number: usize) -> anyhow::Result<()> {
    let address = ground.address(number);
    let stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("cannot connect to {address}"))?;
    stream.try_write(b"QUIT\r\n")?;
    loop {
        stream.readable().await?;
        match stream.try_read(&mut ground.buffer.borrow_mut()) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error).context("the server cut the connection off"),
        }
    }
}
