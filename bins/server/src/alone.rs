//! One server alone: its own journal, its own board, and a window on request.

use std::time::Duration;

use anyhow::Context as _;
use chat_server::{Server, ServerHandle};
use chat_stats::{Board, SlotSetup};

use crate::config::File;
use crate::courier;
use crate::flags::Common;
use crate::instance::Paths;
use crate::process::{self, HangUps, StopSignals};
use crate::rehash::Rereader;

/// How long the server gets to end when it was told to.
const END: Duration = Duration::from_secs(30);

/// What a lone server is started with.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The configuration file, with the flags over it.
    pub file: File,
    /// The flags, with which the file is read again.
    pub flags: Common,
    /// The server's name, such as `Server-1`.
    pub label: String,
    /// Whether to open its window.
    pub window: bool,
}

/// Runs a server until SIGINT or SIGTERM.
///
/// # Errors
///
/// It cannot be started, or it ends by itself.
pub fn run(plan: &Plan) -> anyhow::Result<()> {
    process::log_to_stderr();
    let runtime = process::runtime()?;
    let (stop, hang_ups) = {
        let _inside = runtime.enter();
        (StopSignals::watch()?, HangUps::watch()?)
    };
    let files = process::raise_open_files();
    let file = &plan.file;
    let paths = Paths::new(&file.instance());
    let held = paths.hold()?;
    let capacity = file.launcher.capacity.unwrap_or(files);
    let board = Board::create(&paths.segment(), &[SlotSetup { capacity }])
        .context("cannot make the shared memory")?;
    occupy(&board);
    let config = chat_server::Config {
        label: plan.label.clone(),
        ..file.server_config()
    };
    let store = file.store_config()?;
    let doors = file.doors()?;
    let flags = plan.flags.clone();
    let reread = move || flags.file_again();
    let rereader = Rereader::new("chat-server", file.clone(), doors.identity.clone(), reread);
    let builder = Server::builder()
        .doors(doors)
        .config(config)
        .network_limits(file.network_limits())
        .keep(file.keep())
        .capacity(capacity)
        .board(board.clone())
        .journal_socket(paths.journal_socket())
        .rereads()
        .store(store);
    let builder = match courier::of(file.accounts.verification_command.clone()) {
        Some(courier) => builder.courier(courier),
        None => builder,
    };
    let server = builder.start().map_err(|error| match error {
        error @ chat_server::Error::Store(_) => {
            anyhow::Error::new(error).context("cannot use the database")
        }
        error => error.into(),
    })?;
    announce(plan, &server);
    if plan.window
        && let Err(error) = process::open_monitor(paths.name())
    {
        process::complain("chat-server", &error);
    }
    let result = runtime.block_on(until_stopped(server, stop, hang_ups, rereader));
    drop(board);
    drop(held);
    result
}

async fn until_stopped(
    server: ServerHandle,
    mut stop: StopSignals,
    mut hang_ups: HangUps,
    mut rereader: Rereader,
) -> anyhow::Result<()> {
    loop {
        let askers = tokio::select! {
            () = stop.next() => break,
            () = server.ended() => break,
            () = hang_ups.next() => Vec::new(),
            askers = server.rehash_wanted() => askers,
        };
        // Where it has ended the next turn tells.
        let _ = server.configure(rereader.read(askers));
    }
    tokio::time::timeout(END, server.shutdown("The server is stopped"))
        .await
        .context("the server does not end")??;
    Ok(())
}

fn occupy(board: &Board) {
    let identity = chat_stats::Identity::current();
    board.slot(0).occupy(identity.pid, identity.start_time);
}

fn announce(plan: &Plan, server: &ServerHandle) {
    let process = std::process::id();
    process::tell(format_args!("{} is up (process {process})", plan.label));
    process::tell_addresses(server.addresses());
}
