//! However a stream is cut, its lines are the same; and every line is clean.
#![no_main]

use bytes::{Bytes, BytesMut};
use chat_proto::{LineCodec, BadLine};
use libfuzzer_sys::fuzz_target;
use tokio_util::codec::Decoder;

fn read<'a>(
    mut codec: LineCodec,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Result<Bytes, BadLine>>, bool) {
    let (mut buffer, mut lines) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match codec.decode(&mut buffer) {
                Ok(Some(line)) => lines.push(line),
                Ok(None) => break,
                Err(_) => return (lines, true),
            }
        }
    }
    (lines, false)
}

// The first byte says how long the pieces are.
fuzz_target!(|data: &[u8]| {
    let Some((length, stream)) = data.split_first() else {
        return;
    };
    for codec in [LineCodec::server(), LineCodec::client()] {
        let whole = read(codec.clone(), [stream]);
        let pieces = stream.chunks(usize::from(*length) + 1);
        assert_eq!(read(codec, pieces), whole);
        for line in whole.0 {
            let line = match line {
                Ok(line) => line,
                Err(bad) => {
                    let _ = bad.tag("label");
                    continue;
                }
            };
            assert!(!line.is_empty() && std::str::from_utf8(&line).is_ok());
            assert!(!line.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)));
        }
    }
});
