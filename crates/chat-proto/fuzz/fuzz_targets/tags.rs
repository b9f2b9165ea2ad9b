//! Values survive escaping, and a section of tags is read as it was made.
#![no_main]

use bytes::Bytes;
use chat_proto::{Message, TagSection, WireLine, escape_tag_value, unescape_tag_value};
use libfuzzer_sys::fuzz_target;

// Names and values, one after the other, separated by NUL.
fuzz_target!(|text: &str| {
    let mut tags = TagSection::new();
    let mut taken = Vec::new();
    let mut words = text.split('\0');
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        let raw = escape_tag_value(value);
        assert!(!raw.contains([';', ' ', '\r', '\n', '\0']));
        assert_eq!(unescape_tag_value(&raw), value);
        if tags.push(name, value) {
            taken.push((name, value.to_owned()));
        }
        // Raw values of a stranger are taken as they are or not at all.
        if tags.push_raw(name, value) {
            taken.push((name, unescape_tag_value(value).into_owned()));
        }
    }
    let body = WireLine::builder().command("TAGMSG").finish_body();
    let line = WireLine::with_tags(&tags, &body).into_bytes();
    assert!(line.len() <= 8191 + 512);
    let message = Message::parse(Bytes::copy_from_slice(&line[..line.len() - 2]))
        .expect("a written line parses");
    assert_eq!(message.command(), "TAGMSG");
    for (name, value) in taken {
        assert_eq!(message.tag(name).as_deref(), Some(value.as_str()));
    }
});
