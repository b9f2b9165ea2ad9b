//! The attributes of a SEARCH.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| chat_server::fuzzing::search(text));
