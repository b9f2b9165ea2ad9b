//! A Unix socket that wakes its process only for what it waits for.
//!
//! The runtime watches a socket of its own for both directions all the time, and of a Unix socket the
//! kernel says that it can be written whenever the other side has read: each frame would wake who
//! sent it once more. Here only reading is watched. Writing is tried, and watched while the socket is
//! full.

use std::{
    io::{self, IoSlice, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, unix::AsyncFd};

/// The end that reads.
#[derive(Debug)]
pub(crate) struct Reading {
    socket: AsyncFd<Arc<UnixStream>>,
}

/// The end that writes; when it is dropped, the other side comes to the end of what it reads.
#[derive(Debug)]
pub(crate) struct Writing {
    socket: Arc<UnixStream>,
    /// While the socket is full.
    full: Option<AsyncFd<Arc<UnixStream>>>,
}

/// Both ends of a connected socket.
pub(crate) fn split(stream: tokio::net::UnixStream) -> io::Result<(Reading, Writing)> {
    // It stays non-blocking.
    let socket = Arc::new(stream.into_std()?);
    let reading = Reading {
        socket: watch(Arc::clone(&socket), Interest::READABLE)?,
    };
    let writing = Writing { socket, full: None };
    Ok((reading, writing))
}

/// Has the runtime watch a socket for one direction.
#[expect(
    deprecated,
    reason = "its successor is not safe for types whose descriptor may change; a socket keeps its own"
)]
fn watch(socket: Arc<UnixStream>, interest: Interest) -> io::Result<AsyncFd<Arc<UnixStream>>> {
    AsyncFd::with_interest(socket, interest)
}

impl AsyncRead for Reading {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut ready = ready!(self.socket.poll_read_ready(context))?;
            let unfilled = buffer.initialize_unfilled();
            let room = unfilled.len();
            let mut read = None;
            let tried = ready.try_io(|socket| {
                let count = (&**socket.get_ref()).read(unfilled)?;
                read = Some(count);
                // All that was there: what comes from now on is news again.
                if (1..room).contains(&count) {
                    Err(io::ErrorKind::WouldBlock.into())
                } else {
                    Ok(())
                }
            });
            match (read, tried) {
                (Some(count), _) => {
                    buffer.advance(count);
                    return Poll::Ready(Ok(()));
                }
                (None, Ok(Err(error))) if error.kind() != io::ErrorKind::Interrupted => {
                    return Poll::Ready(Err(error));
                }
                (None, _) => {}
            }
        }
    }
}

impl Writing {
    /// Tries to write, and waits only where nothing fits.
    fn poll_try(
        &mut self,
        context: &mut Context<'_>,
        mut attempt: impl FnMut(&UnixStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let tried = match &self.full {
                None => attempt(&self.socket),
                Some(full) => {
                    let mut ready = ready!(full.poll_write_ready(context))?;
                    match ready.try_io(|socket| attempt(socket.get_ref())) {
                        Ok(tried) => tried,
                        Err(_would_block) => continue,
                    }
                }
            };
            match tried {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let other = self.socket.try_clone()?;
                    self.full = Some(watch(Arc::new(other), Interest::WRITABLE)?);
                }
                tried => {
                    self.full = None;
                    return Poll::Ready(tried);
                }
            }
        }
    }
}

impl AsyncWrite for Writing {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_try(context, |mut socket| socket.write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_try(context, |mut socket| socket.write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.socket.shutdown(Shutdown::Write))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        // Fails only where the other side is gone already.
        let _ = self.socket.shutdown(Shutdown::Write);
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn pair() -> ((Reading, Writing), (Reading, Writing)) {
        let (one, other) = tokio::net::UnixStream::pair().unwrap();
        (split(one).unwrap(), split(other).unwrap())
    }

    #[tokio::test]
    async fn what_is_written_comes_out_whatever_fits_at_once() {
        let ((_keep, mut write), (mut read, _other)) = pair();
        let sent: Vec<u8> = (0..3_000_000_u32)
            .map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1])
            .collect();
        let expected = sent.clone();
        let writing = tokio::spawn(async move {
            write.write_all(&sent).await.unwrap();
            assert!(write.full.is_none(), "watched only while it is full");
        });
        // It is full before anything is read.
        tokio::task::yield_now().await;
        assert!(!writing.is_finished());
        let mut got = vec![0; expected.len()];
        read.read_exact(&mut got).await.unwrap();
        assert!(got == expected);
        writing.await.unwrap();
        // The writing end is gone.
        assert_eq!(read.read(&mut [0; 8]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn news_after_a_part_was_read_is_news() {
        let ((_keep, mut write), (mut read, _other)) = pair();
        let mut buffer = [0; 4];
        for round in 0..3 {
            write.write_all(b"abcdef").await.unwrap();
            assert_eq!(read.read(&mut buffer).await.unwrap(), 4, "round {round}");
            assert_eq!(read.read(&mut buffer).await.unwrap(), 2, "round {round}");
            let waiting = tokio::spawn(async move {
                let count = read.read(&mut buffer).await.unwrap();
                (read, count)
            });
            tokio::task::yield_now().await;
            write.write_all(b"x").await.unwrap();
            let count;
            (read, count) = waiting.await.unwrap();
            assert_eq!(count, 1);
        }
    }
}
