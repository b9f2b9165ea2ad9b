use chat_network::{Event, ListKind, Rejection};

use crate::support::{Chat, ban, list, nick, voice};

#[test]
fn the_new_nick_is_found_and_the_old_is_free() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    let user = chat.id(ann);
    let event = chat.by(ann, nick("Bobby"));
    assert_eq!(
        event,
        Ok(Event::NickChanged {
            user,
            nick: "Bobby".into()
        })
    );
    assert_eq!(&**chat.of(ann).prefix(), "Bobby!~ann@host.example");
    assert_eq!(chat.of(ann).nick(), "Bobby");
    assert_eq!(
        chat.network.user_by_nick("bobby").map(|user| user.id()),
        Some(user)
    );
    assert_eq!(chat.network.user_by_nick("ann"), None);
    chat.user("ann");
}

#[test]
fn the_own_nick_in_another_case_is_a_change_and_as_it_is_none() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    assert_eq!(chat.by(ann, nick("ann")), Err(Rejection::NoChange));
    chat.by(ann, nick("ANN")).unwrap();
    assert_eq!(chat.of(ann).nick(), "ANN");
}

#[test]
fn bad_and_taken_nicks_are_refused() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    chat.user("bob");
    assert_eq!(
        chat.by(ann, nick("9")),
        Err(Rejection::ErroneousNick("9".into()))
    );
    assert_eq!(
        chat.by(ann, nick("BOB")),
        Err(Rejection::NickInUse("BOB".into()))
    );
    let stranger = chat.session(1);
    assert_eq!(
        chat.by(stranger, nick("eve")),
        Err(Rejection::NotRegistered)
    );
}

#[test]
fn who_is_banned_and_without_rank_keeps_the_nick() {
    let mut chat = Chat::new();
    let [op, ann] = chat.in_channel("#Room", ["op", "ann"]);
    chat.set(op, "#room", [ban("ann")]);
    let refused = Err(Rejection::BannedNickChange {
        nick: "eve".into(),
        channel: "#Room".into(),
    });
    assert_eq!(chat.by(ann, nick("eve")), refused);
    chat.set(op, "#room", [voice(true, "ann")]);
    assert!(chat.by(ann, nick("eve")).is_ok(), "voice passes");
    chat.set(
        op,
        "#room",
        [
            voice(false, "eve"),
            ban("eve"),
            list(true, ListKind::BanException, "*!~ann@*"),
        ],
    );
    assert!(chat.by(ann, nick("ann")).is_ok(), "an exception passes");
}
