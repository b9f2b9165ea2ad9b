//! Rows per second by batch size, from the call of `commit` to the callback of the last batch.
//!
//! ```text
//! cargo bench -p chat-store --bench commit
//! ```
//!
//! `alone` waits for each batch before it gives the next, so one batch is one transaction; `piped`
//! gives them as fast as the store takes them, so those that wait share one.

#![expect(clippy::unwrap_used, reason = "a benchmark")]

use std::cell::Cell;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use chat_store::{
    Batch, Config, Durability, EventKind, Happening, Message, MessageKind, Outcome, Row, Writer,
    open,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const SIZES: [u64; 3] = [1, 100, 1000];

/// So many rows are under way at a time.
const PIPED: u64 = 4000;

fn batch(first: u64, size: u64, text: &Arc<str>) -> Batch {
    let row = |id: u64| {
        Row::Message(Message {
            id,
            time_ms: 1_700_000_000_000 + id.cast_signed(),
            sender: "somebody!~somebody@host.example.org".into(),
            sender_key: "u123456".into(),
            account: None,
            server: 1,
            target: "#lobby".into(),
            target_key: "#lobby".into(),
            recipient_key: None,
            rank: 0,
            kind: MessageKind::Privmsg,
            text: Arc::clone(text),
            tags: Vec::new(),
        })
    };
    Batch {
        rows: (first..first + size).map(row).collect(),
        position: first + size - 1,
    }
}

/// Gives `count` batches and waits for the last.
fn commit(writer: &Writer, next: &Cell<u64>, count: u64, size: u64, text: &Arc<str>) {
    let (tell, told) = sync_channel(1);
    for number in 0..count {
        let first = next.replace(next.get() + size);
        let tell = (number + 1 == count).then(|| tell.clone());
        writer.commit(batch(first, size, text), move |outcome| {
            assert_eq!(outcome, Outcome::Stored);
            if let Some(tell) = tell {
                tell.send(()).unwrap();
            }
        });
    }
    told.recv().unwrap();
}

/// Stores a batch of people entering channels.
fn events(writer: &Writer, next: &Cell<u64>, size: u64) {
    let first = next.replace(next.get() + size);
    let row = |id: u64| {
        Row::Event(Happening {
            target_key: format!("#channel{}", id % 50),
            id,
            time_ms: 1_700_000_000_000 + id.cast_signed(),
            kind: EventKind::Join,
            sender: "somebody!~somebody@host.example.org".into(),
            account: None,
            detail: "Some Body".into(),
        })
    };
    let batch = Batch {
        rows: (first..first + size).map(row).collect(),
        position: first + size - 1,
    };
    let (tell, told) = sync_channel(1);
    writer.commit(batch, move |outcome| tell.send(outcome).unwrap());
    assert_eq!(told.recv().unwrap(), Outcome::Stored);
}

fn commits(criterion: &mut Criterion) {
    let text: Arc<str> =
        "The quick brown fox jumps over the lazy dog, and says so at length.".into();
    for durability in [Durability::Normal, Durability::Full] {
        let folder = tempfile::tempdir().unwrap();
        let path = Some(folder.path().join("bench.db"));
        let (writer, _) = open(&Config {
            path,
            durability,
            ..Config::default()
        })
        .unwrap();
        let next = Cell::new(writer.start_state("2026-01-01").unwrap().position);
        let mut group = criterion.benchmark_group(format!("commit {durability:?}"));
        group.sample_size(20);
        group.throughput(Throughput::Elements(1000));
        group.bench_function("events/1000", |bencher| {
            bencher.iter(|| events(&writer, &next, 1000));
        });
        for size in SIZES {
            group.throughput(Throughput::Elements(size));
            group.bench_function(BenchmarkId::new("alone", size), |bencher| {
                bencher.iter(|| commit(&writer, &next, 1, size, &text));
            });
            group.throughput(Throughput::Elements(PIPED));
            group.bench_function(BenchmarkId::new("piped", size), |bencher| {
                bencher.iter(|| commit(&writer, &next, PIPED / size, size, &text));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, commits);
criterion_main!(benches);
