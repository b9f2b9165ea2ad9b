//! Who asks the database.

use std::sync::Arc;

use chat_store::Reader;
use tokio::sync::Semaphore;

use crate::history::{Answer, Question};

/// Questions of one server that may be asked at the same time; more wait for their turn.
const AT_ONCE: usize = 4;

/// The database as one server sees it.
pub(crate) struct Archive {
    reader: Option<Reader>,
    turns: Arc<Semaphore>,
}

impl Archive {
    /// Over a database, if there is one.
    pub(crate) fn new(reader: Option<Reader>) -> Self {
        Self {
            reader,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Asks on a thread that may wait for the disk; `None` where it cannot be asked. Whoever does
    /// not wait for the answer gives up only that: the turn is over when the question is.
    pub(crate) async fn ask(&self, question: Question) -> Option<Answer> {
        let reader = self.reader.clone()?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok()?;
        let asked = tokio::task::spawn_blocking(move || {
            let answer = question.ask(&reader);
            drop(turn);
            answer
        });
        match asked.await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database cannot be read");
                None
            }
            Err(error) => {
                tracing::error!(%error, "a question to the database panicked");
                None
            }
        }
    }
}
