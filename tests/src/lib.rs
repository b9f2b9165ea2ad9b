//! A harness that starts the built programs, on free ports and in a temporary folder, and speaks
//! IRC to them as a plain client.
//!
//! The programs are those beside the running test (`target/debug`), or in `CHAT_PROGRAMS`. Build
//! them first: `cargo build --workspace --bins`; `scripts/test` does.
//!
//! - [`Program`]: a started program. [`Folder`]: where it has its files.
//! - [`Client`]: somebody who speaks lines.
//! - [`until`] waits for what does not tell of itself; [`board()`] opens the counts of an instance.
//!
//! Every wait has a limit, [`PATIENCE`], after which the test fails and says what it waited for.

mod client;
mod program;

use std::time::{Duration, Instant};

use chat_stats::Board;

pub use client::Client;
pub use program::{Folder, Program, program_path, signal_process};

/// How long any single wait of a test may take. It is never reached when all is well.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again and again until it is so.
///
/// # Panics
///
/// It never is, within [`PATIENCE`].
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "never came true: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The counts of an instance.
///
/// # Panics
///
/// It has none.
#[must_use]
#[track_caller]
pub fn board(instance: &str) -> Board {
    let user = rustix::process::getuid().as_raw();
    Board::open(&format!("client_status.{user}.{instance}")).expect("the board")
}
