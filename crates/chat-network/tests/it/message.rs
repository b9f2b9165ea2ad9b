use std::sync::Arc;

use chat_network::{
    Action, Actor, ChannelFlag, Event, ListKind, MessageKind, Recipient, Rejection, ServerId, Tag,
};

use crate::support::{Chat, SERVER, ban, list, off, on, op, say, voice};

#[test]
fn a_message_carries_what_was_sent() {
    let mut chat = Chat::new();
    let [ann] = chat.in_channel("#Room", ["ann"]);
    let text: Arc<str> = "hëllo  \u{1}".into();
    let tags = vec![Tag {
        name: "+typing".into(),
        value: "active".into(),
    }];
    for kind in [
        MessageKind::Privmsg,
        MessageKind::Notice,
        MessageKind::Tagmsg,
    ] {
        let (text, tags) = (Arc::clone(&text), tags.clone());
        let action = Action::Message {
            kind,
            target: "#room".into(),
            text: text.clone(),
            tags: tags.clone(),
        };
        let from = Actor::User(chat.id(ann));
        let to = Recipient::Channel(chat.channel("#room").id());
        let event = chat.by(ann, action).unwrap();
        if let Event::Message { text: sent, .. } = &event {
            assert!(Arc::ptr_eq(sent, &text), "the text is shared, not copied");
        }
        assert_eq!(
            event,
            Event::Message {
                from,
                to,
                kind,
                text,
                tags
            }
        );
    }
}

#[test]
fn a_message_to_a_nick_goes_to_its_user() {
    let mut chat = Chat::new();
    let (ann, bob) = (chat.user("ann"), chat.user_on(2, "Bob"));
    let bob = Recipient::User(chat.id(bob));
    let Ok(Event::Message { to, .. }) = chat.say(ann, "bOB") else {
        panic!("refused")
    };
    assert_eq!(to, bob);
    assert_eq!(
        chat.say(ann, "eve"),
        Err(Rejection::NoSuchNick("eve".into()))
    );
    assert_eq!(chat.say(ann, ""), Err(Rejection::NoSuchNick("".into())));
    assert_eq!(
        chat.say(ann, "#none"),
        Err(Rejection::NoSuchChannel("#none".into()))
    );
}

#[test]
fn speaking_is_activity_and_typing_is_not() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    chat.say(ann, "ann").unwrap();
    let spoke = chat.now.time;
    let last_active = |chat: &Chat| chat.of(ann).last_active();
    // Kept to the tenth of a second.
    let earlier = spoke.0 - last_active(&chat).0;
    assert!((0..100).contains(&earlier), "{earlier} ms");
    let spoke = last_active(&chat);
    assert!(spoke > chat.of(ann).signed_on(), "{spoke:?}");
    let kind = MessageKind::Tagmsg;
    let tags = vec![Tag {
        name: "+typing".into(),
        value: "active".into(),
    }];
    chat.by(
        ann,
        Action::Message {
            kind,
            target: "ann".into(),
            text: "".into(),
            tags,
        },
    )
    .unwrap();
    assert_eq!(last_active(&chat), spoke);
}

#[test]
fn from_outside_only_without_n() {
    let mut chat = Chat::new();
    let [op] = chat.in_channel("#Room", ["op"]);
    let ann = chat.user("ann");
    let refused = Err(Rejection::CannotSendToChannel("#Room".into()));
    assert_eq!(chat.say(ann, "#room"), refused);
    chat.set(op, "#room", [off(ChannelFlag::NoExternal)]);
    assert!(chat.say(ann, "#room").is_ok());
    chat.set(op, "#room", [on(ChannelFlag::Moderated)]);
    assert_eq!(chat.say(ann, "#room"), refused);
    chat.set(op, "#room", [off(ChannelFlag::Moderated), ban("ann")]);
    assert_eq!(chat.say(ann, "#room"), refused);
}

#[test]
fn where_moderated_only_who_has_rank() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#Room", ["boss", "ann"]);
    chat.set(boss, "#room", [on(ChannelFlag::Moderated)]);
    let refused = Err(Rejection::CannotSendToChannel("#Room".into()));
    assert!(chat.say(boss, "#room").is_ok());
    assert_eq!(chat.say(ann, "#room"), refused);
    chat.set(boss, "#room", [voice(true, "ann")]);
    assert!(chat.say(ann, "#room").is_ok());
    chat.set(boss, "#room", [voice(false, "ann"), op(true, "ann")]);
    assert!(chat.say(ann, "#room").is_ok());
}

#[test]
fn the_banned_are_silent_unless_they_have_rank_or_an_exception() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#Room", ["boss", "ann"]);
    chat.set(boss, "#room", [ban("*!*@*")]);
    assert!(chat.say(boss, "#room").is_ok());
    assert_eq!(
        chat.say(ann, "#room"),
        Err(Rejection::CannotSendToChannel("#Room".into()))
    );
    chat.set(boss, "#room", [voice(true, "ann")]);
    assert!(chat.say(ann, "#room").is_ok());
    chat.set(
        boss,
        "#room",
        [
            voice(false, "ann"),
            list(true, ListKind::BanException, "ann!*@*"),
        ],
    );
    assert!(chat.say(ann, "#room").is_ok());
}

#[test]
fn a_server_speaks_everywhere() {
    let mut chat = Chat::new();
    let [op] = chat.in_channel("#room", ["op"]);
    chat.set(op, "#room", [on(ChannelFlag::Moderated)]);
    for target in ["#room", "op"] {
        let Ok(Event::Message { from, .. }) = chat.ask(SERVER, say(target, "x")) else {
            panic!("refused")
        };
        assert_eq!(from, Actor::Server(ServerId(2)));
    }
    let refused = Err(Rejection::NoSuchNick("eve".into()));
    assert_eq!(chat.ask(SERVER, say("eve", "x")), refused);
}

#[test]
fn who_is_not_registered_does_not_speak() {
    let mut chat = Chat::new();
    chat.user("ann");
    let session = chat.session(1);
    assert_eq!(chat.say(session, "ann"), Err(Rejection::NotRegistered));
}
