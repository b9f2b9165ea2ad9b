//! A queue with many senders and one receiver that takes everything that waits at once.
//!
//! Sending costs a short lock and, only if the receiver sleeps, a wake; so a busy receiver is not
//! woken per item. What is in it is bounded in bytes by [`Queue::push`]'s answer.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::Closed;

/// What an item weighs against the bound of its queue.
pub(crate) trait Cost {
    /// In bytes, about.
    fn cost(&self) -> usize;
}

/// Why an item was not taken.
#[derive(Debug)]
pub(crate) enum PushError {
    /// The bound is reached.
    Full,
    /// The queue is closed.
    Closed(Closed),
}

#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    wake: Notify,
    bound: usize,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    bytes: usize,
    /// The receiver waits for a wake; whoever brings something takes this flag and wakes it.
    asleep: bool,
    /// Something beside the queue wants the receiver's attention.
    poked: bool,
    closed: Option<Closed>,
}

impl<T: Cost> Queue<T> {
    /// A queue that takes items until they weigh `bound` bytes together.
    pub(crate) fn new(bound: usize) -> Self {
        let state = State {
            items: VecDeque::new(),
            bytes: 0,
            asleep: false,
            poked: false,
            closed: None,
        };
        Self {
            state: Mutex::new(state),
            wake: Notify::new(),
            bound,
        }
    }

    /// Adds an item.
    pub(crate) fn push(&self, item: T) -> Result<(), PushError> {
        self.extend(std::iter::once(item))
    }

    /// Adds items under one lock and with at most one wake. Items beyond the bound are dropped:
    /// the answer to [`PushError::Full`] is to end what the queue belongs to.
    pub(crate) fn extend(&self, items: impl IntoIterator<Item = T>) -> Result<(), PushError> {
        let mut state = self.state.lock();
        if let Some(closed) = &state.closed {
            return Err(PushError::Closed(closed.clone()));
        }
        for item in items {
            let bytes = state.bytes + item.cost();
            if bytes > self.bound {
                return Err(PushError::Full);
            }
            state.bytes = bytes;
            state.items.push_back(item);
        }
        self.wake(state);
        Ok(())
    }

    /// Moves the oldest items to the end of `out`: at most `most`, and (but for the first) no more
    /// than `bytes` in weight. Answers how the queue ended once it is empty and closed.
    pub(crate) fn take(
        &self,
        out: &mut VecDeque<T>,
        most: usize,
        bytes: usize,
    ) -> Result<(), Closed> {
        let mut state = self.state.lock();
        if state.items.is_empty() {
            return state.closed.clone().map_or(Ok(()), Err);
        }
        if out.is_empty() && state.items.len() <= most && state.bytes <= bytes {
            state.bytes = 0;
            std::mem::swap(out, &mut state.items);
            return Ok(());
        }
        let mut taken = 0;
        for _ in 0..most {
            let Some(item) = state.items.pop_front() else {
                break;
            };
            let cost = item.cost();
            if taken > 0 && taken + cost > bytes {
                state.items.push_front(item);
                break;
            }
            taken += cost;
            state.bytes -= cost;
            out.push_back(item);
        }
        Ok(())
    }

    /// Waits until there is an item, a poke, or the end.
    pub(crate) async fn ready(&self) {
        loop {
            {
                let mut state = self.state.lock();
                let poked = std::mem::take(&mut state.poked);
                if poked || !state.items.is_empty() || state.closed.is_some() {
                    state.asleep = false;
                    return;
                }
                state.asleep = true;
            }
            self.wake.notified().await;
        }
    }

    /// Wakes the receiver although nothing is in the queue.
    pub(crate) fn poke(&self) {
        let mut state = self.state.lock();
        state.poked = true;
        self.wake(state);
    }

    /// Takes nothing more; what is in it can still be taken. The first reason stays.
    pub(crate) fn finish(&self, reason: Closed) {
        let mut state = self.state.lock();
        state.closed.get_or_insert(reason);
        self.wake(state);
    }

    /// Takes nothing more and drops what is in it. The first reason stays.
    pub(crate) fn cut(&self, reason: Closed) {
        let mut state = self.state.lock();
        state.items = VecDeque::new();
        state.bytes = 0;
        state.closed.get_or_insert(reason);
        self.wake(state);
    }

    /// How the queue was closed, if it was.
    pub(crate) fn closed(&self) -> Option<Closed> {
        self.state.lock().closed.clone()
    }

    /// How many items wait in it.
    pub(crate) fn len(&self) -> usize {
        self.state.lock().items.len()
    }

    /// Whether nothing waits in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.state.lock().items.is_empty()
    }

    /// Bytes that wait in it, about.
    pub(crate) fn bytes(&self) -> usize {
        self.state.lock().bytes
    }

    fn wake(&self, mut state: parking_lot::MutexGuard<'_, State<T>>) {
        let asleep = std::mem::take(&mut state.asleep);
        drop(state);
        if asleep {
            self.wake.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Cost for u32 {
        fn cost(&self) -> usize {
            *self as usize
        }
    }

    fn taken(queue: &Queue<u32>, most: usize, bytes: usize) -> Result<Vec<u32>, Closed> {
        let mut out = VecDeque::new();
        queue.take(&mut out, most, bytes).map(|()| out.into())
    }

    #[test]
    fn the_bound_is_in_bytes_and_counts_what_was_taken_out() {
        let queue = Queue::new(10);
        queue.extend([4, 6]).unwrap();
        assert!(matches!(queue.push(1), Err(PushError::Full)));
        assert_eq!(taken(&queue, 1, 100).unwrap(), [4]);
        queue.push(4).unwrap();
        assert_eq!(queue.bytes(), 10);
        assert_eq!(taken(&queue, 10, 100).unwrap(), [6, 4]);
        assert_eq!(queue.bytes(), 0);
    }

    #[test]
    fn take_keeps_to_its_bytes_but_always_gives_one() {
        let queue = Queue::new(100);
        queue.extend([30, 30, 30]).unwrap();
        assert_eq!(taken(&queue, 10, 20).unwrap(), [30]);
        assert_eq!(taken(&queue, 10, 59).unwrap(), [30]);
        assert_eq!(taken(&queue, 10, 59).unwrap(), [30]);
    }

    #[test]
    fn finishing_lets_drain_and_cutting_does_not() {
        let queue = Queue::new(100);
        queue.extend([1, 2]).unwrap();
        queue.finish(Closed::Goodbye);
        queue.finish(Closed::Broken);
        assert!(matches!(
            queue.push(3),
            Err(PushError::Closed(Closed::Goodbye))
        ));
        assert_eq!(taken(&queue, 10, 10).unwrap(), [1, 2]);
        assert_eq!(taken(&queue, 10, 10), Err(Closed::Goodbye));

        let queue = Queue::new(100);
        queue.push(1).unwrap();
        queue.cut(Closed::TooSlow);
        assert_eq!(taken(&queue, 10, 10), Err(Closed::TooSlow));
    }

    #[tokio::test]
    async fn a_sleeping_receiver_is_woken_by_items_pokes_and_the_end() {
        let queue = std::sync::Arc::new(Queue::new(100));
        for step in 0..3 {
            let other = std::sync::Arc::clone(&queue);
            let waiter = tokio::spawn(async move { other.ready().await });
            tokio::task::yield_now().await;
            match step {
                0 => queue.push(1).unwrap(),
                1 => queue.poke(),
                _ => queue.finish(Closed::Goodbye),
            }
            waiter.await.unwrap();
            let _ = taken(&queue, 10, 100);
        }
    }
}
