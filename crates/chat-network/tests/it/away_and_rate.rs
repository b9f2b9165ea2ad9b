use chat_network::{
    AccountId, AccountSetting, Action, Event, Limits, NewUser, Rejection, SessionId, UserId,
};

use crate::support::{Chat, SERVER, new_user, quit};

fn away(message: Option<&str>) -> Action {
    Action::Away {
        message: message.map(Into::into),
    }
}

#[test]
fn away_and_back() {
    let mut chat = Chat::with(Limits {
        away: 4,
        ..Limits::default()
    });
    let ann = chat.user("ann");
    let user = chat.id(ann);
    let gone = Event::AwayChanged {
        user,
        session: ann,
        message: Some("out ".into()),
    };
    assert_eq!(chat.by(ann, away(Some("out for tea"))), Ok(gone));
    assert_eq!(chat.of(ann).away().map(|text| &**text), Some("out "));
    let back = Event::AwayChanged {
        user,
        session: ann,
        message: None,
    };
    assert_eq!(chat.by(ann, away(Some(""))), Ok(back.clone()));
    assert_eq!(chat.of(ann).away(), None);
    assert_eq!(
        chat.by(ann, away(None)),
        Ok(back),
        "said again, answered again"
    );
}

/// What is shown of somebody.
fn shown(chat: &Chat, user: UserId) -> Option<String> {
    let user = chat.network.user(user).unwrap();
    user.away().map(|away| away.to_string())
}

#[test]
fn a_user_is_away_while_nobody_is_at_any_of_its_sessions() {
    let mut chat = Chat::new();
    let ann = chat.account("ann");
    let phone = chat.enter(1, "ann", ann);
    let user = chat.id(phone);
    let laptop = chat.enter(2, "ann", ann);
    let say = |text: &str| Some(text.to_owned());
    chat.by(phone, away(Some("lunch"))).unwrap();
    assert_eq!(shown(&chat, user), None, "somebody is at the laptop");
    chat.by(laptop, away(Some("*"))).unwrap();
    assert_eq!(
        shown(&chat, user),
        say("lunch"),
        "which counts for nothing now"
    );
    chat.by(laptop, away(Some("bed"))).unwrap();
    assert_eq!(shown(&chat, user), say("bed"), "what was said last");
    chat.by(phone, away(None)).unwrap();
    assert_eq!(shown(&chat, user), None);
    chat.by(phone, away(Some("*"))).unwrap();
    assert_eq!(shown(&chat, user), say("bed"));
    chat.by(laptop, quit("flat")).unwrap();
    assert_eq!(shown(&chat, user), say("Not here at the moment"));
    let tablet = chat.enter(1, "ann", ann);
    assert_eq!(shown(&chat, user), None, "somebody comes");
    chat.by(phone, away(Some("tea"))).unwrap();
    assert_eq!(shown(&chat, user), None);
    chat.by(tablet, quit("bye")).unwrap();
    assert_eq!(shown(&chat, user), say("tea"));
}

fn come_away(chat: &mut Chat, server: u16, account: AccountId, away: &str) -> SessionId {
    let session = chat.session(server);
    let new = NewUser {
        account: Some(account),
        away: Some(away.into()),
        ..new_user("ann")
    };
    chat.by(session, Action::Register(Box::new(new))).unwrap();
    session
}

#[test]
fn a_client_that_comes_by_itself_makes_nobody_present() {
    let mut chat = Chat::with(Limits {
        away: 4,
        ..Limits::default()
    });
    let ann = chat.account("ann");
    let robot = come_away(&mut chat, 1, ann, "*");
    let user = chat.id(robot);
    assert!(shown(&chat, user).is_some());
    let always_on = AccountSetting::AlwaysOn(true);
    chat.by(robot, crate::support::setting(always_on)).unwrap();
    let phone = chat.enter(2, "ann", ann);
    assert_eq!(shown(&chat, user), None);
    chat.by(phone, quit("bye")).unwrap();
    chat.by(robot, quit("bye")).unwrap();
    assert!(shown(&chat, user).is_some(), "it stays on without");
    come_away(&mut chat, 1, ann, "out for tea");
    assert_eq!(shown(&chat, user).as_deref(), Some("out "));
    come_away(&mut chat, 2, ann, "*");
    assert_eq!(shown(&chat, user).as_deref(), Some("out "));
    chat.ask(crate::support::HUB, crate::support::lost(1, 1))
        .unwrap();
    assert_eq!(
        shown(&chat, user).as_deref(),
        Some("Not here at the moment"),
        "who said why is gone"
    );
}

#[test]
fn a_rating_replaces_the_one_before() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    let user = chat.id(ann);
    let rated = |stars, previous| {
        Ok(Event::Rated {
            user,
            session: ann,
            stars,
            previous,
        })
    };
    assert_eq!(chat.by(ann, Action::Rate { stars: 5 }), rated(5, None));
    assert_eq!(chat.by(ann, Action::Rate { stars: 1 }), rated(1, Some(5)));
    assert_eq!(chat.by(ann, Action::Rate { stars: 1 }), rated(1, Some(1)));
    assert_eq!(chat.of(ann).sessions()[0].rating, Some(1));
}

#[test]
fn other_ratings_are_refused_and_change_nothing() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    for stars in [0, 6, 255] {
        assert_eq!(
            chat.by(ann, Action::Rate { stars }),
            Err(Rejection::BadRating)
        );
    }
    assert_eq!(chat.of(ann).sessions()[0].rating, None);
    assert_eq!(
        chat.ask(SERVER, Action::Rate { stars: 5 }),
        Err(Rejection::NotPermitted)
    );
}
