//! The desktop client.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use chat_gui::client::settings::Settings;
use chat_gui::client::{Start, run};
use chat_gui::display;
use clap::Parser;

/// A window to chat in.
///
/// Without arguments it asks where to connect, and remembers it for the next time.
#[derive(Debug, Parser)]
#[command(name = "chat-client", version)]
struct Args {
    /// The server: HOST, HOST:PORT, irc://HOST:PORT (port 6667 where none is given), ircs://HOST:PORT
    /// for TLS (port 6697), ws://HOST:PORT/PATH or wss://HOST:PORT/PATH for WebSocket
    address: Option<String>,

    /// The nickname
    #[arg(long, short)]
    nick: Option<String>,

    /// The real name, shown to who asks about you
    #[arg(long, value_name = "NAME")]
    realname: Option<String>,

    /// The server's password, where it wants one
    #[arg(long, env = "CHAT_CLIENT_PASSWORD", hide_env_values = true)]
    password: Option<String>,

    /// Show the form even where address and nickname are given
    #[arg(long)]
    ask: bool,

    /// Where settings are kept [default: chat-client/client.toml in the user's configuration]
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run_window(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "chat-client: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_window(args: Args) -> anyhow::Result<()> {
    // The window's library panics where there is no display, so this is asked first.
    display::check().context("cannot open a window")?;
    let connect = args.address.is_some() && args.nick.is_some() && !args.ask;
    let start = Start {
        address: args.address,
        nick: args.nick,
        realname: args.realname,
        password: args.password,
        connect,
        settings: args.settings.or_else(Settings::default_path),
    };
    display::guarded(|| run(start))
        .context("the window failed")?
        .context("cannot open a window")
}
