//! From a released batch to the links: every link gets every entry, and between them the
//! rejections of its own sessions. Entries are encoded once, whatever the number of links.

use std::sync::Arc;

use chat_network::Entry;

use crate::{
    Delivery,
    port::LinkId,
    queue::PushError,
    sequencer::{LinkState, Refused},
    shared::{Counts, Sink, count},
    wire::{self, Chunk, Encoded},
};

/// What a request has led to.
#[derive(Debug)]
pub(crate) enum Item {
    /// For everyone.
    Entry(Arc<Entry>),
    /// For the link that asked.
    Rejected { link: LinkId, refused: Refused },
}

/// Puts the items into the queues of the links that are live; answers those whose bound is reached.
pub(crate) fn deliver(items: &[Item], links: &[LinkState]) -> Vec<LinkId> {
    let live = || links.iter().filter(|link| link.live);
    let remote = live().any(|link| matches!(link.sink, Sink::Remote(_)));
    let encoded = remote.then(|| Encoded::new(items.iter().filter_map(Item::entry)));
    let mut slow = Vec::new();
    for link in live() {
        let id = link.port.id;
        let pushed = match (&link.sink, &encoded) {
            (Sink::Local(queue), _) => {
                queue.extend(items.iter().filter_map(|item| item.delivery(id)))
            }
            (Sink::Remote(queue), Some(encoded)) => queue.extend(chunks(items, encoded, id)),
            (Sink::Remote(_), None) => Ok(()),
        };
        // A queue that is closed belongs to a link that is ending by itself.
        if let Err(PushError::Full) = pushed {
            slow.push(id);
        }
    }
    slow
}

/// Counts what a batch consists of.
pub(crate) fn count_items(counts: &Counts, items: &[Item]) {
    let entries = items
        .iter()
        .filter(|item| matches!(item, Item::Entry(_)))
        .count();
    count(&counts.entries, entries);
    count(&counts.rejections, items.len() - entries);
}

/// The frames for one link: slices of the encoded entries, cut where a rejection belongs.
fn chunks(items: &[Item], encoded: &Encoded, link: LinkId) -> Vec<Chunk> {
    let mut out = Vec::new();
    let mut sent = 0;
    let mut entries = 0;
    let mut items = items.iter().peekable();
    while let Some(item) = items.next() {
        let Some(first) = item.refused(link) else {
            entries += usize::from(item.entry().is_some());
            continue;
        };
        encoded.frames(sent..entries, &mut out);
        sent = entries;
        let mut refused = vec![first];
        while let Some(next) = items.peek().and_then(|item| item.refused(link)) {
            refused.push(next);
            items.next();
        }
        wire::rejections(refused.into_iter(), &mut out);
    }
    encoded.frames(sent..entries, &mut out);
    out
}

impl Item {
    fn entry(&self) -> Option<&Arc<Entry>> {
        match self {
            Self::Entry(entry) => Some(entry),
            Self::Rejected { .. } => None,
        }
    }

    /// The rejection, if it is for this link.
    fn refused(&self, of: LinkId) -> Option<&Refused> {
        match self {
            Self::Rejected { link, refused } if *link == of => Some(refused),
            _ => None,
        }
    }

    /// The delivery, if it is for this link.
    fn delivery(&self, to: LinkId) -> Option<Delivery> {
        match self {
            Self::Entry(entry) => Some(Delivery::Entry(Arc::clone(entry))),
            Self::Rejected {
                link,
                refused: (session, rejection),
            } if *link == to => Some(Delivery::Rejected {
                session: *session,
                rejection: rejection.clone(),
            }),
            Self::Rejected { .. } => None,
        }
    }
}
