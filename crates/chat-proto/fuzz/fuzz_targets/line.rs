//! Any bytes parse or are refused, and what parsed can be written and read again.
#![no_main]

use bytes::Bytes;
use chat_proto::{Message, WireLine, limit};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(message) = Message::parse(Bytes::copy_from_slice(data)) else {
        return;
    };
    let mut start = WireLine::builder();
    for (name, _) in message.tags() {
        let value = message.tag(name).expect("a tag that is listed is found");
        start = start.tag(name, &value);
    }
    if let Some(source) = message.source() {
        start = start.source(source.as_str());
    }
    let last = message.param_count().saturating_sub(1);
    let mut builder = start
        .command(message.command())
        .params(message.params().take(last));
    if let Some(param) = message.param(last) {
        builder = builder.trailing(param);
    }
    let line = builder.finish().into_bytes();

    let inside = line.strip_suffix(b"\r\n").expect("a line ends in CR LF");
    assert!(!inside.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)));
    let again = Message::parse(line.slice(..inside.len())).expect("a written line parses");
    // Shortened, or a command that cannot be written as it is: the parts then differ.
    if data.len() < limit::SOURCE.min(limit::COMMAND) && !message.command().starts_with(['@', ':'])
    {
        assert_eq!(again.source(), message.source());
        assert_eq!(again.command(), message.command());
        assert!(again.params().eq(message.params()));
    }
});
