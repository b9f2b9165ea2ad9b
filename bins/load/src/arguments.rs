//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::load::{Load, churn, edge, fanout, idle, rooms, soak};
use crate::spawn::Kind;

/// Measures what a chat server costs on this machine.
///
/// The load goes to the server named with --connect, or to one that is started for it with --spawn
/// and ended afterwards. Only loopback addresses are taken unless --yes-remote is said as well.
#[derive(Parser, Debug)]
#[command(name = "chat-load", version, after_help = HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const HELP: &str = "\
A server under test should have its flood limits off, or the load is slowed down like any client
that sends too fast; those that are started with --spawn have. Percentiles are in microseconds.
CPU is that of the server's processes: all that --pid names with their children.";

/// What is done.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// One channel with many members: some send, everyone reads
    Fanout(One<fanout::Settings>),
    /// Many channels with few members, at a steady rate
    Rooms(One<rooms::Settings>),
    /// Connect, register, join, quit, again and again
    Churn(One<churn::Settings>),
    /// Connect and leave without registering: what accepting and balancing cost
    Edge(One<edge::Settings>),
    /// Clients that do nothing: what one of them takes
    Idle(One<idle::Settings>),
    /// Everything mixed for a long time: memory and descriptors over time
    Soak(One<soak::Settings>),
    /// From the start of a program to its first welcome
    Start(Start),
    /// Several servers in turns, in one run: ours, and others that are installed
    Compare(Compare),
    /// Put together what several runs of compare have written
    Merge(Merge),
}

/// One load and what goes with it.
#[derive(Args, Debug)]
pub(crate) struct One<L: Args> {
    #[command(flatten)]
    pub(crate) load: L,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// What all single loads have in common.
#[derive(Args, Debug)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) target: TargetArguments,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// The server.
#[derive(Args, Clone, Debug)]
pub(crate) struct TargetArguments {
    /// The running server; several: clients are dealt over them in turn
    #[arg(long, value_name = "ADDRESS", conflicts_with = "spawn")]
    pub(crate) connect: Vec<SocketAddr>,
    /// A process of the running server, measured with its children
    #[arg(long, value_name = "PID", requires = "connect")]
    pub(crate) pid: Vec<u32>,
    /// Start one: `one` server alone, or `fleet:N` servers behind a launcher
    #[arg(long, value_name = "KIND")]
    pub(crate) spawn: Option<Kind>,
    /// Where chat-server and chat-launcher are [default: beside this program]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) programs: Option<PathBuf>,
    /// Put load on an address that is not loopback: make sure that it is yours
    #[arg(long)]
    pub(crate) yes_remote: bool,
    /// What clients send with PASS
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) password: String,
    /// Clients that register at the same time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) at_once: u32,
    /// Keep a started server on processor 0, and this program on the others
    #[arg(long)]
    pub(crate) pin: bool,
}

/// Where the result goes beside the terminal.
#[derive(Args, Clone, Debug)]
pub(crate) struct Output {
    /// Write the result as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write a picture (SVG) of the result
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
}

/// Starts, again and again.
#[derive(Args, Debug)]
pub(crate) struct Start {
    /// What is started: `one` server alone, or `fleet:N` servers behind a launcher
    #[arg(long, value_name = "KIND", default_value_t = Kind::One)]
    pub(crate) spawn: Kind,
    /// How often; each time once in an empty folder, and once more on the database that is then there
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) rounds: u32,
    /// Where chat-server and chat-launcher are [default: beside this program]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) programs: Option<PathBuf>,
    /// Keep the started server on processor 0, and this program on the others
    #[arg(long)]
    pub(crate) pin: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Results of `compare`.
#[derive(Args, Debug)]
pub(crate) struct Merge {
    /// What `compare --json` has written
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Several servers in turns.
#[derive(Args, Debug)]
pub(crate) struct Compare {
    /// Which: one, fleet:N, ngircd, inspircd, ergo [default: one, fleet:3, and what is installed]
    #[arg(long, value_name = "SERVERS", value_delimiter = ',')]
    pub(crate) servers: Vec<String>,
    /// With which loads
    #[arg(
        long,
        value_name = "LOADS",
        value_delimiter = ',',
        default_value = "fanout,burst,rooms,churn,idle"
    )]
    pub(crate) loads: Vec<String>,
    /// How often each
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) rounds: u32,
    /// Seconds of each load
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub(crate) seconds: u32,
    /// Scale of the loads: clients and rates in percent of what they are by default
    #[arg(long, value_name = "PERCENT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) scale: u32,
    /// Where chat-server and chat-launcher are [default: beside this program]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) programs: Option<PathBuf>,
    /// Do not pin servers to processor 0 and this program to the others
    #[arg(long)]
    pub(crate) no_pin: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

impl Command {
    /// The load of a single one.
    pub(crate) fn parts(self) -> anyhow::Result<(Common, Load)> {
        Ok(match self {
            Self::Fanout(one) => (one.common, Load::Fanout(one.load)),
            Self::Rooms(one) => (one.common, Load::Rooms(one.load)),
            Self::Churn(one) => (one.common, Load::Churn(one.load)),
            Self::Edge(one) => (one.common, Load::Edge(one.load)),
            Self::Idle(one) => (one.common, Load::Idle(one.load)),
            Self::Soak(one) => (one.common, Load::Soak(one.load)),
            Self::Start(_) | Self::Compare(_) | Self::Merge(_) => {
                anyhow::bail!("this is not a single load")
            }
        })
    }
}
