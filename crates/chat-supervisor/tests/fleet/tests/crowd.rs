//! Many clients.

use std::time::Duration;

use chat_balance::AlgorithmKind;
use chat_supervisor::Builder;
use rustix::process::Signal;

use crate::approach::Kind;
use crate::harness::{Plan, as_it_is, descriptors, echo, fleet, signal, until};

fn thousands(kind: Kind) {
    let plan = Plan {
        kind,
        servers: 2,
        capacity: 1000,
        mode: echo,
    };
    fleet(plan, as_it_is, |mut bench| async move {
        bench.up(2).await;
        // Counted before the first client: while one is being acknowledged its copy is still open.
        let before = descriptors();
        for _ in 0..3000 {
            bench.client().await.greeted().await;
        }
        let board = bench.board.clone();
        let empty = || board.snapshot().totals.places_taken == 0;
        until("all have left", empty).await;
        until("no copy is kept", || descriptors() == before).await;
        let totals = bench.board.snapshot().totals;
        assert_eq!(
            (totals.admitted, totals.lost, totals.rejected),
            (3000, 0, 0)
        );

        let address = bench.fleet.addresses()[0].1;
        let mut last = bench.client().await;
        let server = last.greeted().await;
        assert!((1..=2).contains(&server));
        bench.stop().await;
        assert_eq!(last.rest().await, "ERROR :the test is over\n");
        assert!(std::net::TcpStream::connect(address).is_err());
    });
}

pub(crate) fn thousands_process() {
    thousands(Kind::Process);
}

pub(crate) fn thousands_fork() {
    thousands(Kind::Fork);
}

/// Server-1 is stopped by a signal. Its control socket takes a few hundred clients; everybody else
/// goes to Server-2 at once, and nobody is lost when Server-1 goes on.
pub(crate) fn busy() {
    let plan = Plan {
        kind: Kind::Process,
        servers: 2,
        capacity: 2000,
        mode: echo,
    };
    // It is not taken for hung, however long this lasts.
    let round = |builder: Builder| {
        let hour = Duration::from_secs(3600);
        builder
            .algorithm(AlgorithmKind::RoundRobin)
            .answer_within(hour)
    };
    fleet(plan, round, |mut bench| async move {
        const CLIENTS: u64 = 900;
        chat_transport::raise_descriptor_limit();
        bench.up(2).await;
        signal(bench.pids[&0], Signal::STOP);
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            clients.push(bench.client().await);
        }
        let board = bench.board.clone();
        let placed = || board.snapshot().totals.places_taken == CLIENTS;
        until("all have a place", placed).await;
        let held = u64::from(bench.figures(0).places_taken);
        assert!(held > 0 && held < CLIENTS / 2, "{held} wait at Server-1");
        let served = || u64::from(board.slot(1).places_taken()) == board.snapshot().servers[1].now;
        until("Server-2 serves all that it has", served).await;
        signal(bench.pids[&0], Signal::CONT);
        for client in &mut clients {
            client.greeted().await;
        }
        assert_eq!(bench.figures(0).now, held);
        drop(clients);
        bench.stop().await;
    });
}
