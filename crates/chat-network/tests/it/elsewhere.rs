//! RENAME, RELAYMSG, ACCEPT and the user modes R and T.

use chat_network::{
    Action, ChannelFlag, Event, MemberPrefix, Rejection, Relay, RelayRefusal, Tag, UserModeChange,
};

use crate::support::{Chat, ban, invite, on, op, own, rank, say};

fn rename(channel: &str, wanted: &str) -> Action {
    Action::Rename {
        channel: channel.into(),
        wanted: wanted.into(),
        reason: None,
    }
}

fn relay(channel: &str, nick: &str) -> Action {
    Action::Relay(Box::new(Relay {
        channel: channel.into(),
        nick: nick.into(),
        text: "hi".into(),
        tags: Vec::new(),
    }))
}

fn accept(nick: &str, on: bool) -> Action {
    Action::Accept {
        nick: nick.into(),
        on,
    }
}

#[test]
fn a_channel_keeps_all_but_its_name() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#old", ["boss", "ann"]);
    chat.set(boss, "#old", [on(ChannelFlag::Secret), ban("eve")]);
    let before = chat.channel("#old").clone();
    chat.by(boss, rename("#OLD", "#New")).unwrap();
    assert!(chat.network.channel_by_name("#old").is_none());
    let after = chat.channel("#new");
    assert_eq!((after.id(), after.name().as_str()), (before.id(), "#New"));
    assert_eq!(after.created(), before.created());
    assert_eq!(after.place(), "#old", "history goes on where it was");
    assert!(after.is(ChannelFlag::Secret) && after.list_entries() == 1);
    assert_eq!(after.member(chat.id(ann)), before.member(chat.id(ann)));
    chat.by(boss, rename("#new", "#NEW")).unwrap();
    let same = chat.by(boss, rename("#new", "#NEW"));
    assert_eq!(same, Err(Rejection::NoChange));
}

fn renamed(old: &str, new: &str) -> Result<Event, Rejection> {
    Err(Rejection::ChannelRenamed {
        channel: old.into(),
        to: new.into(),
    })
}

const WEEK: i64 = 7 * 24 * 60 * 60 * 1000;

#[test]
fn who_asks_for_an_earlier_name_is_told_the_present_one_for_a_week() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#old", ["boss", "ann"]);
    let eve = chat.user("eve");
    chat.by(boss, rename("#old", "#New")).unwrap();
    chat.by(ann, crate::support::part("#new")).unwrap();
    for who in [ann, eve] {
        assert_eq!(chat.join(who, "#OLD"), renamed("#OLD", "#New"));
    }
    let [other] = chat.in_channel("#other", ["other"]);
    let in_use = Err(Rejection::Rename {
        channel: "#other".into(),
        wanted: "#old".into(),
        in_use: true,
    });
    assert_eq!(chat.by(other, rename("#other", "#old")), in_use);
    chat.by(boss, rename("#new", "#newer")).unwrap();
    assert_eq!(chat.join(eve, "#old"), renamed("#old", "#newer"));
    assert_eq!(chat.join(eve, "#new"), renamed("#new", "#newer"));
    chat.by(boss, rename("#newer", "#old")).unwrap();
    assert_eq!(chat.channel("#old").place(), "#old");
    assert_eq!(chat.join(eve, "#newer"), renamed("#newer", "#old"));
    chat.now.time.0 += WEEK;
    chat.join(eve, "#newer").unwrap();
    assert_eq!(chat.channel("#old").former_names().len(), 1, "#new");
    chat.join(other, "#new").unwrap();
    assert!(chat.channel("#old").former_names().is_empty());
}

#[test]
fn who_is_in_the_channel_may_found_another_one_of_its_earlier_name() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#old", ["boss", "ann"]);
    let eve = chat.user("eve");
    chat.by(boss, rename("#old", "#new")).unwrap();
    chat.join(ann, "#old").unwrap();
    assert_ne!(chat.channel("#old").id(), chat.channel("#new").id());
    assert!(chat.channel("#new").former_names().is_empty());
    chat.join(eve, "#old").unwrap();
    assert!(!chat.of(eve).channels().contains(&chat.channel("#new").id()));
}

#[test]
fn two_channels_never_share_a_place() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#a", ["boss"]);
    let eve = chat.user("eve");
    chat.by(boss, rename("#a", "#b")).unwrap();
    chat.now.time.0 += WEEK;
    chat.join(eve, "#a").unwrap();
    let founded = chat.now.position.0;
    assert_eq!(chat.channel("#a").place(), format!("#a,{founded}"));
    assert_eq!(chat.channel("#b").place(), "#a");
    let holder = |place: &str| chat.network.channel_of_place(place).unwrap().name().clone();
    assert_eq!(holder("#a"), "#b");
    assert_eq!(holder(&format!("#a,{founded}")), "#a");
    let bytes = postcard::to_stdvec(&chat.network).unwrap();
    let replica: chat_network::Network = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(replica, chat.network);
    assert_eq!(replica.place_of("#a"), format!("#a,{founded}"));
    chat.by(boss, crate::support::part("#b")).unwrap();
    chat.by(eve, crate::support::part("#a")).unwrap();
    chat.join(eve, "#a").unwrap();
    assert_eq!(chat.channel("#a").place(), "#a");
}

#[test]
fn a_secret_channels_name_is_not_told_to_who_knew_the_earlier_one() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#a", ["boss", "ann"]);
    let (eve, zoe) = (chat.user("eve"), chat.user("zoe"));
    chat.set(boss, "#a", [on(ChannelFlag::Secret)]);
    chat.by(boss, invite("#a", "zoe")).unwrap();
    chat.by(boss, rename("#a", "#b")).unwrap();
    assert_eq!(chat.join(zoe, "#a"), renamed("#a", "#b"));
    chat.join(eve, "#a").unwrap();
    assert_ne!(chat.channel("#a").id(), chat.channel("#b").id());
    chat.join(ann, "#a").unwrap();
}

#[test]
fn forwards_and_read_markers_follow() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#a", ["boss"]);
    own(&mut chat, boss);
    chat.join(boss, "#door").unwrap();
    let forward = chat_network::ChannelModeChange::Forward(Some("#A".into()));
    chat.set(boss, "#door", [forward]);
    let mark = Action::MarkRead {
        target: "#a".into(),
        time: chat.now.time,
    };
    chat.by(boss, mark).unwrap();
    let marked = |chat: &Chat, name: &str| {
        let account = chat.network.account_by_name("boss").unwrap();
        chat.network.read_marker(account, name)
    };
    let before = marked(&chat, "#a");
    assert!(before.is_some());
    chat.by(boss, rename("#a", "#b")).unwrap();
    assert_eq!(chat.channel("#door").forward().unwrap(), "#b");
    assert_eq!(marked(&chat, "#b"), before);
}

#[test]
fn nobody_takes_the_name_that_is_everyones() {
    let limits = chat_network::Limits {
        commons: Some("#lobby".into()),
        ..chat_network::Limits::default()
    };
    let mut chat = Chat::with(limits);
    let [boss] = chat.in_channel("#a", ["boss"]);
    let refused = Err(Rejection::Rename {
        channel: "#a".into(),
        wanted: "#Lobby".into(),
        in_use: false,
    });
    assert_eq!(chat.by(boss, rename("#a", "#Lobby")), refused);
}

#[test]
fn what_is_kept_knows_the_earlier_names() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#a", ["boss"]);
    own(&mut chat, boss);
    chat.by(boss, crate::support::keep("#a")).unwrap();
    chat.by(boss, rename("#a", "#b")).unwrap();
    let limits = chat.network.limits().clone();
    let mut records = chat.network.records();
    let again = |records: &chat_network::Records| {
        let network = chat_network::Network::restore(limits.clone(), records.clone());
        network.check().unwrap();
        network
    };
    let restored = again(&records);
    assert_eq!(restored.place_of("#b"), "#a");
    assert_eq!(restored.former_holder("#A"), restored.channel_by_name("#b"));
    assert_eq!(restored.records(), records);
    // One that was tampered with takes neither name nor place of another.
    let mut forged = records.channels[0].clone();
    (forged.id, forged.name) = (chat_network::ChannelId(9999), "#c".into());
    records.channels.push(forged);
    let restored = again(&records);
    assert_eq!(restored.place_of("#c"), "#c,9999");
    assert_eq!(restored.former_holder("#a").unwrap().name(), "#b");
}

/// The place of a name that is in use again stays with whoever had it first, and so does its history.
#[test]
fn what_is_kept_knows_whose_a_place_is() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#a", ["boss"]);
    own(&mut chat, boss);
    let keep = |chat: &mut Chat, name| chat.by(boss, crate::support::keep(name)).unwrap();
    keep(&mut chat, "#a");
    chat.by(boss, rename("#a", "#b")).unwrap();
    // An older channel comes to the name of a younger one, and a younger to that of an older.
    for name in ["#c", "#a"] {
        chat.by(boss, crate::support::join(name, None)).unwrap();
        keep(&mut chat, name);
    }
    chat.by(boss, rename("#c", "#d")).unwrap();
    chat.now.time.0 += WEEK;
    chat.by(boss, rename("#b", "#c")).unwrap();
    let younger = chat.network.channel_by_name("#a").unwrap().id();
    let places = |network: &chat_network::Network| ["#a", "#c", "#d"].map(|n| network.place_of(n));
    let records = chat.network.records();
    let restored = chat_network::Network::restore(chat.network.limits().clone(), records.clone());
    restored.check().unwrap();
    assert_eq!(
        places(&restored),
        [&format!("#a,{}", younger.0), "#a", "#c"]
    );
    assert_eq!(restored.records(), records);
}

#[test]
fn who_may_not_rename_and_to_what_not() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#a", ["boss", "ann"]);
    let [eve] = chat.in_channel("#paypal", ["eve"]);
    let refused = |name: &str, in_use| {
        Err(Rejection::Rename {
            channel: "#a".into(),
            wanted: name.into(),
            in_use,
        })
    };
    let not_operator = Err(Rejection::NotOperator("#a".into()));
    assert_eq!(chat.by(ann, rename("#a", "#b")), not_operator);
    let outside = Err(Rejection::NotOnChannel("#a".into()));
    assert_eq!(chat.by(eve, rename("#a", "#b")), outside);
    for taken in ["#PayPal", "#p\u{430}ypal"] {
        assert_eq!(chat.by(boss, rename("#a", taken)), refused(taken, true));
    }
    let bad = Err(Rejection::BadChannelName("b".into()));
    assert_eq!(chat.by(boss, rename("#a", "b")), bad);
    own(&mut chat, boss);
    chat.set(boss, "#a", [op(true, "ann")]);
    let founder = rank(true, MemberPrefix::Founder, "boss");
    chat.ask(
        crate::support::SERVER,
        crate::support::modes("#a", vec![founder]),
    )
    .unwrap();
    let register = Action::RegisterChannel {
        channel: "#a".into(),
        founder: None,
    };
    chat.by(boss, register).unwrap();
    assert_eq!(chat.by(ann, rename("#a", "#b")), refused("#b", false));
    chat.by(boss, rename("#a", "#b")).unwrap();
    assert!(chat.channel("#b").registration().is_some());
}

#[test]
fn operators_speak_for_others() {
    let mut chat = Chat::new();
    let [boss, ann] = chat.in_channel("#a", ["boss", "ann"]);
    let eve = chat.user("eve");
    let Ok(Event::Relayed(said)) = chat.by(boss, relay("#A", "smt/discord")) else {
        panic!("refused")
    };
    assert_eq!(said.prefix, "smt/discord!~boss@host.example");
    let mark = Tag {
        name: "draft/relaymsg".into(),
        value: "boss".into(),
    };
    assert_eq!(said.tags[..], [mark]);
    let refused = |why| Err(Rejection::Relay(why));
    for (who, nick, why) in [
        (ann, "smt/discord", RelayRefusal::NotPermitted),
        (eve, "smt/discord", RelayRefusal::NotPermitted),
        (boss, "plain", RelayRefusal::Nick),
        (boss, "in!valid/discord", RelayRefusal::Nick),
    ] {
        assert_eq!(chat.by(who, relay("#a", nick)), refused(why), "{nick}");
    }
    chat.set(boss, "#a", [ban("m:*/discord")]);
    let muted = chat.by(boss, relay("#a", "smt/discord"));
    assert_eq!(muted, refused(RelayRefusal::Muted));
    chat.set(boss, "#a", [on(ChannelFlag::Secret)]);
    let hidden = Err(Rejection::NoSuchChannel("#a".into()));
    assert_eq!(chat.by(eve, relay("#a", "smt/discord")), hidden);
}

fn set(chat: &mut Chat, who: chat_network::SessionId, change: UserModeChange) {
    let changes = [change].into_iter().collect();
    chat.by(who, Action::UserModes { changes }).unwrap();
}

#[test]
fn some_hear_those_with_an_account_and_those_they_accept() {
    let mut chat = Chat::new();
    let (ann, bob) = (chat.user("ann"), chat.user("bob"));
    set(&mut chat, ann, UserModeChange::AccountsOnly(true));
    let needed = Err(Rejection::AccountNeeded("ann".into()));
    assert_eq!(chat.say(bob, "ann"), needed);
    assert!(chat.say(ann, "ann").is_ok(), "oneself always");
    chat.by(ann, accept("BOB", true)).unwrap();
    assert_eq!(chat.by(ann, accept("bob", true)), Err(Rejection::NoChange));
    assert!(chat.say(bob, "ann").is_ok());
    chat.by(ann, accept("bob", false)).unwrap();
    assert_eq!(chat.say(bob, "ann"), needed);
    chat.say(ann, "bob").unwrap();
    assert!(chat.say(bob, "ann").is_ok(), "who is written to may answer");
    chat.by(ann, accept("bob", false)).unwrap();
    own(&mut chat, bob);
    assert!(chat.say(bob, "ann").is_ok());
    let unknown = Err(Rejection::NoSuchNick("no".into()));
    assert_eq!(chat.by(ann, accept("no", true)), unknown);
}

#[test]
fn some_take_no_requests_between_programs() {
    let mut chat = Chat::new();
    let (ann, bob) = (chat.user("ann"), chat.user("bob"));
    set(&mut chat, ann, UserModeChange::NoCtcp(true));
    let refused = Err(Rejection::CannotSendToUser("ann".into()));
    assert_eq!(chat.by(bob, say("ann", "\u{1}VERSION\u{1}")), refused);
    assert!(chat.by(bob, say("ann", "\u{1}ACTION waves\u{1}")).is_ok());
    assert!(chat.say(bob, "ann").is_ok());
}

#[test]
fn accepted_are_bounded_and_the_oldest_is_forgotten() {
    let limits = chat_network::Limits {
        accepted: 2,
        ..chat_network::Limits::default()
    };
    let mut chat = Chat::with(limits);
    let ann = chat.user("ann");
    let others = ["b", "c", "d"].map(|nick| chat.user(nick));
    for nick in ["b", "c", "d"] {
        chat.by(ann, accept(nick, true)).unwrap();
    }
    let accepted = others.map(|other| chat.of(ann).accepts(chat.id(other)));
    assert_eq!(accepted, [false, true, true]);
}

#[test]
fn an_invitation_outlives_another_name() {
    let mut chat = Chat::new();
    let [boss] = chat.in_channel("#a", ["boss"]);
    let ann = chat.user("ann");
    chat.set(boss, "#a", [on(ChannelFlag::InviteOnly)]);
    chat.by(boss, invite("#a", "ann")).unwrap();
    chat.by(boss, rename("#a", "#b")).unwrap();
    assert!(chat.join(ann, "#b").is_ok());
}
