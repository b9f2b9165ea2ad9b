//! The answers to a labeled request (labeled-response): kept until all are there, then told as one.

use std::borrow::Cow;

use bytes::{BufMut, Bytes, BytesMut};
use chat_proto::{BadLine, Capability, Message, WireLine, escape_tag_value};
use smol_str::{SmolStr, format_smolstr};

use crate::render::Wire;
use crate::session::Session;

/// Bytes of a label; a longer one is none.
pub(crate) const LABEL: usize = 64;

/// What a client gets from the moment of a labeled request until it is answered. What others do
/// meanwhile waits here too, so that the client sees everything in its order.
pub(crate) struct Labeled {
    label: SmolStr,
    server: SmolStr,
    lines: Vec<Line>,
    bytes: usize,
}

struct Line {
    /// It answers the request.
    answers: bool,
    /// With CR LF. A batch is one: only its beginning is tagged.
    bytes: Bytes,
}

impl Labeled {
    /// For a request with a label, answered in the name of `server`.
    pub(crate) fn new(label: &str, server: &str) -> Self {
        Self {
            label: label.into(),
            server: server.into(),
            lines: Vec::new(),
            bytes: 0,
        }
    }

    /// Bytes of all that is kept.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keeps one line, or several.
    pub(crate) fn push(&mut self, wire: Wire, answers: bool) {
        let mut rest = wire.into_bytes();
        self.bytes += rest.len();
        if batch_of(&rest, b'+').is_some() {
            self.lines.push(Line {
                answers,
                bytes: rest,
            });
            return;
        }
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let bytes = rest.split_to(end + 1);
            self.lines.push(Line { answers, bytes });
        }
    }

    /// All lines, without a word about the request: its answer comes later.
    pub(crate) fn postpone(self) -> Bytes {
        let mut out = BytesMut::with_capacity(self.bytes);
        for line in &self.lines {
            out.put_slice(&line.bytes);
        }
        out.freeze()
    }

    /// Whether something was answered.
    pub(crate) fn is_answered(&self) -> bool {
        self.lines.iter().any(|line| line.answers)
    }

    /// All lines: one answer has the label, several are a batch that has it, and where there is none
    /// ACK has it. `reference` names the batch.
    pub(crate) fn finish(self, reference: u32) -> Bytes {
        let reference = format_smolstr!("{reference}");
        let mut out = BytesMut::with_capacity(self.bytes + 256);
        if self.answer_is_a_batch() {
            return self.finish_batch();
        }
        let last = self.lines.iter().rposition(|line| line.answers);
        let answers = self.lines.iter().filter(|line| line.answers).count();
        let mut begun = false;
        for (at, line) in self.lines.iter().enumerate() {
            match (line.answers, answers) {
                (false, _) => out.put_slice(&line.bytes),
                (true, 1) => tagged(&mut out, "label", &self.label, &line.bytes),
                (true, _) => {
                    if !begun {
                        begun = true;
                        let start = self.command("BATCH").param(&format!("+{reference}"));
                        let start = start.param("labeled-response").finish();
                        tagged(&mut out, "label", &self.label, start.as_bytes());
                    }
                    tagged(&mut out, "batch", &reference, &line.bytes);
                }
            }
            if begun && last == Some(at) {
                let end = self.command("BATCH").param(&format!("-{reference}"));
                out.put_slice(end.finish().as_bytes());
            }
        }
        if answers == 0 {
            let acknowledged = self.command("ACK").finish();
            tagged(&mut out, "label", &self.label, acknowledged.as_bytes());
        }
        out.freeze()
    }

    /// The whole answer is one batch already, such as one of history.
    fn answer_is_a_batch(&self) -> bool {
        let mut answers = self.lines.iter().filter(|line| line.answers);
        let (Some(first), Some(last)) = (answers.next(), answers.next_back()) else {
            return false;
        };
        let ends = (batch_of(&first.bytes, b'+'), batch_of(&last.bytes, b'-'));
        matches!(ends, (Some(begun), Some(ended)) if begun == ended)
    }

    /// A batch has the label at its beginning.
    fn finish_batch(self) -> Bytes {
        let mut out = BytesMut::with_capacity(self.bytes + 96);
        let first = self.lines.iter().position(|line| line.answers);
        for (at, line) in self.lines.iter().enumerate() {
            if first == Some(at) {
                tagged(&mut out, "label", &self.label, &line.bytes);
            } else {
                out.put_slice(&line.bytes);
            }
        }
        out.freeze()
    }

    fn command(&self, command: &str) -> chat_proto::LineBuilder {
        WireLine::builder().source(&self.server).command(command)
    }
}

/// The label of a request, of a client that has agreed to labels.
pub(crate) fn of(session: &Session, message: &Message) -> Option<SmolStr> {
    agreed(session)
        .then(|| message.tag("label"))
        .and_then(valid)
}

/// The label of a request that cannot be read as a whole.
pub(crate) fn of_bad_line(session: &Session, bad: &BadLine) -> Option<SmolStr> {
    agreed(session).then(|| bad.tag("label")).and_then(valid)
}

fn agreed(session: &Session) -> bool {
    session.has(Capability::LabeledResponse) && session.has(Capability::Batch)
}

fn valid(label: Option<Cow<'_, str>>) -> Option<SmolStr> {
    label
        .filter(|label| (1..=LABEL).contains(&label.len()))
        .map(SmolStr::new)
}

/// The reference of the batch that a line begins (`+`) or ends (`-`).
fn batch_of(line: &[u8], sign: u8) -> Option<&[u8]> {
    let mut words = line.trim_ascii_end().split(|byte| *byte == b' ');
    let mut word = words.next()?;
    for mark in [b'@', b':'] {
        if word.first() == Some(&mark) {
            word = words.next()?;
        }
    }
    let reference = words.next().filter(|_| word == b"BATCH")?;
    reference
        .split_first()
        .and_then(|(first, rest)| (*first == sign).then_some(rest))
}

/// Appends a line with one more tag.
fn tagged(out: &mut BytesMut, name: &str, value: &str, line: &[u8]) {
    for part in ["@", name, "=", &escape_tag_value(value)] {
        out.put_slice(part.as_bytes());
    }
    match line.strip_prefix(b"@") {
        Some(rest) => {
            out.put_slice(b";");
            out.put_slice(rest);
        }
        None => {
            out.put_slice(b" ");
            out.put_slice(line);
        }
    }
}
