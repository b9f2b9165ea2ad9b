//! Whole fleets, by both approaches.
//!
//! The programs of these fleets are this test binary itself, started again with another argument,
//! and forking needs a process with one thread. So it brings its own small runner: each test has a
//! process of its own, and runs on its main thread.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "all of it is a test, though not one of the usual runner"
)]

mod approach;
mod harness;
mod launcher;
mod role;
mod tests;

use std::process::ExitCode;

/// A test's name and what it does.
type Test = (&'static str, fn());

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--server-role") => role::program(),
        Some("--launcher") => launcher::run(&arguments[1]),
        Some("--list") => {
            // Those that are ignored are asked for separately, and there are none.
            for (name, _) in tests::ALL {
                if !arguments.iter().any(|word| word == "--ignored") {
                    println!("{name}: test");
                }
            }
            ExitCode::SUCCESS
        }
        _ => run(&arguments),
    }
}

fn run(arguments: &[String]) -> ExitCode {
    let exact = arguments.iter().any(|word| word == "--exact");
    let filter = arguments.iter().find(|word| !word.starts_with("--"));
    if exact && let Some(filter) = filter {
        let chosen = tests::ALL.iter().find(|(name, _)| name == filter);
        let (_, test) = chosen.expect("a test of this name");
        test();
        return ExitCode::SUCCESS;
    }
    let mut failed = 0;
    for (name, _) in tests::ALL {
        if filter.is_none_or(|filter| name.contains(filter.as_str())) {
            let this = std::env::current_exe().unwrap();
            let status = std::process::Command::new(this)
                .args([name, "--exact"])
                .status()
                .unwrap();
            let verdict = if status.success() { "ok" } else { "FAILED" };
            println!("test {name} ... {verdict}");
            failed += usize::from(!status.success());
        }
    }
    println!("\ntest result: {failed} failed");
    ExitCode::from(u8::from(failed > 0))
}
