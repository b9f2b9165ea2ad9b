//! What hot paths take, for `scripts/count`: does one thing so many times and nothing else, and says
//! how many allocations that was.
//!
//! `count WHAT TIMES`; without arguments it lists what can be counted.

mod journal;
mod network;
mod server;
mod store;

use std::alloc::System;
use std::process::ExitCode;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What can be counted: its name, how often at least so that it is told from a start, and what it is.
const ALL: [(&str, u32, &str); 16] = [
    ("parse", 1000, "a plain line is parsed"),
    ("parse-tagged", 1000, "a line with tags"),
    ("message", 1000, "decide and apply, to 500 members"),
    ("message-past", 1000, "the same past 100 bans"),
    ("enter", 1000, "PART and JOIN, decide and apply"),
    ("register", 1000, "a user comes and goes, decide and apply"),
    ("encode", 1000, "an entry becomes bytes of a frame"),
    ("decode", 1000, "and an entry again"),
    ("commit", 500, "a message alone is committed"),
    ("commit-100", 20, "a hundred messages at once"),
    ("page", 50, "a page of 100 is read from the database"),
    ("journal", 500, "a message through sequencer and database"),
    ("journal-socket", 500, "the same over a fleet's socket"),
    ("deliver", 20, "socket to socket, to 500 members"),
    ("visit", 50, "connect, register, join, quit"),
    ("history", 20, "CHATHISTORY of 100, asked and answered"),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => list(),
        ["clients", what, times, address] => {
            server::clients(what, number(times), address);
            return ExitCode::SUCCESS;
        }
        [what, times] => {
            count(what, number(times));
            told(&INSTRUMENTED_SYSTEM.stats().allocations.to_string());
        }
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}

fn number(text: &str) -> u32 {
    text.parse().expect("how many times")
}

fn list() {
    for (what, times, words) in ALL {
        told(&format!("{what}\t{times}\t{words}"));
    }
}

#[expect(clippy::print_stdout, reason = "what the script reads")]
fn told(text: &str) {
    println!("{text}");
}

fn count(what: &str, times: u32) {
    match what {
        "parse" => network::parse(false, times),
        "parse-tagged" => network::parse(true, times),
        "message" => network::messages(false, times),
        "message-past" => network::messages(true, times),
        "enter" => network::enter(times),
        "register" => network::register_and_quit(times),
        "encode" => network::encode(times),
        "decode" => network::decode(times),
        "commit" => store::commit(1, times),
        "commit-100" => store::commit(100, times),
        "page" => store::page(times),
        "journal" => journal::messages(false, times),
        "journal-socket" => journal::messages(true, times),
        "deliver" | "visit" | "history" => server::server(what, times),
        other => panic!("{other} cannot be counted"),
    }
}
