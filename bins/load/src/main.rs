//! chat-load: what a chat server costs on this machine.
//!
//! Thousands of clients on one thread put one kind of load on a server that is named or started for
//! it, and what it took is told: rates, percentiles, the processor time and memory of the server's
//! processes. Nothing is touched that the operator has not named.
//!
//! - `arguments`: the command line; `target` and `spawn`: the server; `peers`: servers of others.
//! - `ground`: what all loads stand on; `client`: one connection; `pace`: waiting to the microsecond.
//! - `load`: the loads. `processes`: what `/proc` says. `report`, `table`, `plot`: the results.
//! - `compare`: several servers in turns.

mod arguments;
mod client;
mod compare;
mod ground;
mod load;
mod pace;
mod peers;
mod plot;
mod processes;
mod report;
mod spawn;
mod table;
mod target;

use std::process::ExitCode;

use anyhow::Context as _;
use arguments::{Arguments, Command};
use clap::Parser as _;
use report::Report;
use target::Target;
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
        match arguments.command {
            Command::Compare(plan) => compare::run(&plan).await,
            command => one(command).await,
        }
    };
    runtime.block_on(LocalSet::new().run_until(whole))
}

/// One load on one server.
async fn one(command: Command) -> anyhow::Result<()> {
    let (common, load) = command.parts()?;
    load.check()?;
    let target = Target::of(&common.target)?;
    let report = load::run(&load, &target, &common.target).await?;
    tell(&table::of(std::slice::from_ref(&report)));
    if let Some(path) = &common.output.json {
        save(path, &serde_json::to_vec_pretty(&report)?)?;
    }
    if let Some(path) = &common.output.plot {
        save(path, plot::report(&report).as_bytes())?;
    }
    verdict(&report)
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
