//! Makes an empty database of the current schema. The one at the root of the repository:
//!
//! ```text
//! rm storage.db && cargo run -p chat-store --example empty_database -- storage.db
//! ```

#![expect(clippy::print_stderr, reason = "a program")]

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: empty_database FILE");
        return ExitCode::from(2);
    };
    match chat_store::create_empty(Path::new(&path)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
