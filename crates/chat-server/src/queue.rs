//! What waits for one client to be written.
//!
//! The contract, in four lines: lines leave in the order in which they were pushed; a line is
//! never cut by another; the bytes that wait are bounded by the caller, who asks
//! [`Queue::bytes`] before pushing; one system call writes as many lines as are worth gathering.

use std::collections::VecDeque;
use std::io;

use bytes::Bytes;
use smallvec::SmallVec;

/// Lines are gathered into one write until they are this long together. Copying short lines costs
/// less than to describe each of them to the kernel.
const GATHER: usize = 16 * 1024;
/// Room for so many lines is made where a second one waits.
const OTHERS: usize = 8;

/// Something that takes bytes without waiting.
pub(crate) trait Sink {
    /// Writes what it can; `WouldBlock` when it can take nothing.
    fn try_send(&self, bytes: &[u8]) -> io::Result<usize>;
}

impl Sink for chat_transport::Socket {
    fn try_send(&self, bytes: &[u8]) -> io::Result<usize> {
        Self::try_send(self, bytes)
    }
}

/// How a flush ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flushed {
    /// Nothing is left.
    Empty,
    /// The sink takes no more now.
    Blocked,
}

/// The lines that wait, shared with the queues of the other recipients.
///
/// An idle client's queue holds no memory beside itself, and one line needs none either.
#[derive(Default)]
pub(crate) struct Queue {
    first: Option<Bytes>,
    /// What comes after the first.
    #[expect(
        clippy::box_collection,
        reason = "one word where there is none, as in nearly all queues"
    )]
    others: Option<Box<VecDeque<Bytes>>>,
    /// Bytes waiting, without what of the first line is written already.
    bytes: usize,
    /// How much of the first line is written already.
    written: usize,
}

impl Queue {
    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a line.
    pub(crate) fn push(&mut self, line: Bytes) {
        self.bytes += line.len();
        if self.first.is_none() {
            self.first = Some(line);
        } else {
            self.others
                .get_or_insert_with(|| Box::new(VecDeque::with_capacity(OTHERS)))
                .push_back(line);
        }
    }

    /// Drops what was not begun, so that the last words fit behind the line that was.
    pub(crate) fn abandon(&mut self) {
        self.others = None;
        if self.written == 0 {
            self.first = None;
        }
        self.bytes = self.first.as_ref().map_or(0, Bytes::len) - self.written;
    }

    /// Drops everything: nobody reads any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Writes until nothing is left or the sink takes no more.
    ///
    /// # Errors
    ///
    /// What the sink says, but for `WouldBlock`; the connection is then of no more use.
    pub(crate) fn flush(&mut self, sink: &impl Sink) -> io::Result<Flushed> {
        while let Some(first) = &self.first {
            let begun = &first[self.written..];
            let sent = match &self.others {
                Some(others) if begun.len() < GATHER => write_gathered(begun, others, sink),
                _ => sink.try_send(begun),
            };
            match sent {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.advance(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Flushed::Blocked);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Flushed::Empty)
    }

    /// So many bytes are written.
    fn advance(&mut self, mut count: usize) {
        self.bytes -= count;
        while let Some(first) = &self.first {
            let left = first.len() - self.written;
            if count < left {
                self.written += count;
                return;
            }
            count -= left;
            self.written = 0;
            self.first = self.others.as_mut().and_then(|others| others.pop_front());
        }
        self.others = None;
    }
}

/// Apart, so that the room for it is not on the stack of a single line's way.
#[inline(never)]
fn write_gathered(first: &[u8], others: &VecDeque<Bytes>, sink: &impl Sink) -> io::Result<usize> {
    let mut gathered: SmallVec<[u8; GATHER]> = SmallVec::new();
    gathered.extend_from_slice(first);
    for line in others {
        if gathered.len() + line.len() > GATHER {
            break;
        }
        gathered.extend_from_slice(line);
    }
    sink.try_send(&gathered)
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    /// Takes `step` bytes per call and `room` in all.
    struct Pipe {
        step: usize,
        room: Cell<usize>,
        got: RefCell<Vec<u8>>,
        calls: Cell<usize>,
    }

    impl Pipe {
        fn new(step: usize, room: usize) -> Self {
            Self {
                step,
                room: Cell::new(room),
                got: RefCell::default(),
                calls: Cell::new(0),
            }
        }
    }

    impl Sink for Pipe {
        fn try_send(&self, bytes: &[u8]) -> io::Result<usize> {
            self.calls.set(self.calls.get() + 1);
            let take = self.step.min(self.room.get());
            if take == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let take = take.min(bytes.len());
            self.got.borrow_mut().extend_from_slice(&bytes[..take]);
            self.room.set(self.room.get() - take);
            Ok(take)
        }
    }

    fn filled(lines: usize) -> (Queue, Vec<u8>) {
        let mut queue = Queue::default();
        let mut whole = Vec::new();
        for number in 0..lines {
            let line = format!("line {number}\r\n");
            whole.extend_from_slice(line.as_bytes());
            queue.push(Bytes::from(line));
        }
        (queue, whole)
    }

    #[test]
    fn lines_leave_whole_and_in_order_whatever_the_steps() {
        for step in 1..40 {
            let (mut queue, whole) = filled(9);
            let pipe = Pipe::new(step, usize::MAX);
            assert_eq!(queue.flush(&pipe).unwrap(), Flushed::Empty);
            assert_eq!(*pipe.got.borrow(), whole);
            assert_eq!(queue.bytes(), 0);
        }
    }

    #[test]
    fn a_full_sink_keeps_the_rest_for_later() {
        let (mut queue, whole) = filled(9);
        let pipe = Pipe::new(usize::MAX, 20);
        assert_eq!(queue.flush(&pipe).unwrap(), Flushed::Blocked);
        assert_eq!(queue.bytes(), whole.len() - 20);
        pipe.room.set(usize::MAX);
        assert_eq!(queue.flush(&pipe).unwrap(), Flushed::Empty);
        assert_eq!(*pipe.got.borrow(), whole);
    }

    #[test]
    fn many_lines_take_few_calls() {
        let mut queue = Queue::default();
        for _ in 0..GATHER / 50 {
            queue.push(Bytes::from_static(&[b'x'; 100]));
        }
        let pipe = Pipe::new(usize::MAX, usize::MAX);
        queue.flush(&pipe).unwrap();
        assert_eq!(pipe.calls.get(), 3);
    }

    #[test]
    fn long_and_short_lines_leave_in_order() {
        for step in [1000, GATHER, usize::MAX] {
            let (mut queue, mut whole) = (Queue::default(), Vec::new());
            for length in [1, GATHER - 1, GATHER, 5, GATHER + 1, 3, 2 * GATHER, 1, 1] {
                let line = vec![b'a' + u8::try_from(whole.len() % 26).unwrap(); length];
                whole.extend_from_slice(&line);
                queue.push(Bytes::from(line));
            }
            let pipe = Pipe::new(step, usize::MAX);
            queue.flush(&pipe).unwrap();
            assert!(*pipe.got.borrow() == whole);
            assert_eq!(queue.bytes(), 0);
        }
    }

    #[test]
    fn abandoning_keeps_only_the_line_that_was_begun() {
        let (mut queue, _) = filled(9);
        let pipe = Pipe::new(usize::MAX, 3);
        queue.flush(&pipe).unwrap();
        queue.abandon();
        queue.push(Bytes::from_static(b"ERROR :bye\r\n"));
        pipe.room.set(usize::MAX);
        queue.flush(&pipe).unwrap();
        assert_eq!(*pipe.got.borrow(), b"line 0\r\nERROR :bye\r\n");

        let (mut queue, _) = filled(2);
        queue.abandon();
        assert_eq!(queue.bytes(), 0);
        assert_eq!(queue.flush(&pipe).unwrap(), Flushed::Empty);
        assert_eq!(*pipe.got.borrow(), b"line 0\r\nERROR :bye\r\n");
    }
}
