//! Servers that are asked to leave.

use std::time::Duration;

use chat_stats::State;
use chat_supervisor::{Builder, FleetError, FleetEvent};
use rustix::process::Signal;

use crate::approach::Kind;
use crate::harness::{Plan, as_it_is, echo, fleet, signal};

fn plan(kind: Kind) -> Plan {
    Plan {
        kind,
        servers: 2,
        capacity: 10,
        mode: echo,
    }
}

fn drain(kind: Kind) {
    fleet(plan(kind), as_it_is, |mut bench| async move {
        bench.up(2).await;
        let mut stays = bench.client().await;
        let server = stays.greeted().await;
        let index = server - 1;
        bench.fleet.drain(index).await.unwrap();
        assert_eq!(bench.figures(index).state, State::Draining);
        for _ in 0..4 {
            assert_ne!(bench.client().await.greeted().await, server);
        }
        stays.is_answered_by(server).await;
        drop(stays);
        let event = bench.event().await;
        let down = FleetEvent::ServerDown {
            index,
            name: format!("Server-{server}").into(),
            reason: "left".to_owned(),
        };
        assert_eq!(event, down);
        assert_eq!(bench.figures(index).state, State::Dead);
        // Not a crash: it stays down until it is asked for.
        bench.fleet.restart(index).await.unwrap();
        let event = bench.event().await;
        assert!(
            matches!(event, FleetEvent::ServerUp { attempt: 2, .. }),
            "{event:?}"
        );
        let unknown = bench.fleet.drain(2).await;
        assert!(matches!(unknown, Err(FleetError::NoSuchServer(2))));
        bench.stop().await;
    });
}

pub(crate) fn drain_process() {
    drain(Kind::Process);
}

pub(crate) fn drain_fork() {
    drain(Kind::Fork);
}

pub(crate) fn restart() {
    fleet(plan(Kind::Fork), as_it_is, |mut bench| async move {
        bench.up(2).await;
        let mut client = bench.client().await;
        let index = client.greeted().await - 1;
        bench.fleet.restart(index).await.unwrap();
        assert_eq!(client.rest().await, "ERROR :The server is restarted\n");
        let event = bench.event().await;
        assert!(matches!(event, FleetEvent::ServerDown { .. }), "{event:?}");
        // At once, without a pause.
        bench.up(1).await;
        bench.stop().await;
    });
}

pub(crate) fn stubborn() {
    let plan = Plan {
        mode: |_, _| "stubborn",
        ..plan(Kind::Fork)
    };
    let patience = |builder: Builder| builder.leave_within(Duration::from_millis(100));
    fleet(plan, patience, |mut bench| async move {
        bench.up(2).await;
        // Handed over and never taken: it is told as well.
        let mut client = bench.client().await;
        let board = bench.board.clone();
        crate::harness::until("it has a place", || {
            board.snapshot().totals.places_taken == 1
        })
        .await;
        bench.stop().await;
        assert_eq!(client.rest().await, "ERROR :the test is over\r\n");
    });
}

pub(crate) fn sigterm() {
    fleet(plan(Kind::Process), as_it_is, |mut bench| async move {
        bench.up(2).await;
        let mut client = bench.client().await;
        let index = client.greeted().await - 1;
        signal(bench.pids[&index], Signal::TERM);
        let text = client.rest().await;
        assert_eq!(text, "ERROR :The server is shutting down\n");
        let event = bench.event().await;
        let FleetEvent::ServerDown { reason, .. } = &event else {
            panic!("{event:?}");
        };
        assert_eq!(reason, "left");
        // Nobody in the fleet had asked for it.
        let event = bench.event().await;
        assert!(matches!(event, FleetEvent::Restarting { .. }), "{event:?}");
        bench.up(1).await;
        bench.stop().await;
    });
}
