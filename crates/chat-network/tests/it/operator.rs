use chat_network::{
    Action, Actor, AppliedChange, ChannelFlag, ChannelModeChange, Configuration, Defcon, Entry,
    Event, Limits, Operator, OperatorAction, Origin, Rejection, Right, Rights, ServerId, SessionId,
    Settings, UserModeChange,
};

use crate::support::{
    Chat, disconnect, enter, join, manage, new_account, new_user, operate, quit, reconfiguration,
    suspend, topic, transfer,
};

fn kill(nick: &str) -> Action {
    operate(OperatorAction::Kill {
        nick: nick.into(),
        reason: "enough".into(),
    })
}

/// What an operator's act came to.
fn effect(answer: crate::support::Answer) -> Event {
    match answer {
        Ok(Event::Operated { effect, .. }) => *effect,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nobody_may_before_becoming_an_operator_and_nobody_beyond_its_rights() {
    let mut chat = Chat::new();
    let [ann, _bob] = ["ann", "bob"].map(|nick| chat.user(nick));
    assert_eq!(chat.by(ann, kill("bob")), Err(Rejection::NotAnOperator));
    let rights = Rights::from_iter([Right::Ban]);
    let event = effect(chat.by(ann, enter(rights)));
    assert!(matches!(event, Event::OperatorEntered { .. }));
    assert!(chat.of(ann).modes().operator);
    assert_eq!(chat.network.operator_count(), 1);
    assert_eq!(
        chat.by(ann, kill("bob")),
        Err(Rejection::LacksRight(Right::Kill))
    );
    let again = chat.by(ann, enter(Rights::all()));
    assert_eq!(again, Err(Rejection::AlreadyOperator));
}

fn purge(channel: &str, reason: Option<&str>) -> Action {
    operate(OperatorAction::Purge {
        channel: channel.into(),
        reason: reason.map(Into::into),
    })
}

#[test]
fn a_closed_channel_is_gone_and_is_not_made_again() {
    let limits = Limits {
        commons: Some("#lobby".into()),
        ..Limits::default()
    };
    let mut chat = Chat::with(limits);
    let [ann, root] = chat.in_channel("#Bad", ["ann", "root"]);
    assert_eq!(
        chat.by(root, purge("#bad", Some("why"))),
        Err(Rejection::NotAnOperator)
    );
    chat.by(root, enter(Rights::all())).unwrap();
    for name in ["#lobby", "bad"] {
        let bad = Err(Rejection::BadChannelName(name.into()));
        assert_eq!(chat.by(root, purge(name, Some(""))), bad);
    }
    chat.join(ann, "#other").unwrap();
    chat.by(root, purge("#BAD", Some("why"))).unwrap();
    assert_eq!(chat.network.channel_by_name("#bad"), None);
    assert_eq!(chat.of(ann).channels().len(), 1);
    let closed = Err(Rejection::ChannelPurged("#bad".into()));
    assert_eq!(chat.join(ann, "#bad"), closed);
    let rename = Action::Rename {
        channel: "#other".into(),
        wanted: "#bad".into(),
        reason: None,
    };
    assert!(matches!(
        chat.by(ann, rename),
        Err(Rejection::Rename { in_use: true, .. })
    ));
    let again = chat.by(root, purge("#bad", Some("")));
    assert_eq!(again, Err(Rejection::NoChange));
    chat.user("bad");
    let (limits, records) = (chat.network.limits().clone(), chat.network.records());
    let restored = chat_network::Network::restore(limits, records);
    assert!(restored.purged("#bad").is_some());
    chat.by(root, purge("#bad", None)).unwrap();
    let unknown = Err(Rejection::NoSuchBan("#bad".into()));
    assert_eq!(chat.by(root, purge("#bad", None)), unknown);
    chat.join(ann, "#bad").unwrap();
}

#[test]
fn who_gives_it_up_may_no_more_and_nobody_takes_it() {
    let mut chat = Chat::new();
    let [ann, bob] = ["ann", "bob"].map(|nick| chat.user(nick));
    chat.by(ann, enter(Rights::all())).unwrap();
    let mode = |on| Action::UserModes {
        changes: [UserModeChange::Operator(on)].into_iter().collect(),
    };
    assert_eq!(chat.by(bob, mode(true)), Err(Rejection::NoChange));
    let make = operate(OperatorAction::UserModes {
        nick: "bob".into(),
        changes: [UserModeChange::Operator(true)].into_iter().collect(),
    });
    assert_eq!(chat.by(ann, make), Err(Rejection::NoChange));
    chat.by(ann, mode(false)).unwrap();
    assert_eq!(chat.network.operator_count(), 0);
    assert_eq!(chat.by(ann, kill("bob")), Err(Rejection::NotAnOperator));
}

#[test]
fn who_is_killed_is_gone_and_the_act_says_who_did_it() {
    let mut chat = Chat::new();
    let [ann, bob] = chat.in_channel("#a", ["ann", "bob"]);
    let (id, by) = (chat.id(bob), chat.id(ann));
    chat.by(ann, enter(Rights::all())).unwrap();
    let event = chat.by(ann, kill("BOB")).unwrap();
    assert!(
        matches!(&event, Event::Operated { by: who, operator, .. } if *who == by && operator == "root")
    );
    let killed = matches!(
        effect(Ok(event)),
        Event::Disconnected { user, reason, .. }
            if user == id && &*reason == "Killed by ann: enough"
    );
    assert!(killed);
    assert_eq!(chat.network.user_by_nick("bob"), None);
    let nobody = chat.by(ann, kill("bob"));
    assert_eq!(nobody, Err(Rejection::NoSuchNick("bob".into())));
}

#[test]
fn an_operator_enters_and_changes_any_channel() {
    let mut chat = Chat::new();
    let [bob] = chat.in_channel("#a", ["bob"]);
    let ann = chat.user("ann");
    chat.by(ann, enter(Rights::all())).unwrap();
    let key = ChannelModeChange::Key(Some("key".into()));
    let closed = Action::ChannelModes {
        channel: "#a".into(),
        changes: vec![key],
    };
    chat.by(bob, closed).unwrap();
    assert!(chat.join(ann, "#a").is_err());
    let enter = |nick: Option<&str>| {
        operate(OperatorAction::Join {
            nick: nick.map(Into::into),
            channel: "#a".into(),
        })
    };
    let event = effect(chat.by(ann, enter(None)));
    assert!(matches!(event, Event::Joined { created: None, .. }));
    assert_eq!(chat.by(ann, enter(Some("bob"))), Err(Rejection::NoChange));
    assert!(chat.by(ann, topic("#a", "mine")).is_err(), "it has no rank");
    let flag = ChannelModeChange::Flag(false, ChannelFlag::TopicLock);
    let event = effect(chat.by(
        ann,
        operate(OperatorAction::ChannelModes {
            channel: "#a".into(),
            changes: vec![flag],
        }),
    ));
    let Event::ChannelModes { by, changes, .. } = event else {
        panic!("{event:?}");
    };
    assert_eq!(by, Actor::User(chat.id(ann)));
    assert_eq!(
        changes,
        [AppliedChange::Flag(false, ChannelFlag::TopicLock)]
    );
    chat.by(ann, topic("#a", "mine")).unwrap();
}

#[test]
fn hosts_are_changed_by_whoever_may_and_with_the_operator() {
    let mut chat = Chat::new();
    let [ann, bob] = ["ann", "bob"].map(|nick| chat.user(nick));
    let own = Operator {
        name: "ann".into(),
        title: "".into(),
        rights: Rights::all(),
        host: Some("staff".into()),
        hidden: false,
    };
    chat.by(ann, operate(OperatorAction::Enter(own))).unwrap();
    assert_eq!(chat.of(ann).prefix(), "ann!~ann@staff");
    let host = |host: &str| {
        operate(OperatorAction::Host {
            nick: "bob".into(),
            host: host.into(),
        })
    };
    effect(chat.by(ann, host("away.example")));
    assert_eq!(chat.of(bob).prefix(), "bob!~bob@away.example");
    for bad in ["", "a b", ":a", "a!b", "a@b"] {
        assert_eq!(
            chat.by(ann, host(bad)),
            Err(Rejection::BadHost(bad.into())),
            "{bad}"
        );
    }
    assert_eq!(chat.by(ann, host("away.example")), Err(Rejection::NoChange));
}

/// Who is on and meant by a ban of that mask, which is taken back.
fn banned(chat: &mut Chat, root: SessionId, mask: &str) -> Vec<String> {
    let ban = OperatorAction::Ban {
        mask: mask.into(),
        seconds: None,
        reason: "".into(),
    };
    let Event::NetworkBanned { ban } = effect(chat.by(root, operate(ban))) else {
        panic!("no ban");
    };
    let found = chat.network.banned_users(&ban);
    let found = found.map(|user| user.nick().to_owned()).collect();
    let unban = OperatorAction::Unban { mask: mask.into() };
    chat.by(root, operate(unban)).unwrap();
    found
}

#[test]
fn a_ban_finds_where_somebody_comes_from_whatever_is_shown() {
    let mut chat = Chat::new();
    let root = chat.user("root");
    chat.by(root, enter(Rights::all())).unwrap();
    let account = chat.account("ann");
    let phone = chat.enter(1, "ann", account);
    let laptop = chat.session(2);
    let mut elsewhere = new_user("ann");
    elsewhere.account = Some(account);
    elsewhere.host = "192.0.2.7".into();
    let register = Action::Register(Box::new(elsewhere));
    chat.by(laptop, register).unwrap();
    let host = |host: &str| {
        operate(OperatorAction::Host {
            nick: "ann".into(),
            host: host.into(),
        })
    };
    let hidden = |chat: &Chat| -> Vec<String> {
        let hosts = chat.of(phone).hidden_hosts();
        hosts.map(str::to_owned).collect()
    };
    assert_eq!(hidden(&chat), ["192.0.2.7"]);
    for mask in ["*@host.example", "192.0.2.0/24", "ann!*@192.0.2.7"] {
        assert_eq!(banned(&mut chat, root, mask), ["ann"], "{mask}");
    }
    chat.by(root, host("away.example")).unwrap();
    assert_eq!(hidden(&chat), ["192.0.2.7", "host.example"]);
    for mask in ["*@away.*", "*@host.example", "192.0.2.0/24"] {
        assert_eq!(banned(&mut chat, root, mask), ["ann"], "{mask}");
    }
    assert!(banned(&mut chat, root, "bob!*@192.0.2.7").is_empty());
    assert!(banned(&mut chat, root, "192.0.3.0/24").is_empty());
    chat.by(laptop, quit("bye")).unwrap();
    assert!(banned(&mut chat, root, "192.0.2.0/24").is_empty());
    chat.by(root, host("host.example")).unwrap();
    assert!(hidden(&chat).is_empty());
    assert!(banned(&mut chat, root, "*@away.*").is_empty());
}

#[test]
fn an_operator_manages_accounts_and_channels_within_its_rights() {
    let mut chat = Chat::new();
    let [root, other] = ["root", "other"].map(|nick| chat.user(nick));
    assert_eq!(
        chat.by(root, manage(new_account("ann", true))),
        Err(Rejection::NotAnOperator)
    );
    chat.by(root, enter([Right::Accounts].into_iter().collect()))
        .unwrap();
    let made = effect(chat.by(root, manage(new_account("ann", true))));
    assert!(matches!(made, Event::AccountRegistered { user: None, .. }));
    assert_eq!(chat.of(root).account(), None, "it is not the operator's");
    assert!(chat.network.account_by_name("ann").is_some());
    chat.by(root, manage(suspend("ann"))).unwrap();
    assert!(
        chat.network
            .account_by_name("ann")
            .unwrap()
            .suspended()
            .is_some()
    );
    // Of channels it has no right.
    let lacks = Err(Rejection::LacksRight(Right::Channels));
    chat.join(other, "#a").unwrap();
    assert_eq!(chat.by(root, manage(transfer("#a", "ann"))), lacks);
    // It is a way to accounts and channels, and to nothing else.
    assert_eq!(
        chat.by(root, manage(disconnect("other"))),
        Err(Rejection::NotPermitted)
    );
    let within = manage(manage(new_account("bob", true)));
    assert_eq!(chat.by(root, within), Err(Rejection::NotPermitted));
}

#[test]
fn the_secrets_of_an_act_go_to_the_database_alone() {
    let mut chat = Chat::new();
    let root = chat.user("root");
    chat.by(root, enter(Rights::all())).unwrap();
    let event = chat.by(root, manage(new_account("ann", true))).unwrap();
    let (stamp, origin) = (chat.now, Origin::Session(root));
    let entry = Entry {
        stamp,
        origin,
        event,
    };
    let Event::AccountRegistered { account, .. } = effect(Ok(entry.without_secrets().event)) else {
        panic!("another event");
    };
    assert_eq!(account.secrets, chat_network::Secrets::default());
    assert_eq!(account.email, None);
}

#[test]
fn who_is_banned_does_not_come_until_the_ban_ends() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    chat.by(ann, enter(Rights::all())).unwrap();
    let ban = |mask: &str, seconds| {
        operate(OperatorAction::Ban {
            mask: mask.into(),
            seconds,
            reason: "spam".into(),
        })
    };
    effect(chat.by(ann, ban("bad*", Some(10))));
    effect(chat.by(ann, ban("*@evil.example", None)));
    for mask in ["*", "*!*@*", "", "a b", "*@*.*"] {
        let refused = Err(Rejection::BadMask(mask.into()));
        assert_eq!(chat.by(ann, ban(mask, None)), refused, "{mask}");
    }
    let masks = |chat: &Chat| -> Vec<String> {
        let bans = chat.network.network_bans().iter();
        bans.map(|ban| ban.mask.to_string()).collect()
    };
    assert_eq!(masks(&chat), ["bad*!*@*", "*!*@evil.example"]);
    let session = chat.session(1);
    let banned = Err(Rejection::BannedFromChat("spam".into()));
    assert_eq!(chat.by(session, crate::support::register("BADman")), banned);
    chat.now.time.0 += 10_000;
    chat.by(session, crate::support::register("BADman"))
        .unwrap();
    let unban = |mask: &str| operate(OperatorAction::Unban { mask: mask.into() });
    assert_eq!(
        chat.by(ann, unban("nobody")),
        Err(Rejection::NoSuchBan("nobody".into()))
    );
    effect(chat.by(ann, unban("*@evil.example")));
    // The next ban takes those along that have ended.
    effect(chat.by(ann, ban("late", None)));
    assert_eq!(masks(&chat), ["late!*@*"]);
}

#[test]
fn each_level_of_defcon_keeps_out_more() {
    use crate::support::{join, register, say};
    let mut chat = Chat::new();
    let [ann, bob, carl] = ["ann", "bob", "carl"].map(|nick| chat.user(nick));
    chat.by(ann, enter(Rights::all())).unwrap();
    let set = |chat: &mut Chat, level| {
        let defcon = Defcon::new(level).unwrap();
        effect(chat.by(ann, operate(OperatorAction::Defcon(defcon))));
    };
    let guarded = || Err(Rejection::Guarded);
    chat.by(bob, say("carl", "hi")).unwrap();
    set(&mut chat, 3);
    assert_eq!(chat.by(bob, say("carl", "hi")), guarded());
    chat.by(ann, say("carl", "an operator may")).unwrap();
    chat.by(carl, join("#a", None)).unwrap();
    chat.by(carl, say("#a", "channels are open")).unwrap();
    set(&mut chat, 2);
    assert_eq!(chat.by(bob, join("#a", None)), guarded());
    let session = chat.session(1);
    assert_eq!(chat.by(session, register("dora")), guarded());
    set(&mut chat, 1);
    assert_eq!(chat.by(session, register("dora")), guarded());
    set(&mut chat, 5);
    chat.by(session, register("dora")).unwrap();
    assert_eq!(Defcon::new(0), None);
    assert_eq!(Defcon::new(6), None);
}

#[test]
fn the_configuration_is_read_again_for_who_may_ask_and_comes_from_the_sequencer_alone() {
    let mut chat = Chat::new();
    let [ann, bob] = chat.in_channel("#a", ["ann", "bob"]);
    let rehash = || operate(OperatorAction::Rehash);
    assert_eq!(chat.by(bob, rehash()), Err(Rejection::NotAnOperator));
    chat.by(bob, enter(Rights::from_iter([Right::Kill])))
        .unwrap();
    let lacks = Err(Rejection::LacksRight(Right::Rehash));
    assert_eq!(chat.by(bob, rehash()), lacks);
    chat.by(ann, enter(Rights::all())).unwrap();
    assert_eq!(effect(chat.by(ann, rehash())), Event::RehashAsked);

    let limits = Limits {
        channels_per_user: 0,
        ..Limits::default()
    };
    let read = |root| Configuration {
        change: Some(Box::new(reconfiguration(limits.clone(), root))),
        askers: vec![ann],
        notes: vec!["restart for more".into()],
    };
    let configure = |read| Action::Configure(Box::new(read));
    for origin in [
        Origin::Session(ann),
        Origin::Server(ServerId(1)),
        crate::support::oper(),
    ] {
        let refused = chat.ask(origin, configure(read(None)));
        assert_eq!(refused, Err(Rejection::NotPermitted));
    }
    let hub = Origin::Server(ServerId::HUB);
    let right = Rights::from_iter([Right::Rehash]);
    chat.ask(hub, configure(read(Some(right)))).unwrap();
    assert_eq!(chat.network.limits(), &limits);
    assert_eq!(chat.network.settings().unwrap().as_bytes(), b"settings");
    // Who is beyond the new bound stays where it is, and enters nothing more.
    assert_eq!(chat.of(ann).channels().len(), 1);
    let more = chat.by(ann, join("#b", None));
    assert!(
        matches!(more, Err(Rejection::TooManyChannels(_))),
        "{more:?}"
    );
    // Rights are those of the new configuration, also of who is an operator already.
    let own = chat.of(ann).operator().unwrap();
    assert_eq!((own.rights, own.hidden), (right, true));
    assert_eq!(own.title, "is back");
    let lacks = Err(Rejection::LacksRight(Right::Kill));
    assert_eq!(chat.by(ann, kill("bob")), lacks);
    // A wrong file changes nothing.
    let wrong = Configuration {
        notes: vec!["line 1: wrong".into()],
        ..Configuration::default()
    };
    chat.ask(hub, configure(wrong)).unwrap();
    assert!(chat.of(ann).modes().operator);
    // Who is not in it any more is no operator.
    chat.ask(hub, configure(read(None))).unwrap();
    assert_eq!(chat.network.operator_count(), 0);
    assert_eq!(chat.by(ann, rehash()), Err(Rejection::NotAnOperator));
}

#[test]
fn settings_are_bounded_and_not_shown() {
    assert_eq!(Settings::new(vec![0; Settings::MAX + 1]), None);
    let settings = Settings::new(b"password".to_vec()).unwrap();
    assert_eq!(format!("{settings:?}"), "Settings(8 bytes)");
}
