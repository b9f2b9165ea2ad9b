//! Pages of history: what each question finds, and what it does not show.

use chat_store::{
    EventKind, Mark, Message, MessageKind, Reader, Record, Row, Selection, View, Writer,
    conversation,
};

use crate::support::{NONE, TIME, direct, event, ids, message, store, view};

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
