//! What goes: what is withdrawn, what is too old, and what is to be forgotten.

use chat_store::{Config, EventKind, Message, Record, Retention, Row, Selection, View, open};
use tempfile::tempdir;

use crate::support::{
    LONG, NONE, add, direct, event, eventually, found, ids, indexed, message, search, store, view,
};

#[test]
fn a_redacted_message_is_gone_and_says_so() {
    let (writer, reader) = store(vec![
        Row::Message(message(1, "#a", "one")),
        Row::Message(message(2, "#a", "two")),
    ]);
    let Row::Event(marker) = event(3, "#a", EventKind::Redact) else {
        panic!("an event");
    };
    add(
        &writer,
        vec![Row::Redacted {
            message: 1,
            event: Some(marker.clone()),
        }],
    );
    assert_eq!(reader.message(1).unwrap(), None);
    assert_eq!(ids(&reader, "#a", Selection::Latest(None), 9), [2]);
    let view = View {
        events: true,
        ..view("#a")
    };
    let page = reader.page(&view, Selection::Latest(None), 1).unwrap();
    assert_eq!(page.records, [Record::Event(marker)]);
}

/// Nothing of a withdrawn message is left in any file of the database.
#[test]
fn a_redacted_message_leaves_no_word() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.db");
    let (writer, reader) = open(&Config::at(&path)).unwrap();
    let said = (1..=300).map(|id| {
        let text = if id == 77 {
            "xylophone quagmire"
        } else {
            "some other words"
        };
        Row::Message(message(id, "#a", text))
    });
    add(&writer, said.collect());
    indexed(&reader, 300);
    let found_by_word = || found(&reader, &search("quagmire", &[("#a", 0, 0)]));
    assert_eq!(found_by_word(), [77]);
    let Row::Event(event) = event(301, "#a", EventKind::Redact) else {
        panic!("an event");
    };
    add(
        &writer,
        vec![Row::Redacted {
            message: 77,
            event: Some(event),
        }],
    );
    assert_eq!(found_by_word(), NONE);
    writer.close(LONG).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for word in ["xylophone", "quagmire"] {
        let left = bytes
            .windows(word.len())
            .any(|part| part == word.as_bytes());
        assert!(!left, "{word} is still in the file");
    }
}

#[test]
fn what_is_old_or_too_much_goes() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.db");
    let now = jiff::Timestamp::now().as_millisecond();
    let (writer, reader) = open(&Config::at(&path)).unwrap();
    let day = 86_400_000;
    let mut rows: Vec<Row> = (1..=300)
        .map(|id| {
            let time_ms = if id <= 200 { now - 3 * day } else { now };
            let message = Message {
                time_ms,
                ..message(id, if id % 2 == 0 { "#a" } else { "#b" }, "words")
            };
            Row::Message(message)
        })
        .collect();
    rows.push(direct(301, ("ann", "a1"), ("bob", "u5")));
    rows.push(event(302, "#a", EventKind::Join));
    add(&writer, rows);
    indexed(&reader, 301);
    writer.close(LONG).unwrap();
    let (_writer, reader) = open(&Config {
        retention: Retention {
            days: 2,
            per_target: 20,
        },
        ..Config::at(&path)
    })
    .unwrap();
    eventually("swept", || reader.message_count().unwrap() == 40);
    let latest = Selection::Latest(None);
    assert_eq!(
        ids(&reader, "#a", latest, 99),
        (262..=300).step_by(2).collect::<Vec<_>>()
    );
    assert_eq!(ids(&reader, "#b", latest, 99).len(), 20);
    let mut all = search("words", &[("#a", 0, 0), ("#b", 0, 0)]);
    all.limit = 999;
    assert_eq!(found(&reader, &all).len(), 40);
    eventually("no conversation", || {
        reader.conversations("a1").unwrap().is_empty()
    });
    let view = View {
        events: true,
        ..view("#a")
    };
    eventually("no events", || {
        reader.page(&view, latest, 99).unwrap().records.len() == 20
    });
}

fn forget(sender: Option<&str>, target: Option<&str>, until: u64) -> Row {
    Row::Forget {
        sender_key: sender.map(str::to_owned),
        account: sender.map(|_| "ann".to_owned()),
        target_key: target.map(str::to_owned),
        until,
    }
}

/// Of what several did at once the part of one goes.
#[test]
fn what_somebody_did_is_forgotten_too() {
    let mut rows = Vec::new();
    for (id, place, accounts) in [
        (910, "#a", "ann"),
        (911, "#a", "bob"),
        (912, "#b", "bob\nann\n"),
        (913, "#c", "ann"),
        (950, "#c", "ann"),
    ] {
        let Row::Event(mut of) = event(id, place, EventKind::Quit) else {
            panic!("an event");
        };
        of.sender = accounts.replace("ann", "ann!a@h").replace("bob", "bob!b@h");
        of.account = Some(accounts.to_owned());
        rows.push(Row::Event(of));
    }
    let (writer, reader) = store(rows);
    add(&writer, vec![forget(Some("a8"), None, 920)]);
    eventually("what the person did is forgotten", || {
        reader.forgetting().unwrap() == 0
    });
    let events = |place: &str| -> Vec<(u64, String)> {
        let seen = View {
            events: true,
            ..view(place)
        };
        let page = reader.page(&seen, Selection::Latest(None), 9).unwrap();
        let events = page.records.into_iter().filter_map(|record| match record {
            Record::Event(event) => Some((event.id, event.sender)),
            Record::Message(_) => None,
        });
        events.collect()
    };
    assert_eq!(events("#a"), [(911, "bob!b@h".to_owned())]);
    assert_eq!(events("#b"), [(912, "bob!b@h\n".to_owned())]);
    assert_eq!(events("#c"), [(950, "ann!a@h".to_owned())]);
}

#[test]
fn what_is_to_be_forgotten_goes_and_the_rest_stays() {
    let folder = tempdir().unwrap();
    let (writer, reader) = open(&Config::at(folder.path().join("a.db"))).unwrap();
    let mut rows: Vec<Row> = (1..=900)
        .map(|id| {
            let place = if id % 3 == 0 { "#a" } else { "#b" };
            let sender_key = if id % 2 == 0 { "a7" } else { "u1" }.to_owned();
            let text = if id % 2 == 0 { "of ann" } else { "of others" };
            Row::Message(Message {
                sender_key,
                ..message(id, place, text)
            })
        })
        .collect();
    rows.push(event(901, "#a", EventKind::Join));
    add(&writer, rows);
    indexed(&reader, 900);
    add(&writer, vec![forget(Some("a7"), None, 700)]);
    eventually("the person is forgotten", || {
        reader.forgetting().unwrap() == 0
    });
    assert_eq!(reader.message_count().unwrap(), 900 - 350);
    add(&writer, vec![forget(None, Some("#a"), 5000)]);
    eventually("the channel is forgotten", || {
        reader.forgetting().unwrap() == 0
    });
    assert_eq!(ids(&reader, "#a", Selection::Latest(None), 9), NONE);
    let mut words = search("ann", &[("#a", 0, 0), ("#b", 0, 0)]);
    words.limit = 999;
    assert!(found(&reader, &words).iter().all(|id| *id > 700));
    let all = View {
        events: true,
        ..view("#a")
    };
    let page = reader.page(&all, Selection::Latest(None), 9).unwrap();
    assert!(page.records.is_empty());
}
