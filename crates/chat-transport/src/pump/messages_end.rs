//! A far end that carries messages: WebSocket.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::FarEnd;
use crate::websocket::{self, Kind};

/// A WebSocket whose messages are lines without their end.
pub(crate) struct MessagesEnd<S> {
    socket: WebSocketStream<S>,
    kind: Kind,
    /// What the other end is told when this one closes.
    code: CloseCode,
    closing: bool,
}

impl<S> MessagesEnd<S> {
    pub(crate) fn new(socket: WebSocketStream<S>, kind: Kind) -> Self {
        Self {
            socket,
            kind,
            code: CloseCode::Normal,
            closing: false,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> FarEnd for MessagesEnd<S> {
    fn poll_take(
        &mut self,
        task: &mut Context<'_>,
        lines: &mut BytesMut,
    ) -> Poll<io::Result<bool>> {
        loop {
            let payload = match ready!(Pin::new(&mut self.socket).poll_next(task)) {
                Some(Ok(Message::Text(text))) => text.into(),
                Some(Ok(Message::Binary(bytes))) => bytes,
                // Pings are answered in the library.
                Some(Ok(_)) => continue,
                None => return Poll::Ready(Ok(false)),
                Some(Err(error)) => return Poll::Ready(self.broken(error)),
            };
            let line = without_end(&payload);
            if !line.is_empty() {
                lines.extend_from_slice(line);
                lines.extend_from_slice(b"\r\n");
                return Poll::Ready(Ok(true));
            }
        }
    }

    fn poll_give(&mut self, task: &mut Context<'_>, bytes: &mut BytesMut) -> Poll<io::Result<()>> {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            ready!(Pin::new(&mut self.socket).poll_ready(task)).map_err(websocket::into_io)?;
            let mut line = bytes.split_to(end);
            bytes.advance(1);
            if line.ends_with(b"\r") {
                line.truncate(end - 1);
            }
            let message = websocket::message(self.kind, line.freeze());
            let sent = Pin::new(&mut self.socket).start_send(message);
            sent.map_err(websocket::into_io)?;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_flush(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.socket).poll_flush(task);
        flushed.map_err(websocket::into_io)
    }

    fn poll_close(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.closing {
            if ready!(Pin::new(&mut self.socket).poll_ready(task)).is_err() {
                return Poll::Ready(Ok(()));
            }
            self.closing = true;
            let frame = CloseFrame {
                code: self.code,
                reason: "".into(),
            };
            // It fails where the other end has closed already.
            let _ = Pin::new(&mut self.socket).start_send(Message::Close(Some(frame)));
        }
        let flushed = ready!(Pin::new(&mut self.socket).poll_flush(task));
        // That it is closed is what was wanted.
        drop(flushed);
        Poll::Ready(Ok(()))
    }
}

impl<S> MessagesEnd<S> {
    /// Something came that is no message. The other end is told why when it is closed.
    fn broken(&mut self, error: Error) -> io::Result<bool> {
        self.code = match &error {
            error if websocket::is_too_large(error) => CloseCode::Size,
            Error::Utf8(_) => CloseCode::Invalid,
            Error::Protocol(_) => CloseCode::Protocol,
            _ => return Err(websocket::into_io(error)),
        };
        Ok(false)
    }
}

/// Some put the end of the line into the message all the same.
fn without_end(mut line: &[u8]) -> &[u8] {
    while let [rest @ .., b'\r' | b'\n'] = line {
        line = rest;
    }
    line
}
