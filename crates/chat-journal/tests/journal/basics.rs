//! Requests, answers, and the end.

use chat_journal::{Closed, ConnectError, Delivery, Journal, Role, SendError, Setup, StartError};
use chat_network::{Limits, MessageKind, Origin, Position, Rejection, Request, ServerId};

use crate::support::{Bench, join, message, register, say, soon};

#[tokio::test]
async fn a_message_crosses_from_each_kind_of_link_to_the_other() {
    let bench = Bench::new();
    let mut one = bench.local(1).await;
    let mut two = bench.remote(2).await;
    assert_eq!((one.start, two.start), (Position(0), Position(0)));
    let alice = one.enter(1, "alice").await;
    let bob = two.enter(1, "bob").await;
    one.ask(alice, say("#lobby", "from one")).await;
    two.until(|own| own.texts() == ["from one"]).await;
    two.ask(bob, say("#lobby", "from two")).await;
    one.until(|own| own.texts() == ["from one", "from two"])
        .await;
    two.until(|own| own.network == one.network).await;
}

#[test]
fn a_server_on_one_thread_with_local_tasks_works_as_well() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let bench = Bench::new();
        let mut one = bench.remote(1).await;
        let alice = one.enter(1, "alice").await;
        let requests = one.requests.clone();
        let talk = tokio::task::spawn_local(async move {
            for number in 0..100 {
                let origin = Origin::Session(alice);
                let action = say("#lobby", &number.to_string());
                requests.send(Request { origin, action }).await.unwrap();
            }
        });
        one.until(|own| own.texts().len() == 100).await;
        talk.await.unwrap();
        soon(bench.journal.shutdown()).await;
    });
}

#[tokio::test]
async fn rejections_go_to_the_origin_only_and_stand_in_order() {
    for remote in [false, true] {
        let bench = Bench::new();
        let mut one = bench.either(1, remote).await;
        let mut two = bench.either(2, remote).await;
        let alice = one.enter(1, "alice").await;
        let bob = two.enter(1, "bob").await;
        for round in 0..100 {
            one.ask(alice, say("#lobby", &round.to_string())).await;
            one.ask(alice, say("#nowhere", "lost")).await;
            one.ask(alice, join("#lobby")).await;
            two.ask(bob, register("bob")).await;
        }
        one.until(|own| own.answers(alice).len() == 302).await;
        two.until(|own| own.answers(bob).len() == 102 && own.texts().len() == 100)
            .await;
        for (round, answers) in one.answers(alice)[2..].chunks(3).enumerate() {
            let text = |entry: &chat_network::Entry| format!("{:?}", entry.event);
            assert!(
                text(answers[0].as_ref().unwrap()).contains(&format!("{:?}", round.to_string()))
            );
            assert!(answers[1].is_err());
            assert_eq!(answers[2], Err(Rejection::NoChange));
        }
        let refused = |delivery: &&Delivery| matches!(delivery, Delivery::Rejected { .. });
        assert_eq!(one.seen.iter().filter(refused).count(), 200);
        assert_eq!(two.seen.iter().filter(refused).count(), 100);
        assert_eq!(bench.journal.figures().rejections, 300);
    }
}

#[tokio::test]
async fn shutdown_commits_and_delivers_what_was_asked_and_says_goodbye() {
    for remote in [false, true] {
        let bench = Bench::new();
        let mut one = bench.either(1, remote).await;
        let alice = one.enter(1, "alice").await;
        for number in 0..1000 {
            one.ask(alice, say("#lobby", &number.to_string())).await;
        }
        // A socket has what was written only some time later; what the hub has read counts.
        one.until(|own| own.texts().len() >= 500).await;
        let watching = bench.journal.clone();
        let watch = tokio::spawn(async move { watching.ended().await });
        soon(bench.journal.shutdown()).await;
        soon(watch).await.unwrap();
        assert_eq!(one.follow_to_the_end().await, Closed::Goodbye);
        assert_eq!(
            one.texts().len() as u64,
            bench.reader.message_count().unwrap()
        );
        if !remote {
            assert_eq!(one.texts().len(), 1000);
        }
        let request = Request {
            origin: Origin::Session(alice),
            action: join("#late"),
        };
        assert!(matches!(
            soon(one.requests.send(request)).await,
            Err(SendError::Closed(_))
        ));
        assert!(!bench.socket().exists());
        assert!(soon(bench.journal.attach(Role::Observer)).await.is_err());
        soon(bench.journal.shutdown()).await;
    }
}

#[tokio::test]
async fn the_next_run_begins_after_everything_that_was_seen() {
    let bench = Bench::new();
    let mut one = bench.local(1).await;
    let alice = one.enter(1, "alice").await;
    // Leaves no row: the store only learns of the position at the end.
    one.does(alice, message(MessageKind::Tagmsg, "#lobby", ""))
        .await
        .unwrap();
    soon(bench.journal.shutdown()).await;
    let last = bench.journal.position();
    assert_eq!(last, one.entries().last().unwrap().stamp.position);
    bench
        .writer
        .close(std::time::Duration::from_secs(10))
        .unwrap();
    let path = bench.folder.path().join("storage.db");
    let (writer, _reader) = chat_store::open(&chat_store::Config::at(path)).unwrap();
    assert_eq!(
        writer.start_state("2026-01-01").unwrap().position,
        last.0 + 1
    );
}

#[tokio::test]
async fn dropping_every_handle_ends_the_sequencer() {
    let bench = Bench::new();
    let mut two = bench.remote(2).await;
    let Bench {
        journal,
        folder: _folder,
        ..
    } = bench;
    drop(journal);
    assert_eq!(two.follow_to_the_end().await, Closed::Goodbye);
}

#[tokio::test]
async fn a_socket_in_use_is_left_alone_and_a_stale_one_taken_over() {
    let bench = Bench::new();
    let (writer, _reader) = chat_store::open(&chat_store::Config::default()).unwrap();
    let setup = || Setup::new(Limits::default(), writer.clone(), Position(1));
    let second = Journal::start(setup().hub_socket(bench.socket()));
    assert!(matches!(second, Err(StartError::InUse(_))));
    bench.remote(1).await;

    let stale = bench.folder.path().join("stale.sock");
    drop(std::os::unix::net::UnixListener::bind(&stale).unwrap());
    let journal = Journal::start(setup().hub_socket(&stale)).unwrap();
    soon(chat_journal::Link::connect(&stale, Role::Observer))
        .await
        .unwrap();
    soon(journal.shutdown()).await;

    let file = bench.folder.path().join("a file");
    std::fs::write(&file, "not ours").unwrap();
    assert!(Journal::start(setup().hub_socket(&file)).is_err());
    assert_eq!(std::fs::read(&file).unwrap(), b"not ours");
    let nobody = soon(chat_journal::Link::connect(
        &stale,
        Role::Server(ServerId(1)),
    ))
    .await;
    assert!(matches!(nobody, Err(ConnectError::Io(_))));
}
