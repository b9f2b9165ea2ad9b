//! From a decided batch to its release: its rows go to the store, and when the store has answered its
//! items go to the links.

use std::sync::Arc;

use chat_network::{Configuration, Position, SessionId};
use chat_store::{Batch, Outcome, Row};

use super::{Draft, Sequencer, configure, links::Attaching};
use crate::{
    Closed,
    commits::{Commits, Ticket},
    fanout::{self, Item},
    shared::{Counts, count},
};

/// Positions that may become visible without a word to the store, which has reserved some ahead.
const UNSTORED: u64 = 100_000;

/// A batch that is decided and waits for its turn.
#[derive(Default)]
pub(super) struct Pending {
    items: Vec<Item>,
    /// The number of its commit, if it has one.
    commit: Option<u64>,
    /// The last position when it was decided.
    position: Position,
    /// A link that begins after it.
    attach: Option<Attaching>,
    /// Who wants the configuration read again.
    rehash: Vec<SessionId>,
}
impl Sequencer {
    /// Gives the rows of a batch to the store, and queues it for release.
    pub(super) fn submit(&mut self, draft: Draft, attach: Option<Attaching>) {
        let far = self.position.0 - self.told.0 >= UNSTORED;
        let commit = (!draft.rows.is_empty() || far).then(|| self.commit(draft.rows));
        if draft.items.is_empty() && commit.is_none() && attach.is_none() {
            return;
        }
        count(&self.shared.counts.batches, 1);
        let position = self.position;
        self.pending.push_back(Pending {
            items: draft.items,
            commit,
            position,
            attach,
            rehash: draft.rehash,
        });
    }

    fn commit(&mut self, rows: Vec<Row>) -> u64 {
        count(&self.shared.counts.commits, 1);
        count(&self.shared.counts.rows, rows.len());
        self.told = self.position;
        let (number, ticket) = Commits::ticket(&self.commits);
        let shared = Arc::clone(&self.shared);
        let messages = rows.iter().any(|row| matches!(row, Row::Message(_)));
        let done = move |outcome| settle(outcome, messages, ticket, &shared.counts);
        self.writer.commit_soon(
            Batch {
                rows,
                position: self.position.0,
            },
            done,
        );
        number
    }

    /// Tells the store the last position, so that the next run begins after it.
    pub(super) fn tell_position(&mut self) {
        let commit = Some(self.commit(Vec::new()));
        self.pending.push_back(Pending {
            commit,
            position: self.position,
            ..Pending::default()
        });
    }

    /// Hands out what is stored, in order.
    pub(super) fn release(&mut self) {
        let stored = self.commits.stored();
        while let Some(batch) = self
            .pending
            .pop_front_if(|batch| batch.commit.is_none_or(|commit| commit <= stored))
        {
            self.shared.set_released(batch.position);
            fanout::count_items(&self.shared.counts, &batch.items);
            for slow in fanout::deliver(&batch.items, &self.links) {
                self.cut(slow, Closed::TooSlow);
            }
            if let Some(attaching) = batch.attach {
                self.begin(attaching);
            }
            for asker in batch.rehash {
                self.rehash(asker);
            }
        }
    }

    /// Somebody wants the configuration read again.
    fn rehash(&mut self, asker: SessionId) {
        if self.shared.rereads {
            self.shared.rehash.ask(asker);
        } else {
            self.own.push_back(configure(Configuration {
                askers: vec![asker],
                notes: vec!["This program has no configuration file".into()],
                ..Configuration::default()
            }));
        }
    }
}

/// What the store's answer means for a batch that waits for it.
fn settle(outcome: Outcome, messages: bool, ticket: Ticket, counts: &Counts) {
    match outcome {
        Outcome::Stored => ticket.answer(),
        Outcome::Held => {
            count(&counts.held, 1);
            ticket.answer();
        }
        // Nobody may see a message that is not kept: the sequencer ends.
        Outcome::Refused if messages => drop(ticket),
        // What else there is to keep must not stop a chat that has lost its disk for long.
        Outcome::Refused => {
            count(&counts.lost, 1);
            ticket.answer();
        }
    }
}
#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    #[test]
    fn what_is_held_is_released_and_a_message_that_is_refused_never() {
        let cases = [
            (Outcome::Stored, true, false, (0, 0)),
            (Outcome::Held, true, false, (1, 0)),
            (Outcome::Refused, false, false, (0, 1)),
            (Outcome::Refused, true, true, (0, 0)),
        ];
        for (outcome, messages, broken, counted) in cases {
            let commits = Arc::default();
            let counts = Counts::default();
            let (number, ticket) = Commits::ticket(&commits);
            settle(outcome, messages, ticket, &counts);
            assert_eq!(commits.broken(), broken, "{outcome:?}");
            assert_eq!(commits.stored() == number, !broken, "{outcome:?}");
            let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
            assert_eq!(
                (count(&counts.held), count(&counts.lost)),
                counted,
                "{outcome:?}"
            );
        }
    }
}
