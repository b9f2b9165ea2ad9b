use chat_network::{Actor, Event, Rejection, ServerId};

use crate::support::{Chat, HUB, SERVER, disconnect, join, lost, nick, part, quit, register, say};

#[test]
fn a_server_ends_a_user() {
    let mut chat = Chat::new();
    let [ann, _bob] = chat.in_channel("#a", ["Ann", "bob"]);
    let user = chat.id(ann);
    let event = chat.ask(SERVER, disconnect("ANN"));
    let by = Actor::Server(ServerId(2));
    assert_eq!(
        event,
        Ok(Event::Disconnected {
            by,
            user,
            reason: "enough".into()
        })
    );
    assert_eq!(chat.network.user_by_nick("ann"), None);
    assert_eq!(chat.channel("#a").member_count(), 1);
    assert_eq!(chat.by(ann, quit("bye")), Err(Rejection::NotRegistered));
    let again = chat.ask(SERVER, disconnect("ann"));
    assert_eq!(again, Err(Rejection::NoSuchNick("ann".into())));
}

#[test]
fn a_lost_life_takes_exactly_its_sessions() {
    let mut chat = Chat::new();
    let [ann] = chat.in_channel("#a", ["ann"]);
    let bob = chat.user_on(2, "bob");
    chat.join(bob, "#a").unwrap();
    chat.join(bob, "#b").unwrap();
    let next_life = chat_network::SessionId::new(ServerId(2), 2, 1);
    chat.by(next_life, register("eve")).unwrap();
    let of_life = |chat: &Chat, life| {
        chat.network
            .sessions_of(ServerId(2), life)
            .collect::<Vec<_>>()
    };
    assert_eq!(of_life(&chat, 1), [bob]);
    let event = chat.ask(HUB, lost(2, 1));
    let (server, incarnation) = (ServerId(2), 1);
    let expected = Event::ServerLost {
        server,
        incarnation,
        reason: "crashed".into(),
    };
    assert_eq!(event, Ok(expected));
    assert_eq!(of_life(&chat, 1), []);
    assert_eq!(of_life(&chat, 2), [next_life]);
    let left = chat
        .network
        .users()
        .map(|user| user.nick())
        .collect::<Vec<_>>();
    assert_eq!(left, ["ann", "eve"]);
    assert_eq!(
        chat.channel("#a")
            .members()
            .map(|member| member.0)
            .collect::<Vec<_>>(),
        [chat.id(ann)]
    );
    assert_eq!(chat.network.channel_by_name("#b"), None);
    assert!(
        chat.ask(HUB, lost(2, 1)).is_ok(),
        "a life without sessions is lost all the same"
    );
}

#[test]
fn only_the_sequencer_declares_a_server_lost() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    assert_eq!(chat.ask(SERVER, lost(1, 1)), Err(Rejection::NotPermitted));
    assert_eq!(chat.by(ann, lost(1, 1)), Err(Rejection::NotPermitted));
    assert_eq!(
        chat.by(ann, disconnect("ann")),
        Err(Rejection::NotPermitted)
    );
    assert_eq!(chat.network.user_count(), 1);
}

#[test]
fn a_server_is_no_user() {
    let mut chat = Chat::new();
    chat.in_channel("#a", ["ann"]);
    for action in [
        register("x"),
        nick("x"),
        join("#a", None),
        part("#a"),
        quit("x"),
    ] {
        assert_eq!(
            chat.ask(SERVER, action.clone()),
            Err(Rejection::NotPermitted),
            "{action:?}"
        );
    }
}

#[test]
fn an_unknown_session_is_told_so_whatever_it_asks() {
    let mut chat = Chat::new();
    let stranger = chat.session(1);
    for action in [
        say("x", "x"),
        disconnect("x"),
        lost(1, 1),
        quit("x"),
        part("#a"),
    ] {
        assert_eq!(
            chat.by(stranger, action.clone()),
            Err(Rejection::NotRegistered),
            "{action:?}"
        );
    }
}
