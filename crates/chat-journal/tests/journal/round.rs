//! A server learns when all have handed in what had come to them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chat_journal::{Delivery, Gate};
use tokio::sync::Notify;

use crate::support::{Bench, Follower, say};

/// The round that a server was asked for last.
fn turn(server: &Follower) -> Option<u64> {
    server
        .seen
        .iter()
        .rev()
        .find_map(|delivery| match delivery {
            Delivery::Turn(round) => Some(*round),
            _ => None,
        })
}

fn gathered(server: &Follower, wish: u64) -> bool {
    let found = |delivery: &Delivery| matches!(delivery, Delivery::Gathered(all) if *all >= wish);
    server.seen.iter().any(found)
}

/// A journal with a gate at which nothing ever has to wait.
fn open() -> Bench {
    let gate = Gate::new(|| Some(std::future::ready(())));
    Bench::with(
        |mut setup| {
            setup.gate = Some(gate);
            setup
        },
        |config| config,
    )
}

#[tokio::test]
async fn what_was_handed_in_before_the_answer_comes_before_what_is_asked_after_it() {
    for remote in [false, true] {
        let bench = open();
        let mut one = bench.either(1, remote).await;
        let mut two = bench.either(2, remote).await;
        let ann = one.enter(1, "ann").await;
        let bob = two.enter(1, "bob").await;
        let wish = one.requests.gather();
        two.until(|own| turn(own).is_some()).await;
        one.until(|own| turn(own).is_some()).await;
        one.requests.turned(turn(&one).unwrap());
        // The other one has something to say first.
        for number in 0..50 {
            two.ask(bob, say("#lobby", &format!("said {number}"))).await;
        }
        assert!(!gathered(&one, wish));
        two.requests.turned(turn(&two).unwrap());
        one.until(|own| gathered(own, wish)).await;
        one.does(ann, say("#lobby", "and then")).await.unwrap();
        let texts = one.texts();
        assert_eq!(texts.len(), 51);
        assert_eq!(texts.last().map(String::as_str), Some("and then"));
        assert!(!gathered(&two, 1), "it has not wished for anything");
    }
}

#[tokio::test]
async fn nobody_is_asked_where_nothing_can_lie_and_nobody_waits_for_who_is_gone() {
    for remote in [false, true] {
        let bench = Bench::new();
        let mut one = bench.either(1, remote).await;
        let wish = one.requests.gather();
        one.until(|own| gathered(own, wish)).await;
        assert_eq!(turn(&one), None);

        let bench = open();
        let mut one = bench.either(1, remote).await;
        let mut two = bench.either(2, remote).await;
        let wish = one.requests.gather();
        one.until(|own| turn(own).is_some()).await;
        two.until(|own| turn(own).is_some()).await;
        one.requests.turned(turn(&one).unwrap());
        drop(two);
        one.until(|own| gathered(own, wish)).await;
    }
}

#[tokio::test]
async fn many_wishes_of_one_server_are_all_answered() {
    for remote in [false, true] {
        let bench = open();
        let mut one = bench.either(1, remote).await;
        let mut last = 0;
        for _ in 0..100 {
            last = one.requests.gather();
        }
        while !gathered(&one, last) {
            one.step().await.unwrap();
            if let Some(round) = turn(&one) {
                one.requests.turned(round);
            }
        }
        assert_eq!(last, 100);
    }
}

#[tokio::test]
async fn what_lies_at_the_gate_is_let_through_first() {
    let (asked, passed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let through = Arc::new(AtomicBool::new(false));
    let gate = {
        let (asked, passed, through) = (asked.clone(), passed.clone(), through.clone());
        Gate::new(move || {
            let (asked, passed, through) = (asked.clone(), passed.clone(), through.clone());
            Some(async move {
                asked.notify_one();
                passed.notified().await;
                through.store(true, Ordering::SeqCst);
            })
        })
    };
    let bench = Bench::with(
        |mut setup| {
            setup.gate = Some(gate);
            setup
        },
        |config| config,
    );
    let mut one = bench.remote(1).await;
    let wish = one.requests.gather();
    asked.notified().await;
    passed.notify_one();
    one.until(|own| turn(own).is_some()).await;
    assert!(through.load(Ordering::SeqCst));
    one.requests.turned(turn(&one).unwrap());
    one.until(|own| gathered(own, wish)).await;
}
