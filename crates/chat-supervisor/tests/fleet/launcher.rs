//! A launcher in a process of its own, to be killed.

use std::io::Write;
use std::process::ExitCode;

use crate::approach::Kind;
use crate::harness::{Plan, as_it_is, children, echo, fleet};

/// Starts two servers, prints their processes and the forker's, and waits to be killed.
pub(crate) fn run(kind: &str) -> ExitCode {
    let kind = match kind {
        "fork" => Kind::Fork,
        _ => Kind::Process,
    };
    let plan = Plan {
        kind,
        servers: 2,
        capacity: 10,
        mode: echo,
    };
    fleet(plan, as_it_is, |mut bench| async move {
        bench.up(2).await;
        let mut pids: Vec<u32> = bench.pids.values().copied().collect();
        pids.extend(children());
        pids.dedup();
        // The name of a board whose launcher is killed would stay.
        bench.board.disown();
        let mut out = std::io::stdout();
        for pid in pids {
            writeln!(out, "{pid}").unwrap();
        }
        writeln!(out, "end").unwrap();
        out.flush().unwrap();
        std::future::pending::<()>().await;
    });
    ExitCode::SUCCESS
}
