//! chat-load: what a chat server costs on this machine.
//!
//! Thousands of clients on one thread put one kind of load on a server that is named or started for
//! it, and what it took is told: rates, percentiles, the processor time and memory of the server's
//! processes. Nothing is touched that the operator has not named.
//!
//! - `arguments`: the command line; `target` and `spawn`: the server; `peers`: servers of others.
//! - `ground`: what all loads stand on; `client`: one connection; `pace`: waiting to the microsecond.
//! - `load`: the loads; `start`: how long a start takes. `processes`: what `/proc` says. `report`, `table`, `plot`: the results.
//! - `compare`: several servers in turns; `outcome`: what came of it, to be merged, shown and kept.

mod arguments;
mod client;
mod compare;
mod ground;
mod load;
mod outcome;
mod pace;
mod peers;
mod plot;
mod processes;
mod report;
mod spawn;
mod start;
mod table;
mod target;

use std::process::ExitCode;

use anyhow::Context as _;
use arguments::{Arguments, Command, Output};
use clap::Parser as _;
use report::Report;
use target::Target;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;

/// mimalloc: as in the servers.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    target::raise_open_files();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let whole = async {
        let work = async {
            match arguments.command {
                Command::Compare(plan) => compare::run(&plan).await,
                Command::Merge(plan) => outcome::merge(&plan),
                Command::Start(plan) => start::run(&plan).await,
                command => one(command).await,
            }
        };
        // Whatever was started ends with the work that is given up.
        tokio::select! {
            result = work => result,
            stopped = stopped() => stopped,
        }
    };
    runtime.block_on(LocalSet::new().run_until(whole))
}

/// Waits until this program is to end.
async fn stopped() -> anyhow::Result<()> {
    let watch = |kind| signal(kind).context("cannot watch signals");
    let mut interrupt = watch(SignalKind::interrupt())?;
    let mut terminate = watch(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    anyhow::bail!("interrupted")
}

/// One load on one server.
async fn one(command: Command) -> anyhow::Result<()> {
    let (common, load) = command.parts()?;
    load.check()?;
    let target = Target::of(&common.target)?;
    let report = load::run(&load, &target, &common.target).await?;
    tell(&table::of(std::slice::from_ref(&report)));
    finish(
        &common.output,
        || serde_json::to_vec_pretty(&report),
        || plot::reports(std::slice::from_ref(&report)),
    )?;
    verdict(&report)
}

/// Writes what was asked for.
fn finish(
    output: &Output,
    json: impl FnOnce() -> serde_json::Result<Vec<u8>>,
    plot: impl FnOnce() -> String,
) -> anyhow::Result<()> {
    if let Some(path) = &output.json {
        save(path, &json()?)?;
    }
    if let Some(path) = &output.plot {
        save(path, plot().as_bytes())?;
    }
    Ok(())
}

/// What went wrong during a load, if anything did.
fn verdict(report: &Report) -> anyhow::Result<()> {
    match report.problems.first() {
        Some(problem) => anyhow::bail!("{} problems, the first: {problem}", report.problems.len()),
        None => Ok(()),
    }
}

fn save(path: &std::path::Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[expect(clippy::print_stdout, reason = "the result of the program")]
fn tell(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "the program's own complaint")]
fn complain(text: &str) {
    eprintln!("chat-load: {text}");
}
