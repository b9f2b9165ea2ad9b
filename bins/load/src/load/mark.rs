//! The mark that a message carries: which it is, and when it was due.

use memchr::memmem::Finder;

/// What a text begins with.
const SIGN: &str = " :load ";
/// Number and time, in hexadecimal, each behind a blank but the first.
const NUMBER: usize = 8;
const TIME: usize = 16;

/// Finds marks in lines.
#[derive(Debug)]
pub(crate) struct Marks {
    sign: Finder<'static>,
}

/// What a mark says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mark {
    /// Which message.
    pub(crate) number: u32,
    /// When it was due, in nanoseconds of the load's clock.
    pub(crate) time: u64,
}

impl Marks {
    /// A finder.
    pub(crate) fn new() -> Self {
        Self {
            sign: Finder::new(SIGN),
        }
    }

    /// The mark in a line.
    pub(crate) fn find(&self, line: &[u8]) -> Option<Mark> {
        let at = self.sign.find(line)? + SIGN.len();
        let text = line.get(at..at + NUMBER + 1 + TIME)?;
        Some(Mark {
            number: u32::try_from(hexadecimal(&text[..NUMBER])?).ok()?,
            time: hexadecimal(&text[NUMBER + 1..])?,
        })
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some(number << 4 | u64::from(value))
    })
}

/// A message to a channel with a mark, and a text of so many bytes in all.
pub(crate) fn message(channel: &str, mark: Mark, bytes: usize) -> String {
    let text = format!("load {:08x} {:016x}", mark.number, mark.time);
    let fill = "x".repeat(bytes.saturating_sub(text.len() + 1));
    format!("PRIVMSG {channel} :{text} {fill}\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_found() {
        let mark = Mark {
            number: 0x0123_4567,
            time: 0x0fed_cba9_8765_4321,
        };
        for bytes in [0, 30, 31, 200] {
            let line = format!(":ann!a@host {}", message("#room", mark, bytes));
            assert_eq!(Marks::new().find(line.as_bytes()), Some(mark), "{line}");
        }
        let text = message("#r", mark, 80);
        assert_eq!(text.trim_end().len() - "PRIVMSG #r :".len(), 80);
    }

    #[test]
    fn other_lines_have_none() {
        for line in [
            "",
            ":a JOIN #room",
            ":a PRIVMSG #r :load",
            ":a PRIVMSG #r :load 0000zzzz 0000000000000000",
        ] {
            assert_eq!(Marks::new().find(line.as_bytes()), None, "{line}");
        }
    }
}
