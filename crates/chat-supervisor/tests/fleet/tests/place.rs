//! Where clients go.

use std::net::{Ipv4Addr, SocketAddr};

use chat_balance::AlgorithmKind;
use chat_stats::State;
use chat_supervisor::FleetEvent;

use crate::approach::Kind;
use crate::harness::{Plan, as_it_is, echo, fleet, until};

fn balanced(kind: Kind, algorithm: AlgorithmKind) {
    let plan = Plan {
        kind,
        servers: 3,
        capacity: 100,
        mode: echo,
    };
    let more = match algorithm {
        AlgorithmKind::RoundRobin => {
            |builder: chat_supervisor::Builder| builder.algorithm(AlgorithmKind::RoundRobin)
        }
        AlgorithmKind::LeastConnection => {
            |builder: chat_supervisor::Builder| builder.algorithm(AlgorithmKind::LeastConnection)
        }
    };
    fleet(plan, more, |mut bench| async move {
        bench.up(3).await;
        let mut clients = Vec::new();
        let mut counts = [0; 3];
        for _ in 0..9 {
            let mut client = bench.client().await;
            let server = client.greeted().await;
            client.is_answered_by(server).await;
            counts[server - 1] += 1;
            clients.push((server, client));
        }
        assert_eq!(counts, [3, 3, 3]);
        for index in 0..3 {
            let figures = bench.figures(index);
            assert_eq!((figures.places_taken, figures.now), (3, 3));
            assert_eq!(figures.state, State::Running);
            assert_eq!(figures.pid, bench.pids[&index]);
        }

        // Server-2 loses all: only one algorithm cares.
        clients.retain(|(server, _)| *server != 2);
        let board = bench.board.clone();
        until("the places are free", || board.slot(1).places_taken() == 0).await;
        let mut next = Vec::new();
        for _ in 0..3 {
            let mut client = bench.client().await;
            next.push(client.greeted().await);
            clients.push((0, client));
        }
        match algorithm {
            AlgorithmKind::LeastConnection => assert_eq!(next, [2, 2, 2]),
            AlgorithmKind::RoundRobin => {
                next.sort_unstable();
                assert_eq!(next, [1, 2, 3]);
            }
        }
        bench.stop().await;
    });
}

pub(crate) fn least_process() {
    balanced(Kind::Process, AlgorithmKind::LeastConnection);
}

pub(crate) fn least_fork() {
    balanced(Kind::Fork, AlgorithmKind::LeastConnection);
}

pub(crate) fn round_process() {
    balanced(Kind::Process, AlgorithmKind::RoundRobin);
}

pub(crate) fn round_fork() {
    balanced(Kind::Fork, AlgorithmKind::RoundRobin);
}

/// The client is told, sees a clean end though it has spoken, is counted, and has not cost the
/// next one a place.
pub(crate) fn all_full() {
    let plan = Plan {
        kind: Kind::Process,
        servers: 2,
        capacity: 1,
        mode: echo,
    };
    fleet(plan, as_it_is, |mut bench| async move {
        bench.up(2).await;
        let (mut first, mut second) = (bench.client().await, bench.client().await);
        let servers = [first.greeted().await, second.greeted().await];
        assert_ne!(servers[0], servers[1]);
        for lost in 1..=4 {
            let mut client = bench.client().await;
            client.say("NICK ann").await;
            let text = client.rest().await;
            let full = "ERROR :All servers are full, please try again later\r\n";
            assert_eq!(text, full);
            assert_eq!(bench.board.snapshot().totals.lost, lost);
        }
        // A lost client was lost to all of them: they take turns.
        assert_eq!((bench.figures(0).lost, bench.figures(1).lost), (2, 2));

        drop(first);
        let board = bench.board.clone();
        let free = || board.slot(servers[0] - 1).places_taken() == 0;
        until("the place is free", free).await;
        let mut third = bench.client().await;
        assert_eq!(third.greeted().await, servers[0]);
        bench.stop().await;
    });
}

pub(crate) fn direct() {
    let plan = Plan {
        kind: Kind::Fork,
        servers: 2,
        capacity: 10,
        mode: echo,
    };
    let ports = |builder: chat_supervisor::Builder| {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        builder.direct_listeners([any, any])
    };
    fleet(plan, ports, |mut bench| async move {
        bench.up(2).await;
        let addresses = bench.fleet.direct_addrs().to_vec();
        for (index, &address) in addresses.iter().enumerate() {
            let mut client = crate::harness::Client::connect(address).await;
            assert_eq!(client.greeted().await, index + 1);
            assert_eq!(bench.figures(index).now, 1);
        }

        // Who comes while the server is started again waits at its port.
        bench.kill(1);
        let mut client = crate::harness::Client::connect(addresses[1]).await;
        let events = [bench.event().await, bench.event().await];
        assert!(matches!(events[0], FleetEvent::ServerDown { index: 1, .. }));
        assert!(matches!(events[1], FleetEvent::Restarting { index: 1, .. }));
        // Killed before or after it had accepted: then this one ended with it.
        if client.line().await.is_empty() {
            client = crate::harness::Client::connect(addresses[1]).await;
            assert_eq!(client.greeted().await, 2);
        }
        bench.up(1).await;

        // A server that is meant to be down has no port.
        bench.fleet.drain(0).await.unwrap();
        let event = bench.event().await;
        assert!(matches!(event, FleetEvent::ServerDown { index: 0, .. }));
        assert!(std::net::TcpStream::connect(addresses[0]).is_err());
        bench.fleet.restart(0).await.unwrap();
        bench.up(1).await;
        let mut client = crate::harness::Client::connect(addresses[0]).await;
        assert_eq!(client.greeted().await, 1);
        bench.stop().await;
    });
}
