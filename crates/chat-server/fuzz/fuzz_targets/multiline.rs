//! A message of several lines keeps its bounds and says what was sent.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| chat_server::fuzzing::multiline(text));
