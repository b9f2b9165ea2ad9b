//! One event, rendered once per variant.

use chat_network::{MessageId, Tag, Timestamp};
use chat_proto::{Capability, LineBody, TagSection, WireLine};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::render::multiline::Block;
use crate::render::{Wire, server_time};
use crate::session::Variant;

/// One line of an event: its body, and what of it was already joined with tags.
pub(crate) struct Rendered {
    body: LineBody,
    /// The body for extended-join, where it differs.
    extended: Option<LineBody>,
    time: Timestamp,
    id: Option<MessageId>,
    /// It comes from a bot.
    bot: bool,
    /// The account of who it comes from.
    account: Option<SmolStr>,
    tags: Box<[Tag]>,
    /// A tag that all who get it know.
    always: Option<(&'static str, SmolStr)>,
    /// It is a message of several lines, of which the body is the first that is not blank.
    block: Option<Box<Block>>,
    /// Those that were made: in nearly all cases one or two.
    lines: SmallVec<[(u8, Wire); 2]>,
    made: u64,
}

impl Rendered {
    /// A line that is the same for everyone but for its tags.
    pub(crate) fn new(body: LineBody, time: Timestamp) -> Self {
        Self {
            body,
            extended: None,
            time,
            id: None,
            bot: false,
            account: None,
            tags: Box::default(),
            always: None,
            block: None,
            lines: SmallVec::new(),
            made: 0,
        }
    }

    /// The line is a message, with an id and perhaps client-only tags.
    pub(crate) fn message(mut self, id: MessageId, tags: &[Tag]) -> Self {
        self.id = Some(id);
        self.tags = tags.into();
        self
    }

    /// The line has an id of its own: history knows it by that.
    pub(crate) fn identified(mut self, id: impl Into<Option<MessageId>>) -> Self {
        self.id = id.into();
        self
    }

    /// The line may come from a user that calls itself a bot.
    pub(crate) fn bot(mut self, bot: bool) -> Self {
        self.bot = bot;
        self
    }

    /// The line comes from a user that is logged in to an account.
    pub(crate) fn account(mut self, account: Option<&SmolStr>) -> Self {
        self.account = account.cloned();
        self
    }

    /// The line is in a batch, and goes only to who knows batches.
    pub(crate) fn within(mut self, batch: &SmolStr) -> Self {
        self.always = Some(("batch", batch.clone()));
        self
    }

    /// The line is a message that somebody relays, and goes only to who knows that.
    pub(crate) fn relayed(mut self, by: &str) -> Self {
        self.always = Some((Capability::Relaymsg.name(), by.into()));
        self
    }

    /// The line is a message of several lines.
    pub(crate) fn block(mut self, block: Block) -> Self {
        self.block = Some(Box::new(block));
        self
    }

    /// The line is a JOIN, with another body for extended-join.
    pub(crate) fn extended(mut self, body: LineBody) -> Self {
        self.extended = Some(body);
        self
    }

    /// The line for a variant, made if it was not yet.
    pub(crate) fn line(&mut self, variant: Variant) -> Wire {
        let mut variant = variant;
        if self.extended.is_none() {
            variant = variant.without_join();
        }
        if self.account.is_none() {
            variant = variant.without_account();
        }
        if variant.multiline()
            && let Some(block) = &self.block
        {
            if let Some(batch) = block.made(variant) {
                return batch;
            }
            let batch = block.batch(self.id, &self.tags_for(variant, self.id));
            if let Some(block) = &mut self.block {
                block.keep(variant, batch.clone());
            }
            self.made += 1;
            return batch;
        }
        let index = variant.index();
        if let Some((_, line)) = self.lines.iter().find(|(known, _)| *known == index) {
            return line.clone();
        }
        let line = self.make(variant);
        self.lines.push((index, line.clone()));
        self.made += 1;
        line
    }

    /// How many variants were made.
    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    fn make(&self, variant: Variant) -> Wire {
        let body = match &self.extended {
            Some(extended) if variant.extended_join() => extended,
            _ => &self.body,
        };
        if let Some(block) = &self.block {
            let rest = self.tags_for(variant, None);
            return block.plain(&self.tags_for(variant, self.id), &rest);
        }
        let untagged = !variant.time() && !variant.tags() && !variant.account();
        if untagged && self.always.is_none() {
            return WireLine::untagged(body).into();
        }
        WireLine::with_tags(&self.tags_for(variant, self.id), body).into()
    }

    fn tags_for(&self, variant: Variant, id: Option<MessageId>) -> TagSection {
        let mut tags = TagSection::new();
        if let Some((name, value)) = &self.always {
            tags.push(name, value);
        }
        if variant.time() {
            tags.push("time", server_time(self.time).as_str());
        }
        if let Some(account) = self.account.as_ref().filter(|_| variant.account()) {
            tags.push("account", account);
        }
        if variant.tags() {
            if let Some(id) = id {
                tags.push("msgid", &smol_str::format_smolstr!("{id}"));
            }
            if self.bot {
                tags.push("bot", "");
            }
            for tag in &self.tags {
                tags.push(&tag.name, &tag.value);
            }
        }
        tags
    }
}
