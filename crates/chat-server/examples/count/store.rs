//! What the database takes.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use chat_store::{
    Batch, Config, Message, MessageKind, Outcome, Reader, Row, Selection, View, Writer, open,
};
use tempfile::TempDir;

/// A new database, and how many messages it has.
struct Store {
    writer: Writer,
    reader: Reader,
    last: u64,
    text: Arc<str>,
    _folder: TempDir,
}

impl Store {
    /// Without the index of words, which is made at the database's own pace.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = Config {
            search: false,
            ..Config::at(folder.path().join("storage.db"))
        };
        let (writer, reader) = open(&config).expect("a new database");
        Self {
            writer,
            reader,
            last: 0,
            text: "What everyone in the channel has been waiting for".into(),
            _folder: folder,
        }
    }

    fn message(&self, id: u64) -> Row {
        Row::Message(Message {
            id,
            time_ms: 1_700_000_000_000 + id.cast_signed(),
            sender: "somebody!~somebody@host.example.org".into(),
            sender_key: "u123456".into(),
            account: None,
            server: 1,
            target: "#room".into(),
            target_key: "#room".into(),
            recipient_key: None,
            rank: 0,
            kind: MessageKind::Privmsg,
            text: Arc::clone(&self.text),
            tags: Vec::new(),
        })
    }

    /// Commits so many messages as one batch and waits for it.
    fn commit(&mut self, size: u64) {
        let (tell, told) = sync_channel(1);
        let rows = (1..=size).map(|next| self.message(self.last + next));
        let rows = rows.collect();
        self.last += size;
        let position = self.last;
        self.writer
            .commit(Batch { rows, position }, move |outcome| {
                assert_eq!(outcome, Outcome::Stored);
                let _ = tell.send(());
            });
        told.recv().expect("the store answers");
    }

    fn end(self) {
        let closed = self.writer.close(Duration::from_secs(60));
        closed.expect("all is written");
    }
}

/// Commits batches of that size.
pub(crate) fn commit(size: u64, times: u32) {
    let mut store = Store::new();
    (0..times).for_each(|_| store.commit(size));
    store.end();
}

/// Reads the newest hundred of ten thousand messages.
pub(crate) fn page(times: u32) {
    let mut store = Store::new();
    (0..10).for_each(|_| store.commit(1000));
    let view = View {
        place: "#room",
        first: 0,
        last: u64::MAX >> 1,
        rank: 0,
        own: "u1",
        events: false,
    };
    for _ in 0..times {
        let page = store.reader.page(&view, Selection::Latest(None), 100);
        assert_eq!(page.expect("it can be read").records.len(), 100);
    }
    store.end();
}
