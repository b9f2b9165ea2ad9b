//! What operators do can be listed, and whom they keep out stays out.

use chat_journal::{Journal, Role, Setup};
use chat_network::{Action, Operator, OperatorAction, Rejection, Rights, ServerId};

use crate::support::{Bench, register};

fn operate(action: OperatorAction) -> Action {
    Action::Operate(Box::new(action))
}

#[tokio::test]
async fn acts_are_listed_and_bans_are_kept() {
    let bench = Bench::new();
    let mut one = bench.local(1).await;
    let ann = one.enter(1, "ann").await;
    let bob = one.enter(2, "bob").await;
    let enter = operate(OperatorAction::Enter(Operator {
        name: "root".into(),
        title: "".into(),
        rights: Rights::all(),
        host: None,
        hidden: false,
    }));
    one.does(ann, enter).await.unwrap();
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
    // As the next start of the program finds it.
    let setup = Setup::restore(
        chat_network::Limits::default(),
        bench.writer.clone(),
        &bench.reader,
        chat_network::Position(1000),
    );
    let again = Journal::start(setup.unwrap()).unwrap();
    let server = Role::Server(ServerId(1));
    let link = again.attach(server).await.unwrap();
    assert_eq!(link.network.network_bans().len(), 1);
    assert_eq!(&*link.network.network_bans()[0].mask, "bob!*@*");
    let session = one.session(3);
    let refused = one.does(session, register("bob")).await;
    assert_eq!(refused, Err(Rejection::BannedFromChat("enough".into())));
}
