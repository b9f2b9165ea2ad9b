use chat_network::{
    AccountSetting, Action, Limits, MemberPrefix, Network, Rejection, UserModeChange,
};
use smallvec::smallvec;

use crate::support::{
    Chat, disconnect, join, lost, modes, nick, oper, quit, register_as, say, setting, suspend,
    voice,
};

const ALWAYS_ON: AccountSetting = AccountSetting::AlwaysOn(true);

#[test]
fn who_chose_to_stays_on_without_a_session() {
    let mut chat = Chat::new();
    let ann = chat.account("ann");
    let phone = chat.enter(1, "ann", ann);
    chat.by(phone, setting(ALWAYS_ON)).unwrap();
    chat.join(phone, "#a").unwrap();
    let user = chat.id(phone);
    chat.by(phone, quit("bye")).unwrap();
    let on = chat.network.user_by_nick("ann").unwrap();
    assert_eq!((on.id(), on.sessions().len()), (user, 0));
    assert!(on.away().is_some(), "shown as away");
    assert!(chat.channel("#a").has_member(user));
    let bob = chat.user("bob");
    chat.by(bob, say("ann", "later")).unwrap();

    // Whatever the device calls itself, it comes back as who it is.
    let laptop = chat.session(2);
    chat.by(laptop, register_as("whoever", ann)).unwrap();
    assert_eq!(chat.id(laptop), user);
    assert_eq!(chat.of(laptop).away(), None);
    let mismatch = Err(Rejection::NickMustBeAccount("ann".into()));
    assert_eq!(chat.by(laptop, nick("annie")), mismatch);
    chat.by(laptop, nick("Ann")).unwrap();
}

#[test]
fn neither_a_lost_server_nor_a_kill_makes_it_leave() {
    let mut chat = Chat::new();
    let ann = chat.account("ann");
    let phone = chat.enter(1, "ann", ann);
    chat.by(phone, setting(ALWAYS_ON)).unwrap();
    chat.join(phone, "#a").unwrap();
    let away = Action::Away {
        message: Some("out".into()),
    };
    chat.by(phone, away).unwrap();
    chat.ask(crate::support::HUB, lost(1, 1)).unwrap();
    let on = chat.network.user_by_nick("ann").unwrap();
    assert_eq!(
        on.away().map(|away| &**away),
        Some("out"),
        "as it said itself"
    );
    chat.enter(2, "ann", ann);
    chat.ask(oper(), disconnect("ann")).unwrap();
    let on = chat.network.user_by_nick("ann").unwrap();
    assert!(on.sessions().is_empty() && on.away().is_some());
    assert!(chat.channel("#a").has_member(on.id()));
}

#[test]
fn it_leaves_when_it_no_longer_wants_to_stay_or_may_not() {
    let off = AccountSetting::AlwaysOn(false);
    let ends = [
        Action::SetAccountSetting {
            account: Some("ann".into()),
            setting: off,
        },
        Action::DropAccount {
            account: Some("ann".into()),
        },
        suspend("ann"),
    ];
    for end in ends {
        let mut chat = Chat::new();
        let ann = chat.account("ann");
        let phone = chat.enter(1, "ann", ann);
        chat.by(phone, setting(ALWAYS_ON)).unwrap();
        chat.join(phone, "#a").unwrap();
        chat.by(phone, quit("bye")).unwrap();
        chat.ask(oper(), end).unwrap();
        assert_eq!(chat.network.user_by_nick("ann"), None);
        assert_eq!(chat.network.channel_by_name("#a"), None);
    }
}

#[test]
fn only_under_the_name_of_the_account() {
    let mut chat = Chat::new();
    let ann = chat.account("ann");
    let other = chat.enter(1, "ann_", ann);
    let mismatch = Err(Rejection::NickMustBeAccount("ann".into()));
    assert_eq!(chat.by(other, setting(ALWAYS_ON)), mismatch);
    let change = Action::SetAccountSetting {
        account: Some("ann".into()),
        setting: ALWAYS_ON,
    };
    chat.ask(oper(), change).unwrap();
    chat.by(other, quit("bye")).unwrap();
    assert_eq!(chat.network.user_count(), 0);
}

#[test]
fn it_is_there_after_a_new_beginning_with_all_that_was_its_own() {
    let mut chat = Chat::new();
    let ann = chat.account("ann");
    let phone = chat.enter(1, "ann", ann);
    chat.by(phone, setting(ALWAYS_ON)).unwrap();
    let bob = chat.user("bob");
    chat.by(bob, join("#a", None)).unwrap();
    chat.by(phone, join("#a", None)).unwrap();
    chat.by(bob, modes("#a", vec![voice(true, "ann")])).unwrap();
    let bot = smallvec![UserModeChange::Bot(true)];
    chat.by(phone, Action::UserModes { changes: bot }).unwrap();
    let before = chat.of(phone).clone();

    let network = Network::restore(Limits::default(), chat.network.records());
    network.check().unwrap();
    let on = network.user_by_nick("ann").unwrap();
    assert_eq!(
        (on.id(), on.prefix(), on.modes()),
        (before.id(), before.prefix(), before.modes())
    );
    assert!(on.sessions().is_empty() && on.away().is_some());
    let channel = network.channel_by_name("#a").unwrap();
    assert_eq!(channel.member_count(), 1);
    assert!(channel.member(on.id()).unwrap().has(MemberPrefix::Voice));
    assert_eq!(network.user_by_nick("bob"), None);
}
