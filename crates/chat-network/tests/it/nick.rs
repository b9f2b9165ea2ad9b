use chat_network::{Event, ListKind, Rejection};

use crate::support::{Chat, ban, list, nick, quit, register, voice};

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
    assert_eq!(chat.of(ann).prefix(), "Bobby!~ann@host.example");
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
        chat.by(ann, nick("9.")),
        Err(Rejection::ErroneousNick("9.".into()))
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

#[test]
fn what_can_be_taken_for_anothers_nick_is_refused_and_for_the_own_one_not() {
    let mut chat = Chat::new();
    let (evan, bob) = (chat.user("evan"), chat.user("bob"));
    let cyrillic = "\u{435}van";
    let taken = Err(Rejection::NickInUse(cyrillic.into()));
    assert_eq!(chat.by(bob, nick(cyrillic)), taken);
    let stranger = chat.session(1);
    assert_eq!(chat.by(stranger, register(cyrillic)), taken);
    assert!(chat.by(evan, nick(cyrillic)).is_ok());
    let taken = Err(Rejection::NickInUse("Evan".into()));
    assert_eq!(chat.by(bob, nick("Evan")), taken, "in both directions");
    chat.by(evan, quit("bye")).unwrap();
    assert!(chat.by(bob, nick("Evan")).is_ok(), "free again");
}

#[test]
fn nicks_of_any_script_are_found_in_any_spelling() {
    let mut chat = Chat::new();
    let eve = chat.user("Éve");
    let id = Some(chat.id(eve));
    for spelling in ["Éve", "éVE", "E\u{301}ve"] {
        let found = chat.network.user_by_nick(spelling).map(|user| user.id());
        assert_eq!(found, id, "{spelling}");
    }
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#Łódź", ["boss"]);
    let eve = chat.user("Éve");
    chat.set(boss, "#łóDŹ", [ban("ÉVE")]);
    assert_eq!(
        chat.join(eve, "#łódź"),
        Err(Rejection::Banned("#Łódź".into()))
    );
    chat.set(boss, "#Łódź", [list(false, ListKind::Ban, "éve!*@*")]);
    assert!(chat.join(eve, "#łódź").is_ok());
}

#[test]
fn a_ban_holds_for_every_spelling_of_a_nick() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#a", ["boss"]);
    chat.set(boss, "#a", [ban("ann")]);
    let wide = chat.user("ＡＮＮ");
    assert_eq!(chat.join(wide, "#a"), Err(Rejection::Banned("#a".into())));
}
