//! Parsing: a table of lines with their parts, and properties.

use bytes::Bytes;
use chat_proto::{Message, ParseError, Source, WireLine};
use proptest::prelude::*;

fn parse(line: &str) -> Result<Message, ParseError> {
    Message::parse(Bytes::copy_from_slice(line.as_bytes()))
}

/// A line and its parts: tags (unescaped), source, command, parameters.
type Case<'a> = (
    &'a str,
    &'a [(&'a str, &'a str)],
    Option<&'a str>,
    &'a str,
    &'a [&'a str],
);

/// The shapes that published parser tests agree upon, with words of our own.
const CASES: &[Case<'_>] = &[
    // Parameters.
    ("QUIT", &[], None, "QUIT", &[]),
    ("TELL one two", &[], None, "TELL", &["one", "two"]),
    ("TELL one :two", &[], None, "TELL", &["one", "two"]),
    (
        "TELL one :two three",
        &[],
        None,
        "TELL",
        &["one", "two three"],
    ),
    ("TELL one :", &[], None, "TELL", &["one", ""]),
    ("TELL :", &[], None, "TELL", &[""]),
    ("TELL one ::two", &[], None, "TELL", &["one", ":two"]),
    (
        "TELL one : two  three ",
        &[],
        None,
        "TELL",
        &["one", " two  three "],
    ),
    ("TELL o:ne t:wo", &[], None, "TELL", &["o:ne", "t:wo"]),
    ("TELL one two ", &[], None, "TELL", &["one", "two"]),
    ("TELL    one   two   ", &[], None, "TELL", &["one", "two"]),
    ("TELL one   :two", &[], None, "TELL", &["one", "two"]),
    ("TELL\tone two", &[], None, "TELL\tone", &["two"]),
    (
        "MANY a b c d e f g h i j k l m n o p q",
        &[],
        None,
        "MANY",
        &[
            "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q",
        ],
    ),
    // Sources.
    (":ann TELL one", &[], Some("ann"), "TELL", &["one"]),
    (
        ":ann!a@host.example TELL",
        &[],
        Some("ann!a@host.example"),
        "TELL",
        &[],
    ),
    (
        ":irc.example.org 001 ann :Hi",
        &[],
        Some("irc.example.org"),
        "001",
        &["ann", "Hi"],
    ),
    (":ann   TELL   one", &[], Some("ann"), "TELL", &["one"]),
    (
        ":a\u{3}05nn!~a@h\u{2}ost TELL",
        &[],
        Some("a\u{3}05nn!~a@h\u{2}ost"),
        "TELL",
        &[],
    ),
    (": TELL one", &[], None, "TELL", &["one"]),
    // Tags.
    ("@a=1 TELL", &[("a", "1")], None, "TELL", &[]),
    (
        "@a=1;b=2;c TELL one",
        &[("a", "1"), ("b", "2"), ("c", "")],
        None,
        "TELL",
        &["one"],
    ),
    ("@a=;b TELL", &[("a", ""), ("b", "")], None, "TELL", &[]),
    ("@a=1=2 TELL", &[("a", "1=2")], None, "TELL", &[]),
    ("@;a=1;; TELL", &[("a", "1")], None, "TELL", &[]),
    (
        "@+x/y-z=1;example.org/k=2 TELL",
        &[("+x/y-z", "1"), ("example.org/k", "2")],
        None,
        "TELL",
        &[],
    ),
    (
        r"@a=\:\s\\\r\n TELL",
        &[("a", "; \\\r\n")],
        None,
        "TELL",
        &[],
    ),
    (r"@a=one\ TELL", &[("a", "one")], None, "TELL", &[]),
    (
        r"@a=o\ne\x\\y TELL",
        &[("a", "o\nex\\y")],
        None,
        "TELL",
        &[],
    ),
    (
        "@a=1 :ann TELL :x",
        &[("a", "1")],
        Some("ann"),
        "TELL",
        &["x"],
    ),
    (
        "@a=1   :ann   TELL   :x",
        &[("a", "1")],
        Some("ann"),
        "TELL",
        &["x"],
    ),
    ("@ TELL", &[], None, "TELL", &[]),
    (
        "@a=é;b=☂ TELL ü",
        &[("a", "é"), ("b", "☂")],
        None,
        "TELL",
        &["ü"],
    ),
    // Leniency.
    ("   TELL one", &[], None, "TELL", &["one"]),
    ("tell one", &[], None, "tell", &["one"]),
];

#[test]
fn lines_have_the_parts_of_the_table() {
    for (line, tags, source, command, params) in CASES {
        let message = parse(line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        let seen: Vec<_> = message.tags().map(|(name, _)| name).collect();
        let names: Vec<_> = tags.iter().map(|(name, _)| *name).collect();
        assert_eq!(seen, names, "tags of {line:?}");
        for (name, value) in *tags {
            assert_eq!(
                message.tag(name).as_deref(),
                Some(*value),
                "{name} of {line:?}"
            );
        }
        assert_eq!(
            message.source().map(|source| source.as_str()),
            *source,
            "{line:?}"
        );
        assert_eq!(message.command(), *command, "{line:?}");
        assert_eq!(message.params().collect::<Vec<_>>(), *params, "{line:?}");
        assert_eq!(message.param_count(), params.len(), "{line:?}");
        assert_eq!(message.as_bytes(), line.as_bytes(), "{line:?}");
    }
}

#[test]
fn lines_without_a_message_are_refused_with_the_reason() {
    for line in [
        "",
        " ",
        "    ",
        ":ann",
        ":ann ",
        "@a=1",
        "@a=1 ",
        "@a=1 :ann ",
        ":",
        "@",
    ] {
        assert_eq!(parse(line), Err(ParseError::NoCommand), "{line:?}");
    }
    for line in ["TELL a\r", "TELL\na", "TELL \0", "\r\n"] {
        assert_eq!(parse(line), Err(ParseError::ForbiddenByte), "{line:?}");
    }
    let latin1 = Message::parse(Bytes::from_static(b"TELL caf\xe9"));
    assert_eq!(latin1, Err(ParseError::NotUtf8));
    let endless = format!("TELL {}", "x".repeat(70_000));
    assert_eq!(parse(&endless), Err(ParseError::TooLong));
}

#[test]
fn of_equal_tags_the_last_one_counts() {
    let message = parse("@a=1;b=2;a=3 TELL").unwrap();
    assert_eq!(message.tag("a").as_deref(), Some("3"));
    assert_eq!(message.tag("c"), None);
}

#[test]
fn a_source_splits_at_its_first_marks() {
    let cases = [
        ("ann", "ann", None, None),
        ("ann!a@host", "ann", Some("a"), Some("host")),
        ("ann@host", "ann", None, Some("host")),
        ("ann!a", "ann", Some("a"), None),
        ("ann!~a@h!st@x", "ann", Some("~a"), Some("h!st@x")),
        ("ann@ho!st", "ann", None, Some("ho!st")),
        ("ann!@", "ann", Some(""), Some("")),
        ("irc.example.org", "irc.example.org", None, None),
    ];
    for (text, name, user, host) in cases {
        let source = Source::parse(text);
        assert_eq!(
            (source.name, source.user, source.host),
            (name, user, host),
            "{text}"
        );
        assert_eq!(source.as_str(), text);
    }
}

#[test]
fn commands_compare_in_any_case() {
    let message = parse("PrivMsg #a b").unwrap();
    assert!(message.is("PRIVMSG"));
    assert!(!message.is("PRIVMS"));
    assert_eq!(message.command_upper(), "PRIVMSG");
    assert_eq!(message.param(2), None);
}

#[test]
fn parts_are_views_into_the_line() {
    let line = Bytes::from_static(b"@t=1 :ann TELL one :two three");
    let message = Message::parse(line.clone()).unwrap();
    let inside = line.as_ptr_range();
    for part in message
        .params()
        .chain([message.command(), message.source().unwrap().name])
    {
        assert!(inside.contains(&part.as_ptr()), "{part} was copied");
    }
    assert_eq!(message.clone().as_bytes().as_ptr(), line.as_ptr());
}

/// A parameter that can stand without a colon.
fn middle() -> impl Strategy<Value = String> {
    "[^ :\r\n\0][^ \r\n\0]{0,11}"
}

proptest! {
    #[test]
    fn what_is_formatted_parses_to_its_parts(
        tags in prop::collection::btree_map("\\+?[a-z]{1,5}(/[a-z0-9-]{1,6})?", "[^\0]{0,20}", 0..6),
        source in prop::option::of("[^ \r\n\0]{1,12}"),
        command in "[A-Z]{1,10}|[0-9]{3}",
        params in prop::collection::vec(middle(), 0..5),
        trailing in prop::option::of("[^\r\n\0]{0,50}"),
    ) {
        let mut start = WireLine::builder();
        for (name, value) in &tags {
            start = start.tag(name, value);
        }
        if let Some(source) = &source {
            start = start.source(source);
        }
        let mut builder = start.command(&command).params(params.iter().map(String::as_str));
        if let Some(trailing) = &trailing {
            builder = builder.trailing(trailing);
        }
        let line = builder.finish().into_bytes();
        let message = Message::parse(line.slice(..line.len() - 2)).unwrap();

        prop_assert_eq!(message.tags().count(), tags.len());
        for (name, value) in &tags {
            prop_assert_eq!(message.tag(name), Some(value.into()));
        }
        prop_assert_eq!(message.source().map(|source| source.as_str()), source.as_deref());
        prop_assert_eq!(message.command(), command);
        let wanted: Vec<_> = params.iter().chain(&trailing).map(String::as_str).collect();
        prop_assert_eq!(message.params().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn what_parses_can_be_formatted_again(line in "[ :@!;=\\\\a-zA-Zé☂]{0,20}") {
        let Ok(message) = parse(&line) else { return Ok(()) };
        // Without its source such a command would read as tags or source: it is never written.
        prop_assume!(!message.command().starts_with(['@', ':']));
        let mut start = WireLine::builder();
        if let Some(source) = message.source() {
            start = start.source(source.as_str());
        }
        let mut builder = start.command(message.command());
        let last = message.param_count().saturating_sub(1);
        builder = builder.params(message.params().take(last));
        if let Some(param) = message.param(last) {
            builder = builder.trailing(param);
        }
        let again = builder.finish().into_bytes();
        let again = Message::parse(again.slice(..again.len() - 2)).unwrap();
        prop_assert_eq!(again.source(), message.source());
        prop_assert_eq!(again.command(), message.command());
        prop_assert_eq!(again.params().collect::<Vec<_>>(), message.params().collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = std::str::from_utf8(&bytes).ok();
        match Message::parse(Bytes::from(bytes.clone())) {
            Ok(message) => {
                let text = text.expect("only UTF-8 parses");
                prop_assert!(!message.command().is_empty());
                prop_assert!(text.contains(message.command()));
                prop_assert!(message.params().all(|param| text.contains(param)));
            }
            Err(ParseError::NotUtf8) => prop_assert!(text.is_none()),
            Err(ParseError::ForbiddenByte) => {
                prop_assert!(bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)));
            }
            Err(ParseError::NoCommand) => prop_assert!(text.is_some()),
            Err(ParseError::TooLong) => prop_assert!(false, "300 bytes are not too long"),
        }
    }
}
