//! A fleet under test, and its clients. Every wait has a bound, and none decides by its length.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use chat_stats::{Board, ServerFigures, SlotSetup};
use chat_supervisor::{Builder, Fleet, FleetEvent};
use chat_transport::Listener;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::approach::{Kind, approach};
use crate::role::payload;

/// Waits for what must happen.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(60);
    let waited = tokio::time::timeout(limit, future).await;
    waited.unwrap_or_else(|_| panic!("{what}: did not happen"))
}

/// Waits until it is so.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    soon(what, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// What a test says about its fleet.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) kind: Kind,
    pub(crate) servers: usize,
    pub(crate) capacity: u32,
    /// How a server behaves, from its index and its attempt.
    pub(crate) mode: fn(usize, u32) -> &'static str,
}

pub(crate) struct Bench {
    pub(crate) fleet: Fleet,
    pub(crate) events: mpsc::Receiver<FleetEvent>,
    pub(crate) board: Board,
    /// The process of each server, as the events told.
    pub(crate) pids: BTreeMap<usize, u32>,
}

/// Runs a test on a fleet. The forker, if there is one, is forked before there is a runtime.
pub(crate) fn fleet<F: Future<Output = ()>>(
    plan: Plan,
    more: fn(Builder) -> Builder,
    test: impl FnOnce(Bench) -> F,
) {
    let approach = approach(plan.kind);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let name = format!("supervisor_test.{}", std::process::id());
        let capacity = plan.capacity;
        let board = Board::create(&name, &vec![SlotSetup { capacity }; plan.servers]).unwrap();
        let listener = Listener::bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let builder = Fleet::builder(plan.servers)
            .approach(approach)
            .board(board.clone())
            .doors(listener)
            .role_payload(move |index, attempt| payload((plan.mode)(index, attempt), &name));
        let mut fleet = more(builder).start().unwrap();
        let events = fleet.events().unwrap();
        test(Bench {
            fleet,
            events,
            board,
            pids: BTreeMap::new(),
        })
        .await;
    });
}

pub(crate) fn as_it_is(builder: Builder) -> Builder {
    builder
}

pub(crate) fn echo(_index: usize, _attempt: u32) -> &'static str {
    "echo"
}

impl Bench {
    pub(crate) async fn event(&mut self) -> FleetEvent {
        let event = soon("an event", self.events.recv()).await.unwrap();
        if let FleetEvent::ServerUp { index, pid, .. } = event {
            self.pids.insert(index, pid);
        }
        event
    }

    /// Waits until so many servers have come up.
    pub(crate) async fn up(&mut self, count: usize) {
        for _ in 0..count {
            let event = self.event().await;
            assert!(matches!(event, FleetEvent::ServerUp { .. }), "{event:?}");
        }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.fleet.addresses()[0].1).await
    }

    pub(crate) fn figures(&self, index: usize) -> ServerFigures {
        self.board.snapshot().servers.swap_remove(index)
    }

    pub(crate) fn kill(&self, index: usize) {
        kill(self.pids[&index]);
    }

    /// All fleets end so: nobody is left, and nothing.
    pub(crate) async fn stop(self) {
        soon("the end", self.fleet.stop("the test is over")).await;
        assert_eq!(children(), Vec::<u32>::new(), "no child is left");
        let snapshot = self.board.snapshot();
        assert_eq!(snapshot.totals.places_taken, 0);
        assert_eq!(snapshot.totals.now, 0);
    }
}

pub(crate) fn kill(pid: u32) {
    signal(pid, rustix::process::Signal::KILL);
}

pub(crate) fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

/// The children of this process, zombies included, in the order of their birth.
pub(crate) fn children() -> Vec<u32> {
    let this = std::process::id();
    let path = format!("/proc/{this}/task/{this}/children");
    let text = std::fs::read_to_string(path).unwrap();
    text.split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect()
}

/// How many descriptors this process has open.
pub(crate) fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Client {
        let stream = soon("connecting", TcpStream::connect(address)).await;
        Client {
            stream: BufReader::new(stream.unwrap()),
        }
    }

    pub(crate) async fn say(&mut self, line: &str) {
        let text = format!("{line}\n");
        let sent = self.stream.write_all(text.as_bytes());
        soon("sending", sent).await.unwrap();
    }

    /// The next line without its end; empty at the end of the stream.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = soon("a line", self.stream.read_line(&mut line)).await;
        read.unwrap();
        line.trim_end_matches('\n').to_owned()
    }

    /// Which server greets, from 1.
    pub(crate) async fn greeted(&mut self) -> usize {
        let line = self.line().await;
        let number = line.strip_prefix("hello from Server-");
        number
            .unwrap_or_else(|| panic!("{line:?}"))
            .parse()
            .unwrap()
    }

    /// The line comes back from this server.
    pub(crate) async fn is_answered_by(&mut self, server: usize) {
        self.say("hi").await;
        assert_eq!(self.line().await, format!("Server-{server}: hi"));
    }

    /// All that is left until the end; a reset counts as an end.
    pub(crate) async fn rest(&mut self) -> String {
        let mut text = Vec::new();
        let _ = soon("the end", self.stream.read_to_end(&mut text)).await;
        String::from_utf8(text).unwrap()
    }
}
