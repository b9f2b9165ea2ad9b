//! Messages of several lines
//! ([draft/multiline](https://ircv3.net/specs/extensions/multiline)), while their lines come.

use chat_proto::{Message, multiline};
use smol_str::SmolStr;

use super::{Incoming, Model};

/// Messages of several lines that may be on their way at once.
const BLOCKS: usize = 8;

/// Lines that are taken of one, and bytes; the rest is left out.
const LINES: usize = 200;
const BYTES: usize = 32 * 1024;

/// A message of several lines on its way.
#[derive(Debug, Clone)]
pub(super) struct Block {
    reference: SmolStr,
    /// The line that began it: it has the sender, the target and the tags.
    opening: Message,
    text: String,
    lines: usize,
    notice: bool,
}

// === impl Block ===

impl Block {
    pub(super) fn opening(&self) -> &Message {
        &self.opening
    }

    pub(super) fn target(&self) -> Option<&str> {
        self.opening.param(2)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What its lines are; nothing if there was none.
    pub(super) fn command(&self) -> Option<&'static str> {
        let command = if self.notice { "NOTICE" } else { "PRIVMSG" };
        (self.lines > 0).then_some(command)
    }

    fn add(&mut self, text: &str, concat: bool) {
        let room = BYTES.saturating_sub(self.text.len() + 1);
        if self.lines == LINES || room == 0 {
            return;
        }
        if self.lines > 0 && !concat {
            self.text.push('\n');
        }
        self.text.push_str(chat_proto::limit::truncate(text, room));
        self.lines += 1;
    }
}

// === impl Model ===

impl Model {
    /// Whether a message is a line of one that is on its way.
    pub(super) fn is_of_block(&self, message: &Message) -> bool {
        let reference = message.tag("batch");
        reference.is_some_and(|reference| self.blocks.iter().any(|b| b.reference == *reference))
    }

    /// `BATCH +reference draft/multiline target`. Says whether it is that.
    pub(super) fn block_begins(&mut self, message: &Message) -> bool {
        let reference = message.param(0).and_then(|word| word.strip_prefix('+'));
        let Some(reference) = reference.filter(|_| message.param(1) == Some(multiline::BATCH))
        else {
            return false;
        };
        if self.blocks.len() < BLOCKS {
            self.blocks.push(Block {
                reference: reference.into(),
                opening: message.clone(),
                text: String::new(),
                lines: 0,
                notice: false,
            });
        }
        true
    }

    /// A line of one that is on its way.
    pub(super) fn block_goes_on(&mut self, incoming: &Incoming<'_>) {
        let notice = incoming.is_notice();
        if !notice && !incoming.message.is("PRIVMSG") {
            return;
        }
        let reference = incoming.tag("batch").unwrap_or_default();
        let of = |block: &&mut Block| block.reference == *reference;
        if let Some(block) = self.blocks.iter_mut().find(of) {
            block.notice = notice;
            let concat = incoming.tag(multiline::CONCAT).is_some();
            block.add(incoming.param(1).unwrap_or_default(), concat);
        }
    }

    /// The message of several lines that `BATCH -reference` ends.
    pub(super) fn block_ended(&mut self, message: &Message) -> Option<Block> {
        let reference = message.param(0).filter(|_| message.is("BATCH"))?;
        let reference = reference.strip_prefix('-')?;
        let at = self.blocks.iter().position(|b| b.reference == reference)?;
        Some(self.blocks.remove(at))
    }
}
