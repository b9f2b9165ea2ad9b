//! What operators do can be listed, and whom they keep out stays out.

use chat_journal::{Journal, Role, Setup};
use chat_network::{
    Action, Configuration, Defcon, Event, Limits, Operator, OperatorAction, Reconfiguration,
    Rejection, Rights, ServerId, Settings,
};

use crate::support::{Bench, register, soon};

fn operate(action: OperatorAction) -> Action {
    Action::Operate(Box::new(action))
}

fn enter() -> Action {
    operate(OperatorAction::Enter(Operator {
        name: "root".into(),
        title: "".into(),
        rights: Rights::all(),
        host: None,
        hidden: false,
    }))
}

#[tokio::test]
async fn acts_are_listed_and_bans_are_kept() {
    let bench = Bench::new();
    let mut one = bench.local(1).await;
    let ann = one.enter(1, "ann").await;
    let bob = one.enter(2, "bob").await;
    one.does(ann, enter()).await.unwrap();
    let kill = operate(OperatorAction::Kill {
        nick: "bob".into(),
        reason: "enough".into(),
    });
    // What is refused is no act.
    assert!(one.does(bob, kill.clone()).await.is_err());
    one.does(ann, kill).await.unwrap();
    let ban = operate(OperatorAction::Ban {
        mask: "bob".into(),
        seconds: None,
        reason: "enough".into(),
    });
    one.does(ann, ban).await.unwrap();
    let acts = bench.reader.operator_acts(10).unwrap();
    let told: Vec<_> = acts
        .iter()
        .map(|act| (&*act.operator, &*act.who, &*act.act, &*act.detail))
        .collect();
    let who = "ann!~ann@localhost";
    assert_eq!(
        told,
        [
            ("root", who, "OPER", ""),
            ("root", who, "KILL", "bob Killed by ann: enough"),
            ("root", who, "UBAN ADD", "bob!*@* enough"),
        ]
    );
    let guarded = Defcon::new(4).unwrap();
    one.does(ann, operate(OperatorAction::Defcon(guarded)))
        .await
        .unwrap();
    // As the next start of the program finds it.
    let setup = Setup::restore(
        Limits::default(),
        bench.writer.clone(),
        &bench.reader,
        chat_network::Position(1000),
    );
    let again = Journal::start(setup.unwrap()).unwrap();
    let server = Role::Server(ServerId(1));
    let link = again.attach(server).await.unwrap();
    assert_eq!(link.network.defcon(), guarded);
    assert_eq!(link.network.network_bans().len(), 1);
    assert_eq!(&*link.network.network_bans()[0].mask, "bob!*@*");
    let session = one.session(3);
    let refused = one.does(session, register("bob")).await;
    assert_eq!(refused, Err(Rejection::BannedFromChat("enough".into())));
}

#[tokio::test]
async fn a_configuration_is_one_entry_for_all_and_known_to_who_comes_later() {
    let bench = Bench::with(
        |mut setup| {
            setup.rereads = true;
            setup
        },
        |config| config,
    );
    let (mut one, mut two) = (bench.local(1).await, bench.remote(2).await);
    let ann = one.enter(1, "ann").await;
    let refused = one.does(ann, operate(OperatorAction::Rehash)).await;
    assert_eq!(refused.unwrap_err(), Rejection::NotAnOperator);
    one.does(ann, enter()).await.unwrap();
    one.does(ann, operate(OperatorAction::Rehash))
        .await
        .unwrap();
    assert_eq!(soon(bench.journal.rehash_wanted()).await, [ann]);
    let limits = Limits {
        channels_per_user: 7,
        ..Limits::default()
    };
    let read = Configuration {
        change: Some(Box::new(Reconfiguration {
            limits: limits.clone(),
            operators: Vec::new(),
            // As large as it may be: it is one frame.
            settings: Settings::new(vec![7; Settings::MAX]).unwrap(),
        })),
        askers: vec![ann],
        notes: Vec::new(),
    };
    bench.journal.configure(read.clone()).unwrap();
    for server in [&mut one, &mut two] {
        let configured = |entry: &Event| matches!(entry, Event::Configured(got) if **got == read);
        server
            .until(|own| own.entries().iter().any(|entry| configured(&entry.event)))
            .await;
        assert_eq!(server.network.limits(), &limits);
        assert_eq!(server.network.operator_count(), 0);
    }
    let late = bench.remote(3).await;
    assert_eq!(late.network, one.network);
    let acts = bench.reader.operator_acts(10).unwrap();
    assert_eq!(acts.last().unwrap().act, "REHASH");
    bench.journal.shutdown().await;
    assert!(bench.journal.configure(read).is_err());
}

#[tokio::test]
async fn who_asks_where_nobody_has_a_file_is_told() {
    let bench = Bench::new();
    let mut one = bench.local(1).await;
    let ann = one.enter(1, "ann").await;
    one.does(ann, enter()).await.unwrap();
    one.does(ann, operate(OperatorAction::Rehash))
        .await
        .unwrap();
    let told = |event: &Event| match event {
        Event::Configured(read) => read.change.is_none() && read.askers == [ann],
        _ => false,
    };
    one.until(|own| own.entries().iter().any(|entry| told(&entry.event)))
        .await;
    assert!(one.network.settings().is_none());
}
