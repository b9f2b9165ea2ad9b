//! The parameters of CHATHISTORY, separated by spaces: whatever they are, a page has its bound.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let params: Vec<&str> = text.split(' ').collect();
    chat_server::fuzzing::history(&params);
});
