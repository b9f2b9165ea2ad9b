//! Which batches the store has answered for.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tokio::sync::Notify;

/// Commits have numbers, from 1, and the store answers in their order.
#[derive(Debug, Default)]
pub(crate) struct Commits {
    asked: AtomicU64,
    stored: AtomicU64,
    broken: AtomicBool,
    wake: Notify,
}

/// The answer to one commit. If it is dropped without, the store is gone.
#[derive(Debug)]
pub(crate) struct Ticket {
    commits: Arc<Commits>,
    answered: bool,
}

impl Commits {
    /// The number of a new commit, and what answers it.
    pub(crate) fn ticket(commits: &Arc<Self>) -> (u64, Ticket) {
        let number = commits.asked.fetch_add(1, Ordering::Relaxed) + 1;
        (
            number,
            Ticket {
                commits: Arc::clone(commits),
                answered: false,
            },
        )
    }

    /// The last commit that was answered.
    pub(crate) fn stored(&self) -> u64 {
        self.stored.load(Ordering::Acquire)
    }

    /// True if a commit will never be answered.
    pub(crate) fn broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// Waits for an answer. Answers that came since the last call count.
    pub(crate) async fn answered(&self) {
        self.wake.notified().await;
    }
}

impl Ticket {
    pub(crate) fn answer(mut self) {
        self.answered = true;
        self.commits.stored.fetch_add(1, Ordering::Release);
        self.commits.wake.notify_one();
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.answered {
            self.commits.broken.store(true, Ordering::Release);
            self.commits.wake.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_count_and_a_lost_ticket_is_noticed() {
        let commits = Arc::new(Commits::default());
        let (first, one) = Commits::ticket(&commits);
        let (second, two) = Commits::ticket(&commits);
        assert_eq!((first, second, commits.stored()), (1, 2, 0));
        one.answer();
        commits.answered().await;
        assert_eq!((commits.stored(), commits.broken()), (1, false));
        drop(two);
        commits.answered().await;
        assert_eq!((commits.stored(), commits.broken()), (1, true));
    }
}
