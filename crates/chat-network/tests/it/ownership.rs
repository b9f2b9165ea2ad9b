use chat_network::{
    AccountId, Action, ChannelFlag, Limits, MemberPrefix, Network, Rejection, SessionId,
};

use crate::support::{
    Chat, access, grant, join, keep, key, modes, on, oper, part, quit, rank, topic, transfer,
};

const OP: Option<MemberPrefix> = Some(MemberPrefix::Operator);
const VOICE: Option<MemberPrefix> = Some(MemberPrefix::Voice);

/// `ann` has registered `#a`; `bob` has an account too and is not in it.
fn kept() -> (Chat, SessionId, AccountId, SessionId) {
    let mut chat = Chat::new();
    let (ann, bob) = (chat.account("ann"), chat.account("bob"));
    let founder = chat.enter(1, "ann", ann);
    let other = chat.enter(2, "bob", bob);
    chat.join(founder, "#a").unwrap();
    chat.by(founder, keep("#A")).unwrap();
    (chat, founder, ann, other)
}

fn drop_channel() -> Action {
    Action::DropChannel {
        channel: "#a".into(),
    }
}

#[test]
fn a_registered_channel_outlives_its_last_member_and_the_servers() {
    let (mut chat, ann, account, bob) = kept();
    let member = chat.ranks(ann, "#a").unwrap();
    assert!(member.has(MemberPrefix::Founder));
    chat.by(ann, topic("#a", "tea")).unwrap();
    let changes = vec![on(ChannelFlag::Secret), key(Some("k"))];
    chat.by(ann, modes("#a", changes)).unwrap();
    chat.by(ann, part("#a")).unwrap();
    let channel = chat.channel("#a");
    assert_eq!(channel.member_count(), 0);
    assert_eq!(channel.registration().unwrap().founder, account);
    assert_eq!(channel.topic().unwrap().text.as_ref(), "tea");
    // Who comes to the empty channel does not own it, and needs the key.
    let locked = Err(Rejection::BadChannelKey("#a".into()));
    assert_eq!(chat.join(bob, "#a"), locked);
    chat.by(bob, join("#a", Some("k"))).unwrap();
    assert!(chat.ranks(bob, "#a").unwrap().is_empty());

    let network = Network::restore(Limits::default(), chat.network.records());
    network.check().unwrap();
    let restored = network.channel_by_name("#A").unwrap();
    assert_eq!(restored.member_count(), 0);
    assert_eq!(restored.topic(), chat.channel("#a").topic());
    assert_eq!(restored.key(), chat.channel("#a").key());
    assert_eq!(restored.registration(), chat.channel("#a").registration());
    assert!(restored.is(ChannelFlag::Secret));
    assert_eq!(network.secret_count(), 1);
}

#[test]
fn only_operators_of_a_channel_with_an_account_register_it_and_once() {
    let mut chat = Chat::new();
    let [guest, other] = chat.in_channel("#a", ["guest", "other"]);
    assert_eq!(chat.by(guest, keep("#a")), Err(Rejection::NotLoggedIn));
    let account = chat.account("account");
    chat.by(other, Action::Login { account }).unwrap();
    assert_eq!(
        chat.by(other, keep("#a")),
        Err(Rejection::NotOperator("#a".into()))
    );
    assert_eq!(
        chat.by(other, keep("#b")),
        Err(Rejection::NoSuchChannel("#b".into()))
    );
    let by_operator = Action::RegisterChannel {
        channel: "#a".into(),
        founder: Some("account".into()),
    };
    chat.ask(oper(), by_operator.clone()).unwrap();
    let registered = Err(Rejection::ChannelRegistered("#a".into()));
    assert_eq!(chat.ask(oper(), by_operator), registered);
}

#[test]
fn only_the_founder_gives_a_channel_away() {
    let (mut chat, ann, _, bob) = kept();
    let not_founder = Err(Rejection::NotFounder("#a".into()));
    assert_eq!(chat.by(bob, drop_channel()), not_founder);
    assert_eq!(chat.by(bob, transfer("#a", "bob")), not_founder);
    assert_eq!(chat.by(bob, access("#a", "bob", OP)), not_founder);
    // A secret one is not even there for who is outside.
    chat.by(ann, modes("#a", vec![on(ChannelFlag::Secret)]))
        .unwrap();
    let hidden = Err(Rejection::NoSuchChannel("#a".into()));
    assert_eq!(chat.by(bob, drop_channel()), hidden);
    assert_eq!(chat.by(bob, access("#a", "bob", OP)), hidden);

    chat.by(ann, transfer("#a", "BOB")).unwrap();
    assert_eq!(chat.by(bob, drop_channel()), hidden, "it is not yet");
    chat.by(bob, accept("#a")).unwrap();
    assert_eq!(chat.by(ann, drop_channel()), not_founder);
    chat.by(bob, drop_channel()).unwrap();
    assert_eq!(chat.channel("#a").registration(), None);
    let unregistered = Err(Rejection::ChannelNotRegistered("#a".into()));
    assert_eq!(chat.by(ann, drop_channel()), unregistered);
    chat.by(ann, part("#a")).unwrap();
    assert_eq!(chat.network.channel_by_name("#a"), None);
}

fn accept(channel: &str) -> Action {
    Action::AcceptChannel {
        channel: channel.into(),
    }
}

#[test]
fn a_channel_is_its_receivers_when_they_accept_it() {
    let (mut chat, ann, account, bob) = kept();
    let offered = |chat: &Chat| chat.channel("#a").registration().unwrap().offered;
    let not_offered = Err(Rejection::NotOffered("#a".into()));
    assert_eq!(chat.by(bob, accept("#a")), not_offered);
    chat.by(ann, transfer("#a", "bob")).unwrap();
    assert_eq!(
        chat.by(ann, transfer("#a", "bob")),
        Err(Rejection::NoChange)
    );
    assert_eq!(chat.by(ann, accept("#a")), not_offered);
    let stranger = chat.user("stranger");
    assert_eq!(chat.by(stranger, accept("#a")), Err(Rejection::NotLoggedIn));
    chat.by(ann, transfer("#a", "ann")).unwrap();
    assert_eq!(offered(&chat), None, "taken back");
    assert_eq!(
        chat.by(ann, transfer("#a", "ann")),
        Err(Rejection::NoChange)
    );
    assert_eq!(chat.by(bob, accept("#a")), not_offered);
    chat.by(ann, transfer("#a", "bob")).unwrap();
    let restored = Network::restore(chat.network.limits().clone(), chat.network.records());
    assert_eq!(restored.records(), chat.network.records());
    chat.by(bob, accept("#A")).unwrap();
    let registration = chat.channel("#a").registration().unwrap();
    assert_ne!(registration.founder, account);
    assert_eq!(registration.offered, None);
    // Who is offered a channel and is gone gets nothing.
    chat.by(bob, transfer("#a", "ann")).unwrap();
    let gone = Action::DropAccount {
        account: Some("ann".into()),
    };
    chat.ask(oper(), gone).unwrap();
    assert_eq!(offered(&chat), None);
}

#[test]
fn accounts_have_their_rank_when_they_join() {
    let (mut chat, ann, _, bob) = kept();
    let eve = chat.account("eve");
    let eve = chat.enter(1, "eve", eve);
    chat.by(ann, access("#a", "bob", OP)).unwrap();
    chat.join(bob, "#a").unwrap();
    chat.join(eve, "#a").unwrap();
    assert!(chat.ranks(bob, "#a").unwrap().has(MemberPrefix::Operator));
    // An operator by the list gives less than it has, to who has less.
    let not_founder = Err(Rejection::NotFounder("#a".into()));
    assert_eq!(chat.by(bob, access("#a", "eve", OP)), not_founder);
    assert_eq!(
        chat.by(bob, access("#a", "ann", None)),
        Err(Rejection::NoChange)
    );
    chat.by(bob, access("#a", "eve", VOICE)).unwrap();
    assert_eq!(chat.by(eve, access("#a", "eve", None)), not_founder);
    for session in [ann, eve] {
        chat.by(session, part("#a")).unwrap();
        chat.join(session, "#a").unwrap();
    }
    assert!(chat.ranks(ann, "#a").unwrap().has(MemberPrefix::Founder));
    assert!(chat.ranks(eve, "#a").unwrap().has(MemberPrefix::Voice));
    chat.by(ann, access("#a", "eve", None)).unwrap();
    chat.by(eve, part("#a")).unwrap();
    chat.join(eve, "#a").unwrap();
    assert!(chat.ranks(eve, "#a").unwrap().is_empty());
}

#[test]
fn what_an_account_owned_ends_with_it() {
    let (mut chat, ann, _, bob) = kept();
    chat.by(ann, access("#a", "bob", OP)).unwrap();
    let gone = |name: &str| Action::DropAccount {
        account: Some(name.into()),
    };
    chat.ask(oper(), gone("bob")).unwrap();
    assert!(chat.channel("#a").registration().unwrap().access.is_empty());
    chat.join(bob, "#a").unwrap();
    chat.by(ann, quit("bye")).unwrap();
    chat.ask(oper(), gone("ann")).unwrap();
    assert_eq!(chat.channel("#a").registration(), None);
    chat.by(bob, part("#a")).unwrap();
    assert_eq!(chat.network.channel_by_name("#a"), None);
}

#[test]
fn a_kept_rank_is_given_to_who_asks_and_the_founder_makes_operators() {
    let (mut chat, ann, _, bob) = kept();
    let eve = chat.user("eve");
    let nowhere = Err(Rejection::NotFounder("#a".into()));
    assert_eq!(chat.by(bob, grant("#a", None)), nowhere);
    chat.by(ann, access("#a", "bob", VOICE)).unwrap();
    let outside = Err(Rejection::NotOnChannel("#a".into()));
    assert_eq!(chat.by(bob, grant("#a", None)), outside);
    chat.join(bob, "#a").unwrap();
    assert_eq!(chat.by(bob, grant("#a", None)), Err(Rejection::NoChange));
    chat.by(ann, access("#a", "bob", OP)).unwrap();
    chat.by(bob, grant("#A", None)).unwrap();
    assert!(chat.ranks(bob, "#a").unwrap().has(MemberPrefix::Operator));
    // Nobody but the founder gives one to others, and only to who is there.
    assert_eq!(chat.by(bob, grant("#a", Some("bob"))), nowhere);
    let absent = Rejection::UserNotInChannel {
        nick: "eve".into(),
        channel: "#a".into(),
    };
    assert_eq!(chat.by(ann, grant("#a", Some("eve"))), Err(absent));
    chat.join(eve, "#a").unwrap();
    chat.by(ann, grant("#a", Some("eve"))).unwrap();
    let ranks = chat.ranks(eve, "#a").unwrap();
    assert!(ranks.has(MemberPrefix::Operator) && !ranks.has(MemberPrefix::Founder));
    assert_eq!(chat.by(eve, grant("#a", None)), Err(Rejection::NotLoggedIn));
    assert_eq!(
        chat.ask(oper(), grant("#a", None)),
        Err(Rejection::NotPermitted)
    );
}

#[test]
fn the_founder_is_founder_again_after_giving_it_up() {
    let (mut chat, ann, _, _) = kept();
    let give_up = vec![rank(false, MemberPrefix::Founder, "ann")];
    chat.by(ann, modes("#a", give_up)).unwrap();
    assert!(!chat.ranks(ann, "#a").unwrap().has(MemberPrefix::Founder));
    chat.by(ann, grant("#a", None)).unwrap();
    assert!(chat.ranks(ann, "#a").unwrap().has(MemberPrefix::Founder));
}
