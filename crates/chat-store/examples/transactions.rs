//! What the database takes, for counting instructions and system calls: does one thing so many times
//! and nothing else.
//!
//! ```text
//! valgrind --tool=callgrind transactions WHAT TIMES
//! ```
//!
//! WHAT is `message` (one to a transaction, in 500 channels), `messages` (100 to a transaction), `index`
//! (the same, and all of them are taken into the index of the search), `coming` (somebody registers,
//! enters a channel and leaves, each a transaction), `comings` (16 of them at a time) or `page` (a page
//! of history of 100 messages). Do it 1,000 and 11,000 times; the difference, divided, is one of it.

#![allow(clippy::unwrap_used, reason = "a program to measure with")]

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use chat_store::{
    Batch, Config, EventKind, Happening, Mark, Message, MessageKind, Outcome, Reader, Retention,
    Row, Selection, View, Writer, open,
};

/// 2023-11-14 22:13:20 UTC.
const TIME: i64 = 1_700_000_000_000;

const CHANNELS: u64 = 500;

/// How many come at a time in `comings`.
const SLOTS: u64 = 16;

/// A database, and the last position in it.
struct Store(Writer, Reader, u64);

impl Store {
    fn new(folder: &Path, search: bool) -> Self {
        let (writer, reader) = open(&Config {
            path: Some(folder.join("count.db")),
            search,
            retention: Retention::default(),
            ..Config::default()
        })
        .unwrap();
        let position = writer.start_state("2026-01-01").unwrap().position;
        Self(writer, reader, position)
    }

    fn next(&mut self) -> u64 {
        self.2 += 1;
        self.2
    }

    fn commit(&self, rows: Vec<Row>) {
        let batch = Batch {
            rows,
            position: self.2,
        };
        let (tell, told) = sync_channel(1);
        self.0.commit_soon(batch, move |outcome| {
            tell.send(outcome).unwrap();
        });
        assert_eq!(told.recv().unwrap(), Outcome::Stored);
    }

    /// So many messages in one transaction.
    fn say(&mut self, count: u64) {
        let rows = (0..count).map(|_| message(self.next())).collect();
        self.commit(rows);
    }

    /// So many come and go at the same time.
    fn come_and_go(&mut self, sessions: std::ops::Range<u64>) {
        let rows = sessions.clone().map(opened).collect();
        self.commit(rows);
        let rows = sessions
            .clone()
            .map(|session| event(self.next(), session, EventKind::Join))
            .collect();
        self.commit(rows);
        let rows = sessions.flat_map(|session| {
            let quit = event(self.next(), session, EventKind::Quit);
            [closed(session), quit]
        });
        let rows = rows.collect();
        self.commit(rows);
    }
}

fn message(id: u64) -> Row {
    let channel = format!("#room{}", id % CHANNELS);
    // Words as common as words are.
    let word = |place: u64| {
        let random = (id * 10 + place).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        format!("word{}", random % (1 << (random % 16)))
    };
    let text: Vec<String> = (0..10).map(word).collect();
    Row::Message(Message {
        id,
        time_ms: TIME + id.cast_signed(),
        sender: format!("nick{}!~user@host.example.org", id % 5000),
        sender_key: format!("u{}", id % 5000),
        account: None,
        server: 1,
        target: channel.clone(),
        target_key: channel,
        recipient_key: None,
        rank: 0,
        kind: MessageKind::Privmsg,
        text: text.join(" ").into(),
        tags: Vec::new(),
    })
}

fn opened(session: u64) -> Row {
    Row::SessionOpened {
        session,
        user: format!("nick{session}"),
        time_ms: TIME + session.cast_signed(),
    }
}

fn closed(session: u64) -> Row {
    Row::SessionClosed {
        session,
        time_ms: TIME + session.cast_signed(),
    }
}

fn event(id: u64, session: u64, kind: EventKind) -> Row {
    Row::Event(Happening {
        target_key: format!("#channel{}", session % 64),
        id,
        time_ms: TIME + id.cast_signed(),
        kind,
        sender: format!("nick{session}!~user@host.example.org"),
        account: None,
        detail: "Some Body".into(),
    })
}

/// A page in the middle of a channel.
fn page(reader: &Reader) {
    let view = View {
        place: "#room7",
        first: 0,
        last: u64::MAX,
        rank: 0,
        own: "u1",
        events: false,
    };
    let before = Selection::Before(Mark::Id(60_000));
    let found = reader.page(&view, before, 100).unwrap();
    assert_eq!(found.records.len(), 100);
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap();
    let times: u64 = arguments.next().unwrap().parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::new(folder.path(), what == "index");
    match what.as_str() {
        "message" => (0..times).for_each(|_| store.say(1)),
        "messages" | "index" => (0..times.div_ceil(100)).for_each(|_| store.say(100)),
        "coming" => (0..times).for_each(|session| store.come_and_go(session..session + 1)),
        "comings" => (0..times / SLOTS)
            .for_each(|group| store.come_and_go(group * SLOTS..(group + 1) * SLOTS)),
        "page" => {
            (0..1000).for_each(|_| store.say(100));
            store.0.flush(Duration::from_secs(60)).unwrap();
            (0..times).for_each(|_| page(&store.1));
        }
        other => panic!("what is {other}?"),
    }
    store.0.flush(Duration::from_secs(600)).unwrap();
    while what == "index" && store.1.indexed().unwrap() < store.2 {
        std::thread::sleep(Duration::from_millis(20));
    }
    store.0.close(Duration::from_secs(60)).unwrap();
}
