//! A server learns when all others have rendered what it asks about.

use chat_journal::{Delivery, Role};
use chat_network::{Position, ServerId};

use crate::support::{Bench, Follower, comes_true, say, soon};

/// A fleet whose first server has said something; where.
async fn three(remote: bool) -> (Bench, Vec<Follower>, Position) {
    let bench = Bench::new();
    let mut servers = Vec::new();
    for server in 1..=3 {
        servers.push(bench.either(server, remote).await);
    }
    let alice = servers[0].enter(1, "alice").await;
    let said = servers[0].does(alice, say("#lobby", "hello")).await;
    let position = said.unwrap().stamp.position;
    (bench, servers, position)
}

/// Whether a server was told that all have come to a position.
fn told(server: &Follower, position: Position) -> bool {
    server.seen.contains(&Delivery::Reached(position))
}

/// Waits until the first is told, while the others read on, as servers do.
async fn first_is_told(servers: &mut [Follower], position: Position) {
    let (first, others) = servers.split_first_mut().expect("a first");
    let reading = async {
        match others {
            [one] => one.until(|_| false).await,
            [one, two] => drop(tokio::join!(one.until(|_| false), two.until(|_| false))),
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = first.until(|own| told(own, position)) => {}
        _ = reading => unreachable!("they read for ever"),
    }
}

#[tokio::test]
async fn it_is_told_once_the_last_has_rendered_it() {
    for remote in [false, true] {
        let (bench, mut servers, position) = three(remote).await;
        assert!(!servers[0].requests.reached(position));
        servers[1].deliveries.acknowledge(position);
        servers[2].deliveries.acknowledge(Position(position.0 - 1));
        // What others say meanwhile comes first: nobody has answered yet.
        let bob = servers[1].enter(1, "bob").await;
        servers[1].does(bob, say("#lobby", "still")).await.unwrap();
        servers[0]
            .until(|own| own.texts().contains(&"still".to_owned()))
            .await;
        assert!(!told(&servers[0], position));
        servers[2].deliveries.acknowledge(position);
        first_is_told(&mut servers, position).await;
        assert!(!told(&servers[1], position) && !told(&servers[2], position));
        drop(bench);
    }
}

#[tokio::test]
async fn nobody_waits_for_a_server_that_is_gone_or_for_who_only_looks_on() {
    for remote in [false, true] {
        let (bench, mut servers, position) = three(remote).await;
        let _observer = soon(bench.journal.attach(Role::Observer)).await.unwrap();
        assert!(!servers[0].requests.reached(position));
        servers[1].deliveries.acknowledge(position);
        servers.pop();
        first_is_told(&mut servers, position).await;
    }
}

#[tokio::test]
async fn one_server_alone_waits_for_nobody() {
    let bench = Bench::new();
    let mut one = bench.local(1).await;
    let alice = one.enter(1, "alice").await;
    let said = one.does(alice, say("#lobby", "hello")).await.unwrap();
    assert!(one.requests.reached(said.stamp.position));
    // Over a socket the hub must be asked, and answers at once.
    let mut two = bench.remote(2).await;
    let bob = two.enter(1, "bob").await;
    let position = two.does(bob, say("#lobby", "ho")).await.unwrap();
    let position = position.stamp.position;
    one.deliveries.acknowledge(position);
    assert!(!two.requests.reached(position));
    two.until(|own| told(own, position)).await;
}

#[tokio::test]
async fn several_that_wait_are_all_told() {
    for remote in [false, true] {
        let (_bench, mut servers, first) = three(remote).await;
        let alice = servers[0].session(1);
        let said = servers[0].does(alice, say("#lobby", "more")).await.unwrap();
        let second = said.stamp.position;
        assert!(!servers[0].requests.reached(second));
        assert!(!servers[0].requests.reached(first));
        for server in &servers[1..] {
            server.deliveries.acknowledge(second);
        }
        // The later one stands for both.
        first_is_told(&mut servers, second).await;
        assert!(remote || told(&servers[0], first) || servers[0].requests.reached(first));
    }
}

#[tokio::test]
async fn a_server_that_stands_still_is_known_by_what_it_lacks() {
    let bench = Bench::new();
    let (mut one, mut two) = (bench.local(1).await, bench.remote(2).await);
    one.enter(1, "ann").await;
    let last = bench.journal.position();
    let both = |entries| [(ServerId(1), entries), (ServerId(2), entries)];
    // What is there now is due at the next look.
    assert_eq!(bench.journal.behind(), both(0));
    let due = last.0 - one.start.0;
    assert!(due > 0);
    assert_eq!(bench.journal.behind(), both(due));
    two.until(|own| own.network.user_by_nick("ann").is_some())
        .await;
    for server in [&mut one, &mut two] {
        server.deliveries.acknowledge(last);
    }
    // Nobody has anything to ask: the second tells because it is asked to, as it goes on reading.
    soon(async {
        tokio::select! {
            _ = two.step() => panic!("nothing has happened"),
            () = comes_true(|| bench.journal.behind() == both(0)) => {}
        }
    })
    .await;
}
