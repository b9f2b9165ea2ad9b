//! What is known of the bytes that come from a client.

use std::cell::Cell;
use std::io;

use chat_transport::{News, Socket};

/// The reading half of a client's socket: what its news has told, and what is read and not handled.
#[derive(Default)]
pub(super) struct Input {
    /// There may be something to read.
    readable: Cell<bool>,
    /// Nothing more comes than what is there.
    finished: Cell<bool>,
    /// The beginning of a line that is not complete yet. Few have one: one word where there is none.
    begun: Cell<Option<Box<Begun>>>,
}

/// The beginning of a line, in its own size.
struct Begun(Box<[u8]>);

impl Input {
    /// Notes what the news tells of reading.
    pub(super) fn hear(&self, news: News) {
        if news.readable {
            self.readable.set(true);
        }
        if news.finished {
            self.finished.set(true);
        }
    }

    /// Notes that nothing more comes than what is there, which is to be read.
    pub(super) fn finished(&self) {
        self.readable.set(true);
        self.finished.set(true);
    }

    /// Whether there may be something to read.
    pub(super) fn is_readable(&self) -> bool {
        self.readable.get()
    }

    /// Reads what is there; 0: its end.
    pub(super) fn read(&self, socket: &Socket, room: &mut [u8]) -> io::Result<usize> {
        let read = socket.try_read(room);
        // What leaves room was all there is, but for the end: that was told once and is not told
        // again.
        let is_drained = match &read {
            Ok(count) => *count < room.len() && !self.finished.get(),
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        };
        if is_drained {
            self.readable.set(false);
        }
        read
    }

    /// Takes the beginning of a line, if there is one.
    pub(super) fn take_begun(&self) -> Option<Box<[u8]>> {
        self.begun.take().map(|begun| begun.0)
    }

    /// Keeps the beginning of a line.
    pub(super) fn keep_begun(&self, bytes: &[u8]) {
        self.begun
            .set((!bytes.is_empty()).then(|| Box::new(Begun(bytes.into()))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(finished: bool) -> News {
        News {
            key: 1,
            readable: true,
            writable: true,
            finished,
        }
    }

    #[test]
    fn what_is_read_to_the_end_is_not_readable_until_more_comes() {
        let (far, near) = Socket::pair().unwrap();
        let input = Input::default();
        for _ in 0..3 {
            far.try_send(b"ping").unwrap();
            input.hear(news(false));
            assert_eq!(input.read(&near, &mut [0; 8]).unwrap(), 4);
            assert!(!input.is_readable());
        }
        far.try_send(b"123456").unwrap();
        input.hear(news(false));
        assert_eq!(input.read(&near, &mut [0; 4]).unwrap(), 4, "no room left");
        assert!(input.is_readable(), "so there may be more");
        assert_eq!(input.read(&near, &mut [0; 4]).unwrap(), 2);
        assert!(!input.is_readable());
        input.hear(news(false));
        assert!(input.read(&near, &mut [0; 4]).is_err(), "news of nothing");
        assert!(!input.is_readable());
    }

    #[test]
    fn the_end_that_came_with_the_last_bytes_is_found() {
        let (far, near) = Socket::pair().unwrap();
        let input = Input::default();
        far.try_send(b"bye").unwrap();
        drop(far);
        input.hear(news(true));
        assert_eq!(input.read(&near, &mut [0; 8]).unwrap(), 3);
        assert!(input.is_readable(), "there will be no other news of it");
        assert_eq!(input.read(&near, &mut [0; 8]).unwrap(), 0);
    }
}
