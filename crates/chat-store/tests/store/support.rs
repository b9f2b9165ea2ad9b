//! What the tests share.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use chat_store::{
    Batch, Config, EventKind, Happening, Message, MessageKind, Outcome, Reader, Record, Row,
    Search, Selection, View, Writer, conversation, open,
};

/// Longer than anything here takes on a slow machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// 2023-11-14 22:13:20 UTC.
pub(crate) const TIME: i64 = 1_700_000_000_000;

pub(crate) fn message(id: u64, target: &str, text: &str) -> Message {
    Message {
        id,
        time_ms: TIME + i64::try_from(id).unwrap_or(0),
        sender: "ann!~ann@host".to_owned(),
        sender_key: "u1".to_owned(),
        account: None,
        server: 1,
        target: target.to_owned(),
        target_key: target.to_lowercase(),
        recipient_key: None,
        rank: 0,
        kind: MessageKind::Privmsg,
        text: text.into(),
        tags: Vec::new(),
    }
}

pub(crate) fn said(id: u64, target: &str, text: &str) -> Batch {
    Batch {
        rows: vec![Row::Message(message(id, target, text))],
        position: id,
    }
}

/// Commits, and gives what becomes of it to come.
pub(crate) fn commit(writer: &Writer, batch: Batch) -> Receiver<Outcome> {
    let (tell, told) = sync_channel(1);
    writer.commit(batch, move |outcome| tell.send(outcome).unwrap());
    told
}

/// Commits and waits.
pub(crate) fn commit_now(writer: &Writer, batch: Batch) -> Outcome {
    commit(writer, batch).recv_timeout(LONG).unwrap()
}

/// Asks until it is so.
pub(crate) fn eventually(what: &str, mut question: impl FnMut() -> bool) {
    for _ in 0..6000 {
        if question() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("never came true: {what}");
}

/// A store in memory with these rows.
pub(crate) fn store(rows: Vec<Row>) -> (Writer, Reader) {
    let (writer, reader) = open(&Config::default()).unwrap();
    add(&writer, rows);
    (writer, reader)
}

/// Commits rows, of which none may be lost.
pub(crate) fn add(writer: &Writer, rows: Vec<Row>) {
    let position = 1000;
    let batch = Batch { rows, position };
    commit_now(writer, batch);
    assert_eq!(writer.counts().lost_rows, 0);
}

/// Something that ann did in a place.
pub(crate) fn event(id: u64, place: &str, kind: EventKind) -> Row {
    Row::Event(Happening {
        target_key: place.to_owned(),
        id,
        time_ms: TIME + i64::try_from(id).unwrap(),
        kind,
        sender: "ann!~ann@host".to_owned(),
        account: None,
        detail: "what".to_owned(),
    })
}

/// A message from one to another, each by nick and key.
pub(crate) fn direct(id: u64, from: (&str, &str), to: (&str, &str)) -> Row {
    Row::Message(Message {
        sender: format!("{}!~x@host", from.0),
        sender_key: from.1.to_owned(),
        target: to.0.to_owned(),
        target_key: conversation(from.1, to.1),
        recipient_key: Some(to.1.to_owned()),
        ..message(id, to.0, "hello")
    })
}

/// The ids of what a search finds.
pub(crate) fn found(reader: &Reader, search: &Search) -> Vec<u64> {
    let found = reader.search(search).unwrap();
    found.iter().map(|message| message.id).collect()
}

/// Waits until the index knows a message.
pub(crate) fn indexed(reader: &Reader, id: u64) {
    eventually("in the index", || reader.indexed().unwrap() >= id);
}

/// A search for words in places, each with the first position and the rank that one may read.
pub(crate) fn search(text: &str, places: &[(&str, u64, u8)]) -> Search {
    let place = |(place, first, rank): &(&str, u64, u8)| ((*place).to_owned(), (*first, *rank));
    Search {
        text: Some(text.to_owned()),
        places: places.iter().map(place).collect(),
        own: "a1".to_owned(),
        last: u64::MAX,
        limit: 10,
        ..Search::default()
    }
}

/// All of a place, for somebody without rank.
pub(crate) fn view(place: &str) -> View<'_> {
    View {
        place,
        first: 0,
        last: u64::MAX,
        rank: 0,
        own: "u9",
        events: false,
    }
}

/// The ids of a page.
pub(crate) fn ids(reader: &Reader, place: &str, selection: Selection, limit: u32) -> Vec<u64> {
    let page = reader.page(&view(place), selection, limit).unwrap();
    page.records.iter().map(Record::id).collect()
}

/// No ids.
pub(crate) const NONE: [u64; 0] = [];
