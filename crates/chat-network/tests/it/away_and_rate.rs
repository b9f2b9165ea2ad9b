use chat_network::{Action, Event, Limits, Rejection};

use crate::support::{Chat, SERVER};

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
        message: Some("out ".into()),
    };
    assert_eq!(chat.by(ann, away(Some("out for tea"))), Ok(gone));
    assert_eq!(chat.of(ann).away().map(|text| &**text), Some("out "));
    let back = Event::AwayChanged {
        user,
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
