//! What all loads stand on: the clients' settings, the clock, the measurement.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::arguments::TargetArguments;
use crate::client::Client;
use crate::processes::{Meter, Usage};
use crate::target::{self, Target};

/// Room for one read, shared by all clients.
const READ: usize = 64 * 1024;
/// Problems that are remembered.
const PROBLEMS: usize = 20;
/// How long all clients together may take to come.
const SETUP: Duration = Duration::from_secs(300);
/// How long the last messages of a load may take.
const COMING: Duration = Duration::from_secs(10);

/// What all loads stand on.
pub(crate) struct Ground {
    addresses: Vec<SocketAddr>,
    processes: Vec<u32>,
    pub(crate) password: String,
    at_once: usize,
    /// Nicks begin with it, so that two runs do not meet.
    pub(crate) prefix: String,
    /// The read buffer of all clients.
    pub(crate) buffer: RefCell<Vec<u8>>,
    began: Instant,
    problems: RefCell<Vec<String>>,
    /// The load is over: what breaks from now on is no problem.
    over: Cell<bool>,
}

impl Ground {
    /// The ground for a load on a target.
    pub(crate) fn new(target: &Target, arguments: &TargetArguments) -> Rc<Self> {
        let at_once = arguments.at_once as usize;
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Rc::new(Self {
            addresses: target.addresses.clone(),
            processes: target.processes.clone(),
            password: arguments.password.clone(),
            at_once: target.at_once.unwrap_or(at_once),
            prefix: format!("l{:x}", now.subsec_nanos() & 0xffff),
            buffer: RefCell::new(vec![0; READ]),
            began: Instant::now(),
            problems: RefCell::default(),
            over: Cell::new(false),
        })
    }

    /// Where the client with a number connects.
    pub(crate) fn address(&self, number: usize) -> SocketAddr {
        self.addresses[number % self.addresses.len()]
    }

    /// Nanoseconds since the load began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Something went wrong that the result must tell.
    pub(crate) fn problem(&self, problem: String) {
        let mut problems = self.problems.borrow_mut();
        if !self.over.get() && problems.len() < PROBLEMS {
            problems.push(problem);
        }
    }

    /// Whether something went wrong.
    pub(crate) fn is_spoilt(&self) -> bool {
        !self.problems.borrow().is_empty()
    }

    /// The load is over.
    pub(crate) fn finish(&self) {
        self.over.set(true);
    }

    /// What went wrong.
    pub(crate) fn problems(&self) -> Vec<String> {
        self.problems.borrow().clone()
    }

    /// Connects and registers so many clients, each of which then joins what `channel` says.
    pub(crate) async fn crowd(
        self: &Rc<Self>,
        count: usize,
        channel: impl Fn(usize) -> Option<String>,
    ) -> anyhow::Result<Vec<Rc<Client>>> {
        target::check_open_files(count)?;
        let bar = bar(count as u64, "clients");
        let mut coming = JoinSet::new();
        let mut crowd: Vec<Option<Rc<Client>>> = vec![None; count];
        let mut next = 0;
        let all = async {
            loop {
                while next < count && coming.len() < self.at_once {
                    let (ground, channel) = (Rc::clone(self), channel(next));
                    let number = next;
                    coming.spawn_local(async move {
                        let nick = format!("{}n{number}", ground.prefix);
                        let client = Client::connect(&ground, number, nick).await?;
                        if let Some(channel) = channel {
                            client.join(&ground, &channel).await?;
                        }
                        anyhow::Ok(client)
                    });
                    next += 1;
                }
                let Some(come) = coming.join_next().await else {
                    return anyhow::Ok(());
                };
                let client = come??;
                let number = client.number;
                crowd[number] = Some(client);
                bar.inc(1);
            }
        };
        match timeout(SETUP, all).await {
            Ok(done) => done?,
            Err(_) => bail!("{count} clients do not come in within {SETUP:?}"),
        }
        bar.finish_and_clear();
        Ok(crowd.into_iter().flatten().collect())
    }

    /// Measures: a second or so to warm up, then `reset`, then so many seconds that count.
    pub(crate) async fn measure(
        &self,
        warm: Duration,
        length: Duration,
        reset: impl FnOnce(),
    ) -> Usage {
        sleep(warm).await;
        reset();
        let meter = Meter::start(&self.processes);
        self.watch(length, |_| {}).await;
        meter.stop()
    }

    /// Measures so many seconds, after one at most to warm up and then `reset`.
    pub(crate) async fn measure_seconds(&self, seconds: u32, reset: impl FnOnce()) -> Usage {
        let length = Duration::from_secs(seconds.into());
        self.measure(length.min(Duration::from_secs(1)), length, reset)
            .await
    }

    /// Waits until what was sent has come, which must not take long.
    pub(crate) async fn all_come(&self, come: impl Fn() -> bool) {
        if !until(COMING, || come() || self.is_spoilt()).await {
            self.problem(format!(
                "messages have not reached everybody within {COMING:?}"
            ));
        }
    }

    /// Waits for so long, showing how far it is; `each` is called ten times a second.
    pub(crate) async fn watch(&self, length: Duration, mut each: impl FnMut(Duration)) {
        let bar = bar(length.as_secs().max(1), "seconds");
        let began = Instant::now();
        while let Some(left) = length.checked_sub(began.elapsed()) {
            sleep(left.min(Duration::from_millis(100))).await;
            bar.set_position(began.elapsed().as_secs());
            each(began.elapsed());
            if self.is_spoilt() {
                break;
            }
        }
        bar.finish_and_clear();
    }

    /// The server's processes.
    pub(crate) fn processes(&self) -> &[u32] {
        &self.processes
    }
}

/// Waits until `done`, at most for a while.
pub(crate) async fn until(patience: Duration, done: impl Fn() -> bool) -> bool {
    let waiting = async {
        while !done() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(patience, waiting).await.is_ok()
}

/// Runs so many loops at the same time, until all have ended.
pub(crate) async fn together<F: Future<Output = ()> + 'static>(
    count: usize,
    each: impl Fn(usize) -> F,
) {
    let mut running = JoinSet::new();
    for number in 0..count {
        running.spawn_local(each(number));
    }
    while running.join_next().await.is_some() {}
}

/// A progress bar on a terminal, nothing elsewhere.
fn bar(length: u64, unit: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = format!("{{bar:40}} {{pos}} of {{len}} {unit}, {{eta}} to go");
    let style = ProgressStyle::with_template(&template);
    let bar = ProgressBar::new(length);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
