//! Messages of several lines
//! ([draft/multiline](https://ircv3.net/specs/extensions/multiline)), on their way out.

use chat_proto::WireLine;
use chat_proto::multiline::{self, Piece};

use super::line;

/// How much the server takes as one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    bytes: usize,
    lines: usize,
}

/// What is said, but for the words.
pub(super) struct Said<'a> {
    pub(super) command: &'static str,
    pub(super) target: &'a str,
    /// The message that it replies to.
    pub(super) reply: Option<&'a str>,
}

// === impl Bounds ===

impl Bounds {
    /// Reads `max-bytes=4096,max-lines=32`; what is not known is passed over. A server has to tell how
    /// many bytes.
    pub(crate) fn parse(value: &str) -> Option<Bounds> {
        let of = |key: &str| {
            let mut tokens = value.split(',').filter_map(|token| token.split_once('='));
            let (_, value) = tokens.find(|(name, _)| *name == key)?;
            value.parse().ok()
        };
        Some(Bounds {
            bytes: of("max-bytes")?,
            lines: of("max-lines").unwrap_or(usize::MAX),
        })
    }

    /// How many of the pieces go into one message.
    fn fitting(self, pieces: &[Piece<'_>]) -> usize {
        let mut bytes = 0;
        let fits = |piece: &&Piece<'_>| {
            bytes += piece.text.len() + usize::from(!piece.concat);
            // The first line has no line end before it.
            bytes <= self.bytes.saturating_add(1)
        };
        let count = pieces.iter().take(self.lines).take_while(fits).count();
        // What the server does not take it refuses with a reason.
        count.max(1)
    }
}

// === impl Said ===

impl Said<'_> {
    /// The lines of as many batches as are needed.
    pub(super) fn lines(
        &self,
        mut pieces: &[Piece<'_>],
        bounds: Bounds,
        number: &mut u64,
    ) -> Vec<WireLine> {
        let mut out = Vec::new();
        let mut reply = self.reply;
        while !pieces.is_empty() {
            let (some, rest) = pieces.split_at(bounds.fitting(pieces));
            pieces = rest;
            let first = some.iter().position(|piece| !piece.text.is_empty());
            match first.map(|first| &some[first..]) {
                None => {}
                Some([one]) => out.push(self.alone(one, reply.take())),
                Some(some) => {
                    *number += 1;
                    self.batch(some, &format!("m{number}"), reply.take(), &mut out);
                }
            }
        }
        out
    }

    fn alone(&self, piece: &Piece<'_>, reply: Option<&str>) -> WireLine {
        let mut start = WireLine::builder();
        if let Some(id) = reply {
            start = start.tag("+draft/reply", id);
        }
        let line = start.command(self.command).param(self.target);
        line.trailing(piece.text).finish()
    }

    fn batch(
        &self,
        pieces: &[Piece<'_>],
        reference: &str,
        reply: Option<&str>,
        out: &mut Vec<WireLine>,
    ) {
        let mut start = WireLine::builder();
        if let Some(id) = reply {
            start = start.tag("+draft/reply", id);
        }
        let start = start.command("BATCH").param(&format!("+{reference}"));
        out.push(start.param(multiline::BATCH).param(self.target).finish());
        for (at, piece) in pieces.iter().enumerate() {
            let mut start = WireLine::builder().tag("batch", reference);
            if piece.concat && at > 0 {
                start = start.tag(multiline::CONCAT, "");
            }
            let line = start.command(self.command).param(self.target);
            out.push(line.trailing(piece.text).finish());
        }
        out.push(line("BATCH", &[&format!("-{reference}")], None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Command;

    fn text(command: &Command, bounds: &str) -> Vec<String> {
        let bounds = Bounds::parse(bounds).unwrap();
        let lines = command.lines_in_blocks(bounds, &mut 0).unwrap();
        let text = |line: &WireLine| String::from_utf8(line.as_bytes().to_vec()).unwrap();
        let lines = lines.iter().map(text);
        lines
            .map(|line| line.trim_end_matches(['\r', '\n']).to_owned())
            .collect()
    }

    fn say(text: &str) -> Command {
        Command::Say {
            target: "#a".into(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn several_lines_are_one_batch_and_one_line_is_none() {
        let bounds = "max-bytes=4096,max-lines=32";
        assert_eq!(text(&say("hello\n"), bounds), ["PRIVMSG #a :hello"]);
        assert_eq!(
            text(&say("if x:\n\n  y"), bounds),
            [
                "BATCH +m1 draft/multiline #a",
                "@batch=m1 PRIVMSG #a :if x:",
                "@batch=m1 PRIVMSG #a :",
                "@batch=m1 PRIVMSG #a :  y",
                "BATCH -m1",
            ]
        );
        let long = text(&say(&"word ".repeat(120)), bounds);
        assert!(long[2].starts_with("@batch=m1;draft/multiline-concat PRIVMSG #a :"));
        let reply = Command::Reply {
            target: "#a".into(),
            id: "7".into(),
            text: "a\nb".to_owned(),
        };
        assert_eq!(
            text(&reply, bounds)[0],
            "@+draft/reply=7 BATCH +m1 draft/multiline #a"
        );
    }

    #[test]
    fn what_is_more_than_the_server_takes_is_several_messages() {
        assert_eq!(
            text(&say("a\nb\nc\n\nd"), "max-lines=2,max-bytes=100"),
            [
                "BATCH +m1 draft/multiline #a",
                "@batch=m1 PRIVMSG #a :a",
                "@batch=m1 PRIVMSG #a :b",
                "BATCH -m1",
                "BATCH +m2 draft/multiline #a",
                "@batch=m2 PRIVMSG #a :c",
                "@batch=m2 PRIVMSG #a :",
                "BATCH -m2",
                "PRIVMSG #a :d",
            ]
        );
        // Two letters and the line end between them.
        assert_eq!(text(&say("a\nb"), "max-bytes=3").len(), 4);
        assert_eq!(text(&say("a\nb"), "max-bytes=2").len(), 2);
    }

    #[test]
    fn a_server_has_to_say_how_much_it_takes() {
        assert_eq!(Bounds::parse("max-lines=3"), None);
        assert_eq!(Bounds::parse("max-bytes=x"), None);
        let bytes = Bounds::parse("future=1,max-bytes=10").unwrap();
        assert_eq!((bytes.bytes, bytes.lines), (10, usize::MAX));
    }
}
