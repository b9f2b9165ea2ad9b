use chat_network::{
    Action, ChannelFlag, Event, Limits, MetadataChanges, MetadataOwner, MetadataRefusal,
    MetadataWish, Network, Rejection, Right, Rights,
};

use crate::support::{Answer, Chat, enter, keep, modes, on, op, part};

fn wish(target: Option<&str>, changes: Option<&[(&str, Option<&str>)]>) -> Action {
    let changes = changes.map(|changes| {
        let changes = changes.iter();
        changes
            .map(|(key, value)| ((*key).into(), value.map(Into::into)))
            .collect::<MetadataChanges>()
    });
    Action::Metadata(Box::new(MetadataWish {
        target: target.map(Into::into),
        changes,
    }))
}

fn set(target: Option<&str>, key: &str, value: &str) -> Action {
    wish(target, Some(&[(key, Some(value))]))
}

fn why(answer: Answer) -> MetadataRefusal {
    match answer {
        Err(Rejection::Metadata { why, .. }) => why,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_user_tells_of_itself_and_takes_it_back() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    let id = chat.id(ann);
    let event = chat.by(ann, set(None, "url", "https://a.example"));
    let changes = [("url".into(), Some("https://a.example".into()))];
    assert_eq!(
        event,
        Ok(Event::MetadataChanged {
            by: id,
            owner: MetadataOwner::User(id),
            changes: changes.into_iter().collect(),
            cleared: false,
        })
    );
    chat.by(ann, set(Some("ANN"), "display-name", "Ann"))
        .unwrap();
    let told = |chat: &Chat| {
        let metadata = chat.of(ann).metadata().iter();
        metadata
            .map(|(key, value)| format!("{key}={value}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&chat), ["display-name=Ann", "url=https://a.example"]);
    chat.by(ann, set(None, "url", "")).unwrap();
    assert_eq!(
        told(&chat),
        ["display-name=Ann", "url="],
        "empty is a value"
    );
    chat.by(ann, wish(None, Some(&[("url", None)]))).unwrap();
    let again = chat.by(ann, wish(None, Some(&[("url", None)])));
    assert_eq!(why(again), MetadataRefusal::NotSet);
    chat.by(ann, wish(None, None)).unwrap();
    assert!(chat.of(ann).metadata().is_empty());
    let nothing = chat.by(ann, wish(None, None)).unwrap();
    assert!(matches!(nothing, Event::MetadataChanged { changes, .. } if changes.is_empty()));
}

#[test]
fn keys_values_and_their_number_are_bounded() {
    let mut chat = Chat::with(Limits {
        metadata_keys: 2,
        metadata_value: 4,
        ..Limits::default()
    });
    let ann = chat.user("ann");
    for key in ["", "Url", "a b", "ä", "$", &"k".repeat(49)] {
        assert_eq!(
            why(chat.by(ann, set(None, key, "x"))),
            MetadataRefusal::Key,
            "{key}"
        );
    }
    let long = chat.by(ann, set(None, "a", "12345"));
    assert_eq!(why(long), MetadataRefusal::Value);
    chat.by(ann, set(None, "a", "1234")).unwrap();
    chat.by(ann, set(None, &"k".repeat(48), "")).unwrap();
    assert_eq!(
        why(chat.by(ann, set(None, "c", "1"))),
        MetadataRefusal::Limit
    );
    chat.by(ann, set(None, "a", "2")).unwrap();
    // All of several or none.
    let both = wish(
        None,
        Some(&[("a", None), ("b", Some("1")), ("c", Some("2"))]),
    );
    assert_eq!(why(chat.by(ann, both)), MetadataRefusal::Limit);
    assert_eq!(
        chat.of(ann).metadata().get("a").map(|value| &**value),
        Some("2")
    );
}

#[test]
fn others_and_channels_are_changed_by_who_may() {
    let mut chat = Chat::new();
    let [op_, bob] = chat.in_channel("#room", ["op", "bob"]);
    let eve = chat.user("eve");
    let (of_op, of_room) = (set(Some("op"), "url", "x"), set(Some("#ROOM"), "url", "x"));
    assert_eq!(
        why(chat.by(bob, of_op.clone())),
        MetadataRefusal::Permission
    );
    assert_eq!(
        why(chat.by(bob, of_room.clone())),
        MetadataRefusal::Permission
    );
    assert_eq!(
        why(chat.by(eve, of_room.clone())),
        MetadataRefusal::Permission
    );
    for target in ["nobody", "#nowhere"] {
        let answer = chat.by(eve, set(Some(target), "url", "x"));
        assert_eq!(why(answer), MetadataRefusal::Target);
    }
    chat.by(op_, of_room.clone()).unwrap();
    assert_eq!(chat.channel("#room").metadata().len(), 1);
    chat.by(
        op_,
        modes("#room", vec![on(ChannelFlag::Secret), op(true, "bob")]),
    )
    .unwrap();
    chat.by(bob, of_room.clone()).unwrap();
    let hidden = chat.by(eve, of_room.clone());
    assert_eq!(
        why(hidden),
        MetadataRefusal::Target,
        "as if it were not there"
    );

    chat.by(eve, enter(Rights::from_iter([Right::Kill])))
        .unwrap();
    assert_eq!(
        why(chat.by(eve, of_op.clone())),
        MetadataRefusal::Permission
    );
    chat.by(bob, enter(Rights::from_iter([Right::Metadata])))
        .unwrap();
    chat.by(bob, of_op).unwrap();
    assert_eq!(chat.of(op_).metadata().len(), 1);
}

#[test]
fn what_a_registered_channel_tells_is_kept() {
    let mut chat = Chat::new();
    let account = chat.account("ann");
    let ann = chat.enter(1, "ann", account);
    chat.join(ann, "#room").unwrap();
    chat.by(ann, keep("#room")).unwrap();
    chat.by(ann, set(Some("#room"), "url", "x")).unwrap();
    chat.by(ann, part("#room")).unwrap();
    let restored = Network::restore(Limits::default(), chat.network.records());
    let channel = restored.channel_by_name("#room").unwrap();
    assert_eq!(
        channel.metadata().get("url").map(|value| &**value),
        Some("x")
    );
}
