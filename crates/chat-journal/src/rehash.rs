//! Who waits for the configuration to be read again.

use chat_network::SessionId;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Askers of one reading at most; what more of them asked for happens all the same.
const ASKERS: usize = 64;

/// The askers, from the sequencer to whoever has the file.
#[derive(Debug, Default)]
pub(crate) struct Rehash {
    askers: Mutex<Vec<SessionId>>,
    news: Notify,
}

impl Rehash {
    /// One more has asked.
    pub(crate) fn ask(&self, session: SessionId) {
        let mut askers = self.askers.lock();
        if askers.len() < ASKERS {
            askers.push(session);
        }
        drop(askers);
        self.news.notify_one();
    }

    /// Waits until somebody asks; all who have so far.
    pub(crate) async fn wanted(&self) -> Vec<SessionId> {
        loop {
            let askers = std::mem::take(&mut *self.askers.lock());
            if !askers.is_empty() {
                return askers;
            }
            self.news.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use chat_network::ServerId;

    use super::*;

    #[tokio::test]
    async fn all_who_have_asked_are_told_of_at_once_and_they_are_bounded() {
        let rehash = Rehash::default();
        for serial in 0..100 {
            rehash.ask(SessionId::new(ServerId(1), 1, serial));
        }
        assert_eq!(rehash.wanted().await.len(), ASKERS);
        let own = SessionId::new(ServerId(2), 1, 7);
        let (askers, ()) = tokio::join!(rehash.wanted(), async { rehash.ask(own) });
        assert_eq!(askers, [own]);
    }
}
