//! Messages per second through the sequencer into a database file, and back to the sender.
//!
//! Each measurement says before it how large the batches were. `threads/2` has the sequencer and
//! the senders on a runtime of two threads, `socket` puts a Unix socket between them.

use std::{hint::black_box, sync::Arc, time::Instant};

use chat_journal::{Delivery, Journal, Link, Requests, Role, Setup};
use chat_network::{
    Action, Event, Limits, MessageKind, NewUser, Origin, Position, Request, ServerId, SessionId,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::{Builder, Runtime};

const SENDERS: u32 = 50;
const MESSAGES: u32 = 20_000;

struct Stage {
    journal: Journal,
    link: Link,
    sessions: Vec<SessionId>,
    text: Arc<str>,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn new(socket: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = chat_store::Config::at(folder.path().join("storage.db"));
        let (writer, _reader) = chat_store::open(&config).expect("a new database");
        let hub = folder.path().join("hub.sock");
        let setup = Setup::new(Limits::default(), writer, Position(1)).hub_socket(&hub);
        let journal = Journal::start(setup).expect("a new hub");
        let role = Role::Server(ServerId(1));
        let mut link = if socket {
            Link::connect(&hub, role).await.expect("the hub listens")
        } else {
            journal.attach(role).await.expect("the sequencer runs")
        };
        let life = link.incarnation;
        let sessions: Vec<SessionId> = (0..SENDERS)
            .map(|serial| SessionId::new(ServerId(1), life, serial))
            .collect();
        for (number, session) in sessions.iter().enumerate() {
            ask(&link.requests, *session, register(number)).await;
            let channel = "#lobby".into();
            ask(
                &link.requests,
                *session,
                Action::Join { channel, key: None },
            )
            .await;
        }
        follow(&mut link, 2 * sessions.len(), |_| true).await;
        let text = "a message as people write them, neither very short nor very long".into();
        Self {
            journal,
            link,
            sessions,
            text,
            _folder: folder,
        }
    }

    /// Sends from all sessions at once and waits until all messages have come back.
    async fn round(&mut self, messages: u32) {
        let each = messages / SENDERS;
        for session in &self.sessions {
            let (requests, session) = (self.link.requests.clone(), *session);
            let text = Arc::clone(&self.text);
            tokio::spawn(async move {
                for _ in 0..each {
                    ask(&requests, session, say(&text)).await;
                }
            });
        }
        let all = (each * SENDERS) as usize;
        follow(&mut self.link, all, |event| {
            matches!(event, Event::Message { .. })
        })
        .await;
    }
}

fn register(number: usize) -> Action {
    Action::Register(Box::new(NewUser {
        nick: format!("nick{number}").into(),
        username: "~user".into(),
        host: "host.example.org".into(),
        realname: "A Name".into(),
        secure: false,
        certificate: None,
        account: None,
        away: None,
    }))
}

fn say(text: &Arc<str>) -> Action {
    Action::Message {
        kind: MessageKind::Privmsg,
        target: "#lobby".into(),
        text: Arc::clone(text),
        tags: Default::default(),
    }
}

async fn ask(requests: &Requests, session: SessionId, action: Action) {
    let request = Request {
        origin: Origin::Session(session),
        action,
    };
    requests.send(request).await.expect("the link stands");
}

async fn follow(link: &mut Link, mut count: usize, what: impl Fn(&Event) -> bool) {
    let mut deliveries = Vec::new();
    while count > 0 {
        link.deliveries
            .next(&mut deliveries)
            .await
            .expect("the link stands");
        for delivery in deliveries.drain(..) {
            match delivery {
                Delivery::Entry(entry) => count -= usize::from(what(&entry.event)),
                Delivery::Rejected { rejection, .. } => panic!("{rejection}"),
                Delivery::Reached(_) | Delivery::Turn(_) | Delivery::Gathered(_) => {}
            }
        }
    }
}

#[expect(clippy::print_stderr, reason = "a benchmark says what it has measured")]
fn report(name: &str, stage: &mut Stage, runtime: &Runtime) {
    let before = stage.journal.figures();
    let start = Instant::now();
    runtime.block_on(stage.round(MESSAGES * 10));
    let took = start.elapsed();
    let after = stage.journal.figures();
    let rows = after.rows - before.rows;
    let commits = (after.commits - before.commits).max(1);
    let rate = u128::from(rows) * 1_000_000 / took.as_micros().max(1);
    eprintln!(
        "{name}: {rows} rows in {commits} batches (mean {}), {rate} rows/s",
        rows / commits
    );
}

fn sequencer(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sequencer");
    group.sample_size(20);
    for (name, threads, socket) in [
        ("threads/1", 1, false),
        ("threads/2", 2, false),
        ("socket", 1, true),
        ("socket/2", 2, true),
    ] {
        let mut builder = if threads == 1 {
            Builder::new_current_thread()
        } else {
            Builder::new_multi_thread()
        };
        let runtime = builder
            .worker_threads(threads)
            .enable_all()
            .build()
            .expect("a runtime");
        let mut stage = runtime.block_on(Stage::new(socket));
        report(name, &mut stage, &runtime);
        group.throughput(Throughput::Elements(u64::from(MESSAGES)));
        group.bench_function(format!("messages/{name}"), |bencher| {
            bencher.iter(|| runtime.block_on(stage.round(MESSAGES)));
        });
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("round trip/{name}"), |bencher| {
            bencher.iter(|| {
                runtime.block_on(async {
                    let session = stage.sessions[0];
                    ask(&stage.link.requests, session, say(&stage.text)).await;
                    follow(&mut stage.link, 1, |event| black_box(event) == event).await;
                });
            });
        });
        runtime.block_on(stage.journal.shutdown());
    }
    group.finish();
}

criterion_group!(benches, sequencer);
criterion_main!(benches);
