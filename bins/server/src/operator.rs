//! `chat-server operator log`: what operators of the chat have done, while it runs and while it does
//! not.

use std::process::ExitCode;

use anyhow::Context as _;
use chat_store::{OperatorAct, Reader};
use clap::{Args, Subcommand};

use crate::chat::Place;
use crate::process;

/// `chat-server operator …`
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand, Debug)]
enum Act {
    /// List what operators have done, the latest last.
    Log {
        /// How many acts at most.
        #[arg(long, value_name = "N", default_value_t = 100)]
        last: u32,
    },
}

/// Runs it; the exit code: 0 it is done, 1 it failed, 2 it makes no sense.
#[must_use]
pub fn run(arguments: &Arguments) -> ExitCode {
    let Act::Log { last } = arguments.act;
    arguments.place.act(|file| {
        let path = file.store_config()?.path.context("there is no database")?;
        let acts = Reader::open(&path).and_then(|reader| reader.operator_acts(last));
        let acts = acts.with_context(|| format!("cannot read the database {}", path.display()))?;
        list(&acts);
        Ok(Ok(()))
    })
}

fn list(acts: &[OperatorAct]) {
    for act in acts {
        let time = jiff::Timestamp::from_millisecond(act.time_ms)
            .map(|time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
            .unwrap_or_default();
        let line = format!(
            "{time} {} ({}) {} {}",
            act.operator, act.who, act.act, act.detail
        );
        process::tell(line.trim_end());
    }
}
