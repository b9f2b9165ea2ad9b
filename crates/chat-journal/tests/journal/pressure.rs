//! What happens at the bounds.

use chat_journal::{Closed, MAX_REQUEST_BYTES, SendError, TrySendError};
use chat_network::{Event, Origin, Rejection, Request};

use crate::support::{Bench, Stuck, comes_true, join, register, say, soon};

#[tokio::test]
async fn a_link_that_does_not_read_is_cut_at_its_bound() {
    for remote in [false, true] {
        let bench = Bench::with(
            |mut setup| {
                setup.link_bytes = 256 * 1024;
                setup
            },
            |config| config,
        );
        let mut one = bench.either(1, remote).await;
        let mut slow = bench.either(2, remote).await;
        let alice = one.enter(1, "alice").await;
        slow.enter(1, "bob").await;
        let text = "x".repeat(400);
        let mut sent = 0;
        while bench.journal.figures().cut == 0 {
            one.does(alice, say("#lobby", &text)).await.unwrap();
            sent += 1;
            assert!(sent < 50_000, "a link that never reads is never cut");
        }
        one.until(|own| own.network.user_by_nick("bob").is_none())
            .await;
        assert_eq!(one.texts().len(), sent);
        let lost =
            |event: &Event| matches!(event, Event::ServerLost { server, .. } if server.0 == 2);
        assert!(one.entries().iter().any(|entry| lost(&entry.event)));
        let reason = if remote {
            Closed::Broken
        } else {
            Closed::TooSlow
        };
        assert_eq!(slow.follow_to_the_end().await, reason);
        let request = Request {
            origin: Origin::Session(slow.session(1)),
            action: join("#late"),
        };
        assert!(matches!(
            soon(slow.requests.send(request)).await,
            Err(SendError::Closed(_))
        ));
        // The others go on.
        one.does(alice, say("#lobby", "end")).await.unwrap();
    }
}

#[tokio::test]
async fn senders_wait_while_the_sequencer_is_full() {
    for remote in [false, true] {
        let bench = Bench::new();
        let mut one = bench.either(1, remote).await;
        let alice = one.enter(1, "alice").await;
        let stuck = Stuck::new(&bench.writer);
        let mut sent = 0;
        let request = |number: usize| Request {
            origin: Origin::Session(alice),
            action: say("#lobby", &format!("{number:0400}")),
        };
        // Full for good only when nothing moves any more on the way.
        let mut full = 0;
        while full < 50 {
            match one.requests.try_send(request(sent)) {
                Ok(()) => (sent, full) = (sent + 1, 0),
                Err(TrySendError::Full(back)) => {
                    assert_eq!(*back, request(sent));
                    full += 1;
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                }
                Err(other) => panic!("{other}"),
            }
            assert!(sent < 100_000, "nothing ever fills up");
        }
        assert!(one.texts().is_empty());
        drop(stuck);
        one.until(|own| own.texts().len() == sent).await;
        assert_eq!(one.texts().last().unwrap(), &format!("{:0400}", sent - 1));
    }
}

#[tokio::test]
async fn messages_are_refused_while_storage_is_full_and_the_rest_goes_on() {
    let bench = Bench::with(
        |setup| setup,
        |config| chat_store::Config {
            held_bytes: 4096,
            ..config
        },
    );
    let mut one = bench.local(1).await;
    let alice = one.enter(1, "alice").await;
    let before = bench.journal.figures().batches;
    let stuck = Stuck::new(&bench.writer);
    for number in 0..60 {
        one.ask(alice, say("#lobby", &format!("{number:0100}")))
            .await;
    }
    comes_true(|| bench.journal.figures().batches > before).await;
    assert!(!bench.writer.accepting());
    one.ask(alice, say("#lobby", "too much")).await;
    one.ask(alice, join("#other")).await;
    comes_true(|| bench.journal.figures().batches > before + 1).await;
    drop(stuck);
    one.until(|own| own.answers(alice).len() == 2 + 62).await;
    let answers = one.answers(alice);
    assert_eq!(answers[62], Err(Rejection::StorageFull));
    assert!(answers[63].is_ok());
    assert_eq!(one.texts().len(), 60);
    comes_true(|| bench.writer.accepting()).await;
    one.does(alice, say("#lobby", "better")).await.unwrap();
}

#[tokio::test]
async fn without_a_store_no_message_is_shown() {
    let bench = Bench::new();
    let mut one = bench.local(1).await;
    let alice = one.enter(1, "alice").await;
    bench
        .writer
        .close(std::time::Duration::from_secs(10))
        .unwrap();
    let said = one.does(alice, say("#lobby", "lost")).await;
    assert_eq!(said, Err(Rejection::StorageFull));
    one.does(one.session(2), register("bob")).await.unwrap();
    assert_eq!(bench.journal.figures().lost, 1);
    soon(bench.journal.shutdown()).await;
    assert_eq!(one.follow_to_the_end().await, Closed::Goodbye);
}

#[tokio::test]
async fn a_request_too_large_is_not_taken_and_the_largest_is() {
    for remote in [false, true] {
        let bench = Bench::new();
        let mut one = bench.either(1, remote).await;
        let alice = one.enter(1, "alice").await;
        let request = |length: usize| Request {
            origin: Origin::Session(alice),
            action: say("#lobby", &"x".repeat(length)),
        };
        let large = request(MAX_REQUEST_BYTES);
        assert_eq!(
            soon(one.requests.send(large.clone())).await,
            Err(SendError::TooLarge)
        );
        assert_eq!(one.requests.try_send(large), Err(TrySendError::TooLarge));
        for _ in 0..40 {
            soon(one.requests.send(request(MAX_REQUEST_BYTES - 1024)))
                .await
                .unwrap();
        }
        one.until(|own| own.texts().len() == 40).await;
    }
}
