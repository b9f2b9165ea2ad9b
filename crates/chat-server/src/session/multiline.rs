//! A message of several lines, while a client sends it.

use chat_network::{MessageKind, Tag};
use chat_proto::{fold, multiline};
use smol_str::SmolStr;

use crate::state::{MULTILINE_BYTES, MULTILINE_LINES};

/// A message of several lines, while a client sends it: at most [`MULTILINE_BYTES`] bytes in
/// [`MULTILINE_LINES`] lines. After a fault its rest is swallowed.
pub(crate) struct Multiline {
    reference: SmolStr,
    /// To whom.
    pub(crate) target: SmolStr,
    /// The label of the request that began it.
    pub(crate) label: Option<SmolStr>,
    /// Client-only tags.
    pub(crate) tags: Vec<Tag>,
    kind: Option<MessageKind>,
    text: String,
    lines: usize,
    failed: bool,
}

/// Why it cannot be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// Too many bytes.
    Bytes,
    /// Too many lines.
    Lines,
    /// A line to somebody else.
    Target(SmolStr),
    /// Anything else, in words.
    Invalid(&'static str),
}

impl Multiline {
    /// Nothing yet.
    pub(crate) fn new(reference: &str, target: &str, label: Option<SmolStr>) -> Self {
        Self {
            reference: reference.into(),
            target: target.into(),
            label,
            tags: Vec::new(),
            kind: None,
            text: String::new(),
            lines: 0,
            failed: false,
        }
    }

    /// A batch that cannot be one, whose lines are swallowed.
    pub(crate) fn refused(reference: &str) -> Self {
        let mut refused = Self::new(reference, "", None);
        refused.failed = true;
        refused
    }

    /// Whether this is its reference.
    pub(crate) fn is(&self, reference: &str) -> bool {
        self.reference == reference
    }

    /// Whether there was a fault.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    /// There was a fault: what was said is forgotten.
    pub(crate) fn fail(&mut self) {
        self.failed = true;
        self.text = String::new();
    }

    /// One more line.
    pub(crate) fn add(
        &mut self,
        kind: MessageKind,
        target: &str,
        text: &str,
        concat: bool,
    ) -> Result<(), Fault> {
        if !fold::same(target, &self.target) {
            return Err(Fault::Target(target.into()));
        }
        if self.kind.is_some_and(|before| before != kind) {
            return Err(Fault::Invalid("PRIVMSG and NOTICE do not go together"));
        }
        if concat && text.is_empty() {
            return Err(Fault::Invalid("A blank line cannot go on"));
        }
        if self.lines == MULTILINE_LINES {
            return Err(Fault::Lines);
        }
        // The mark of a piece that goes on counts for nothing.
        let marks = self.text.bytes().filter(|byte| *byte == b'\r').count();
        let feed = usize::from(self.lines > 0 && !concat);
        if self.text.len() - marks + feed + text.len() > MULTILINE_BYTES {
            return Err(Fault::Bytes);
        }
        if self.lines == 0 {
            self.text.push_str(text);
        } else {
            multiline::join(&mut self.text, text, concat);
        }
        self.kind = Some(kind);
        self.lines += 1;
        Ok(())
    }

    /// The whole.
    pub(crate) fn finish(&self) -> Result<(MessageKind, &str), Fault> {
        let said = multiline::pieces(&self.text).any(|piece| !piece.text.is_empty());
        match self.kind {
            Some(kind) if said => Ok((kind, &self.text)),
            _ => Err(Fault::Invalid("Nothing but blank lines")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> Multiline {
        Multiline::new("1", "#a", None)
    }

    #[test]
    fn bounds_are_met_to_the_byte() {
        let mut batch = begun();
        let half = "x".repeat(MULTILINE_BYTES / 2);
        let add = |batch: &mut Multiline, text: &str, concat| {
            batch.add(MessageKind::Privmsg, "#A", text, concat)
        };
        add(&mut batch, &half, false).unwrap();
        assert_eq!(add(&mut batch, &half, false), Err(Fault::Bytes));
        add(&mut batch, &half, true).unwrap();
        assert_eq!(add(&mut batch, "x", true), Err(Fault::Bytes));
        let mut batch = begun();
        for _ in 0..MULTILINE_LINES {
            add(&mut batch, "", false).unwrap();
        }
        assert_eq!(add(&mut batch, "", false), Err(Fault::Lines));
        assert!(batch.finish().is_err(), "blank lines only");
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let mut batch = begun();
        let add = |batch: &mut Multiline, kind, target, text, concat| {
            Multiline::add(batch, kind, target, text, concat)
        };
        use MessageKind::{Notice, Privmsg};
        assert!(batch.finish().is_err(), "nothing was said");
        assert!(add(&mut batch, Privmsg, "#a", "", true).is_err());
        add(&mut batch, Privmsg, "#a", "one", false).unwrap();
        assert!(add(&mut batch, Notice, "#a", "two", false).is_err());
        let elsewhere = add(&mut batch, Privmsg, "#b", "two", false);
        assert_eq!(elsewhere, Err(Fault::Target("#b".into())));
        add(&mut batch, Privmsg, "#a", "two", true).unwrap();
        assert_eq!(batch.finish(), Ok((Privmsg, "one\rtwo")));
    }
}
