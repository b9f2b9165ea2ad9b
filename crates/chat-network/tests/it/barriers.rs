//! Who may enter and speak where a channel is for some only: extended bans, accounts, forwarding,
//! auditoriums.

use chat_network::{
    ChannelFlag, ChannelModeChange, Event, ListKind, MemberPrefix, Recipient, Rejection,
};

use crate::support::{Chat, ban, key, list, nick, on, op, own, rank, say, voice};

fn forward(name: Option<&str>) -> ChannelModeChange {
    ChannelModeChange::Forward(name.map(Into::into))
}

#[test]
fn a_mute_silences_and_lets_in() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#Room", ["boss"]);
    let ann = chat.user("ann");
    chat.set(boss, "#room", [ban("m:ANN")]);
    assert_eq!(
        chat.channel("#room").list(ListKind::Ban)[0].mask,
        "m:ANN!*@*"
    );
    chat.join(ann, "#room").unwrap();
    let refused = Err(Rejection::CannotSendToChannel("#Room".into()));
    assert_eq!(chat.say(ann, "#room"), refused);
    assert!(
        matches!(
            chat.by(ann, nick("eve")),
            Err(Rejection::BannedNickChange { .. })
        ),
        "no other nick helps"
    );
    chat.set(boss, "#room", [voice(true, "ann")]);
    assert!(chat.say(ann, "#room").is_ok(), "voice does");
    chat.set(boss, "#room", [voice(false, "ann")]);
    for exception in ["m:ann", "*!~ann@*"] {
        let except = |on| list(on, ListKind::BanException, exception);
        chat.set(boss, "#room", [except(true)]);
        assert!(chat.say(ann, "#room").is_ok(), "{exception}");
        chat.set(boss, "#room", [except(false)]);
    }
    chat.set(boss, "#room", [list(false, ListKind::Ban, "m:ann!*@*")]);
    assert!(chat.say(ann, "#room").is_ok());
}

#[test]
fn an_exception_for_speaking_is_none_for_entering() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#a", ["boss"]);
    let ann = chat.user("ann");
    chat.set(
        boss,
        "#a",
        [ban("ann"), list(true, ListKind::BanException, "m:ann")],
    );
    assert_eq!(chat.join(ann, "#a"), Err(Rejection::Banned("#a".into())));
}

#[test]
fn masks_of_accounts_fit_accounts_and_not_nicks() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#a", ["boss"]);
    let (ann, bob) = (chat.user("Ann"), chat.user("bob"));
    own(&mut chat, ann);
    chat.set(boss, "#a", [ban("a:ANN"), ban("a:bob")]);
    assert_eq!(chat.join(ann, "#a"), Err(Rejection::Banned("#a".into())));
    assert!(chat.join(bob, "#a").is_ok(), "nobody is logged in to that");
    chat.set(boss, "#a", [list(false, ListKind::Ban, "a:ann"), ban("*")]);
    chat.set(boss, "#a", [list(true, ListKind::BanException, "a:a*")]);
    chat.join(ann, "#a").unwrap();
    chat.set(boss, "#a", [ban("m:a:ann")]);
    assert!(
        chat.say(ann, "#a").is_ok(),
        "the exception holds for it too"
    );
    chat.set(boss, "#a", [list(false, ListKind::BanException, "a:a*")]);
    assert!(chat.say(ann, "#a").is_err());
}

#[test]
fn what_is_no_extended_mask_is_refused() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#a", ["boss"]);
    for bad in ["m:", "a:", "m:m:ann", "a:ann!*@*", "m:a:", "a:a b"] {
        let refused = chat.mode(boss, "#a", vec![ban(bad)]);
        assert!(
            matches!(refused, Err(Rejection::BadModeParameter { .. })),
            "{bad}: {refused:?}"
        );
    }
}

#[test]
fn some_channels_are_for_accounts() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#a", ["boss", "ann"]);
    let bob = chat.user("bob");
    chat.set(
        boss,
        "#a",
        [
            on(ChannelFlag::AccountsSpeak),
            on(ChannelFlag::AccountsJoin),
        ],
    );
    assert!(chat.say(ann, "#a").is_err());
    let needed = Err(Rejection::AccountNeeded("#a".into()));
    assert_eq!(chat.join(bob, "#a"), needed);
    chat.set(boss, "#a", [list(true, ListKind::InviteException, "bob")]);
    assert!(chat.join(bob, "#a").is_ok(), "who is expected");
    own(&mut chat, ann);
    assert!(chat.say(ann, "#a").is_ok());
    chat.set(boss, "#a", [voice(true, "bob")]);
    assert!(chat.say(bob, "#a").is_ok(), "a rank is enough");
}

#[test]
fn who_cannot_enter_is_sent_on() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#front", ["boss", "ann"]);
    chat.join(boss, "#back").unwrap();
    let [other] = chat.in_channel("#other", ["other"]);
    let bad = |name: &str| Rejection::BadModeParameter {
        channel: "#front".into(),
        mode: 'f',
        parameter: name.into(),
    };
    for name in ["#none", "#front", "x"] {
        let answer = chat.mode(boss, "#front", vec![forward(Some(name))]);
        assert_eq!(answer, Err(bad(name)));
    }
    let elsewhere = chat.mode(boss, "#front", vec![forward(Some("#other"))]);
    assert_eq!(elsewhere, Err(Rejection::NotOperator("#other".into())));
    chat.set(other, "#other", [on(ChannelFlag::Secret)]);
    let secret = chat.mode(boss, "#front", vec![forward(Some("#other"))]);
    assert_eq!(secret, Err(bad("#other")));
    chat.set(boss, "#front", [forward(Some("#BACK")), key(Some("k"))]);
    assert_eq!(chat.channel("#front").forward().unwrap(), "#back");
    let bob = chat.user("bob");
    let Ok(Event::Joined {
        channel, forwarded, ..
    }) = chat.join(bob, "#front")
    else {
        panic!("refused")
    };
    assert_eq!(channel, chat.channel("#back").id());
    assert_eq!(forwarded, Some(chat.channel("#front").id()));
    let key = Err(Rejection::BadChannelKey("#front".into()));
    assert_eq!(chat.join(bob, "#front"), key, "who is there already");
    let eve = chat.user("eve");
    chat.set(boss, "#back", [on(ChannelFlag::InviteOnly)]);
    assert_eq!(chat.join(eve, "#front"), key, "that one is closed too");
    chat.set(boss, "#front", [ban("eve")]);
    let banned = Err(Rejection::Banned("#front".into()));
    assert_eq!(chat.join(eve, "#front"), banned);
    chat.set(boss, "#front", [forward(None)]);
    assert_eq!(chat.channel("#front").forward(), None);
    assert!(chat.ranks(ann, "#front").is_some());
}

#[test]
fn in_an_auditorium_only_who_has_a_rank_is_seen_by_all() {
    let mut chat = Chat::new();
    let [boss, ann, bob, eve] = chat.in_channel("#a", ["boss", "ann", "bob", "eve"]);
    chat.set(
        boss,
        "#a",
        [on(ChannelFlag::Auditorium), voice(true, "bob")],
    );
    let [boss, ann, bob, eve] = [boss, ann, bob, eve].map(|session| chat.id(session));
    let channel = chat.channel("#a");
    for (user, viewer, shown) in [
        (ann, Some(ann), true),
        (ann, Some(eve), false),
        (ann, Some(bob), true),
        (ann, Some(boss), true),
        (bob, Some(eve), true),
        (ann, None, false),
        (boss, None, true),
    ] {
        assert_eq!(channel.shows(user, viewer), shown, "{user:?} {viewer:?}");
    }
}

#[test]
fn where_operators_moderate_only_they_hear_who_has_no_rank() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#a", ["boss", "ann"]);
    chat.set(boss, "#a", [on(ChannelFlag::OpModerated)]);
    let id = chat.channel("#a").id();
    let mut to = |who, target| match chat.by(who, say(target, "x")) {
        Ok(Event::Message { to, .. }) => to,
        other => panic!("{other:?}"),
    };
    assert_eq!(to(ann, "#a"), Recipient::Moderated(id));
    assert_eq!(to(ann, "+#a"), Recipient::Moderated(id));
    let operators = Recipient::Ranked(id, MemberPrefix::Operator);
    assert_eq!(to(ann, "@#a"), operators, "not to fewer than asked for");
    assert_eq!(to(boss, "#a"), Recipient::Channel(id));
    chat.set(boss, "#a", [op(true, "ann")]);
    chat.set(
        boss,
        "#a",
        [op(false, "ann"), rank(true, MemberPrefix::Voice, "ann")],
    );
    let said = chat.say(ann, "#a").unwrap();
    assert!(matches!(
        said,
        Event::Message {
            to: Recipient::Channel(_),
            ..
        }
    ));
}
