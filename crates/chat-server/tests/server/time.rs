//! Deadlines, with a clock that the test moves and pipes instead of sockets.

use std::sync::Arc;
use std::time::Duration;

use chat_journal::{Journal, Role, Setup};
use chat_network::{Limits as NetworkLimits, Position, ServerId};
use chat_server::config::{Config, Flood, Limits};
use chat_server::{Accepted, Parts, PlaceTaken, run};
use chat_stats::{Board, SlotSetup};
use chat_transport::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::pipe::Pipe;

/// Runs a server as a launcher would, on this thread, and a test beside it.
fn with_server<T: Future<Output = ()>>(limits: Limits, test: impl FnOnce(Pipe, Board) -> T) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (writer, reader) = chat_store::open(&chat_store::Config::default()).unwrap();
        let setup = Setup::new(NetworkLimits::default(), writer, Position(1));
        let journal = Journal::start(setup).unwrap();
        let board = Board::private(&[SlotSetup { capacity: 5 }, SlotSetup { capacity: 5 }]);
        let parts = Parts {
            config: Config {
                server: 2,
                limits,
                ..Config::default()
            },
            link: journal.attach(Role::Server(ServerId(2))).await.unwrap(),
            board: board.clone(),
            reader: Some(reader.clone()),
            courier: None,
            rendered: Arc::default(),
        };
        let (hand, incoming) = mpsc::channel(1);
        let (connection, client) = Connection::pair().unwrap();
        assert!(board.slot(1).take_place(), "as the edge does");
        hand.send(Accepted {
            connection,
            place: PlaceTaken::ByEdge,
        })
        .await
        .unwrap();
        let pipe = Pipe::new(client);
        let (stop, stopped) = oneshot::channel::<String>();
        let server = run(
            parts,
            incoming,
            async move { stopped.await.unwrap_or_default() },
        );
        let test = async {
            test(pipe, board.clone()).await;
            stop.send("over".to_owned()).unwrap();
        };
        let (result, ()) = tokio::join!(server, test);
        result.unwrap();
        journal.shutdown().await;
        assert_eq!(board.snapshot().totals.places_taken, 0);
        assert_eq!(board.snapshot().totals.now, 0);
    });
}

fn seconds(ping: u64, pong: u64, registration: u64) -> Limits {
    Limits {
        flood: None,
        ping: Duration::from_secs(ping),
        pong: Duration::from_secs(pong),
        registration: Duration::from_secs(registration),
        ..Limits::default()
    }
}

#[test]
fn who_does_not_register_is_let_go() {
    with_server(seconds(100, 100, 1), |mut pipe, board| async move {
        assert_eq!(
            pipe.line().await,
            ":chat.local NOTICE * :*** You are on Server-2"
        );
        assert_eq!(
            pipe.line().await,
            "ERROR :Closing link: Registration timed out"
        );
        assert_eq!(pipe.next().await, None);
        drop(pipe);
        while board.snapshot().servers[1].rejected == 0 {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn who_is_silent_is_pinged_and_then_let_go() {
    with_server(seconds(1, 1, 100), |mut pipe, board| async move {
        pipe.send("NICK ann\r\nUSER ann 0 * :A\r\n").await;
        assert!(pipe.wait_for(" 002 ").await.contains(" (Server-2), "));
        pipe.wait_for(" 366 ").await;
        // Registration took the deadline away; the answer to a PING keeps the connection.
        assert_eq!(pipe.line().await, "PING :chat.local");
        pipe.send("PONG chat.local\r\n").await;
        assert_eq!(pipe.line().await, "PING :chat.local");
        let error = pipe.line().await;
        assert!(
            error.starts_with("ERROR :Closing link: Ping timeout: "),
            "{error}"
        );
        assert_eq!(pipe.next().await, None);
        assert_eq!(board.snapshot().servers[1].admitted, 1);
    });
}

#[test]
fn who_sends_too_fast_is_slowed_but_loses_nothing() {
    let flood = Flood {
        burst: 5,
        rate: 20,
        patience: Duration::from_secs(100),
    };
    let limits = Limits {
        flood: Some(flood),
        ..seconds(100, 100, 100)
    };
    with_server(limits, |mut pipe, _| async move {
        let start = tokio::time::Instant::now();
        pipe.send("NICK ann\r\nUSER ann 0 * :A\r\n").await;
        for number in 0..23 {
            pipe.send(&format!("PING {number}\r\n")).await;
        }
        for number in 0..23 {
            assert!(
                pipe.wait_for(" PONG ")
                    .await
                    .ends_with(&format!(" :{number}"))
            );
        }
        // 25 lines, 5 of them at once, 20 a second.
        assert!(
            start.elapsed() >= Duration::from_millis(950),
            "{:?}",
            start.elapsed()
        );
    });
}

#[test]
fn who_never_stops_flooding_is_closed() {
    let flood = Flood {
        burst: 3,
        rate: 10,
        patience: Duration::from_millis(500),
    };
    let limits = Limits {
        flood: Some(flood),
        ..seconds(100, 100, 100)
    };
    with_server(limits, |mut pipe, _| async move {
        pipe.send(&"PING x\r\n".repeat(200)).await;
        assert_eq!(
            pipe.wait_for("ERROR").await,
            "ERROR :Closing link: Excess flood"
        );
    });
}
