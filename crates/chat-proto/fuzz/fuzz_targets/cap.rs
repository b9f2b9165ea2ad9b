//! A CAP REQ is met as a whole or not at all, and lists are never cut within a word.
#![no_main]

use std::borrow::Cow;

use chat_proto::capability::{Capability, CapabilitySet, requested, wrap};
use libfuzzer_sys::fuzz_target;

// The first byte says how long the lines are.
fuzz_target!(|input: (u8, &str)| {
    let (room, asked) = (usize::from(input.0), input.1);
    let before = CapabilitySet::of(&[Capability::Batch, Capability::CapNotify]);
    let may = |capability, on| capability != Capability::CapNotify || on;
    let after = requested(asked, before, may);
    let words = || asked.split_ascii_whitespace();
    let name = |word: &str| Capability::parse(word.strip_prefix('-').unwrap_or(word));
    let known = words().all(|word| name(word).is_some() && word != "-cap-notify");
    assert_eq!(after.is_some(), known);
    for capability in Capability::ALL.iter().copied() {
        // The last word about it counts.
        let last = words().rfind(|word| name(word) == Some(capability));
        let on = last.map_or(before.contains(capability), |word| !word.starts_with('-'));
        assert!(after.is_none_or(|after| after.contains(capability) == on));
    }
    let lines = wrap(words().map(Cow::from), room);
    let shown = lines.iter().flat_map(|line| line.split_ascii_whitespace());
    assert!(shown.eq(words()));
    for line in &lines {
        assert!(line.len() <= room || !line.contains(' '));
    }
});
