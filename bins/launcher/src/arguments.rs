//! The command line of chat-launcher: flags over the file, and the question for the number.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser;
use server::config::{Algorithm, Approach, File};
use server::flags::Common;
use server::process;
use server::role::check_length;

/// How often a wrong answer is asked again.
const TRIES: usize = 5;

/// Starts N chat servers behind one address.
#[derive(Parser, Clone, Debug)]
#[command(
    name = "chat-launcher",
    version,
    about,
    after_help = "\
Talk to it with any IRC client: connect to the printed address, and you are in the lobby.
The log goes to standard error; CHAT_LOG chooses what is in it (error, warn, info, debug)."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
    /// The number of servers; asked for on a terminal if neither flag nor file says it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    servers: Option<u16>,
    /// Which server the next client gets [default: least-connection].
    #[arg(long, value_enum)]
    algorithm: Option<Algorithm>,
    /// How servers are started [default: process].
    #[arg(long, value_enum)]
    approach: Option<Approach>,
    /// A direct port for each server, in order.
    #[arg(long, value_name = "P1,P2,…", value_delimiter = ',')]
    ports: Vec<u16>,
    /// Open the monitor window.
    #[arg(long)]
    pub(crate) monitor: bool,
}

/// What the launcher is to do, checked.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) file: File,
    /// The command line, with which the file is read again.
    pub(crate) arguments: Arguments,
    pub(crate) servers: u16,
    pub(crate) monitor: bool,
}

impl Arguments {
    /// The checked plan, or the exit code after the problem was told.
    pub(crate) fn plan(self) -> Result<Plan, ExitCode> {
        let monitor = self.monitor;
        let arguments = self.clone();
        let file = self.file().map_err(|error| usage(&format!("{error:#}")))?;
        let servers = match file.launcher.servers {
            Some(servers) => servers,
            None => ask_number().map_err(|problem| usage(&problem))?,
        };
        if !file.launcher.ports.is_empty() && file.launcher.ports.len() != usize::from(servers) {
            return Err(usage(&format!(
                "expected a direct port for each of the {servers} servers, or none; {} were given",
                file.launcher.ports.len()
            )));
        }
        Ok(Plan {
            file,
            arguments,
            servers,
            monitor,
        })
    }

    /// The file again, with the flags over it; `None`: there is none.
    pub(crate) fn file_again(&self) -> anyhow::Result<Option<File>> {
        let named = self.common.config.is_some();
        named.then(|| self.clone().file()).transpose()
    }

    fn file(self) -> anyhow::Result<File> {
        let mut file = self.common.file()?;
        let launcher = &mut file.launcher;
        launcher.servers = self.servers.or(launcher.servers);
        launcher.algorithm = self.algorithm.unwrap_or(launcher.algorithm);
        launcher.approach = self.approach.unwrap_or(launcher.approach);
        if !self.ports.is_empty() {
            launcher.ports = self.ports;
        }
        // Also where it is read again: what holds then must do for the next start.
        check_length(&file)?;
        Ok(file)
    }
}

/// Says what is wrong with the command line.
fn usage(problem: &str) -> ExitCode {
    let _ = writeln!(io::stderr().lock(), "chat-launcher: {problem}");
    ExitCode::from(process::USAGE)
}

/// Asks for the number of servers, as nobody has said it.
fn ask_number() -> Result<u16, String> {
    let input = io::stdin();
    if !input.is_terminal() {
        return Err(
            "the number of servers was not given and there is no terminal to ask on; \
             use --servers N (or [launcher] servers in the file)"
                .to_owned(),
        );
    }
    for _ in 0..TRIES {
        let mut screen = io::stdout().lock();
        let asked = write!(screen, "How many servers? (1 to 256) ").and_then(|()| screen.flush());
        asked.map_err(|error| error.to_string())?;
        drop(screen);
        let mut answer = String::new();
        let read = input.lock().read_line(&mut answer);
        if read.map_err(|error| error.to_string())? == 0 {
            break;
        }
        match answer.trim().parse() {
            Ok(servers @ 1..=256) => return Ok(servers),
            _ => process::tell("Expected a number from 1 to 256, such as 3."),
        }
    }
    Err("no number of servers was given".to_owned())
}
