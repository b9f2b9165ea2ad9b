//! What outlives the journal: accounts, registered channels, users that stay on; and the link of
//! who operates the chat.

use chat_journal::{Closed, Journal, Link, Role, SendError, Setup};
use chat_network::{
    AccountId, AccountSetting, Action, ChannelFlag, ChannelModeChange, Event, Limits, ListKind,
    MemberPrefix, NewAccount, NewUser, Origin, Position, Records, Rejection, Request, Secrets,
    ServerId, SessionId, UserModeChange,
};
use chat_store::Config;

use crate::support::{Bench, Dice, Follower, join, register, say, soon};

fn new_account(name: &str) -> Action {
    Action::RegisterAccount(Box::new(NewAccount {
        name: name.into(),
        secrets: Secrets::new(name.as_bytes()),
        email: Some("ann@example.org".into()),
        verified: true,
    }))
}

fn register_as(nick: &str, account: AccountId) -> Action {
    match register(nick) {
        Action::Register(new) => Action::Register(Box::new(NewUser {
            account: Some(account),
            ..*new
        })),
        other => other,
    }
}

fn always_on(on: bool) -> Action {
    Action::SetAccountSetting {
        account: None,
        setting: AccountSetting::AlwaysOn(on),
    }
}

/// What a journal that begins now would have.
fn kept(bench: &Bench) -> Records {
    let (writer, reader) = (bench.writer.clone(), &bench.reader);
    let setup = Setup::restore(Limits::default(), writer, reader, Position(1)).unwrap();
    setup.network.check().unwrap();
    let mut records = setup.network.records();
    for user in &mut records.users {
        // Who had a session at the end has missed nothing before the beginning.
        user.left = user.left.filter(|left| left.0 > 0);
    }
    sorted(records)
}

fn sorted(mut records: Records) -> Records {
    records.accounts.sort_by_key(|record| record.id);
    records.channels.sort_by_key(|record| record.id);
    records.users.sort_by_key(|record| record.id);
    records
}

async fn operator(bench: &Bench) -> Link {
    soon(Link::connect(&bench.socket(), Role::Operator))
        .await
        .unwrap()
}

#[tokio::test]
async fn whatever_happens_the_database_has_what_is_to_be_kept() {
    const NAMES: [&str; 3] = ["ann", "bob", "eve"];
    const CHANNELS: [&str; 2] = ["#a", "#b"];
    let bench = Bench::new();
    let mut one = bench.remote(1).await;
    let mut operator = operator(&bench).await;
    let mut dice = Dice(11);
    let (mut with_channels, mut with_users) = (0, 0);
    for _ in 0..1500 {
        let session = one.session(u32::try_from(dice.roll(4)).unwrap());
        let name = NAMES[dice.index(3)];
        let channel = CHANNELS[dice.index(2)];
        let account = one
            .network
            .account_by_name(name)
            .map_or(AccountId(0), |account| account.id());
        let action = an_action(&mut dice, name, channel, account);
        // Operators rarely, and what only they may.
        let of_others = matches!(
            action,
            Action::SuspendAccount { .. }
                | Action::UnsuspendAccount { .. }
                | Action::SetAccountSetting { .. }
        );
        if of_others || dice.roll(12) == 0 {
            let _ = soon(operator.ask(action)).await.unwrap();
            let position = operator.position;
            one.until(|one| {
                let last = one.entries().last().map(|entry| entry.stamp.position);
                last.unwrap_or(one.start) >= position
            })
            .await;
        } else {
            let _ = one.does(session, action).await;
        }
        let expected = sorted(one.network.records());
        with_channels += expected.channels.len();
        with_users += expected.users.len();
        assert_eq!(kept(&bench), expected, "after {:?}", one.seen.last());
    }
    assert!(
        with_channels > 100 && with_users > 100,
        "{with_channels} {with_users}"
    );
}

fn of_an_owner(dice: &mut Dice, name: &str, channel: &str) -> Action {
    let on = dice.roll(2) == 0;
    let of_channel = channel.into();
    match dice.roll(4) {
        0 | 1 => Action::RegisterChannel {
            channel: of_channel,
            founder: Some(name.into()),
        },
        2 if on => Action::DropChannel {
            channel: of_channel,
        },
        2 => Action::TransferChannel {
            channel: of_channel,
            to: name.into(),
        },
        _ => Action::SetAccess {
            channel: of_channel,
            account: name.into(),
            prefix: on.then_some(MemberPrefix::Voice),
        },
    }
}

fn an_action(dice: &mut Dice, name: &str, channel: &str, account: AccountId) -> Action {
    let on = dice.roll(2) == 0;
    let of_channel = channel.into();
    match dice.roll(24) {
        0..3 => register_as(name, account),
        3 => register(name),
        4 => new_account(name),
        5..9 => join(channel),
        9 => Action::Part {
            channel: of_channel,
            reason: None,
        },
        10 | 11 => Action::SetAccountSetting {
            account: Some(name.into()),
            setting: AccountSetting::AlwaysOn(on || dice.roll(3) > 0),
        },
        12 => Action::Quit {
            reason: "bye".into(),
        },
        13 => Action::Login { account },
        14 if on => Action::Logout,
        14 => Action::DropAccount { account: None },
        15..19 => of_an_owner(dice, name, channel),
        19 => Action::ChannelModes {
            channel: of_channel,
            changes: vec![
                ChannelModeChange::Flag(on, ChannelFlag::Secret),
                ChannelModeChange::List(on, ListKind::Ban, "x!*@*".into()),
                ChannelModeChange::Member(on, MemberPrefix::Voice, name.into()),
            ],
        },
        20 => Action::Topic {
            channel: of_channel,
            topic: if on { "tea" } else { "" }.into(),
        },
        21 => Action::UserModes {
            changes: [UserModeChange::Bot(on)].into_iter().collect(),
        },
        22 => Action::Away {
            message: on.then(|| "out".into()),
        },
        _ if dice.roll(4) == 0 => Action::SuspendAccount {
            account: name.into(),
            reason: "x".into(),
        },
        _ => Action::UnsuspendAccount {
            account: name.into(),
        },
    }
}

#[tokio::test]
async fn a_new_beginning_has_what_was_kept() {
    let bench = Bench::new();
    let mut one = bench.local(1).await;
    let session = one.enter(1, "ann").await;
    one.does(session, new_account("ann")).await.unwrap();
    let account = one.network.account_by_name("ann").unwrap().id();
    one.does(session, always_on(true)).await.unwrap();
    one.does(session, join("#kept")).await.unwrap();
    let keep = Action::RegisterChannel {
        channel: "#kept".into(),
        founder: None,
    };
    one.does(session, keep).await.unwrap();
    let user = one.network.user_of(session).unwrap().id();
    bench.journal.shutdown().await;
    let Bench { writer, folder, .. } = bench;
    writer.close(std::time::Duration::from_secs(10)).unwrap();
    drop((one, writer));

    let config = Config::at(folder.path().join("storage.db"));
    let (writer, reader) = chat_store::open(&config).unwrap();
    let first = Position(writer.start_state("2026-01-01").unwrap().position);
    let setup = Setup::restore(Limits::default(), writer, &reader, first).unwrap();
    let journal = Journal::start(setup).unwrap();
    let link = soon(journal.attach(Role::Server(ServerId(1))))
        .await
        .unwrap();
    let mut one = Follower::new(ServerId(1), link);
    let on = one.network.user_by_nick("ann").unwrap();
    assert_eq!(
        (on.id(), on.account(), on.sessions().len()),
        (user, Some(account), 0)
    );
    assert_eq!(
        one.network.channel_by_name("#kept").unwrap().member_count(),
        1
    );
    assert_eq!(
        reader.secrets(account.0).unwrap().as_deref(),
        Some(&b"ann"[..])
    );
    assert_eq!(
        reader.email(account.0).unwrap().as_deref(),
        Some("ann@example.org")
    );
    let session = one.session(1);
    let entry = one
        .does(session, register_as("phone", account))
        .await
        .unwrap();
    assert!(matches!(entry.event, Event::SessionAttached { user: u, .. } if u == user));
    let entry = one.does(session, say("#kept", "back")).await.unwrap();
    assert!(entry.stamp.position > first, "positions go on");
    let message = reader.message(entry.stamp.position.0).unwrap().unwrap();
    assert_eq!(message.account.as_deref(), Some("ann"));
    assert_eq!(message.sender_key, format!("a{}", account.0));
}

#[tokio::test]
async fn secrets_reach_the_database_and_no_link() {
    let bench = Bench::new();
    let mut one = bench.remote(1).await;
    let mut operator = operator(&bench).await;
    let entry = soon(operator.ask(new_account("ann")))
        .await
        .unwrap()
        .unwrap();
    one.until(|one| !one.entries().is_empty()).await;
    for entry in [&entry, &one.entries()[0]] {
        let Event::AccountRegistered { account, .. } = &entry.event else {
            panic!("{entry:?}")
        };
        assert_eq!(
            (account.secrets.as_bytes(), &account.email),
            (&b""[..], &None)
        );
    }
    let id = entry.stamp.position.0;
    assert_eq!(
        bench.reader.secrets(id).unwrap().as_deref(),
        Some(&b"ann"[..])
    );
    let change = Action::SetSecrets {
        account: Some("ann".into()),
        secrets: Secrets::new(b"new"),
    };
    let entry = soon(operator.ask(change)).await.unwrap().unwrap();
    assert!(
        matches!(&entry.event, Event::SecretsSet { secrets, .. } if secrets.as_bytes().is_empty())
    );
    assert_eq!(
        bench.reader.secrets(id).unwrap().as_deref(),
        Some(&b"new"[..])
    );
    // A change of something else leaves them alone.
    let session = one.session(1);
    one.does(session, register_as("ann", AccountId(id)))
        .await
        .unwrap();
    one.does(session, always_on(true)).await.unwrap();
    assert_eq!(
        bench.reader.secrets(id).unwrap().as_deref(),
        Some(&b"new"[..])
    );
    assert_eq!(
        bench.reader.email(id).unwrap().as_deref(),
        Some("ann@example.org")
    );
    let gone = Action::DropAccount {
        account: Some("ann".into()),
    };
    soon(operator.ask(gone)).await.unwrap().unwrap();
    assert_eq!(bench.reader.secrets(id).unwrap(), None);
}

#[tokio::test]
async fn an_operator_is_answered_and_asks_in_no_other_name() {
    let bench = Bench::new();
    let mut first = operator(&bench).await;
    let mut second = soon(bench.journal.attach(Role::Operator)).await.unwrap();
    assert_ne!(first.incarnation, second.incarnation);
    let refused = soon(first.ask(Action::UnsuspendAccount {
        account: "x".into(),
    }));
    assert_eq!(
        refused.await.unwrap(),
        Err(Rejection::NoSuchAccount("x".into()))
    );
    let entry = soon(second.ask(new_account("ann"))).await.unwrap().unwrap();
    assert_eq!(
        entry.origin,
        Origin::Operator(SessionId::new(ServerId::HUB, second.incarnation, 1))
    );
    let exists = soon(first.ask(new_account("ann"))).await.unwrap();
    assert_eq!(exists, Err(Rejection::AccountExists("ann".into())));
    assert!(first.network.account_by_name("ann").is_some());

    let of_another = SessionId::new(ServerId::HUB, second.incarnation, 1);
    let strange = [
        Origin::Operator(of_another),
        Origin::Session(SessionId::new(ServerId(1), 1, 1)),
        Origin::Server(ServerId::HUB),
    ];
    for origin in strange {
        let mut link = operator(&bench).await;
        let action = new_account("bob");
        soon(link.requests.send(Request { origin, action }))
            .await
            .unwrap();
        let ended = soon(link.deliveries.next(&mut Vec::new())).await;
        assert!(
            matches!(ended, Err(Closed::Protocol(_) | Closed::Broken)),
            "{ended:?}"
        );
    }
    // Nor does a server ask in an operator's.
    let server = bench.remote(1).await;
    let origin = Origin::Operator(SessionId::new(ServerId::HUB, first.incarnation, 1));
    let action = new_account("bob");
    soon(server.requests.send(Request { origin, action }))
        .await
        .unwrap();
    let mut server = server;
    soon(server.follow_to_the_end()).await;
    assert_eq!(server.network.account_by_name("bob"), None);
    bench.journal.shutdown().await;
    let over = soon(first.ask(new_account("eve"))).await;
    assert!(matches!(over, Err(SendError::Closed(_))), "{over:?}");
}

#[tokio::test]
async fn a_damaged_record_is_said_and_nothing_is_begun() {
    let bench = Bench::new();
    let row = chat_store::Row::AlwaysOn {
        account: 1,
        record: "{".into(),
    };
    let batch = chat_store::Batch {
        rows: vec![row],
        position: 1,
    };
    let (done, wait) = std::sync::mpsc::sync_channel(1);
    bench.writer.commit(batch, move |outcome| {
        let _ = done.send(outcome);
    });
    wait.recv().unwrap();
    let setup = Setup::restore(
        Limits::default(),
        bench.writer.clone(),
        &bench.reader,
        Position(1),
    );
    let error = setup.unwrap_err();
    assert!(error.to_string().contains("always_on"), "{error}");
}
