//! What everyone is told on arrival, formatted once and not once per client.

use bytes::{BufMut, Bytes, BytesMut};

use crate::render::Wire;

/// Digits of the largest number.
const DIGITS: usize = 20;

/// Numerics whose only differences between clients are the nick and, where there are any, numbers.
pub(crate) struct Burst {
    pieces: Vec<Piece>,
    /// The bytes of all text.
    length: usize,
    /// How many gaps are left for the nick, and for numbers.
    gaps: (usize, usize),
}

/// What all lines are made of, one after the other.
enum Piece {
    Text(Bytes),
    Nick,
    /// One of the numbers.
    Number(u8),
}

impl Burst {
    /// Where a number belongs: text that no line of this server has.
    pub(crate) const NUMBERS: [&str; 8] = [
        "\u{1}", "\u{2}", "\u{3}", "\u{4}", "\u{5}", "\u{6}", "\u{7}", "\u{8}",
    ];

    /// From numerics to a nick of the greatest length, `:<server> <digits> <nick> …`, so that none
    /// becomes longer than a line may be.
    ///
    /// Lines that are not of that form are left out; there are none.
    pub(crate) fn new(lines: &[Wire], server: &str, nick: &str) -> Self {
        Self::made(lines, (server, nick), |text, burst| burst.text(text))
    }

    /// The same with numbers in the place of [`NUMBERS`](Self::NUMBERS). The lines must have room for
    /// them.
    pub(crate) fn with_numbers(lines: &[Wire], server: &str, nick: &str) -> Self {
        Self::made(lines, (server, nick), |mut text, burst| {
            let marks = 1..=u8::try_from(Self::NUMBERS.len()).unwrap_or_default();
            while let Some(at) = text.iter().position(|byte| marks.contains(byte)) {
                burst.text(text.split_to(at));
                burst.gaps.1 += 1;
                burst.pieces.push(Piece::Number(text.split_to(1)[0] - 1));
            }
            burst.text(text);
        })
    }

    fn made(lines: &[Wire], (server, nick): (&str, &str), rest: impl Fn(Bytes, &mut Self)) -> Self {
        let before = 1 + server.len() + 1 + 3 + 1;
        let after = before + nick.len();
        let mut burst = Self {
            pieces: Vec::new(),
            length: 0,
            gaps: (0, 0),
        };
        let lines = lines.iter().map(Wire::as_bytes);
        for line in lines.filter(|line| line.get(before..after) == Some(nick.as_bytes())) {
            burst.text(line.slice(..before));
            burst.gaps.0 += 1;
            burst.pieces.push(Piece::Nick);
            rest(line.slice(after..), &mut burst);
        }
        burst
    }

    fn text(&mut self, text: Bytes) {
        self.length += text.len();
        self.pieces.push(Piece::Text(text));
    }

    /// The bytes that all lines for a nick take at most.
    pub(crate) fn room(&self, nick: &str) -> usize {
        self.length + self.gaps.0 * nick.len() + self.gaps.1 * DIGITS
    }

    /// All lines for one nick.
    pub(crate) fn to(&self, nick: &str) -> Wire {
        let mut whole = BytesMut::with_capacity(self.room(nick));
        self.append(nick, &[], &mut whole);
        Wire(whole.freeze())
    }

    /// Appends all lines for one nick, with these numbers.
    pub(crate) fn append(&self, nick: &str, numbers: &[u64], out: &mut BytesMut) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Nick => out.extend_from_slice(nick.as_bytes()),
                Piece::Number(which) => {
                    let number = numbers.get(usize::from(*which));
                    put_number(number.copied().unwrap_or_default(), out);
                }
            }
        }
    }
}

/// A number as people write it.
fn put_number(mut number: u64, out: &mut BytesMut) {
    let mut digits = [b'0'; DIGITS];
    let mut at = DIGITS;
    loop {
        at -= 1;
        digits[at] += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.put_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use chat_proto::numeric::RPL_LUSERME;

    use super::*;
    use crate::render::numeric_of;

    #[test]
    fn gaps_are_filled_with_the_nick_and_with_numbers() {
        let [first, second, ..] = Burst::NUMBERS;
        let text = format!("{second} of {first}, {first}");
        let line = numeric_of("irc.test", "xxx", RPL_LUSERME, &[first], &text);
        let burst = Burst::with_numbers(&[line.clone(), line], "irc.test", "xxx");
        let mut out = BytesMut::new();
        burst.append("ann", &[u64::MAX, 0], &mut out);
        let most = u64::MAX;
        let expected = format!(":irc.test 255 ann {most} :0 of {most}, {most}\r\n");
        assert_eq!(out, expected.repeat(2));
        assert!(out.len() <= burst.room("ann"));
    }

    #[test]
    fn text_alone_keeps_its_control_characters() {
        let line = numeric_of("irc.test", "xxx", RPL_LUSERME, &[], "\u{2}bold\u{2}");
        let burst = Burst::new(&[line], "irc.test", "xxx");
        let bytes = burst.to("bob").into_bytes();
        assert_eq!(bytes, ":irc.test 255 bob :\u{2}bold\u{2}\r\n");
        assert_eq!(bytes.len(), burst.room("bob"));
    }
}
