use chat_network::{
    Actor, AppliedChange, ChannelFlag, ChannelModeChange, Event, Limits, ListEntry, ListKind,
    MemberPrefix, Rejection, ServerId,
};

use crate::support::{
    Chat, OPERATOR, PLAIN, SERVER, VOICED, ban, key, list, modes, off, on, op, rank, voice,
};

#[test]
fn only_what_changes_is_told() {
    let mut chat = Chat::new();
    let [ann] = chat.in_channel("#room", ["ann"]);
    let wanted = vec![
        on(ChannelFlag::NoExternal),
        on(ChannelFlag::Secret),
        on(ChannelFlag::Secret),
        off(ChannelFlag::TopicLock),
        key(None),
        ChannelModeChange::Limit(None),
        op(true, "ann"),
    ];
    let (by, channel) = (Actor::User(chat.id(ann)), chat.channel("#room").id());
    let changes = vec![
        AppliedChange::Flag(true, ChannelFlag::Secret),
        AppliedChange::Flag(false, ChannelFlag::TopicLock),
    ];
    let event = chat.mode(ann, "#ROOM", wanted.clone());
    assert_eq!(
        event,
        Ok(Event::ChannelModes {
            by,
            channel,
            changes
        })
    );
    let flags = chat.channel("#room").flags().iter().collect::<Vec<_>>();
    assert_eq!(flags, [ChannelFlag::NoExternal, ChannelFlag::Secret]);
    assert_eq!(chat.mode(ann, "#room", wanted), Err(Rejection::NoChange));
    assert_eq!(chat.mode(ann, "#room", vec![]), Err(Rejection::NoChange));
}

#[test]
fn each_change_sees_those_before_it() {
    let mut chat = Chat::new();
    let [ann] = chat.in_channel("#room", ["ann"]);
    let changes = chat.set(
        ann,
        "#room",
        [
            on(ChannelFlag::Moderated),
            off(ChannelFlag::Moderated),
            key(Some("a")),
            key(None),
            ChannelModeChange::Limit(Some(3)),
            ChannelModeChange::Limit(Some(4)),
            ban("eve"),
            list(false, ListKind::Ban, "EVE!*@*"),
            voice(true, "ann"),
            voice(false, "ann"),
        ],
    );
    assert_eq!(
        changes[7],
        AppliedChange::List(false, ListKind::Ban, "eve!*@*".into())
    );
    let channel = chat.channel("#room");
    assert!(!channel.is(ChannelFlag::Moderated));
    assert_eq!(
        (channel.key(), channel.limit(), channel.list_entries()),
        (None, Some(4), 0)
    );
    assert_eq!(chat.ranks(ann, "#room"), OPERATOR);
}

#[test]
fn only_operators_may() {
    let mut chat = Chat::new();
    let [boss, bob] = chat.in_channel("#Room", ["boss", "bob"]);
    let eve = chat.user("eve");
    let wanted = || vec![on(ChannelFlag::Secret)];
    let refused = Err(Rejection::NotOperator("#Room".into()));
    assert_eq!(chat.mode(bob, "#room", wanted()), refused);
    assert_eq!(chat.mode(eve, "#room", wanted()), refused);
    assert_eq!(
        chat.mode(eve, "#no", wanted()),
        Err(Rejection::NoSuchChannel("#no".into()))
    );
    chat.set(boss, "#room", [op(true, "bob"), op(false, "boss")]);
    assert_eq!(chat.mode(boss, "#room", wanted()), refused);
    assert!(chat.mode(bob, "#room", wanted()).is_ok());
}

#[test]
fn ranks_are_given_and_taken() {
    let mut chat = Chat::new();
    let [boss, bob] = chat.in_channel("#Room", ["boss", "Bob"]);
    chat.user("eve");
    let user = chat.id(bob);
    let changes = chat.set(boss, "#room", [voice(true, "bOB")]);
    assert_eq!(
        changes,
        [AppliedChange::Member(true, MemberPrefix::Voice, user)]
    );
    assert_eq!(chat.ranks(bob, "#room"), VOICED);
    chat.set(boss, "#room", [voice(false, "bob")]);
    assert_eq!(chat.ranks(bob, "#room"), PLAIN);
    let unknown = Err(Rejection::NoSuchNick("no".into()));
    assert_eq!(chat.mode(boss, "#room", vec![op(true, "no")]), unknown);
    let outside = Rejection::UserNotInChannel {
        nick: "eve".into(),
        channel: "#Room".into(),
    };
    assert_eq!(
        chat.mode(boss, "#room", vec![op(true, "EVE")]),
        Err(outside)
    );
}

#[test]
fn what_is_possible_is_done_and_else_the_first_reason_told() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#room", ["boss"]);
    let wanted = vec![op(true, "no"), on(ChannelFlag::Secret)];
    let Ok(Event::ChannelModes { changes, .. }) = chat.mode(boss, "#room", wanted) else {
        panic!("refused")
    };
    assert_eq!(changes, [AppliedChange::Flag(true, ChannelFlag::Secret)]);
    let wanted = vec![on(ChannelFlag::Secret), op(true, "no"), key(Some(""))];
    assert_eq!(
        chat.mode(boss, "#room", wanted),
        Err(Rejection::NoSuchNick("no".into()))
    );
}

#[test]
fn keys_are_checked() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#Room", ["boss"]);
    let refused = Err(Rejection::InvalidKey("#Room".into()));
    let long = "k".repeat(chat.network.limits().key + 1);
    for bad in ["", "a b", "a,b", ":a", "a\u{7}", &long] {
        assert_eq!(
            chat.mode(boss, "#room", vec![key(Some(bad))]),
            refused,
            "{bad:?}"
        );
    }
    chat.set(boss, "#room", [key(Some(&long[1..]))]);
    chat.set(boss, "#room", [key(Some("other"))]);
    assert_eq!(chat.channel("#room").key().unwrap(), "other");
    assert_eq!(
        chat.mode(boss, "#room", vec![key(Some("other"))]),
        Err(Rejection::NoChange)
    );
}

#[test]
fn a_limit_of_nobody_is_refused() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#Room", ["boss"]);
    let refused = Rejection::BadModeParameter {
        channel: "#Room".into(),
        mode: 'l',
        parameter: "0".into(),
    };
    let wanted = vec![ChannelModeChange::Limit(Some(0))];
    assert_eq!(chat.mode(boss, "#room", wanted), Err(refused));
}

#[test]
fn masks_are_kept_in_full_with_who_and_when() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#room", ["boss"]);
    for (typed, full) in [
        ("ann", "ann!*@*"),
        ("~a@host", "*!~a@host"),
        ("ann!~a", "ann!~a@*"),
        ("@host", "*!*@host"),
        ("Ann!~a@*.Example", "Ann!~a@*.Example"),
        ("*", "*!*@*"),
        ("!", "*!*@*"),
    ] {
        let changes = chat.set(
            boss,
            "#room",
            [list(true, ListKind::InviteException, typed)],
        );
        let full = full.into();
        assert_eq!(
            changes,
            [AppliedChange::List(true, ListKind::InviteException, full)]
        );
        chat.set(
            boss,
            "#room",
            [list(false, ListKind::InviteException, typed)],
        );
    }
    chat.set(boss, "#room", [ban("Eve")]);
    let (by, at) = (Some("boss!~boss@host.example".into()), chat.now.time);
    let expected = ListEntry::new("Eve!*@*".into(), by, at);
    assert_eq!(chat.channel("#room").list(ListKind::Ban), [expected]);
    assert_eq!(
        chat.mode(boss, "#room", vec![ban("EVE!*@*")]),
        Err(Rejection::NoChange)
    );
    let other = list(false, ListKind::BanException, "eve");
    assert_eq!(
        chat.mode(boss, "#room", vec![other]),
        Err(Rejection::NoChange)
    );
}

#[test]
fn what_cannot_be_a_mask_is_refused() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#Room", ["boss"]);
    for bad in ["", "a b", "a\u{1}", &"a".repeat(200)] {
        let (channel, parameter) = ("#Room".into(), bad.into());
        let refused = Rejection::BadModeParameter {
            channel,
            mode: 'b',
            parameter,
        };
        assert_eq!(
            chat.mode(boss, "#room", vec![ban(bad)]),
            Err(refused),
            "{bad:?}"
        );
    }
}

#[test]
fn all_lists_together_are_bounded() {
    let mut chat = Chat::with(Limits {
        list_entries: 3,
        ..Limits::default()
    });
    let [boss] = chat.in_channel("#Room", ["boss"]);
    let exception = |mask| list(true, ListKind::BanException, mask);
    chat.set(
        boss,
        "#room",
        [
            ban("a"),
            exception("b"),
            list(true, ListKind::InviteException, "c"),
        ],
    );
    let full = |mode| {
        Err(Rejection::ListFull {
            channel: "#Room".into(),
            mode,
        })
    };
    assert_eq!(chat.mode(boss, "#room", vec![ban("d")]), full('b'));
    assert_eq!(chat.mode(boss, "#room", vec![exception("d")]), full('e'));
    chat.set(
        boss,
        "#room",
        [list(false, ListKind::Ban, "a"), exception("d")],
    );
    assert_eq!(chat.channel("#room").list_entries(), 3);
}

#[test]
fn a_server_may() {
    let mut chat = Chat::new();
    let [_, bob] = chat.in_channel("#room", ["boss", "bob"]);
    let wanted = vec![op(true, "bob"), ban("eve")];
    let Ok(Event::ChannelModes { by, .. }) = chat.ask(SERVER, modes("#room", wanted)) else {
        panic!("refused")
    };
    assert_eq!(by, Actor::Server(ServerId(2)));
    assert_eq!(chat.ranks(bob, "#room"), OPERATOR);
    assert_eq!(chat.channel("#room").list(ListKind::Ban)[0].by, None);
}

/// For each rank, which others who has it may give and take.
#[test]
fn who_may_give_which_rank() {
    use MemberPrefix::{Admin, Founder, HalfOperator, Operator, Voice};
    let cases: [(_, &[MemberPrefix]); 6] = [
        (Some(Founder), &MemberPrefix::ALL),
        (Some(Admin), &[Operator, HalfOperator, Voice]),
        (Some(Operator), &[Operator, HalfOperator, Voice]),
        (Some(HalfOperator), &[Voice]),
        (Some(Voice), &[]),
        (None, &[]),
    ];
    for (own, allowed) in cases {
        for given in MemberPrefix::ALL {
            for on in [true, false] {
                let mut chat = Chat::new();
                let [_, ann, _] = chat.in_channel("#room", ["boss", "ann", "bob"]);
                let by_server = |own| modes("#room", vec![own]);
                if let Some(own) = own {
                    chat.ask(SERVER, by_server(rank(true, own, "ann"))).unwrap();
                }
                if !on {
                    chat.ask(SERVER, by_server(rank(true, given, "bob")))
                        .unwrap();
                }
                let answer = chat.mode(ann, "#room", vec![rank(on, given, "bob")]);
                let expected = allowed.contains(&given);
                assert_eq!(answer.is_ok(), expected, "{own:?}: {on} {given:?}");
            }
        }
    }
}

#[test]
fn anyone_gives_up_an_own_rank() {
    let mut chat = Chat::new();
    let [_, ann, bob] = chat.in_channel("#room", ["boss", "ann", "bob"]);
    for given in MemberPrefix::ALL {
        let all = ["ann", "bob"].map(|nick| rank(true, given, nick));
        chat.ask(SERVER, modes("#room", all.into())).unwrap();
        if !matches!(given, MemberPrefix::Founder) {
            chat.set(ann, "#room", [rank(false, given, "ANN")]);
        }
        chat.ask(SERVER, modes("#room", vec![rank(false, given, "bob")]))
            .unwrap();
    }
    assert_eq!(chat.ranks(bob, "#room"), PLAIN);
    let none = chat.mode(bob, "#room", vec![rank(false, MemberPrefix::Voice, "bob")]);
    assert_eq!(none, Err(Rejection::NoChange));
}

#[test]
fn a_half_operator_changes_no_modes() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#room", ["boss", "ann"]);
    chat.set(
        boss,
        "#room",
        [rank(true, MemberPrefix::HalfOperator, "ann")],
    );
    let refused = Err(Rejection::NotOperator("#room".into()));
    for wanted in [on(ChannelFlag::Secret), ban("eve"), key(Some("k"))] {
        assert_eq!(chat.mode(ann, "#room", vec![wanted]), refused);
    }
    chat.set(ann, "#room", [voice(true, "boss")]);
}
