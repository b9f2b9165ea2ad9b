//! What a search finds, and where.

use chat_store::{Config, Message, Row, Search, conversation, open};
use tempfile::tempdir;

use crate::support::{LONG, NONE, TIME, add, direct, found, indexed, message, search, store};

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
    // What is not in the index is found too.
    let by_hand = search("number250", &[("#a", 0, 0)]);
    assert_eq!(found(&reader, &by_hand), [250]);
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
