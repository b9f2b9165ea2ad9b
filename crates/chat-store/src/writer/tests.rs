use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use parking_lot::Mutex;

use super::*;
use crate::watermark::STEP;
use crate::{Config, Durability, Message, MessageKind, Record, Row, Selection, View, connection};

const LONG: Duration = Duration::from_secs(60);

/// A writer whose disk can be made full.
struct Bench {
    core: Arc<Mutex<Engine>>,
    writer: Writer,
    reader: Reader,
}

impl Bench {
    fn new(path: &Path, limit: usize) -> Self {
        let opened = connection::writer(path, Durability::Normal).unwrap();
        // No page is left that is free already.
        opened.connection.execute_batch("VACUUM").unwrap();
        let core = Arc::new(Mutex::new(Engine::start(opened).unwrap()));
        let reader = Reader::beside(&core, false);
        let config = Config {
            held_bytes: limit,
            ..Config::default()
        };
        let writer = Writer::start(Arc::clone(&core), reader.clone(), &config).unwrap();
        Self {
            core,
            writer,
            reader,
        }
    }

    /// Not one page more than there are.
    fn fill_disk(&self) {
        let core = self.core.lock();
        let pages: i64 = core
            .connection()
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        self.limit(core.connection(), pages);
    }

    fn free_disk(&self) {
        self.limit(self.core.lock().connection(), 1 << 30);
    }

    fn limit(&self, connection: &rusqlite::Connection, pages: i64) {
        connection
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .unwrap();
    }

    fn commit(&self, batch: Batch) -> Receiver<Outcome> {
        let (tell, told) = sync_channel(1);
        self.writer
            .commit(batch, move |outcome| tell.send(outcome).unwrap());
        told
    }

    fn commit_now(&self, batch: Batch) -> Outcome {
        self.commit(batch).recv_timeout(LONG).unwrap()
    }

    fn commit_soon(&self, batch: Batch) -> Receiver<Outcome> {
        let (tell, told) = sync_channel(1);
        self.writer
            .commit_soon(batch, move |outcome| tell.send(outcome).unwrap());
        told
    }

    fn held(&self) -> (usize, usize) {
        match self.writer.health() {
            Health::Healthy => (0, 0),
            Health::Degraded {
                held_rows,
                held_bytes,
                ..
            } => (held_rows, held_bytes),
        }
    }
}

/// Long enough that each needs a page of its own.
fn said(id: u64) -> Batch {
    let message = Message {
        id,
        time_ms: 0,
        sender: "ann!~ann@host".into(),
        sender_key: "u1".into(),
        account: None,
        server: 1,
        target: "#a".into(),
        target_key: "#a".into(),
        recipient_key: None,
        rank: 0,
        kind: MessageKind::Notice,
        text: "x".repeat(5000).into(),
        tags: Vec::new(),
    };
    Batch {
        rows: vec![Row::Message(message)],
        position: id,
    }
}

fn silent(position: u64) -> Batch {
    Batch {
        rows: Vec::new(),
        position,
    }
}

#[test]
fn what_a_full_disk_does_not_take_is_held_and_written_later() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder.path().join("a.db"), Config::default().held_bytes);
    assert_eq!(bench.commit_now(said(1)), Outcome::Stored);
    bench.fill_disk();
    for id in 2..=40 {
        assert_eq!(bench.commit_now(said(id)), Outcome::Held);
    }
    assert_eq!(bench.commit_now(silent(41)), Outcome::Held);
    bench.writer.close_open_sessions(1);
    assert!(bench.writer.accepting());
    let Health::Degraded {
        since_ms, error, ..
    } = bench.writer.health()
    else {
        panic!("a full disk is no health")
    };
    assert!(
        since_ms > 1_700_000_000_000 && error.contains("full"),
        "{error}"
    );
    let (rows, bytes) = bench.held();
    assert!((39..=40).contains(&rows) && bytes > 39 * 5000);
    assert!(matches!(
        bench.writer.flush(Duration::from_millis(1)),
        Err(FlushError::Unwritten { reason, .. }) if reason.contains("full")
    ));
    assert_eq!(bench.reader.message_count().unwrap(), 1);

    bench.free_disk();
    bench.writer.flush(LONG).unwrap();
    assert_eq!(bench.writer.health(), Health::Healthy);
    assert_eq!(bench.commit_now(said(42)), Outcome::Stored);
    let view = View {
        place: "#a",
        first: 0,
        last: u64::MAX,
        rank: 0,
        own: "u1",
        events: false,
    };
    let latest = Selection::Latest(None);
    let page = bench.reader.page(&view, latest, 100).unwrap();
    let ids: Vec<_> = page.records.iter().map(Record::id).collect();
    assert_eq!(ids, (1..=40).chain([42]).collect::<Vec<_>>());
    let counts = bench.writer.counts();
    assert!(counts.failures > 0 && counts.lost_rows == 0, "{counts:?}");
}

#[test]
fn at_the_bound_nothing_more_is_accepted_until_the_disk_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder.path().join("a.db"), 100_000);
    bench.fill_disk();
    let mut next = 1;
    while bench.writer.accepting() {
        assert_eq!(bench.commit_now(said(next)), Outcome::Held);
        next += 1;
        assert!(next < 30, "100,000 bytes do not hold so many");
    }
    // Those who do not ask are cut off, in turn.
    let mut refused = 0;
    for id in next..next + 60 {
        match bench.commit_now(said(id)) {
            Outcome::Held => assert_eq!(refused, 0),
            Outcome::Refused => refused += 1,
            Outcome::Stored => panic!("stored on a full disk"),
        }
    }
    assert!(refused > 0 && !bench.writer.accepting());
    assert_eq!(bench.writer.counts().lost_rows, refused);
    let held = bench.held();
    assert!(held.1 <= 100_000 * 3 / 2 + (64 << 10), "{held:?}");

    bench.free_disk();
    bench.writer.flush(LONG).unwrap();
    assert!(bench.writer.accepting());
    assert_eq!(bench.reader.message_count().unwrap(), held.0 as u64);
}

#[test]
fn positions_without_a_reservation_are_not_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder.path().join("a.db"), 100_000);
    bench.fill_disk();
    assert_eq!(bench.commit_now(said(1)), Outcome::Held);
    for position in 2..=2000 {
        assert_eq!(bench.commit_now(silent(position)), Outcome::Held);
    }
    // Entries without rows cost nothing.
    assert_eq!(bench.held().0, 1);
    assert!(bench.writer.accepting());
    assert_eq!(bench.commit_now(silent(3 * STEP)), Outcome::Held);
    // The callback comes first, what it means at once after it.
    for _ in 0..6000 {
        if !bench.writer.accepting() {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert!(!bench.writer.accepting());
    bench.free_disk();
    bench.writer.flush(LONG).unwrap();
    assert!(bench.writer.accepting());
    assert!(bench.core.lock().covers(3 * STEP));
}

#[test]
fn closing_on_a_full_disk_says_what_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder.path().join("a.db"), Config::default().held_bytes);
    bench.fill_disk();
    for id in 1..=3 {
        assert_eq!(bench.commit_now(said(id)), Outcome::Held);
    }
    let closed = bench.writer.close(Duration::from_millis(300));
    assert!(
        matches!(closed, Err(FlushError::Unwritten { rows: 3, .. })),
        "{closed:?}"
    );
    assert_eq!(bench.commit_now(said(4)), Outcome::Refused);
}

#[test]
fn closing_waits_for_a_disk_that_recovers_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder.path().join("a.db"), Config::default().held_bytes);
    bench.fill_disk();
    assert_eq!(bench.commit_now(said(1)), Outcome::Held);
    let writer = bench.writer.clone();
    let closing = thread::spawn(move || writer.close(LONG));
    bench.free_disk();
    closing.join().unwrap().unwrap();
    assert_eq!(bench.reader.message_count().unwrap(), 1);
}

#[test]
fn closing_leaves_no_log_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let bench = Bench::new(&path, Config::default().held_bytes);
    assert_eq!(bench.commit_now(said(1)), Outcome::Stored);
    assert_eq!(bench.reader.message_count().unwrap(), 1);
    let log = folder.path().join("a.db-wal");
    assert!(log.exists());
    drop(bench.core);
    bench.writer.close(LONG).unwrap();
    assert!(!log.exists());
}

#[test]
fn rests_with_an_empty_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let bench = Bench::new(&path, Config::default().held_bytes);
    assert_eq!(bench.commit_now(said(1)), Outcome::Stored);
    let log = folder.path().join("a.db-wal");
    let size = || std::fs::metadata(&log).map_or(0, |log| log.len());
    assert!(size() > 0);
    for _ in 0..6000 {
        if size() == 0 {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("the log was never moved into the file");
}

#[test]
fn a_small_commit_is_done_when_it_returns_if_nothing_is_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder.path().join("a.db"), Config::default().held_bytes);
    let mut at_once = 0;
    for id in 1..=20 {
        let told = bench.commit_soon(said(id));
        // The store's thread may be looking after the index or the log just now.
        let outcome = told.try_recv().inspect(|_| at_once += 1);
        assert_eq!(
            outcome.or_else(|_| told.recv_timeout(LONG)),
            Ok(Outcome::Stored)
        );
    }
    assert!(at_once > 0, "every commit went through the thread");
    assert_eq!(bench.reader.message_count().unwrap(), 20);
    assert_eq!(bench.writer.counts().transactions, 20);
    assert_eq!(bench.writer.counts().rows, 20);
    bench.writer.flush(LONG).unwrap();
    drop(bench.core);
    bench.writer.close(LONG).unwrap();
    let told = bench_after_close(&bench.writer);
    assert_eq!(told.try_recv(), Ok(Outcome::Refused));
}

fn bench_after_close(writer: &Writer) -> Receiver<Outcome> {
    let (tell, told) = sync_channel(1);
    writer.commit_soon(said(99), move |outcome| tell.send(outcome).unwrap());
    told
}

#[test]
fn commits_of_both_kinds_keep_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder.path().join("a.db"), Config::default().held_bytes);
    let (tell, told) = sync_channel(1000);
    for id in 1..=600 {
        let tell = tell.clone();
        let done = move |outcome| tell.send((id, outcome)).unwrap();
        if id % 3 == 0 {
            bench.writer.commit(said(id), done);
        } else {
            bench.writer.commit_soon(said(id), done);
        }
    }
    for id in 1..=600 {
        assert_eq!(told.recv_timeout(LONG), Ok((id, Outcome::Stored)));
    }
    assert_eq!(bench.reader.message_count().unwrap(), 600);
}

#[test]
fn a_small_commit_that_fails_is_held_in_its_turn() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(&folder.path().join("a.db"), Config::default().held_bytes);
    assert_eq!(
        bench.commit_soon(said(1)).recv_timeout(LONG),
        Ok(Outcome::Stored)
    );
    bench.fill_disk();
    for id in 2..=20 {
        let told = bench.commit_soon(said(id)).recv_timeout(LONG);
        assert_eq!(told, Ok(Outcome::Held));
    }
    assert_eq!(bench.reader.message_count().unwrap(), 1);
    bench.free_disk();
    bench.writer.flush(LONG).unwrap();
    assert_eq!(bench.writer.health(), Health::Healthy);
    assert_eq!(bench.reader.message_count().unwrap(), 20);
    let told = bench.commit_soon(said(21));
    assert_eq!(told.recv_timeout(LONG), Ok(Outcome::Stored));
}

#[test]
fn a_long_log_is_moved_into_the_file_while_writing_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let bench = Bench::new(&path, Config::default().held_bytes);
    bench.core.lock().set_long_log(100);
    // The fourth word of the log's head counts how often it was begun anew.
    let begun = || std::fs::read(folder.path().join("a.db-wal")).unwrap()[12..16].to_vec();
    assert_eq!(bench.commit_now(said(1)), Outcome::Stored);
    let first = begun();
    let mut id = 1;
    while begun() == first {
        id += 1;
        assert!(id < 5000, "the log was never moved");
        let told = bench.commit_soon(said(id)).recv_timeout(LONG);
        assert_eq!(told, Ok(Outcome::Stored));
        thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(bench.reader.message_count().unwrap(), id);
}
