use std::sync::Arc;

use chat_network::{Action, Departure, Event, Limits, Rejection};

use crate::support::{Chat, part, quit};

#[test]
fn the_last_to_leave_takes_the_channel_along() {
    let mut chat = Chat::new();
    let [ann, bob] = chat.in_channel("#a", ["ann", "bob"]);
    let first = chat.channel("#a").id();
    chat.by(ann, part("#A")).unwrap();
    assert_eq!(chat.channel("#a").member_count(), 1);
    assert!(chat.of(ann).channels().is_empty());
    chat.by(bob, part("#a")).unwrap();
    assert_eq!(chat.network.channel_by_name("#a"), None);
    assert_eq!(chat.network.channel_count(), 0);
    chat.join(bob, "#a").unwrap();
    assert_ne!(
        chat.channel("#a").id(),
        first,
        "a new channel, not the old one"
    );
}

#[test]
fn who_is_not_in_does_not_leave() {
    let mut chat = Chat::new();
    chat.in_channel("#Room", ["ann"]);
    let bob = chat.user("bob");
    assert_eq!(
        chat.by(bob, part("#none")),
        Err(Rejection::NoSuchChannel("#none".into()))
    );
    assert_eq!(
        chat.by(bob, part("#room")),
        Err(Rejection::NotOnChannel("#Room".into()))
    );
}

#[test]
fn a_reason_is_kept_as_it_is_and_cut_at_its_limit() {
    let mut chat = Chat::with(Limits {
        kick: 4,
        ..Limits::default()
    });
    let [ann] = chat.in_channel("#a", ["ann"]);
    let (user, channel) = (chat.id(ann), chat.channel("#a").id());
    let reason: Option<Arc<str>> = Some("abcé".into());
    let event = chat.by(
        ann,
        Action::Part {
            channel: "#a".into(),
            reason,
        },
    );
    assert_eq!(
        event,
        Ok(Event::Parted {
            user,
            channel,
            reason: Some("abc".into())
        })
    );
    let event = chat.by(ann, quit("bye!"));
    let departure = Departure {
        session: ann,
        user,
        reason: "bye!".into(),
    };
    assert_eq!(event, Ok(Event::Quit(departure)));
}

#[test]
fn who_quits_is_gone_from_everywhere() {
    let mut chat = Chat::new();
    let [ann, _bob] = chat.in_channel("#a", ["ann", "bob"]);
    chat.join(ann, "#alone").unwrap();
    chat.by(ann, quit("bye")).unwrap();
    assert_eq!(chat.network.user_of(ann), None);
    assert_eq!(chat.network.user_by_nick("ann"), None);
    assert_eq!(chat.network.channel_by_name("#alone"), None);
    assert_eq!(chat.channel("#a").member_count(), 1);
    assert_eq!(
        (chat.network.user_count(), chat.network.session_count()),
        (1, 1)
    );
    assert_eq!(chat.by(ann, quit("bye")), Err(Rejection::NotRegistered));
}
