//! The modes and parameters of a MODE: each letter means one thing, and has its own parameter.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| chat_server::fuzzing::modes(text));
