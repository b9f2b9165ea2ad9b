//! Pages of history: what each question finds, and what it does not show.

use chat_store::{
    Batch, Config, EventKind, Happening, Mark, Message, MessageKind, Reader, Record, Retention,
    Row, Search, Selection, View, Writer, conversation, open,
};

use tempfile::tempdir;

use crate::support::{LONG, NONE, TIME, commit_now, eventually, ids, message, view};

fn store(rows: Vec<Row>) -> (Writer, Reader) {
    let (writer, reader) = open(&Config::default()).unwrap();
    add(&writer, rows);
    (writer, reader)
}

fn add(writer: &Writer, rows: Vec<Row>) {
    let position = 1000;
    let batch = Batch { rows, position };
    commit_now(writer, batch);
    assert_eq!(writer.counts().lost_rows, 0);
}

fn event(id: u64, place: &str, kind: EventKind) -> Row {
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

/// Messages 10, 20 to 100 in #a, with others between them.
fn ten() -> (Writer, Reader) {
    let rows = (1..=100).map(|id| {
        let target = if id % 10 == 0 { "#a" } else { "#b" };
        Row::Message(message(id, target, "text"))
    });
    store(rows.collect())
}

fn time(id: i64) -> Mark {
    Mark::Time(TIME + id)
}

#[test]
fn each_selection_counts_from_its_own_end() {
    let (_writer, reader) = ten();
    let found = |selection, limit| ids(&reader, "#a", selection, limit);
    use Mark::Id;
    use Selection::{After, Around, Before, Between, Latest};
    assert_eq!(found(Latest(None), 3), [80, 90, 100]);
    for (mark, same) in [(Id(70), time(70)), (Id(75), time(75)), (Id(79), time(79))] {
        for mark in [mark, same] {
            assert_eq!(found(Latest(Some(mark)), 9), [80, 90, 100], "{mark:?}");
            assert_eq!(found(After(mark), 2), [80, 90], "{mark:?}");
        }
    }
    for (mark, same) in [(Id(31), time(31)), (Id(40), time(40))] {
        for mark in [mark, same] {
            assert_eq!(found(Before(mark), 2), [20, 30], "{mark:?}");
            assert_eq!(found(Before(mark), 9), [10, 20, 30], "{mark:?}");
        }
    }
    for mark in [Id(50), time(50)] {
        assert_eq!(found(Around(mark), 1), [50]);
        assert_eq!(found(Around(mark), 3), [40, 50, 60]);
        assert_eq!(found(Around(mark), 4), [30, 40, 50, 60]);
    }
    for (one, other) in [(Id(20), Id(70)), (time(20), time(70)), (Id(20), time(70))] {
        assert_eq!(found(Between(one, other), 9), [30, 40, 50, 60]);
        assert_eq!(found(Between(other, one), 9), [30, 40, 50, 60]);
        assert_eq!(found(Between(one, other), 2), [30, 40]);
        assert_eq!(found(Between(other, one), 2), [50, 60]);
    }
    assert_eq!(found(Between(Id(50), Id(50)), 9), NONE);
    assert_eq!(found(Before(Id(10)), 9), NONE);
    assert_eq!(found(After(Id(100)), 9), NONE);
    assert_eq!(found(After(Id(u64::MAX)), 9), NONE);
    assert_eq!(found(Before(Mark::Time(i64::MIN)), 9), NONE);
    assert_eq!(found(Latest(Some(Mark::Time(i64::MAX))), 9), NONE);
    assert_eq!(found(After(Mark::Time(i64::MIN)), 1), [10]);
}

#[test]
fn a_page_says_whether_there_is_more() {
    let (_writer, reader) = ten();
    let end = |selection, limit| reader.page(&view("#a"), selection, limit).unwrap().is_end;
    assert!(!end(Selection::Latest(None), 5));
    assert!(end(Selection::Latest(None), 11));
    assert!(end(Selection::After(Mark::Id(80)), 3));
}

#[test]
fn nothing_outside_of_the_view_is_shown() {
    let (_writer, reader) = ten();
    let seen = |first, last, selection| {
        let view = View {
            first,
            last,
            ..view("#a")
        };
        let page = reader.page(&view, selection, 9).unwrap();
        page.records.iter().map(Record::id).collect::<Vec<_>>()
    };
    assert_eq!(seen(40, 60, Selection::Latest(None)), [40, 50, 60]);
    assert_eq!(seen(40, 60, Selection::Before(Mark::Id(50))), [40]);
    assert_eq!(seen(40, 60, Selection::After(Mark::Id(10))), [40, 50, 60]);
    assert_eq!(seen(40, 60, Selection::Around(Mark::Id(30))), [40, 50, 60]);
    let whole = Selection::Between(time(0), time(100));
    assert_eq!(seen(40, 60, whole), [40, 50, 60]);
}

#[test]
fn a_message_to_a_rank_is_for_that_rank_and_who_wrote_it() {
    let ranked = Message {
        rank: 3,
        ..message(2, "#a", "for operators")
    };
    let (_writer, reader) = store(vec![
        Row::Message(message(1, "#a", "for all")),
        Row::Message(ranked),
    ]);
    let seen = |rank, own| {
        let view = View {
            rank,
            own,
            ..view("#a")
        };
        let found = reader.page(&view, Selection::Latest(None), 9).unwrap();
        (
            found.records.len(),
            reader.latest(&view).unwrap().unwrap().id,
        )
    };
    assert_eq!(seen(0, "u9"), (1, 1));
    assert_eq!(seen(1, "u9"), (1, 1));
    assert_eq!(seen(3, "u9"), (2, 2));
    assert_eq!(seen(4, "u9"), (2, 2));
    assert_eq!(seen(0, "u1"), (2, 2));
}

#[test]
fn events_come_between_messages_for_who_asks_for_them() {
    let tagmsg = Message {
        kind: MessageKind::Tagmsg,
        tags: vec![("+draft/react".to_owned(), "👍\n".to_owned())],
        ..message(4, "#a", "")
    };
    let (_writer, reader) = store(vec![
        event(1, "#a", EventKind::Join),
        Row::Message(message(2, "#a", "one")),
        event(3, "#a", EventKind::Quit),
        event(3, "#b", EventKind::Quit),
        Row::Message(tagmsg.clone()),
        Row::Message(message(5, "#a", "two")),
    ]);
    assert_eq!(ids(&reader, "#a", Selection::Latest(None), 9), [2, 5]);
    let view = View {
        events: true,
        ..view("#a")
    };
    let page = |selection, limit| reader.page(&view, selection, limit).unwrap().records;
    let numbers = |records: Vec<Record>| records.iter().map(Record::id).collect::<Vec<_>>();
    assert_eq!(numbers(page(Selection::Latest(None), 9)), [1, 2, 3, 4, 5]);
    assert_eq!(numbers(page(Selection::Latest(None), 2)), [4, 5]);
    assert_eq!(numbers(page(Selection::After(Mark::Id(1)), 2)), [2, 3]);
    assert_eq!(numbers(page(Selection::Before(time(4)), 2)), [2, 3]);
    assert_eq!(numbers(page(Selection::Around(time(3)), 3)), [2, 3, 4]);
    assert_eq!(
        page(Selection::After(Mark::Id(3)), 1),
        [Record::Message(tagmsg)]
    );
}

fn direct(id: u64, from: (&str, &str), to: (&str, &str)) -> Row {
    Row::Message(Message {
        sender: format!("{}!~x@host", from.0),
        sender_key: from.1.to_owned(),
        target: to.0.to_owned(),
        target_key: conversation(from.1, to.1),
        recipient_key: Some(to.1.to_owned()),
        ..message(id, to.0, "hello")
    })
}

#[test]
fn a_conversation_belongs_to_its_two() {
    let (_writer, reader) = store(vec![
        direct(1, ("ann", "a1"), ("bob", "u5")),
        direct(2, ("bob", "u5"), ("ann", "a1")),
        // Another bob.
        direct(3, ("bob", "u7"), ("ann", "a1")),
        direct(4, ("ann", "a1"), ("ann", "a1")),
    ]);
    let latest = Selection::Latest(None);
    assert_eq!(ids(&reader, &conversation("u5", "a1"), latest, 9), [1, 2]);
    assert_eq!(ids(&reader, &conversation("a1", "u7"), latest, 9), [3]);
    assert_eq!(ids(&reader, &conversation("a1", "a1"), latest, 9), [4]);
    let mut targets: Vec<_> = reader
        .conversations("a1")
        .unwrap()
        .into_iter()
        .map(|latest| (latest.name, latest.peer.unwrap(), latest.id))
        .collect();
    targets.sort_by_key(|target| target.2);
    let target = |name: &str, peer: &str, id| (name.to_owned(), peer.to_owned(), id);
    assert_eq!(
        targets,
        [
            target("bob", "u5", 2),
            target("bob", "u7", 3),
            target("ann", "a1", 4)
        ]
    );
    assert_eq!(reader.conversations("u5").unwrap().len(), 1);
    assert!(reader.conversations("bob").unwrap().is_empty());
}

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

fn found(reader: &Reader, search: &Search) -> Vec<u64> {
    let found = reader.search(search).unwrap();
    found.iter().map(|message| message.id).collect()
}

/// Waits until the index knows a message.
fn indexed(reader: &Reader, id: u64) {
    eventually("in the index", || reader.indexed().unwrap() >= id);
}

fn search(text: &str, places: &[(&str, u64, u8)]) -> Search {
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

#[test]
fn words_are_found_where_one_may_read() {
    let ranked = Message {
        rank: 3,
        ..message(3, "#a", "Köln again")
    };
    let (_writer, reader) = store(vec![
        Row::Message(message(1, "#a", "the towers of Köln")),
        Row::Message(message(2, "#b", "koln elsewhere")),
        Row::Message(ranked),
        direct(4, ("ann", "a1"), ("bob", "u5")),
        direct(5, ("cleo", "u6"), ("bob", "u5")),
        Row::Message(message(6, "#a", "towering")),
    ]);
    indexed(&reader, 6);
    let a = [("#a", 0, 0)];
    assert_eq!(found(&reader, &search("koln", &a)), [1]);
    assert_eq!(
        found(&reader, &search("KÖLN", &[("#a", 0, 3), ("#b", 0, 0)])),
        [1, 2, 3]
    );
    assert_eq!(found(&reader, &search("koln", &[("#a", 2, 3)])), [3]);
    assert_eq!(found(&reader, &search("tower*", &a)), [1, 6]);
    assert_eq!(found(&reader, &search("tower", &a)), NONE);
    assert_eq!(found(&reader, &search("tower* köln", &a)), [1]);
    assert_eq!(found(&reader, &search("hello", &a)), NONE);
    assert_eq!(found(&reader, &search("\" OR *", &a)), NONE);
    let with_own = Search {
        direct: true,
        ..search("hello", &a)
    };
    assert_eq!(found(&reader, &with_own), [4]);
    // A place that is a conversation of others opens nothing.
    let others = conversation("u5", "u6");
    assert_eq!(found(&reader, &search("hello", &[(&others, 0, 9)])), NONE);
    let from = |nick: &str| Search {
        text: None,
        from: Some(nick.to_owned()),
        ..search("", &a)
    };
    assert_eq!(found(&reader, &from("ANN")), [1, 6]);
    assert_eq!(found(&reader, &from("an")), NONE);
    let time = |after_ms, before_ms, limit| Search {
        after_ms,
        before_ms,
        limit,
        ..search("tower*", &a)
    };
    assert_eq!(found(&reader, &time(None, None, 1)), [6]);
    assert_eq!(found(&reader, &time(Some(TIME), None, 1)), [1]);
    assert_eq!(found(&reader, &time(Some(TIME + 2), None, 9)), [6]);
    assert_eq!(found(&reader, &time(None, Some(TIME + 5), 9)), [1]);
    assert_eq!(found(&reader, &time(None, Some(TIME + 6), 9)), [1, 6]);
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

/// What a life of the program has not taken into the index, the next one does.
#[test]
fn the_index_goes_on_where_it_stopped() {
    let folder = tempdir().unwrap();
    let without = Config {
        search: false,
        ..Config::at(folder.path().join("a.db"))
    };
    let (writer, reader) = open(&without).unwrap();
    let rows = (1..=500).map(|id| Row::Message(message(id, "#a", &format!("number{id}"))));
    add(&writer, rows.collect());
    writer.close(LONG).unwrap();
    assert_eq!(reader.indexed().unwrap(), 0);
    let (_writer, reader) = open(&Config {
        search: true,
        ..without
    })
    .unwrap();
    indexed(&reader, 500);
    for id in [1, 250, 500] {
        let search = search(&format!("number{id}"), &[("#a", 0, 0)]);
        assert_eq!(found(&reader, &search), [id]);
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
