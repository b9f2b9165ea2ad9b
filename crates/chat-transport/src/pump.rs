//! A connection that is not plain becomes one that is: bytes are copied between it and one end of a
//! socket pair, whose other end is given to whoever serves or uses the connection.
//!
//! Both directions go on independently. Each holds at most one buffer: while one end does not take
//! what is in it, the other is not read. An idle connection holds none. When one end says that
//! nothing more comes, the other is told; when the near end has said it, the far one has
//! [`LINGER`] to read its last line and to close.

mod bytes_end;
mod messages_end;

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use rustix::event::{PollFd, PollFlags, Timespec};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tokio::time::{Sleep, sleep};

use crate::Socket;

pub(crate) use bytes_end::BytesEnd;
pub(crate) use messages_end::MessagesEnd;

/// How much is read at once, and about as much waits in one direction at most.
const READ: usize = 8 * 1024;

/// What a line may not be longer than on its way to a message: nobody here sends such.
const MAX_LINE: usize = 32 * 1024;

/// How long the far end may take to close, once nothing more comes from here.
const LINGER: Duration = Duration::from_secs(2);

/// How often it is looked whether the near end is still there, while the far end takes nothing.
const LOOK: Duration = Duration::from_secs(2);

/// The end that is not plain.
pub(crate) trait FarEnd: Unpin {
    /// Puts what has come behind `lines`; false when nothing more comes.
    fn poll_take(&mut self, task: &mut Context<'_>, lines: &mut BytesMut)
    -> Poll<io::Result<bool>>;

    /// Takes from the front of `bytes` what it can; what then is left is not complete yet.
    fn poll_give(&mut self, task: &mut Context<'_>, bytes: &mut BytesMut) -> Poll<io::Result<()>>;

    /// Sends what was taken and still waits.
    fn poll_flush(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Says that nothing more comes.
    fn poll_close(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// Makes the pair: the near end inside, and the other as a socket that may go anywhere.
pub(crate) fn pair() -> io::Result<(UnixStream, Socket)> {
    let (near, other) = std::os::unix::net::UnixStream::pair()?;
    near.set_nonblocking(true)?;
    Ok((UnixStream::from_std(near)?, OwnedFd::from(other).into()))
}

/// Copies until both ends are done, or one is broken.
pub(crate) async fn run<F: FarEnd>(far: F, near: UnixStream) {
    let mut pump = Pump {
        far,
        near,
        up: BytesMut::new(),
        up_stage: Up::Open,
        down: BytesMut::new(),
        down_stage: Down::Open,
        flush_due: false,
        alarm: None,
    };
    let ended = std::future::poll_fn(|task| pump.poll(task)).await;
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection is broken");
    }
}

struct Pump<F> {
    far: F,
    near: UnixStream,
    /// From the far end to the near one.
    up: BytesMut,
    up_stage: Up,
    /// From the near end to the far one.
    down: BytesMut,
    down_stage: Down,
    /// The far end holds something that it may not have sent.
    flush_due: bool,
    alarm: Option<(Alarm, Pin<Box<Sleep>>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Up {
    Open,
    /// The near end takes nothing more: what still comes is thrown away.
    Discarding,
    Done,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Down {
    Open,
    Closing,
    Done,
}

/// What is waited for within bounds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alarm {
    /// The far end has been told that it is over.
    Linger,
    /// The far end takes nothing.
    Stuck,
}

impl<F: FarEnd> Pump<F> {
    fn poll(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let _ = self.poll_up(task)?;
            let down = self.poll_down(task);
            if let Poll::Ready(Err(error)) = down {
                // A far end that hears nothing more may have said something meanwhile.
                let _ = self.poll_up(task)?;
                return Poll::Ready(Err(error));
            }
            let stuck = down.is_pending() && !self.down.is_empty();
            let alarm = match self.down_stage {
                Down::Done if self.up_stage == Up::Done => return Poll::Ready(Ok(())),
                Down::Done | Down::Closing => Some(Alarm::Linger),
                Down::Open if stuck => Some(Alarm::Stuck),
                Down::Open => None,
            };
            ready!(self.poll_alarm(task, alarm));
            if alarm == Some(Alarm::Linger) || self.near_is_gone() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.alarm = None;
        }
    }

    /// Ready when what is waited for has taken too long.
    fn poll_alarm(&mut self, task: &mut Context<'_>, wanted: Option<Alarm>) -> Poll<()> {
        let Some(wanted) = wanted else {
            self.alarm = None;
            return Poll::Pending;
        };
        if self.alarm.as_ref().is_none_or(|(kind, _)| *kind != wanted) {
            let time = match wanted {
                Alarm::Linger => LINGER,
                Alarm::Stuck => LOOK,
            };
            self.alarm = Some((wanted, Box::pin(sleep(time))));
        }
        match &mut self.alarm {
            Some((_, time)) => time.as_mut().poll(task),
            None => Poll::Pending,
        }
    }

    fn poll_up(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.up_stage != Up::Done {
            if self.up_stage == Up::Discarding {
                self.up.clear();
            }
            if !self.up.is_empty() {
                match ready!(Pin::new(&mut self.near).poll_write(task, &self.up)) {
                    Ok(count) => self.up.advance(count),
                    Err(_closed) => self.up_stage = Up::Discarding,
                }
                if self.up.is_empty() {
                    self.up = BytesMut::new();
                }
                continue;
            }
            if !ready!(self.far.poll_take(task, &mut self.up))? && self.up.is_empty() {
                // It fails only where the near end is gone.
                let _ = rustix::net::shutdown(&self.near, rustix::net::Shutdown::Write);
                self.up_stage = Up::Done;
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_down(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.down_stage == Down::Open {
            if !self.down.is_empty() {
                let before = self.down.len();
                let given = self.far.poll_give(task, &mut self.down);
                self.flush_due |= self.down.len() < before;
                ready!(given)?;
                if self.down.is_empty() {
                    self.down = BytesMut::new();
                } else if self.down.len() > MAX_LINE {
                    return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
                }
            }
            let mut room = [MaybeUninit::uninit(); READ];
            let mut read = ReadBuf::uninit(&mut room);
            match Pin::new(&mut self.near).poll_read(task, &mut read) {
                Poll::Pending => return self.flush(task),
                Poll::Ready(Ok(())) if !read.filled().is_empty() => {
                    self.down.extend_from_slice(read.filled());
                }
                // The end, or a near end that died with something unread.
                Poll::Ready(_) => self.down_stage = Down::Closing,
            }
        }
        if self.down_stage == Down::Closing {
            ready!(self.far.poll_close(task))?;
            self.down_stage = Down::Done;
        }
        Poll::Ready(Ok(()))
    }

    fn flush(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.flush_due {
            ready!(self.far.poll_flush(task))?;
            self.flush_due = false;
        }
        Poll::Pending
    }

    /// Whether the near end was closed altogether. What it wrote before may still be unread here.
    fn near_is_gone(&self) -> bool {
        let fd = self.near.as_fd();
        let mut polled = [PollFd::new(&fd, PollFlags::empty())];
        let now = Timespec::default();
        let found = rustix::event::poll(&mut polled, Some(&now));
        found.is_ok() && polled[0].revents().contains(PollFlags::HUP)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Says its last line and closes in the moment in which it is written to.
    struct Leaving {
        closed: bool,
        last: &'static [u8],
    }

    impl FarEnd for Leaving {
        fn poll_take(
            &mut self,
            _: &mut Context<'_>,
            lines: &mut BytesMut,
        ) -> Poll<io::Result<bool>> {
            if !self.closed {
                return Poll::Pending;
            }
            lines.extend_from_slice(self.last);
            match std::mem::take(&mut self.last) {
                [] => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
                _ => Poll::Ready(Ok(true)),
            }
        }

        fn poll_give(&mut self, _: &mut Context<'_>, _: &mut BytesMut) -> Poll<io::Result<()>> {
            self.closed = true;
            Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
        }

        fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn the_last_line_of_an_end_that_closed_arrives() {
        let (near, mut other) = UnixStream::pair().unwrap();
        other.write_all(b"PING\r\n").await.unwrap();
        let far = Leaving {
            closed: false,
            last: b"QUIT\r\n",
        };
        run(far, near).await;
        let mut heard = Vec::new();
        other.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"QUIT\r\n");
    }
}
