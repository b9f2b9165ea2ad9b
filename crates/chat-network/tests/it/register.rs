use chat_network::{Event, Limits, Rejection, ServerId, UserModes};

use crate::support::{Chat, join, new_user, quit, register};

#[test]
fn a_session_becomes_a_user_whose_id_is_the_position() {
    let mut chat = Chat::new();
    let ann = chat.user_on(2, "Ann");
    let user = chat.of(ann);
    assert_eq!(user.id().0, chat.now.position.0);
    assert_eq!(user.prefix(), "Ann!~Ann@host.example");
    assert_eq!(
        (user.nick(), user.username(), user.host()),
        ("Ann", "~Ann", "host.example")
    );
    assert_eq!(user.realname(), "Someone");
    assert_eq!(user.server(), ServerId(2));
    assert_eq!(
        (user.signed_on(), user.last_active()),
        (chat.now.time, chat.now.time)
    );
    assert_eq!(
        (user.modes(), user.away(), user.is_secure()),
        (UserModes::default(), None, false)
    );
    assert_eq!(
        user.sessions()
            .iter()
            .map(|session| session.id)
            .collect::<Vec<_>>(),
        [ann]
    );
    assert_eq!(chat.network.user_by_nick("aNN"), Some(user));
    assert_eq!(chat.network.user(user.id()), Some(user));
}

#[test]
fn a_nick_in_use_is_refused_in_any_case() {
    let mut chat = Chat::new();
    chat.user("Ann");
    let other = chat.session(3);
    let refused = Err(Rejection::NickInUse("aNn".into()));
    assert_eq!(chat.by(other, register("aNn")), refused);
    assert_eq!(chat.network.user_of(other), None);
}

#[test]
fn what_is_not_a_nick_is_refused() {
    let mut chat = Chat::new();
    let session = chat.session(1);
    for bad in [
        "",
        "-ann",
        "a nn",
        "a!b",
        "a@b",
        "#ann",
        "ä nn",
        "🐬",
        "a.b",
        &"a".repeat(31),
    ] {
        let refused = Err(Rejection::ErroneousNick(bad.into()));
        assert_eq!(chat.by(session, register(bad)), refused, "{bad:?}");
    }
    assert!(chat.by(session, register(&"a".repeat(30))).is_ok());
}

#[test]
fn a_session_registers_once() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    assert_eq!(
        chat.by(ann, register("bob")),
        Err(Rejection::AlreadyRegistered)
    );
}

#[test]
fn the_rest_is_cut_at_its_limit_and_at_a_character() {
    let limits = Limits {
        username: 3,
        host: 5,
        realname: 4,
        ..Limits::default()
    };
    let mut chat = Chat::with(limits);
    let session = chat.session(1);
    let mut new = new_user("ann");
    new.realname = "abcé".into();
    let event = chat.by(session, chat_network::Action::Register(Box::new(new)));
    let Ok(Event::Registered { user, .. }) = event else {
        panic!("{event:?}")
    };
    assert_eq!(
        (&*user.username, &*user.host, &*user.realname),
        ("~an", "host.", "abc")
    );
    assert_eq!(chat.of(session).prefix(), "ann!~an@host.");
}

#[test]
fn a_nick_is_free_again_after_its_user_left() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    chat.by(ann, quit("bye")).unwrap();
    let again = chat.user("Ann");
    assert_ne!(again, ann);
    assert_eq!(
        chat.by(ann, join("#a", None)),
        Err(Rejection::NotRegistered)
    );
}
