//! Who may withdraw what.

use chat_network::{
    Action, Actor, Event, Identity, KnownMessage, Limits, MemberPrefix, MessageId, Position,
    Recipient, RedactRefusal, Redaction, Rejection, SessionId, Timestamp,
};

use crate::support::{Answer, Chat, SERVER, op, voice};

const ID: MessageId = MessageId(Position(7));

/// A message of somebody to a channel, sent just now.
fn in_channel(chat: &Chat, sender: SessionId, channel: &str) -> KnownMessage {
    KnownMessage {
        id: ID,
        sender: Some(chat.of(sender).identity()),
        recipient: None,
        channel: channel.into(),
        rank: None,
        time: chat.now.time,
    }
}

fn redact(chat: &mut Chat, by: SessionId, target: &str, message: Option<KnownMessage>) -> Answer {
    let wanted = Redaction {
        target: target.into(),
        id: "the-id".into(),
        message,
        reason: Some("oops".into()),
    };
    chat.by(by, Action::Redact(Box::new(wanted)))
}

fn refused(target: &str, why: RedactRefusal) -> Answer {
    Err(Rejection::Redact {
        target: target.into(),
        id: "the-id".into(),
        why,
    })
}

#[test]
fn the_sender_and_operators_may_and_others_may_not() {
    let mut chat = Chat::new();
    let [ann, bob, eve] = chat.in_channel("#Room", ["ann", "bob", "eve"]);
    let message = in_channel(&chat, bob, "#room");
    let channel = chat.channel("#room").id();
    for by in [bob, ann] {
        let done = Event::Redacted {
            by: Actor::User(chat.id(by)),
            to: Recipient::Channel(channel),
            message: ID,
            reason: Some("oops".into()),
        };
        assert_eq!(
            redact(&mut chat, by, "#ROOM", Some(message.clone())),
            Ok(done)
        );
    }
    let forbidden = refused("#room", RedactRefusal::Forbidden);
    assert_eq!(
        redact(&mut chat, eve, "#room", Some(message.clone())),
        forbidden
    );
    chat.set(ann, "#room", [op(false, "ann")]);
    assert_eq!(
        redact(&mut chat, ann, "#room", Some(message.clone())),
        forbidden
    );
    // Nobody's message is nobody's.
    let message = KnownMessage {
        sender: None,
        ..message
    };
    assert_eq!(redact(&mut chat, eve, "#room", Some(message)), forbidden);
}

#[test]
fn what_one_wrote_to_who_is_not_on_now_may_be_withdrawn() {
    let mut chat = Chat::new();
    let (bob, eve) = (chat.account("bob"), chat.user("eve"));
    let ann = chat.user("ann");
    let message = KnownMessage {
        recipient: Some(Identity::Account(bob)),
        channel: "".into(),
        ..in_channel(&chat, ann, "")
    };
    let done = |to| {
        Ok(Event::Redacted {
            by: Actor::User(chat_network::UserId(3)),
            to,
            message: ID,
            reason: Some("oops".into()),
        })
    };
    assert_eq!(chat.id(ann), chat_network::UserId(3));
    let withdrawn = redact(&mut chat, ann, "BOB", Some(message.clone()));
    assert_eq!(withdrawn, done(Recipient::Absent(bob)));
    let unknown = refused("bob", RedactRefusal::Unknown);
    assert_eq!(
        redact(&mut chat, eve, "bob", Some(message.clone())),
        unknown
    );
    let nobody = refused("zoe", RedactRefusal::Target);
    assert_eq!(redact(&mut chat, ann, "zoe", Some(message.clone())), nobody);
    // Under another nick it is on.
    let session = chat.enter(1, "robert", bob);
    let to = Recipient::User(chat.id(session));
    assert_eq!(redact(&mut chat, ann, "bob", Some(message)), done(to));
}

#[test]
fn a_message_elsewhere_does_not_exist_here() {
    let mut chat = Chat::new();
    let [ann, bob] = chat.in_channel("#room", ["ann", "bob"]);
    chat.join(ann, "#other").unwrap();
    let eve = chat.user("eve");
    let unknown = refused("#other", RedactRefusal::Unknown);
    for message in [None, Some(in_channel(&chat, ann, "#room"))] {
        assert_eq!(redact(&mut chat, ann, "#other", message), unknown);
    }
    let private = KnownMessage {
        recipient: Some(chat.of(bob).identity()),
        channel: "".into(),
        ..in_channel(&chat, eve, "")
    };
    let unknown = refused("#room", RedactRefusal::Unknown);
    assert_eq!(redact(&mut chat, ann, "#room", Some(private)), unknown);
    // Whoever is outside is told the same of a channel that exists.
    let message = in_channel(&chat, bob, "#room");
    for target in ["#room", "#nowhere", "nobody"] {
        let none = refused(target, RedactRefusal::Target);
        assert_eq!(redact(&mut chat, eve, target, Some(message.clone())), none);
    }
    assert_eq!(
        chat.ask(
            SERVER,
            Action::Redact(Box::new(Redaction {
                target: "#room".into(),
                id: "x".into(),
                message: Some(message),
                reason: None,
            }))
        ),
        Err(Rejection::NotPermitted)
    );
}

#[test]
fn a_private_message_is_withdrawn_by_who_sent_it_only() {
    let mut chat = Chat::new();
    let (ann, bob, eve) = (chat.user("ann"), chat.user("bob"), chat.user("eve"));
    let message = KnownMessage {
        recipient: Some(chat.of(bob).identity()),
        channel: "".into(),
        ..in_channel(&chat, ann, "")
    };
    let Ok(Event::Redacted { to, .. }) = redact(&mut chat, ann, "BOB", Some(message.clone()))
    else {
        panic!("refused");
    };
    assert_eq!(to, Recipient::User(chat.id(bob)));
    let answer = |why| refused("ann", why);
    assert_eq!(
        redact(&mut chat, bob, "ann", Some(message.clone())),
        answer(RedactRefusal::Forbidden)
    );
    assert_eq!(
        redact(&mut chat, eve, "ann", Some(message.clone())),
        answer(RedactRefusal::Unknown)
    );
    // Another ann is not who sent it.
    let other = KnownMessage {
        sender: Some(Identity::Stay(chat_network::UserId(4711))),
        ..message
    };
    assert_eq!(
        redact(&mut chat, ann, "bob", Some(other)),
        refused("bob", RedactRefusal::Unknown)
    );
}

#[test]
fn what_was_for_a_rank_is_withdrawn_for_that_rank() {
    let mut chat = Chat::new();
    let [ann, bob, eve] = chat.in_channel("#room", ["ann", "bob", "eve"]);
    let message = KnownMessage {
        rank: Some(MemberPrefix::Operator),
        ..in_channel(&chat, bob, "#room")
    };
    let Ok(Event::Redacted { to, .. }) = redact(&mut chat, ann, "#room", Some(message.clone()))
    else {
        panic!("refused");
    };
    let channel = chat.channel("#room").id();
    assert_eq!(to, Recipient::Ranked(channel, MemberPrefix::Operator));
    assert!(redact(&mut chat, bob, "#room", Some(message.clone())).is_ok());
    let unknown = refused("#room", RedactRefusal::Unknown);
    assert_eq!(
        redact(&mut chat, eve, "#room", Some(message.clone())),
        unknown
    );
    chat.set(ann, "#room", [voice(true, "eve")]);
    assert_eq!(
        redact(&mut chat, eve, "#room", Some(message.clone())),
        unknown
    );
    chat.set(ann, "#room", [op(true, "eve")]);
    assert!(redact(&mut chat, eve, "#room", Some(message)).is_ok());
}

#[test]
fn the_time_to_withdraw_is_bounded_for_the_sender() {
    for (seconds, age, expired) in [(60, 60, false), (60, 61, true), (0, 1_000_000, false)] {
        let mut chat = Chat::with(Limits {
            redaction_seconds: seconds,
            ..Limits::default()
        });
        let [ann, bob] = chat.in_channel("#room", ["ann", "bob"]);
        let mut message = in_channel(&chat, bob, "#room");
        // A second passes with each request.
        message.time = Timestamp(chat.now.time.0 - (age - 1) * 1000);
        let answer = redact(&mut chat, bob, "#room", Some(message.clone()));
        if expired {
            assert_eq!(answer, refused("#room", RedactRefusal::Expired(60)));
        } else {
            assert!(answer.is_ok(), "{seconds} {age}");
        }
        assert!(redact(&mut chat, ann, "#room", Some(message)).is_ok());
    }
}
