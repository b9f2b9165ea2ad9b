use chat_network::{Actor, Event, MemberPrefix, Rejection, ServerId};

use crate::support::{Chat, SERVER, kick, modes, op, rank, voice};

#[test]
fn an_operator_removes_a_member() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#room", ["boss", "ann"]);
    let (by, user) = (Actor::User(chat.id(boss)), chat.id(ann));
    let channel = chat.channel("#room").id();
    let event = chat.by(boss, kick("#Room", "ANN"));
    assert_eq!(
        event,
        Ok(Event::Kicked {
            by,
            channel,
            user,
            reason: "out".into()
        })
    );
    assert_eq!(chat.ranks(ann, "#room"), None);
    assert!(chat.of(ann).channels().is_empty());
    assert!(chat.join(ann, "#room").is_ok(), "kicked is not banned");
}

#[test]
fn who_removes_the_last_member_ends_the_channel() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#room", ["boss"]);
    chat.by(boss, kick("#room", "boss")).unwrap();
    assert_eq!(chat.network.channel_by_name("#room"), None);
}

#[test]
fn others_may_not() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#Room", ["boss", "ann"]);
    let eve = chat.user("eve");
    let not_operator = Err(Rejection::NotOperator("#Room".into()));
    assert_eq!(chat.by(ann, kick("#room", "boss")), not_operator);
    chat.set(boss, "#room", [voice(true, "ann")]);
    assert_eq!(chat.by(ann, kick("#room", "boss")), not_operator);
    assert_eq!(
        chat.by(eve, kick("#room", "ann")),
        Err(Rejection::NotOnChannel("#Room".into()))
    );
    assert_eq!(
        chat.by(eve, kick("#no", "ann")),
        Err(Rejection::NoSuchChannel("#no".into()))
    );
    chat.set(boss, "#room", [op(true, "ann")]);
    assert!(chat.by(ann, kick("#room", "boss")).is_ok());
}

#[test]
fn who_is_not_there_is_not_removed() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#Room", ["boss"]);
    chat.user("Eve");
    assert_eq!(
        chat.by(boss, kick("#room", "no")),
        Err(Rejection::NoSuchNick("no".into()))
    );
    let elsewhere = Rejection::UserNotInChannel {
        nick: "Eve".into(),
        channel: "#Room".into(),
    };
    assert_eq!(chat.by(boss, kick("#room", "eve")), Err(elsewhere));
}

#[test]
fn a_server_may() {
    let mut chat = Chat::new();
    chat.in_channel("#room", ["boss", "ann"]);
    let Ok(Event::Kicked { by, .. }) = chat.ask(SERVER, kick("#room", "boss")) else {
        panic!("refused")
    };
    assert_eq!(by, Actor::Server(ServerId(2)));
}

/// For each rank, whether it may kick who has each other rank, and who has none.
#[test]
fn who_may_kick_whom() {
    use MemberPrefix::{Admin, Founder, HalfOperator, Operator, Voice};
    let theirs = [
        Some(Founder),
        Some(Admin),
        Some(Operator),
        Some(HalfOperator),
        Some(Voice),
        None,
    ];
    let cases = [
        (Some(Founder), [true; 6]),
        (Some(Admin), [false, false, true, true, true, true]),
        (Some(Operator), [false, false, true, true, true, true]),
        (Some(HalfOperator), [false, false, false, false, true, true]),
        (Some(Voice), [false; 6]),
        (None, [false; 6]),
    ];
    for (own, allowed) in cases {
        for (their, allowed) in theirs.into_iter().zip(allowed) {
            let mut chat = Chat::new();
            let [_, ann, _] = chat.in_channel("#room", ["boss", "ann", "bob"]);
            for (nick, given) in [("ann", own), ("bob", their)] {
                if let Some(given) = given {
                    chat.ask(SERVER, modes("#room", vec![rank(true, given, nick)]))
                        .unwrap();
                }
            }
            let answer = chat.by(ann, kick("#room", "bob"));
            assert_eq!(answer.is_ok(), allowed, "{own:?} kicks {their:?}");
        }
    }
}
