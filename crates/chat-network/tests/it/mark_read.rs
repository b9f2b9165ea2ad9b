//! How far somebody has read.

use chat_network::{Action, Event, Network, Rejection, SessionId, Timestamp};

use crate::support::{Answer, Chat, SERVER, new_account, quit};

fn mark(chat: &mut Chat, by: SessionId, target: &str, seconds: i64) -> Answer {
    let action = Action::MarkRead {
        target: target.into(),
        time: Timestamp(seconds * 1000),
    };
    chat.by(by, action)
}

fn marker(chat: &Chat, by: SessionId, target: &str) -> Option<i64> {
    let account = chat.network.account_of(chat.of(by)).unwrap();
    let marker = chat.network.read_marker(account, target);
    marker.map(|time| time.0 / 1000)
}

fn refused(target: &str, known: Option<i64>) -> Answer {
    Err(Rejection::NotMarked {
        target: target.into(),
        known: known.map(|seconds| Timestamp(seconds * 1000)),
    })
}

#[test]
fn a_marker_only_moves_on_and_not_beyond_now() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    assert_eq!(mark(&mut chat, ann, "#a", 5), refused("#a", None));
    chat.by(ann, new_account("ann", true)).unwrap();
    let Ok(Event::ReadMarked { target, time, .. }) = mark(&mut chat, ann, "#A", 5) else {
        panic!("refused");
    };
    assert_eq!((target.as_str(), time), ("#A", Timestamp(5000)));
    assert_eq!(mark(&mut chat, ann, "#a", 5), refused("#a", Some(5)));
    assert_eq!(mark(&mut chat, ann, "#a", 4), refused("#a", Some(5)));
    mark(&mut chat, ann, "bob", 7).unwrap();
    mark(&mut chat, ann, "#a", i64::MAX / 1000).unwrap();
    assert_eq!(marker(&chat, ann, "#a"), Some(chat.now.time.0 / 1000));
    assert_eq!(marker(&chat, ann, "BOB"), Some(7));
    assert_eq!(marker(&chat, ann, "#b"), None);
    let long = "#".repeat(65);
    assert_eq!(mark(&mut chat, ann, &long, 7), refused(&long, None));
    let action = Action::MarkRead {
        target: "#a".into(),
        time: Timestamp(1),
    };
    assert_eq!(chat.ask(SERVER, action), Err(Rejection::NotPermitted));
}

#[test]
fn markers_are_the_accounts_and_are_kept() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    chat.by(ann, new_account("ann", true)).unwrap();
    mark(&mut chat, ann, "#a", 5).unwrap();
    mark(&mut chat, ann, "#b", 6).unwrap();
    chat.by(ann, quit("bye")).unwrap();
    let limits = chat.network.limits().clone();
    let restored = Network::restore(limits, chat.network.records());
    let account = restored.account_by_name("ann").unwrap();
    let marker = |target| restored.read_marker(account, target);
    assert_eq!(marker("#A"), Some(Timestamp(5000)));
    assert_eq!(marker("#b"), Some(Timestamp(6000)));
    assert_eq!(restored.records(), chat.network.records());
}
