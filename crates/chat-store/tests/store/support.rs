//! What the tests share.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use chat_store::{
    Batch, Message, MessageKind, Outcome, Reader, Record, Row, Selection, View, Writer,
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
