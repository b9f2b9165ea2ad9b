//! How links end, and what the others see of it.

use chat_journal::{Closed, Delivery, Role, SendError};
use chat_network::{Action, Event, Origin, Request, ServerId};

use crate::support::{Bench, Follower, comes_true, join, say, soon};

/// Two servers with a user each.
async fn pair(bench: &Bench, remote: bool) -> [Follower; 2] {
    let mut one = bench.either(1, remote).await;
    let mut two = bench.either(2, remote).await;
    one.enter(1, "alice").await;
    two.enter(1, "bob").await;
    [one, two]
}

/// The life of a server that is lost to others is over for all of them.
async fn loses(two: &mut Follower, server: ServerId, incarnation: u16) {
    two.until(|own| own.network.user_by_nick("alice").is_none())
        .await;
    let lost = two
        .entries()
        .into_iter()
        .find_map(|entry| match &entry.event {
            Event::ServerLost {
                server,
                incarnation,
                ..
            } => Some((*server, *incarnation)),
            _ => None,
        });
    assert_eq!(lost, Some((server, incarnation)));
}

#[tokio::test]
async fn a_server_that_is_gone_takes_its_users_along() {
    for remote in [false, true] {
        let bench = Bench::new();
        let [one, mut two] = pair(&bench, remote).await;
        let (server, life) = (one.server, one.incarnation);
        drop(one);
        loses(&mut two, server, life).await;
        let rows = bench.reader.sessions(None, 10).unwrap();
        let left = |nick: &str| {
            let row = rows
                .iter()
                .find(|row| row.user.as_deref() == Some(nick))
                .unwrap();
            row.out_time.is_some()
        };
        assert_eq!((left("alice"), left("bob")), (true, false));
        comes_true(|| bench.journal.lag().len() == 1).await;
        let again = bench.either(1, remote).await;
        assert_ne!(again.incarnation, life);
        assert!(again.network.user_by_nick("bob").is_some());
    }
}

#[tokio::test]
async fn a_second_link_of_a_server_takes_over() {
    for remote in [false, true] {
        let bench = Bench::new();
        let [mut one, mut two] = pair(&bench, remote).await;
        let second = bench.either(1, remote).await;
        assert_ne!(second.incarnation, one.incarnation);
        assert!(second.network.user_by_nick("alice").is_none());
        assert!(second.network.user_by_nick("bob").is_some());
        let reason = if remote {
            Closed::Broken
        } else {
            Closed::Replaced
        };
        assert_eq!(one.follow_to_the_end().await, reason);
        let request = Request {
            origin: Origin::Session(one.session(1)),
            action: join("#late"),
        };
        assert_eq!(
            soon(one.requests.send(request)).await,
            Err(SendError::Closed(reason))
        );
        loses(&mut two, one.server, one.incarnation).await;
        assert_eq!(bench.journal.figures().cut, 1);
    }
}

#[tokio::test]
async fn what_was_asked_before_a_link_is_let_go_still_counts() {
    let bench = Bench::new();
    let [one, mut two] = pair(&bench, true).await;
    for number in 0..500 {
        one.ask(one.session(1), say("#lobby", &number.to_string()))
            .await;
    }
    let (server, life) = (one.server, one.incarnation);
    drop(one);
    loses(&mut two, server, life).await;
    assert_eq!(two.texts().len(), 500);
}

#[tokio::test]
async fn a_request_in_the_name_of_another_server_ends_the_link() {
    for remote in [false, true] {
        for who in 0..4 {
            let bench = Bench::new();
            let [mut one, mut two] = pair(&bench, remote).await;
            let earlier =
                chat_network::SessionId::new(one.server, one.incarnation.wrapping_sub(1), 1);
            let origin = match who {
                0 => Origin::Session(two.session(1)),
                1 => Origin::Session(earlier),
                2 => Origin::Server(two.server),
                _ => Origin::Server(ServerId::HUB),
            };
            let action = say("#lobby", "not me");
            soon(one.requests.send(Request { origin, action }))
                .await
                .unwrap();
            let end = one.follow_to_the_end().await;
            match remote {
                true => assert_eq!(end, Closed::Broken),
                false => assert!(matches!(end, Closed::Protocol(_))),
            }
            loses(&mut two, one.server, one.incarnation).await;
            assert!(two.texts().is_empty());
        }
    }
}

#[tokio::test]
async fn an_observer_looks_on_and_may_ask_nothing() {
    let bench = Bench::new();
    let mut one = bench.local(1).await;
    let link = soon(bench.journal.attach(Role::Observer)).await.unwrap();
    let mut observer = Follower::new(ServerId::HUB, link);
    let alice = one.enter(1, "alice").await;
    assert!(one.does(alice, join("not a channel")).await.is_err());
    one.does(alice, say("#lobby", "seen")).await.unwrap();
    observer.until(|own| own.texts() == ["seen"]).await;
    assert!(
        observer
            .seen
            .iter()
            .all(|delivery| matches!(delivery, Delivery::Entry(_)))
    );
    let origin = Origin::Server(ServerId(1));
    let action = Action::Disconnect {
        nick: "alice".into(),
        reason: "so".into(),
    };
    soon(observer.requests.send(Request { origin, action }))
        .await
        .unwrap();
    assert!(matches!(
        observer.follow_to_the_end().await,
        Closed::Protocol(_)
    ));
    one.does(alice, say("#lobby", "still here")).await.unwrap();
}

#[tokio::test]
async fn a_server_may_end_the_sessions_of_a_user() {
    let bench = Bench::new();
    let [mut one, mut two] = pair(&bench, true).await;
    let origin = Origin::Server(two.server);
    let action = Action::Disconnect {
        nick: "Alice".into(),
        reason: "so".into(),
    };
    soon(two.requests.send(Request { origin, action }))
        .await
        .unwrap();
    one.until(|own| own.network.user_by_nick("alice").is_none())
        .await;
    two.until(|own| own.network.user_by_nick("alice").is_none())
        .await;
    let rows = bench.reader.sessions(None, 10).unwrap();
    let alice = rows
        .iter()
        .find(|row| row.user.as_deref() == Some("alice"))
        .unwrap();
    assert!(alice.out_time.is_some());
    let again = one.does(one.session(1), say("#lobby", "hello?")).await;
    assert_eq!(again.unwrap_err(), chat_network::Rejection::NotRegistered);
}

#[tokio::test]
async fn acknowledgements_show_how_far_each_link_is() {
    let bench = Bench::new();
    let mut one = bench.local(1).await;
    let mut two = bench.remote(2).await;
    let alice = one.enter(1, "alice").await;
    for number in 0..10 {
        one.does(alice, say("#lobby", &number.to_string()))
            .await
            .unwrap();
    }
    two.until(|own| own.texts().len() == 10).await;
    let last = bench.journal.position();
    let acknowledged = |server| {
        let lag = bench.journal.lag();
        let lag = lag
            .iter()
            .find(|lag| lag.role == Role::Server(ServerId(server)));
        lag.unwrap().acknowledged
    };
    assert_eq!((acknowledged(1), acknowledged(2)), (one.start, two.start));
    one.deliveries.acknowledge(last);
    assert_eq!((acknowledged(1), acknowledged(2)), (last, two.start));
    two.deliveries
        .acknowledge(chat_network::Position(last.0 - 1));
    two.deliveries.acknowledge(last);
    // Told along with what it asks next.
    two.enter(1, "bob").await;
    comes_true(|| acknowledged(2) == last).await;
}

#[tokio::test]
async fn who_only_reads_says_now_and_then_how_far_it_is() {
    let bench = Bench::new();
    let mut one = bench.local(1).await;
    let mut two = bench.remote(2).await;
    let alice = one.enter(1, "alice").await;
    for number in 0..300 {
        one.does(alice, say("#lobby", &number.to_string()))
            .await
            .unwrap();
    }
    two.until(|own| own.texts().len() == 300).await;
    for position in two.start.0..=bench.journal.position().0 {
        two.deliveries.acknowledge(chat_network::Position(position));
    }
    let told = || {
        let lag = bench.journal.lag();
        let of_two = lag.iter().find(|lag| lag.role == Role::Server(ServerId(2)));
        of_two.unwrap().acknowledged
    };
    comes_true(|| told().0 >= two.start.0 + 256).await;
}

#[tokio::test]
async fn ratings_and_departures_are_kept() {
    let bench = Bench::new();
    let mut two = bench.remote(2).await;
    let bob = two.enter(1, "bob").await;
    two.does(bob, Action::Rate { stars: 2 }).await.unwrap();
    two.does(bob, Action::Rate { stars: 5 }).await.unwrap();
    assert!(two.does(bob, Action::Rate { stars: 6 }).await.is_err());
    let ratings = bench.reader.ratings().unwrap();
    assert_eq!(ratings.len(), 1);
    assert_eq!(
        (ratings[0].server.as_str(), ratings[0].sum, ratings[0].count),
        ("Server-2", 5, 1)
    );
    two.does(
        bob,
        Action::Quit {
            reason: "bye".into(),
        },
    )
    .await
    .unwrap();
    let rows = bench.reader.sessions(None, 10).unwrap();
    assert_eq!(rows.len(), 1);
    assert!(rows[0].out_time.is_some());
}
