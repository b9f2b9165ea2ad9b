use chat_network::{Actor, ChannelFlag, Event, Limits, Rejection, ServerId, Topic};

use crate::support::{Chat, SERVER, off, topic};

#[test]
fn a_topic_is_kept_with_who_and_when() {
    let mut chat = Chat::new();
    let [ann] = chat.in_channel("#Room", ["ann"]);
    let (by, channel) = (Actor::User(chat.id(ann)), chat.channel("#room").id());
    let event = chat.by(ann, topic("#room", "Tea"));
    assert_eq!(
        event,
        Ok(Event::TopicSet {
            by,
            channel,
            topic: "Tea".into()
        })
    );
    let by = Some("ann!~ann@host.example".into());
    let expected = Topic {
        text: "Tea".into(),
        by,
        at: chat.now.time,
    };
    assert_eq!(chat.channel("#room").topic(), Some(&expected));
    assert_eq!(
        chat.by(ann, topic("#room", "Tea")),
        Err(Rejection::NoChange)
    );
    chat.by(ann, topic("#room", "")).unwrap();
    assert_eq!(chat.channel("#room").topic(), None);
    assert_eq!(chat.by(ann, topic("#room", "")), Err(Rejection::NoChange));
}

#[test]
fn only_operators_where_locked_and_only_members_anyway() {
    let mut chat = Chat::new();
    let [op, bob] = chat.in_channel("#Room", ["op", "bob"]);
    let eve = chat.user("eve");
    assert_eq!(
        chat.by(bob, topic("#room", "x")),
        Err(Rejection::NotOperator("#Room".into()))
    );
    chat.set(op, "#room", [off(ChannelFlag::TopicLock)]);
    assert!(chat.by(bob, topic("#room", "x")).is_ok());
    assert_eq!(
        chat.by(eve, topic("#room", "y")),
        Err(Rejection::NotOnChannel("#Room".into()))
    );
    assert_eq!(
        chat.by(eve, topic("#no", "y")),
        Err(Rejection::NoSuchChannel("#no".into()))
    );
}

#[test]
fn a_server_may_always_and_a_long_topic_is_cut() {
    let mut chat = Chat::with(Limits {
        topic: 5,
        ..Limits::default()
    });
    chat.in_channel("#room", ["op"]);
    let channel = chat.channel("#room").id();
    let by = Actor::Server(ServerId(2));
    let event = chat.ask(SERVER, topic("#room", "1234é"));
    assert_eq!(
        event,
        Ok(Event::TopicSet {
            by,
            channel,
            topic: "1234".into()
        })
    );
    assert_eq!(chat.channel("#room").topic().unwrap().by, None);
}
