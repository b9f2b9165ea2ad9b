//! The codec: limits, the three outcomes, and that the cutting of a stream makes no difference.

use bytes::{Bytes, BytesMut};
use chat_proto::{CodecError, LineCodec, LineError, WireLine, limit};
use proptest::prelude::*;
use tokio_util::codec::{Decoder, Encoder};

type Line = Result<Bytes, LineError>;

/// All lines of a stream that arrives in `pieces`, and whether it broke.
fn read<'a>(mut codec: LineCodec, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Line>, bool) {
    let mut buffer = BytesMut::new();
    let mut lines = Vec::new();
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match codec.decode(&mut buffer) {
                Ok(Some(line)) => lines.push(line.map_err(|bad| bad.why)),
                Ok(None) => break,
                Err(_) => return (lines, true),
            }
        }
    }
    (lines, false)
}

fn good(line: &'static str) -> Line {
    Ok(Bytes::from_static(line.as_bytes()))
}

#[test]
fn lines_end_in_either_way_and_empty_ones_are_skipped() {
    let (lines, broken) = read(
        LineCodec::server(),
        [&b"\r\n\nONE\r\n\n\r\nTWO a\nTHREE"[..]],
    );
    assert_eq!(lines, [good("ONE"), good("TWO a")]);
    assert!(!broken);
}

#[test]
fn a_bad_line_is_told_and_the_next_one_is_read() {
    let stream = b"A \xff\r\nB \0\r\nC \r D\r\nE\r\r\n\r\r\nOK\r\n";
    let (lines, broken) = read(LineCodec::server(), [&stream[..]]);
    assert_eq!(
        lines,
        [
            Err(LineError::NotUtf8 {
                command: "A".into()
            }),
            Err(LineError::Nul),
            Err(LineError::BareCarriageReturn),
            Err(LineError::BareCarriageReturn),
            Err(LineError::BareCarriageReturn),
            good("OK"),
        ]
    );
    assert!(!broken);
}

#[test]
fn the_tags_of_a_bad_line_are_told_where_they_can_be_read() {
    let label = |line: &[u8]| {
        let mut buffer = BytesMut::from(&[line, b"\r\n"].concat()[..]);
        let bad = LineCodec::server().decode(&mut buffer).unwrap().unwrap();
        bad.unwrap_err().tag("label").map(|label| label.to_string())
    };
    let told = |line: &[u8]| assert_eq!(label(line).as_deref(), Some("a b"));
    told(b"@x;label=a\\sb PRIVMSG #a :\xff");
    told(b"@label=c;label=a\\sb PRIVMSG #a :\0");
    told(b"@label=a\\sb PRIVMSG #a :\rx");
    told(&[b"@label=a\\sb ", &[b'x'; 511][..]].concat());
    for line in [
        &b"PRIVMSG #a :\xff"[..],
        b"@x PRIVMSG #a :\xff",
        b"@label=\xff PRIVMSG #a :x",
        b"@label=a\0 PRIVMSG #a :x",
        b"@label=a\rb PRIVMSG #a :x",
        b"@label=a\xff",
    ] {
        assert_eq!(label(line), None, "{line:?}");
    }
    assert_eq!(
        label(&[b"@label=", &[b'x'; 4090][..], b" A"].concat()),
        None
    );
}

/// What becomes of a line with so many bytes of tags (with `@` and space) and of the rest (with CR LF).
fn verdict(codec: LineCodec, tags: usize, rest: usize) -> Option<LineError> {
    let mut line = Vec::new();
    if tags > 0 {
        line.push(b'@');
        line.resize(tags - 1, b't');
        line.push(b' ');
    }
    line.resize(tags + rest - 2, b'x');
    line.extend_from_slice(b"\r\n");
    let (lines, broken) = read(codec, [&line[..]]);
    assert!(!broken && lines.len() == 1);
    lines[0].clone().err()
}

#[test]
fn limits_hold_to_the_byte() {
    let server = LineCodec::server;
    assert_eq!(verdict(server(), 0, 512), None);
    assert_eq!(verdict(server(), 0, 513), Some(LineError::TooLong));
    assert_eq!(verdict(server(), 4096, 512), None);
    assert_eq!(verdict(server(), 4097, 512), Some(LineError::TagsTooLong));
    assert_eq!(verdict(server(), 4096, 513), Some(LineError::TooLong));
    let client = LineCodec::client;
    assert_eq!(verdict(client(), 8191, 8192), None);
    assert_eq!(verdict(client(), 8192, 512), Some(LineError::TagsTooLong));
    assert_eq!(verdict(client(), 0, 8193), Some(LineError::TooLong));
}

#[test]
fn tags_without_an_end_are_too_long_as_tags() {
    let line = [b"@", &[b't'; 5000][..], b"\n"].concat();
    let (lines, _) = read(LineCodec::server(), [&line[..]]);
    assert_eq!(lines, [Err(LineError::TagsTooLong)]);
}

#[test]
fn a_stream_without_a_newline_breaks_at_the_limit_and_stays_broken() {
    let mut codec = LineCodec::server();
    let mut buffer = BytesMut::new();
    for _ in 0..limit::UNTERMINATED {
        buffer.extend_from_slice(b"x");
        assert!(matches!(codec.decode(&mut buffer), Ok(None)));
    }
    buffer.extend_from_slice(b"x");
    assert!(matches!(
        codec.decode(&mut buffer),
        Err(CodecError::NoNewline)
    ));
    buffer.extend_from_slice(b"\nPING a\n");
    assert!(matches!(
        codec.decode(&mut buffer),
        Err(CodecError::NoNewline)
    ));
    assert_eq!(
        buffer.len(),
        limit::UNTERMINATED + 9,
        "nothing was taken out"
    );
}

#[test]
fn a_line_that_came_whole_breaks_at_the_same_limit() {
    let mut line = vec![b'x'; limit::UNTERMINATED];
    line.push(b'\n');
    assert_eq!(
        read(LineCodec::server(), [&line[..]]),
        (vec![Err(LineError::TooLong)], false)
    );
    line.insert(0, b'x');
    assert_eq!(read(LineCodec::server(), [&line[..]]), (vec![], true));
}

#[test]
fn the_end_of_the_stream_drops_half_a_line() {
    let mut codec = LineCodec::server();
    let mut buffer = BytesMut::from(&b"ONE\nTW"[..]);
    let last = codec.decode_eof(&mut buffer).unwrap();
    assert_eq!(
        last.map(|line| line.map_err(|bad| bad.why)),
        Some(good("ONE"))
    );
    assert_eq!(codec.decode_eof(&mut buffer).unwrap(), None);
    assert!(buffer.is_empty());
}

#[test]
fn a_fresh_buffer_begins_at_its_front() {
    let mut codec = LineCodec::server();
    assert!(matches!(
        codec.decode(&mut BytesMut::from(&b"half a line"[..])),
        Ok(None)
    ));
    let mut fresh = BytesMut::from(&b"PING a\n"[..]);
    let next = codec.decode(&mut fresh).unwrap();
    assert_eq!(
        next.map(|line| line.map_err(|bad| bad.why)),
        Some(good("PING a"))
    );
}

#[test]
fn lines_are_encoded_as_they_are() {
    let line = WireLine::builder().command("PING").param("a").finish();
    let mut buffer = BytesMut::new();
    let mut codec = LineCodec::client();
    codec.encode(&line, &mut buffer).unwrap();
    codec.encode(line, &mut buffer).unwrap();
    assert_eq!(&buffer[..], b"PING a\r\nPING a\r\n");
}

/// Streams of good lines, bad lines and rubbish, sometimes too long.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            &b"PRIVMSG #a :hi\r\n"[..], b"\n", b"\r", b"\r\n", b"@a=1;b=2 ", b"@", b" ", b"\0",
            b"\xff", b"\xc3", b"\xa9", b"PING a\n", b"\xe2\x98\x82",
        ]).prop_map(<[u8]>::to_vec),
        1 => (0..700_usize).prop_map(|length| vec![b'x'; length]),
        1 => prop::collection::vec(any::<u8>(), 0..20),
        1 => (3_000..9_000_usize).prop_map(|length| vec![b'y'; length]),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn however_a_stream_is_cut_its_lines_are_the_same(
        stream in stream(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]);
        let whole = read(LineCodec::server(), [&stream[..]]);
        prop_assert_eq!(&read(LineCodec::server(), pieces), &whole);
        prop_assert_eq!(read(LineCodec::server(), stream.chunks(1)), whole);
    }

    #[test]
    fn what_is_given_is_clean(stream in stream()) {
        for line in read(LineCodec::client(), [&stream[..]]).0.into_iter().flatten() {
            prop_assert!(!line.is_empty());
            prop_assert!(std::str::from_utf8(&line).is_ok());
            prop_assert!(!line.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)));
        }
    }

    #[test]
    fn what_is_encoded_is_decoded(texts in prop::collection::vec("[^\0\r\n]{0,40}", 0..8)) {
        let mut codec = LineCodec::server();
        let mut buffer = BytesMut::new();
        let lines: Vec<_> = texts
            .iter()
            .map(|text| WireLine::builder().command("TELL").trailing(text).finish())
            .collect();
        for line in &lines {
            codec.encode(line, &mut buffer).unwrap();
        }
        let (read, broken) = read(codec, [&buffer[..]]);
        prop_assert!(!broken);
        let wanted: Vec<_> = lines.iter().map(|line| Ok(line.as_bytes().slice(..line.len() - 2))).collect();
        prop_assert_eq!(read, wanted);
    }
}
