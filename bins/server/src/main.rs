//! chat-server: one server alone.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use server::account;
use server::alone::{self, Plan};
use server::flags::Common;
use server::history;
use server::operator;
use server::process;

/// mimalloc: many small allocations of two threads are its strength, and ours.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs one chat server, without a launcher.
#[derive(Parser, Debug)]
#[command(name = "chat-server", version, after_help = process::HELP)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
    /// The server's own name, as the greeting, WHOIS and STATS tell it.
    #[arg(long, value_name = "NAME", default_value = "Server-1", value_parser = label)]
    name: String,
    /// Open the server's window.
    #[arg(long)]
    window: bool,
}

/// What it does instead of running.
#[derive(Subcommand, Debug)]
enum Command {
    /// Makes, changes, deletes and lists accounts, whether the chat runs or not.
    Account(account::Arguments),
    /// Exports or deletes what somebody has said, or all of a channel, whether the chat runs or not.
    History(history::Arguments),
    /// Tells what operators of the chat have done.
    Operator(operator::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match &arguments.command {
        Some(Command::Account(arguments)) => return account::run(arguments),
        Some(Command::History(arguments)) => return history::run(arguments),
        Some(Command::Operator(arguments)) => return operator::run(arguments),
        None => {}
    }
    let file = match arguments.common.file() {
        Ok(file) => file,
        Err(error) => {
            process::complain("chat-server", &error);
            return ExitCode::from(process::USAGE);
        }
    };
    let plan = Plan {
        file,
        flags: arguments.common,
        label: arguments.name,
        window: arguments.window,
    };
    match alone::run(&plan) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            process::complain("chat-server", &error);
            ExitCode::FAILURE
        }
    }
}

fn label(text: &str) -> Result<String, String> {
    let fits = (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.contains(['(', ')', ':']);
    if fits {
        Ok(text.to_owned())
    } else {
        Err("expected a word of at most 63 letters, such as Server-1".to_owned())
    }
}
