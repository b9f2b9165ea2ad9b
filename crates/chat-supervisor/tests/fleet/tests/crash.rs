//! What happens when something dies.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use chat_balance::AlgorithmKind;
use chat_stats::State;
use chat_supervisor::{Builder, FleetEvent, RestartPolicy};
use rustix::process::Signal;

use crate::approach::Kind;
use crate::harness::{Bench, Plan, as_it_is, children, echo, fleet, kill, signal, until};

fn killed(kind: Kind) {
    let plan = Plan {
        kind,
        servers: 2,
        capacity: 10,
        mode: echo,
    };
    fleet(plan, as_it_is, |mut bench| async move {
        bench.up(2).await;
        let (mut one, mut two) = (bench.client().await, bench.client().await);
        if one.greeted().await != 1 {
            std::mem::swap(&mut one, &mut two);
            assert_eq!(one.greeted().await, 1);
        } else {
            assert_eq!(two.greeted().await, 2);
        }
        bench.kill(0);
        let reason = "killed by signal 9".to_owned();
        let down = FleetEvent::ServerDown {
            index: 0,
            name: "Server-1".into(),
            reason,
        };
        assert_eq!(bench.event().await, down);
        let figures = bench.figures(0);
        assert_eq!((figures.now, figures.places_taken), (0, 0));
        assert_eq!((figures.state, figures.pid), (State::Dead, 0));
        let after = Duration::from_millis(100);
        let restarting = FleetEvent::Restarting { index: 0, after };
        assert_eq!(bench.event().await, restarting);
        assert_eq!(one.rest().await, "");
        two.is_answered_by(2).await;
        let event = bench.event().await;
        assert!(
            matches!(
                event,
                FleetEvent::ServerUp {
                    index: 0,
                    attempt: 2,
                    ..
                }
            ),
            "{event:?}"
        );
        assert_eq!(bench.client().await.greeted().await, 1);
        bench.stop().await;
    });
}

pub(crate) fn killed_process() {
    killed(Kind::Process);
}

pub(crate) fn killed_fork() {
    killed(Kind::Fork);
}

fn moved(kind: Kind) {
    let plan = Plan {
        kind,
        servers: 2,
        capacity: 100,
        // Server-1 is ready and takes nobody, in its first life.
        mode: |index, attempt| match (index, attempt) {
            (0, 1) => "sleepy",
            _ => "echo",
        },
    };
    // However slow the machine is, the silent one gets its half.
    let round = |builder: Builder| {
        let hour = Duration::from_secs(3600);
        builder
            .algorithm(AlgorithmKind::RoundRobin)
            .answer_within(hour)
    };
    fleet(plan, round, |mut bench| async move {
        bench.up(2).await;
        let mut clients = Vec::new();
        for _ in 0..20 {
            let mut client = bench.client().await;
            client.say("are you there?").await;
            clients.push(client);
        }
        let board = bench.board.clone();
        let all = || (board.slot(0).places_taken(), board.slot(1).places_taken()) == (10, 10);
        until("all are handed over", all).await;
        bench.kill(0);
        // Those of Server-1 were never acknowledged: somebody else has them now, with what they
        // had said.
        for client in &mut clients {
            let server = client.greeted().await;
            let answer = format!("Server-{server}: are you there?");
            assert_eq!(client.line().await, answer);
        }
        let totals = bench.board.snapshot().totals;
        assert_eq!((totals.now, totals.places_taken), (20, 20));
        assert_eq!((totals.admitted, totals.approaches), (20, 20));
        bench.stop().await;
    });
}

pub(crate) fn move_process() {
    moved(Kind::Process);
}

pub(crate) fn move_fork() {
    moved(Kind::Fork);
}

/// A server is stopped (as a debugger does, or a loop without end): it gets nobody any more, is
/// killed after its time, and those it had not taken yet come to another one.
pub(crate) fn hung() {
    let plan = Plan {
        kind: Kind::Process,
        servers: 2,
        capacity: 100,
        mode: echo,
    };
    let round = |builder: Builder| {
        builder
            .algorithm(AlgorithmKind::RoundRobin)
            .answer_within(Duration::from_secs(10))
    };
    fleet(plan, round, |mut bench| async move {
        bench.up(2).await;
        signal(bench.pids[&0], Signal::STOP);
        let mut clients = Vec::new();
        for _ in 0..4 {
            clients.push(bench.client().await);
        }
        let board = bench.board.clone();
        until("it is given clients", || board.slot(0).places_taken() > 0).await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let given = board.slot(0).places_taken();
        for _ in 0..4 {
            let mut client = bench.client().await;
            assert_eq!(client.greeted().await, 2, "the other one is passed over");
            clients.push(client);
        }
        assert_eq!(board.slot(0).places_taken(), given);
        let event = bench.event().await;
        assert!(
            matches!(event, FleetEvent::ServerDown { index: 0, .. }),
            "{event:?}"
        );
        for client in &mut clients[..4] {
            client.greeted().await;
        }
        let totals = board.snapshot().totals;
        assert_eq!((totals.now, totals.places_taken), (8, 8));
        assert_eq!((totals.admitted, totals.approaches), (8, 8));
        bench.stop().await;
    });
}

/// Clients that a dead server had taken and not registered: nobody but the launcher can count them.
pub(crate) fn unregistered() {
    let plan = Plan {
        kind: Kind::Process,
        servers: 1,
        capacity: 100,
        mode: |_, _| "shy",
    };
    fleet(plan, as_it_is, |mut bench| async move {
        bench.up(1).await;
        let mut clients = Vec::new();
        for _ in 0..5 {
            let mut client = bench.client().await;
            client.greeted().await;
            clients.push(client);
        }
        bench.kill(0);
        let event = bench.event().await;
        assert!(matches!(event, FleetEvent::ServerDown { .. }), "{event:?}");
        let totals = bench.board.snapshot().totals;
        assert_eq!((totals.rejected, totals.admitted, totals.lost), (5, 0, 0));
        assert_eq!((totals.approaches, totals.places_taken), (5, 0));
        bench.stop().await;
    });
}

fn quick(builder: Builder) -> Builder {
    let first = Duration::from_millis(1);
    builder.restart_policy(RestartPolicy {
        first,
        ..RestartPolicy::default()
    })
}

async fn crashes(bench: &mut Bench, count: usize) {
    for crash in 1..=count {
        let event = bench.event().await;
        let FleetEvent::ServerDown {
            index: 0, reason, ..
        } = &event
        else {
            panic!("{event:?}");
        };
        assert_eq!(reason, "exit code 9");
        let event = bench.event().await;
        if crash < 5 {
            assert!(matches!(event, FleetEvent::Restarting { .. }), "{event:?}");
        } else {
            assert_eq!(event, FleetEvent::Failed { index: 0 });
        }
    }
}

pub(crate) fn failed() {
    let plan = Plan {
        kind: Kind::Process,
        servers: 1,
        capacity: 10,
        mode: |_, attempt| if attempt <= 5 { "crash" } else { "echo" },
    };
    fleet(plan, quick, |mut bench| async move {
        crashes(&mut bench, 5).await;
        assert_eq!(bench.figures(0).state, State::Failed);
        let text = bench.client().await.rest().await;
        assert!(text.starts_with("ERROR :All servers are full"), "{text}");
        // By hand it may try again.
        bench.fleet.restart(0).await.unwrap();
        bench.up(1).await;
        assert_eq!(bench.client().await.greeted().await, 1);
        bench.stop().await;
    });
}

pub(crate) fn never_ready() {
    let plan = Plan {
        kind: Kind::Process,
        servers: 1,
        capacity: 10,
        mode: |_, attempt| if attempt == 1 { "mute" } else { "echo" },
    };
    let patience = |builder: Builder| quick(builder).start_within(Duration::from_secs(1));
    fleet(plan, patience, |mut bench| async move {
        // This one waits meanwhile.
        let mut client = bench.client().await;
        let event = bench.event().await;
        assert!(matches!(event, FleetEvent::ServerDown { .. }), "{event:?}");
        let event = bench.event().await;
        assert!(matches!(event, FleetEvent::Restarting { .. }), "{event:?}");
        bench.up(1).await;
        assert_eq!(client.greeted().await, 1);
        bench.stop().await;
    });
}

pub(crate) fn forker() {
    let plan = Plan {
        kind: Kind::Fork,
        servers: 2,
        capacity: 10,
        mode: echo,
    };
    fleet(plan, as_it_is, |mut bench| async move {
        bench.up(2).await;
        let [forker] = children()[..] else {
            panic!("the forker is the only child, the servers are its own");
        };
        let (mut one, mut two) = (bench.client().await, bench.client().await);
        let servers = [one.greeted().await, two.greeted().await];
        kill(forker);
        assert_eq!(bench.event().await, FleetEvent::ForkerLost);
        one.is_answered_by(servers[0]).await;
        two.is_answered_by(servers[1]).await;

        bench.kill(0);
        let event = bench.event().await;
        assert!(matches!(event, FleetEvent::ServerDown { index: 0, .. }));
        let event = bench.event().await;
        assert!(matches!(event, FleetEvent::Restarting { index: 0, .. }));
        bench.up(1).await;
        assert!(children().contains(&bench.pids[&0]), "started as a program");
        bench.stop().await;
    });
}

fn launcher(kind: &str) {
    let mut launcher = Command::new(std::env::current_exe().unwrap())
        .args(["--launcher", kind])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pids: Vec<u32> = Vec::new();
    for line in BufReader::new(launcher.stdout.take().unwrap()).lines() {
        match line.unwrap().as_str() {
            "end" => break,
            pid => pids.push(pid.parse().unwrap()),
        }
    }
    assert!(pids.len() >= 2, "{pids:?}");
    assert!(pids.iter().all(|&pid| runs(pid)), "{pids:?}");
    launcher.kill().unwrap();
    launcher.wait().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(until("all of them leave", || {
        !pids.iter().any(|&pid| runs(pid))
    }));
}

/// Zombies do not: whoever adopted them may be slow to wait for them.
fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(')')
        .next()
        .and_then(|rest| rest.trim().chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

pub(crate) fn launcher_process() {
    launcher("process");
}

pub(crate) fn launcher_fork() {
    launcher("fork");
}
