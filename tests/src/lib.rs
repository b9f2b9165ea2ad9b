//! A harness that starts the built programs, on free ports and in a temporary folder, and speaks
//! IRC to them as a plain client.
//!
//! The programs are those beside the running test (`target/debug`), or in `CHAT_PROGRAMS`. Build
//! them first: `cargo build --workspace --bins`; `scripts/test` does.
//!
//! Every wait has a limit, [`PATIENCE`], after which the test fails and says what it waited for.

mod client;
mod program;

use std::time::Duration;

pub use client::Client;
pub use program::{Folder, Program, program_path, signal_process};

/// How long any single wait of a test may take. It is never reached when all is well.
pub const PATIENCE: Duration = Duration::from_secs(30);
