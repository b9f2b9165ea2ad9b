//! What waits for one client to be written.
//!
//! The contract, in four lines: lines leave in the order in which they were pushed; a line is
//! never cut by another; the bytes that wait are bounded by the caller, who asks
//! [`Queue::bytes`] before pushing; a write takes as much in one system call as the kernel does.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::Bytes;

/// Slices handed to one vectored write.
const SLICES: usize = 64;
/// A queue that has grown beyond this many lines gives its memory back once it is empty.
const KEEP: usize = 32;

/// Something that takes bytes without waiting.
pub(crate) trait Sink {
    /// Writes what it can; `WouldBlock` when it can take nothing.
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;
}

impl Sink for chat_transport::Stream {
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Self::try_write_vectored(self, slices)
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
#[derive(Default)]
pub(crate) struct Queue {
    lines: VecDeque<Bytes>,
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
        self.lines.push_back(line);
    }

    /// Drops what was not begun, so that the last words fit behind the line that was.
    pub(crate) fn abandon(&mut self) {
        self.lines.truncate(usize::from(self.written > 0));
        self.bytes = self.lines.front().map_or(0, Bytes::len) - self.written;
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
        while !self.lines.is_empty() {
            match self.write_once(sink) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.advance(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Flushed::Blocked);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.lines.capacity() > KEEP {
            self.lines = VecDeque::new();
        }
        Ok(Flushed::Empty)
    }

    fn write_once(&self, sink: &impl Sink) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let mut count = 0;
        for (slice, line) in slices.iter_mut().zip(&self.lines) {
            let from = if count == 0 { self.written } else { 0 };
            *slice = IoSlice::new(&line[from..]);
            count += 1;
        }
        sink.try_write_vectored(&slices[..count])
    }

    fn advance(&mut self, mut count: usize) {
        self.bytes -= count;
        while let Some(first) = self.lines.front() {
            let left = first.len() - self.written;
            if count < left {
                self.written += count;
                return;
            }
            count -= left;
            self.written = 0;
            self.lines.pop_front();
        }
    }
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
        fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
            self.calls.set(self.calls.get() + 1);
            let take = self.step.min(self.room.get());
            if take == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let all: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
            let take = take.min(all.len());
            self.got.borrow_mut().extend_from_slice(&all[..take]);
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
        let (mut queue, _) = filled(SLICES * 2);
        let pipe = Pipe::new(usize::MAX, usize::MAX);
        queue.flush(&pipe).unwrap();
        assert_eq!(pipe.calls.get(), 2);
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
    }
}
