//! Escaping of tag values, and sections of tags.

use chat_proto::tag::is_valid_tag_name;
use chat_proto::{TagSection, escape_tag_value, limit, unescape_tag_value};
use proptest::prelude::*;

#[test]
fn values_escape_as_in_the_table() {
    let cases = [
        ("", ""),
        ("plain", "plain"),
        ("a;b", r"a\:b"),
        ("a b", r"a\sb"),
        (r"a\b", r"a\\b"),
        ("a\rb\nc", r"a\rb\nc"),
        (r"\:", r"\\:"),
        ("é ☂", r"é\s☂"),
    ];
    for (value, raw) in cases {
        assert_eq!(escape_tag_value(value), raw);
        assert_eq!(unescape_tag_value(raw), value);
    }
    assert_eq!(escape_tag_value("a\0b"), r"a\sb");
}

#[test]
fn values_unescape_leniently() {
    let cases = [
        (r"a\", "a"),
        (r"\", ""),
        (r"a\b", "ab"),
        (r"\é", "é"),
        (r"a\\\", r"a\"),
        (r"\\s", r"\s"),
    ];
    for (raw, value) in cases {
        assert_eq!(unescape_tag_value(raw), value, "{raw}");
    }
}

#[test]
fn names_are_checked() {
    for name in ["a", "msgid", "+typing", "draft/x", "+example.org/x-1"] {
        assert!(is_valid_tag_name(name), "{name}");
    }
    for name in ["", "+", "a b", "a;b", "a=b", "a\r", "é", "++a", "a_b"] {
        assert!(!is_valid_tag_name(name), "{name}");
    }
}

#[test]
fn a_section_takes_each_name_once_and_nothing_impossible() {
    let mut tags = TagSection::new();
    assert!(tags.is_empty());
    assert!(tags.push("time", "12:00"));
    assert!(tags.push_raw("+x", r"a\sb"));
    assert!(tags.push("flag", ""));
    assert!(!tags.push("time", "13:00"));
    assert!(!tags.push("bad name", "x"));
    assert!(!tags.push_raw("y", "a b"));
    assert!(!tags.push_raw("y", "a;z=1"));
    assert!(!tags.push_raw("y", "a\r\nQUIT"));
    assert!(!tags.push_raw("y", "a\0"));
    assert_eq!(tags.as_str(), r"@time=12:00;+x=a\sb;flag");
    assert!(tags.contains("flag") && tags.contains("+x") && !tags.contains("x"));
    tags.clear();
    assert!(tags.is_empty() && !tags.contains("time"));
}

#[test]
fn a_section_ends_at_its_limit() {
    for (mut tags, limit) in [
        (TagSection::new(), limit::SERVER_TAGS),
        (TagSection::of_client(), limit::CLIENT_TAGS),
    ] {
        // `@a=` and the space take four bytes.
        assert!(!tags.push("a", &"x".repeat(limit - 3)));
        assert!(tags.is_empty());
        assert!(tags.push("a", &"x".repeat(limit - 4)));
        assert!(!tags.push("b", ""));
        assert_eq!(tags.as_str().len() + 1, limit);
    }
}

proptest! {
    #[test]
    fn escaping_and_back_gives_the_value(value in "[^\0]*") {
        let raw = escape_tag_value(&value);
        let safe = !raw.contains([';', ' ', '\r', '\n', '\0']);
        prop_assert!(safe, "{:?}", raw);
        prop_assert_eq!(unescape_tag_value(&raw), value.as_str());
    }

    #[test]
    fn unescaping_any_text_never_grows_it(raw in any::<String>()) {
        prop_assert!(unescape_tag_value(&raw).len() <= raw.len());
    }
}
