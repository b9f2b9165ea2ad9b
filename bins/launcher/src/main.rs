//! chat-launcher: a fleet of chat servers behind one address.
//!
//! This process supervises, accepts and balances, and orders and stores the chat. Its servers are
//! the same program, started again with [`ROLE`] as its only argument, or forked.

mod arguments;
mod house;

use std::process::ExitCode;

use arguments::{Arguments, Plan};
use chat_supervisor::{Approach, Forker, Program};
use clap::Parser as _;
use server::{config, process, role};

/// mimalloc: many small allocations of two threads are its strength, and ours.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The argument with which this program is started in the role of a server.
const ROLE: &str = "server-role";

fn main() -> ExitCode {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == ROLE)
    {
        return exit_code(role::started());
    }
    let plan = match Arguments::parse().plan() {
        Ok(plan) => plan,
        Err(code) => return code,
    };
    match run(&plan) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            process::complain("chat-launcher", &error);
            ExitCode::FAILURE
        }
    }
}

fn run(plan: &Plan) -> anyhow::Result<()> {
    // Before anything else: the forker must be forked before there is a second thread.
    let program = Program::this([ROLE]);
    let approach = match plan.file.launcher.approach {
        config::Approach::Process => Approach::Process(program),
        config::Approach::Fork => Approach::Fork(Forker::start(role::forked)?, program),
    };
    process::log_to_stderr();
    process::runtime()?.block_on(house::run(plan, approach))
}

fn exit_code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
