use chat_network::{
    AccountId, AccountSetting, Action, Actor, Event, Identity, Rejection, Timestamp,
};

use crate::support::{
    Chat, ghost, join, new_account, nick, oper, quit, register, register_as, say, secrets, setting,
    suspend,
};

fn verify(account: &str) -> Action {
    Action::VerifyAccount {
        account: account.into(),
    }
}

#[test]
fn who_registers_an_account_is_logged_in_and_owns_the_nick() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    let before = chat.of(ann).identity();
    chat.by(ann, new_account("Ann", true)).unwrap();
    let account = AccountId(chat.now.position.0);
    assert_eq!(chat.of(ann).account(), Some(account));
    assert_eq!(chat.of(ann).identity(), Identity::Account(account));
    assert_ne!(before, Identity::Account(account));
    let found = chat.network.account_by_name("aNN").unwrap();
    assert_eq!((found.id(), found.name().as_str()), (account, "Ann"));
    assert_eq!(chat.network.owner_of_nick("ann").unwrap().id(), account);
    let again = chat.by(ann, new_account("other", true));
    assert_eq!(again, Err(Rejection::AlreadyLoggedIn));

    chat.by(ann, quit("bye")).unwrap();
    let stranger = chat.session(2);
    let reserved = Err(Rejection::NickReserved("ANN".into()));
    assert_eq!(chat.by(stranger, register("ANN")), reserved);
    let bob = chat.user("bob");
    assert_eq!(chat.by(bob, nick("ANN")), reserved);
    // What can be taken for it is reserved too: the first letter is Cyrillic.
    let alike = Err(Rejection::NickReserved("аnn".into()));
    assert_eq!(chat.by(bob, nick("аnn")), alike);
    chat.by(bob, Action::Login { account }).unwrap();
    chat.by(bob, nick("ANN")).unwrap();
}

#[test]
fn a_name_that_is_taken_is_no_name_for_an_account() {
    let mut chat = Chat::new();
    chat.account("ann");
    let bob = chat.user("bob");
    chat.user("eve");
    for taken in ["ANN", "eve", "аnn"] {
        let refused = Err(Rejection::AccountExists(taken.into()));
        assert_eq!(chat.by(bob, new_account(taken, true)), refused);
    }
    for bad in ["a*b", "a b", "#room", ""] {
        let refused = Err(Rejection::BadAccountName(bad.into()));
        assert_eq!(chat.by(bob, new_account(bad, true)), refused);
    }
    // Operators may give away what somebody happens to use.
    chat.ask(oper(), new_account("eve", true)).unwrap();
}

#[test]
fn an_account_is_no_use_before_it_is_verified_and_gone_if_it_never_is() {
    let mut chat = Chat::new();
    let early = chat.session(1);
    chat.by(early, new_account("ann", false)).unwrap();
    let account = AccountId(chat.now.position.0);
    let unverified = Err(Rejection::AccountUnverified("ann".into()));
    assert_eq!(chat.by(early, register_as("ann", account)), unverified);
    let bob = chat.user("bob");
    assert_eq!(chat.by(bob, Action::Login { account }), unverified);
    let exists = Err(Rejection::AccountExists("ann".into()));
    assert_eq!(chat.by(bob, new_account("ann", true)), exists);

    let day = chat.network.limits().verification_ms;
    chat.now.time = Timestamp(chat.now.time.0 + day);
    chat.by(bob, new_account("ann", false)).unwrap();
    assert_eq!(chat.network.account(account), None);
    assert_eq!(chat.of(bob).account(), None);
    chat.by(bob, verify("ANN")).unwrap();
    let found = chat.network.account_by_name("ann").unwrap();
    assert!(found.is_verified());
    assert_eq!(chat.of(bob).account(), Some(found.id()));
    let again = chat.ask(oper(), verify("ann"));
    assert_eq!(again, Err(Rejection::NoChange));
}

#[test]
fn only_the_owner_and_operators_change_an_account() {
    let mut chat = Chat::new();
    let (ann, bob) = (chat.account("ann"), chat.account("bob"));
    let owner = chat.enter(1, "ann", ann);
    let other = chat.enter(1, "bob", bob);
    let guest = chat.user("guest");
    let wanted = |account: Option<&str>| {
        let account = account.map(Into::into);
        [
            Action::SetSecrets {
                account: account.clone(),
                secrets: secrets(),
            },
            Action::SetAccountSetting {
                account: account.clone(),
                setting: AccountSetting::Multiclient(false),
            },
            Action::AddCertificate {
                account: account.clone(),
                fingerprint: "A".repeat(64).into(),
            },
            Action::DropAccount { account },
        ]
    };
    for action in wanted(Some("ann")) {
        let refused = Err(Rejection::NotPermitted);
        assert_eq!(chat.by(other, action.clone()), refused);
        assert_eq!(chat.by(guest, action), Err(Rejection::NotLoggedIn));
    }
    for action in [
        suspend("ann"),
        Action::UnsuspendAccount {
            account: "ann".into(),
        },
    ] {
        assert_eq!(chat.by(owner, action), Err(Rejection::NotPermitted));
    }
    for action in wanted(None) {
        chat.by(owner, action).unwrap();
    }
    assert_eq!(chat.of(owner).account(), None);
    for action in wanted(Some("bob")) {
        chat.ask(oper(), action).unwrap();
    }
    assert_eq!(chat.network.accounts().len(), 0);
}

#[test]
fn a_certificate_belongs_to_one_account() {
    let mut chat = Chat::new();
    let (ann, bob) = (chat.account("ann"), chat.account("bob"));
    let (ann, bob) = (chat.enter(1, "ann", ann), chat.enter(1, "bob", bob));
    let add = |digit: &str| Action::AddCertificate {
        account: None,
        fingerprint: digit.repeat(64).into(),
    };
    chat.by(ann, add("A")).unwrap();
    let found = chat.network.account_by_certificate(&"a".repeat(64));
    assert_eq!(found.unwrap().name(), "ann");
    assert_eq!(chat.by(ann, add("a")), Err(Rejection::NoChange));
    let in_use = Rejection::FingerprintInUse("a".repeat(64).into());
    assert_eq!(chat.by(bob, add("a")), Err(in_use));
    assert!(matches!(
        chat.by(bob, add("g")),
        Err(Rejection::BadFingerprint(_))
    ));
    assert!(matches!(
        chat.by(bob, add("")),
        Err(Rejection::BadFingerprint(_))
    ));
}

#[test]
fn a_suspended_account_is_out_everywhere_at_once() {
    let mut chat = Chat::new();
    let ann = chat.account("ann");
    let here = chat.enter(1, "ann", ann);
    let there = chat.enter(2, "ann", ann);
    let elsewhere = chat.enter(1, "ann2", ann);
    chat.join(here, "#a").unwrap();
    chat.ask(oper(), suspend("ANN")).unwrap();
    for session in [here, there, elsewhere] {
        assert_eq!(chat.network.user_of(session), None);
        assert_eq!(
            chat.by(session, say("#a", "x")),
            Err(Rejection::NotRegistered)
        );
    }
    assert_eq!(chat.network.channel_by_name("#a"), None);
    let suspended = Err(Rejection::AccountSuspended("ann".into()));
    assert_eq!(chat.by(here, register_as("ann", ann)), suspended);
    let bob = chat.user("bob");
    assert_eq!(chat.by(bob, Action::Login { account: ann }), suspended);
    assert_eq!(
        chat.by(bob, nick("ann")),
        Err(Rejection::NickReserved("ann".into()))
    );
    let again = chat.ask(oper(), suspend("ann"));
    assert_eq!(again, Err(Rejection::NoChange));
    let free = Action::UnsuspendAccount {
        account: "ann".into(),
    };
    chat.ask(oper(), free).unwrap();
    chat.by(bob, Action::Login { account: ann }).unwrap();
}

#[test]
fn the_owner_of_a_nick_puts_out_whoever_has_it() {
    let mut chat = Chat::new();
    let squatter = chat.user("ann");
    let ann = chat.account("ann");
    let own = chat.enter(1, "ann_", ann);
    let bob = chat.user("bob");
    assert_eq!(chat.by(bob, ghost("ann")), Err(Rejection::NotLoggedIn));
    assert_eq!(chat.by(own, ghost("bob")), Err(Rejection::NotPermitted));
    assert_eq!(chat.by(own, ghost("ann_")), Err(Rejection::NotPermitted));
    let by = Actor::User(chat.id(own));
    let user = chat.id(squatter);
    let event = chat.by(own, ghost("ANN")).unwrap();
    assert!(matches!(event, Event::Disconnected { by: b, user: u, .. } if (b, u) == (by, user)));
    assert_eq!(chat.network.user_of(squatter), None);
    chat.by(own, nick("ann")).unwrap();
}

#[test]
fn a_further_session_joins_the_user_that_is_on() {
    let mut chat = Chat::new();
    let ann = chat.account("ann");
    let phone = chat.enter(1, "ann", ann);
    chat.join(phone, "#a").unwrap();
    let user = chat.id(phone);
    let laptop = chat.session(2);
    let event = chat.by(laptop, register_as("ANN", ann)).unwrap();
    let attached = Event::SessionAttached {
        session: laptop,
        user,
        secure: false,
        away: None,
        certificate: None,
        host: "host.example".into(),
    };
    assert_eq!(event, attached);
    assert_eq!(chat.id(laptop), user);
    assert_eq!(chat.of(phone).sessions().len(), 2);
    chat.by(laptop, join("#b", None)).unwrap();
    assert_eq!(chat.of(phone).channels().len(), 2);
    chat.by(phone, quit("flat battery")).unwrap();
    assert_eq!(chat.id(laptop), user);
    chat.by(laptop, quit("bye")).unwrap();
    assert_eq!(chat.network.user(user), None);

    // Any nick will do, as long as the account is the same.
    let one = chat.enter(1, "ann_", ann);
    let two = chat.enter(2, "ann_", ann);
    assert_eq!(chat.id(one), chat.id(two));
    let stranger = chat.session(1);
    let in_use = Err(Rejection::NickInUse("ann_".into()));
    assert_eq!(chat.by(stranger, register("ann_")), in_use);
    chat.by(one, setting(AccountSetting::Multiclient(false)))
        .unwrap();
    assert_eq!(chat.by(stranger, register_as("ann_", ann)), in_use);
}

#[test]
fn sessions_of_one_user_have_a_bound() {
    let limits = chat_network::Limits {
        sessions_per_user: 2,
        ..Default::default()
    };
    let mut chat = Chat::with(limits);
    let ann = chat.account("ann");
    chat.enter(1, "ann", ann);
    chat.enter(2, "ann", ann);
    let third = chat.session(1);
    let refused = Err(Rejection::TooMany("sessions".into()));
    assert_eq!(chat.by(third, register_as("ann", ann)), refused);
}

#[test]
fn secrets_are_in_no_replica_and_in_no_entry_for_links() {
    let mut chat = Chat::new();
    chat.account("ann");
    let change = Action::SetSecrets {
        account: Some("ann".into()),
        secrets: secrets(),
    };
    let event = chat.ask(oper(), change).unwrap();
    assert!(matches!(&event, Event::SecretsSet { secrets: s, .. } if s.as_bytes() == b"secret"));
    assert!(!format!("{event:?}").contains("115"), "bytes are not shown");
    let entry = chat_network::Entry {
        stamp: chat.now,
        origin: oper(),
        event,
    };
    let mut bytes = postcard::to_stdvec(&chat.network).unwrap();
    bytes.extend(postcard::to_stdvec(&entry.without_secrets()).unwrap());
    for what in [&b"secret"[..], b"a@b.example"] {
        assert!(!bytes.windows(what.len()).any(|part| part == what));
    }
}
