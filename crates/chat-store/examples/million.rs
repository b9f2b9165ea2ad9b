//! Reads pages of a million messages' history, searches them, and tells how long that takes.
//!
//! ```text
//! cargo run --release -p chat-store --example million [messages]
//! ```
//!
//! The messages are in a thousand channels of which a few have most, and their words are as common
//! as words are: some are in every third message. They are made in a temporary folder.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program to measure with"
)]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chat_store::{
    Batch, Config, EventKind, Happening, Mark, Message, MessageKind, Reader, Row, Search,
    Selection, View, Writer, open,
};

/// How many different words there are.
const WORDS: f64 = 50_000.0;

/// A number from 0 to 1 that depends on its place only.
fn random(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    f64::from(u32::try_from(*seed >> 32).unwrap()) / f64::from(u32::MAX)
}

fn message(id: u64, seed: &mut u64) -> Message {
    let channel = format!("#c{:.0}", random(seed).powi(3) * 999.0);
    let words: Vec<String> = (0..10)
        .map(|_| format!("word{:.0}", WORDS.powf(random(seed))))
        .collect();
    Message {
        id,
        time_ms: 1_700_000_000_000 + i64::try_from(id).unwrap(),
        sender: format!("nick{:.0}!~user@host.example", random(seed) * 300.0),
        sender_key: "u1".to_owned(),
        account: None,
        server: 1,
        target: channel.clone(),
        target_key: channel,
        recipient_key: None,
        rank: 0,
        kind: MessageKind::Privmsg,
        text: words.join(" ").into(),
        tags: Vec::new(),
    }
}

fn fill(count: u64, folder: &std::path::Path) -> (Writer, Reader) {
    let (writer, reader) = open(&Config::at(folder.join("million.db"))).unwrap();
    let (begin, mut seed) = (Instant::now(), 7);
    for first in (1..=count).step_by(1000) {
        let rows = (first..first + 1000).map(|id| Row::Message(message(id, &mut seed)));
        let batch = Batch {
            rows: rows.collect(),
            position: first + 999,
        };
        writer.commit(batch, |_| {});
        while !writer.accepting() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    writer.flush(Duration::from_secs(600)).unwrap();
    println!("{count} messages written in {:.1?}", begin.elapsed());
    while reader.indexed().unwrap() < count {
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("all in the index after {:.1?}", begin.elapsed());
    (writer, reader)
}

/// As many enter channels as can be before what happened is put in order.
fn enter(writer: &Writer, count: u64) {
    let row = |number: u64| {
        Row::Event(Happening {
            target_key: format!("#c{}", number % 64),
            id: count + number,
            time_ms: 1_700_000_000_000 + i64::try_from(count + number).unwrap(),
            kind: EventKind::Join,
            sender: format!("nick{number}!~user@host.example"),
            account: None,
            detail: "Some Body".to_owned(),
        })
    };
    let batch = Batch {
        rows: (1..1024).map(row).collect(),
        position: count + 1023,
    };
    writer.commit(batch, |_| {});
    writer.flush(Duration::from_secs(60)).unwrap();
}

/// Pages of a hundred of a channel that has many messages, and of one that has few.
fn pages(reader: &Reader, count: u64) {
    println!(
        "{:<60} {:>6} {:>10} {:>10}",
        "page of 100", "", "first", "median"
    );
    let middle = Mark::Id(count / 2);
    let time = Mark::Time(1_700_000_000_000 + i64::try_from(count / 2).unwrap());
    for (place, name, selection) in [
        ("#c0", "the newest", Selection::Latest(None)),
        ("#c0", "before the middle", Selection::Before(middle)),
        ("#c0", "around the middle", Selection::Around(middle)),
        (
            "#c0",
            "before a time in the middle",
            Selection::Before(time),
        ),
        (
            "#c0",
            "around a time in the middle",
            Selection::Around(time),
        ),
        ("#c0", "the oldest", Selection::After(Mark::Id(0))),
        ("#c900", "around the middle", Selection::Around(middle)),
        (
            "#c900",
            "after a time in the middle",
            Selection::After(time),
        ),
    ] {
        let view = View {
            place,
            first: 0,
            last: u64::MAX,
            rank: 0,
            own: "u1",
            events: true,
        };
        let name = format!("{name} of {place}");
        told(&name, || {
            let page = reader.page(&view, selection, 100);
            page.unwrap().records.len()
        });
    }
}

/// Does it a few times and tells what was found and how long it took.
fn told(name: &str, ask: impl Fn() -> usize) {
    let mut times = Vec::new();
    let mut found = 0;
    for _ in 0..15 {
        let begin = Instant::now();
        found = ask();
        times.push(begin.elapsed());
    }
    let first = times[0];
    times.sort_unstable();
    let median = times[times.len() / 2];
    println!("{name:<60} {found:>6} {first:>10.2?} {median:>10.2?}");
}

fn main() {
    let count = std::env::args()
        .nth(1)
        .map_or(1_000_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (writer, reader) = fill(count, folder.path());
    pages(&reader, count);
    println!("after 1,023 have entered channels:");
    enter(&writer, count);
    pages(&reader, count);
    let channels = |numbers: std::ops::Range<u32>| -> HashMap<String, (u64, u8)> {
        numbers
            .map(|number| (format!("#c{number}"), (0, 0)))
            .collect()
    };
    println!(
        "{:<60} {:>6} {:>10} {:>10}",
        "search", "found", "first", "median"
    );
    for (text, from, places) in [
        ("word1", "", 0..1),
        ("word1", "", 900..901),
        ("word40000", "", 0..100),
        ("word1 word2 word3", "", 0..100),
        ("word1 word2 word3", "", 800..900),
        ("word1234*", "", 0..100),
        ("word1", "nick7", 0..100),
        ("", "nick7", 0..100),
        ("word12345 word23456", "", 0..100),
        ("nothing", "", 0..100),
    ] {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let search = Search {
            text: some(text),
            from: some(from),
            places: channels(places.clone()),
            direct: true,
            own: "u1".to_owned(),
            last: u64::MAX,
            limit: 100,
            ..Search::default()
        };
        let name = format!("{text:?} from {from:?} in {} channels", places.len());
        told(&name, || reader.search(&search).unwrap().len());
    }
}
