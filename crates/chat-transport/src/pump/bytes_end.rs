//! A far end that carries bytes, such as TLS.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{FarEnd, READ};

/// Any stream of bytes.
pub(crate) struct BytesEnd<S>(pub(crate) S);

impl<S: AsyncRead + AsyncWrite + Unpin> FarEnd for BytesEnd<S> {
    fn poll_take(
        &mut self,
        task: &mut Context<'_>,
        lines: &mut BytesMut,
    ) -> Poll<io::Result<bool>> {
        let mut room = [MaybeUninit::uninit(); READ];
        let mut read = ReadBuf::uninit(&mut room);
        match ready!(Pin::new(&mut self.0).poll_read(task, &mut read)) {
            Ok(()) => {
                lines.extend_from_slice(read.filled());
                Poll::Ready(Ok(!read.filled().is_empty()))
            }
            // Many close without saying so first.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(false)),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_give(&mut self, task: &mut Context<'_>, bytes: &mut BytesMut) -> Poll<io::Result<()>> {
        while !bytes.is_empty() {
            let count = ready!(Pin::new(&mut self.0).poll_write(task, bytes))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            bytes.advance(count);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_flush(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(task)
    }

    fn poll_close(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(task)
    }
}
