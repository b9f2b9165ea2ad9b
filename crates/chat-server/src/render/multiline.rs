//! Messages of several lines: a batch for who knows them, plain lines for the others.

use bytes::BytesMut;
use chat_network::{MessageId, MessageKind};
use chat_proto::{LineBody, TagSection, WireLine, multiline};
use smol_str::{SmolStr, format_smolstr};

use crate::render::{Wire, event};
use crate::session::Variant;

/// A message of several lines.
pub(crate) struct Block {
    source: SmolStr,
    target: SmolStr,
    pieces: Vec<Piece>,
    /// The batches that were made: few, as few kinds of clients know them.
    batches: Vec<(Variant, Wire)>,
}

struct Piece {
    body: LineBody,
    concat: bool,
    blank: bool,
}

impl Block {
    /// The lines of a text, if there are several.
    pub(crate) fn of(source: &str, kind: MessageKind, target: &str, text: &str) -> Option<Self> {
        if !multiline::is_multiline(text) {
            return None;
        }
        let pieces = multiline::pieces(text).map(|piece| Piece {
            body: event::message(source, kind, target, piece.text),
            concat: piece.concat,
            blank: piece.text.is_empty(),
        });
        Some(Self {
            source: source.into(),
            target: target.into(),
            pieces: pieces.collect(),
            batches: Vec::new(),
        })
    }

    /// The batch for a variant, if it was made.
    pub(crate) fn made(&self, variant: Variant) -> Option<Wire> {
        let mut batches = self.batches.iter();
        batches
            .find(|(own, _)| *own == variant)
            .map(|(_, batch)| batch.clone())
    }

    /// Keeps the batch for a variant.
    pub(crate) fn keep(&mut self, variant: Variant, batch: Wire) {
        self.batches.push((variant, batch));
    }

    /// All lines as a batch that has the tags. It is called after the message, which no client gets
    /// a second time before the batch has ended.
    pub(crate) fn batch(&self, id: Option<MessageId>, tags: &TagSection) -> Wire {
        let reference = id.map_or_else(|| SmolStr::new_static("m"), |id| format_smolstr!("{id}"));
        let frame = |mark: char| {
            WireLine::builder()
                .source(&self.source)
                .command("BATCH")
                .param(&format_smolstr!("{mark}{reference}"))
        };
        let mut out = BytesMut::new();
        let begin = frame('+').param(multiline::BATCH).param(&self.target);
        put(&mut out, tags, &begin.finish_body());
        for piece in &self.pieces {
            let mut tags = TagSection::new();
            tags.push("batch", &reference);
            if piece.concat {
                tags.push(multiline::CONCAT, "");
            }
            put(&mut out, &tags, &piece.body);
        }
        put(&mut out, &TagSection::new(), &frame('-').finish_body());
        Wire(out.freeze())
    }

    /// The lines that are not blank; the first has the tags, the others `rest`.
    pub(crate) fn plain(&self, tags: &TagSection, rest: &TagSection) -> Wire {
        let mut out = BytesMut::new();
        let mut tags = tags;
        for piece in self.pieces.iter().filter(|piece| !piece.blank) {
            put(&mut out, tags, &piece.body);
            tags = rest;
        }
        Wire(out.freeze())
    }
}

fn put(out: &mut BytesMut, tags: &TagSection, body: &LineBody) {
    out.extend_from_slice(WireLine::with_tags(tags, body).as_bytes());
}
