//! Lines to send: what they look like, and that nothing gets out of their form.

use bytes::BytesMut;
use chat_proto::{LineCodec, Message, ParseError, TagSection, WireLine, limit, numeric};
use proptest::prelude::*;
use tokio_util::codec::Decoder;

fn text(line: &WireLine) -> &str {
    std::str::from_utf8(line.as_bytes()).expect("lines are UTF-8")
}

#[test]
fn lines_are_written_in_order() {
    let line = WireLine::builder()
        .tag("time", "2001-02-03T04:05:06.789Z")
        .tag("note", "a b;c")
        .source("ann!a@host")
        .command("PRIVMSG")
        .param("#lobby")
        .trailing(":-) hello")
        .finish();
    assert_eq!(
        text(&line),
        "@time=2001-02-03T04:05:06.789Z;note=a\\sb\\:c :ann!a@host PRIVMSG #lobby ::-) hello\r\n"
    );
    let line = WireLine::builder()
        .numeric(numeric::RPL_WELCOME)
        .param("ann")
        .finish();
    assert_eq!(text(&line), "001 ann\r\n");
    let line = WireLine::builder()
        .source("")
        .command("PING")
        .trailing("")
        .finish();
    assert_eq!(text(&line), "PING :\r\n");
}

#[test]
fn values_cannot_leave_their_place() {
    let line = WireLine::builder()
        .source("a b\r\nc")
        .command("TELL\nQUIT x")
        .param("")
        .param(":x y")
        .param("a\0b\rc")
        .trailing("x\r\nQUIT :y\0z")
        .finish();
    assert_eq!(
        text(&line),
        ":a_b__c TELL_QUIT_x * _x_y a_b_c :x  QUIT :y z\r\n"
    );
    for (command, written) in [("@x", "_x\r\n"), (":x", "_x\r\n"), ("", "*\r\n")] {
        assert_eq!(
            text(&WireLine::builder().command(command).finish()),
            written
        );
    }
}

#[test]
fn nothing_follows_the_trailing_parameter() {
    let line = WireLine::builder()
        .command("TELL")
        .trailing("a")
        .param("b")
        .trailing("c")
        .finish();
    assert_eq!(text(&line), "TELL :a\r\n");
}

#[test]
fn a_long_body_is_cut_between_characters() {
    let line = WireLine::builder()
        .command("TELL")
        .trailing(&"é".repeat(400))
        .finish();
    // "TELL :" and CR LF leave 504 bytes, which are 252 characters.
    assert_eq!(line.len(), 512);
    let line = WireLine::builder()
        .command("TELLS")
        .trailing(&"é".repeat(400))
        .finish();
    assert_eq!(line.len(), 511);
    assert!(text(&line).ends_with("é\r\n"));
    let line = WireLine::builder()
        .source(&"s".repeat(600))
        .command(&"C".repeat(600))
        .finish();
    assert_eq!(line.len(), 1 + limit::SOURCE + 1 + limit::COMMAND + 2);
}

#[test]
fn a_body_is_rendered_once_for_all_variants() {
    let body = WireLine::builder()
        .source("ann")
        .command("TELL")
        .trailing("hi")
        .finish_body();
    let (mut tags, none) = (TagSection::new(), TagSection::new());
    tags.push("msgid", "7");
    assert_eq!(
        text(&WireLine::with_tags(&tags, &body)),
        "@msgid=7 :ann TELL :hi\r\n"
    );
    let shared = WireLine::with_tags(&none, &body);
    assert_eq!(
        shared.as_bytes().as_ptr(),
        body.as_bytes().as_ptr(),
        "copied without need"
    );
    assert_eq!(shared, WireLine::untagged(&body));
}

#[test]
fn raw_lines_are_checked() {
    assert_eq!(
        text(&WireLine::from_raw("  JOIN #a").unwrap()),
        "JOIN #a\r\n"
    );
    assert_eq!(
        text(&WireLine::from_raw("@a=1 JOIN #a").unwrap()),
        "@a=1 JOIN #a\r\n"
    );
    assert_eq!(WireLine::from_raw(""), Err(ParseError::NoCommand));
    assert_eq!(
        WireLine::from_raw("JOIN #a\r\nQUIT"),
        Err(ParseError::ForbiddenByte)
    );
    assert!(WireLine::from_raw(&format!("TELL {}", "x".repeat(505))).is_ok());
    assert_eq!(
        WireLine::from_raw(&format!("TELL {}", "x".repeat(506))),
        Err(ParseError::TooLong)
    );
    assert!(WireLine::from_raw(&format!("@{} TELL", "x".repeat(4094))).is_ok());
    assert_eq!(
        WireLine::from_raw(&format!("@{} TELL", "x".repeat(4095))),
        Err(ParseError::TooLong)
    );
}

/// Text with everything in it that could do harm, sometimes long.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ :@;=\\\\\r\n\0aé☂]{0,12}",
        1 => any::<String>(),
        1 => ("[ aé☂\r]", 0..900_usize).prop_map(|(piece, times)| piece.repeat(times)),
    ]
}

proptest! {
    #[test]
    fn a_line_stays_one_line_within_its_limits(
        tags in prop::collection::vec((prop_oneof![hostile(), "[a-z]{1,3}"], hostile()), 0..8),
        source in hostile(),
        command in hostile(),
        params in prop::collection::vec(hostile(), 0..20),
        trailing in prop::option::of(hostile()),
    ) {
        let mut start = WireLine::builder();
        for (name, value) in &tags {
            start = start.tag(name, value);
        }
        let mut builder = start.source(&source).command(&command);
        builder = builder.params(params.iter().map(String::as_str));
        if let Some(trailing) = &trailing {
            builder = builder.trailing(trailing);
        }
        let line = builder.finish();

        let inside = text(&line).strip_suffix("\r\n").expect("ends in CR LF");
        prop_assert!(!inside.contains(['\r', '\n', '\0']));
        let tags = if inside.starts_with('@') { inside.find(' ').map_or(0, |at| at + 1) } else { 0 };
        prop_assert!(tags <= limit::SERVER_TAGS);
        prop_assert!(line.len() - tags <= limit::BODY);

        let mut stream = BytesMut::from(&line.as_bytes()[..]);
        let mut codec = LineCodec::client();
        let read = codec.decode(&mut stream).unwrap().expect("one line").expect("a good one");
        prop_assert!(stream.is_empty());
        let message = Message::parse(read).unwrap();
        prop_assert_eq!(message.source().is_none(), source.is_empty());
        prop_assert!(message.param_count() <= params.len() + 1);
    }

    #[test]
    fn a_raw_line_is_sent_as_it_is_or_refused(line in "[ :@;=\r\n\0a-fé]{0,40}") {
        if let Ok(sent) = WireLine::from_raw(&line) {
            prop_assert_eq!(text(&sent), format!("{}\r\n", line.trim_start_matches(' ')));
        }
    }
}
