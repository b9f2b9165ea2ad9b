//! chat-monitor: the window that shows one server, or all servers of a fleet side by side.

use std::process::ExitCode;

use anyhow::Context as _;
use chat_gui::display;
use chat_gui::monitor::{Settings, Source};
use clap::Parser;
use server::instance::Paths;
use server::process;

/// Shows the servers of a running fleet, or one of them: counts, people, and what is being said.
#[derive(Parser, Debug)]
#[command(name = "chat-monitor", version)]
struct Arguments {
    /// The name of the running server or fleet [default: the one that runs].
    #[arg(long, value_name = "NAME")]
    instance: Option<String>,
    /// Show this server first: 2 is Server-2 [default: all].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    server: Option<u16>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            process::complain("chat-monitor", &error);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    // Asked first, because the window's library panics where there is no display.
    display::check()?;
    let paths = Paths::new(&choose(arguments.instance)?);
    let source = Source {
        instance: paths.name().to_owned(),
        segment: paths.segment(),
        journal: paths.journal_socket(),
    };
    let settings = Settings {
        source,
        server: arguments.server,
    };
    display::guarded(|| chat_gui::monitor::run(settings))
        .context("the window failed")?
        .context("cannot open a window")
}

/// The named instance, or the only one that runs.
fn choose(named: Option<String>) -> anyhow::Result<String> {
    if let Some(name) = named {
        anyhow::ensure!(
            server::config::is_instance_name(&name),
            "an instance is named with up to 32 letters, digits, '-' or '_'"
        );
        return Ok(name);
    }
    let running = Paths::running();
    match running.as_slice() {
        [] => anyhow::bail!(
            "nothing runs here; start chat-launcher, or name what will run with --instance"
        ),
        [only] => Ok(only.clone()),
        several => anyhow::bail!(
            "several run here: {}; choose one with --instance",
            several.join(", ")
        ),
    }
}
