//! Messages to the same channel, one after the other.
//!
//! Under load a batch brings many of them. They are gathered until something else comes, and all who
//! get the same bytes of them get one block: what is paid for each member is then paid once, and not
//! once for each message.

use std::rc::Rc;

use bytes::BytesMut;
use chat_network::{ChannelId, MessageKind, SessionId};
use chat_proto::Capability;
use smallvec::SmallVec;

use crate::client::Client;
use crate::render::{Rendered, Wire};
use crate::session::Variant;

/// More messages than these are not kept room for.
const ROOM: usize = 256;

/// One message.
pub(crate) struct Said {
    /// What it looks like.
    pub(crate) line: Rendered,
    /// The session that it comes from: it gets it only with echo-message.
    pub(crate) sender: Option<SessionId>,
    /// A TAGMSG is only for who knows tags.
    pub(crate) kind: MessageKind,
}

/// Messages to one channel.
#[derive(Default)]
pub(super) struct Run {
    channel: Option<ChannelId>,
    said: Vec<Said>,
}

impl Run {
    /// Whether a message to this channel may join.
    pub(super) fn takes(&self, channel: ChannelId) -> bool {
        self.said.is_empty() || self.channel == Some(channel)
    }

    /// One more.
    pub(super) fn push(&mut self, channel: ChannelId, said: Said) {
        self.channel = Some(channel);
        self.said.push(said);
    }

    /// The channel, if there is something for it.
    pub(super) fn channel(&self) -> Option<ChannelId> {
        self.channel.filter(|_| !self.said.is_empty())
    }

    /// Queues all of it for the clients of the channel; those that have something to write for the
    /// first time since the last flush are put into `dirty`. How many lines were made.
    pub(super) fn deliver(&mut self, clients: &[Rc<Client>], dirty: &mut Vec<Rc<Client>>) -> u64 {
        let mut blocks = Blocks::new();
        for client in clients {
            let pushed = if self.is_one_block_for(client) {
                let block = self.block(client.session.variant(), &mut blocks);
                block.is_some_and(|block| client.push(block))
            } else {
                self.push_each(client)
            };
            if pushed {
                dirty.push(Rc::clone(client));
            }
        }
        self.said.iter().map(|said| said.line.made()).sum()
    }

    /// Empty again; the room is kept unless it is unusually large.
    pub(super) fn clear(&mut self) {
        self.said.clear();
        self.said.shrink_to(ROOM);
    }

    /// Whether a client gets what all of its variant get: it has said none of it, and does not wait
    /// for the answer to a labeled request, which is put together of single lines.
    fn is_one_block_for(&self, client: &Client) -> bool {
        let one = self.said.len() > 1 && !client.is_labeled();
        one && self
            .said
            .iter()
            .all(|said| said.sender != Some(client.session.id))
    }

    /// All lines for a variant as one, unless there are none.
    fn block(&mut self, variant: Variant, blocks: &mut Blocks) -> Option<Wire> {
        if let Some((_, block)) = blocks.iter().find(|(known, _)| *known == variant) {
            return block.clone();
        }
        let mut whole = BytesMut::new();
        for said in &mut self.said {
            if said.kind != MessageKind::Tagmsg || variant.tags() {
                whole.extend_from_slice(said.line.line(variant).as_bytes());
            }
        }
        let block = (!whole.is_empty()).then(|| Wire::of_lines(whole));
        blocks.push((variant, block.clone()));
        block
    }

    /// Queues each line by itself. Whether the client has something to write for the first time.
    fn push_each(&mut self, client: &Client) -> bool {
        let mut first = false;
        for said in &mut self.said {
            let own = said.sender == Some(client.session.id);
            if wants(client, said.sender, said.kind) {
                // The echo of a message answers it.
                let answering = client.answering.replace(own);
                first |= client.push(said.line.line(client.session.variant()));
                client.answering.set(answering);
            }
        }
        first
    }
}

/// The blocks made so far: variants in use at the same time are few.
type Blocks = SmallVec<[(Variant, Option<Wire>); 4]>;

/// Whether a client in the channel gets a message: the sender only with echo-message, a TAGMSG
/// only who knows tags.
fn wants(client: &Client, sender: Option<SessionId>, kind: MessageKind) -> bool {
    (sender != Some(client.session.id) || client.session.has(Capability::EchoMessage))
        && (kind != MessageKind::Tagmsg || client.session.has(Capability::MessageTags))
}
