//! One connection's way through TLS, WebSocket or both.

use std::io;
use std::sync::Arc;

use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::WebSocketStream;

use super::{Failures, Kind};
use crate::pump::{self, BytesEnd, MessagesEnd};
use crate::tls::Acceptor;
use crate::{Connection, Peer, Stream, websocket};

/// What handshakes are done with.
pub(super) struct Handshake {
    pub(super) acceptor: Option<Acceptor>,
    pub(super) origins: Vec<String>,
}

/// A connection after its handshake.
pub(super) enum Far {
    Tls(Box<TlsStream<TcpStream>>),
    WebSocket(Box<WebSocketStream<TcpStream>>, websocket::Kind),
    SecureWebSocket(Box<WebSocketStream<TlsStream<TcpStream>>>, websocket::Kind),
}

/// Counts a connection as failed unless it has passed, however its handshake ends.
pub(super) struct Guard(Option<Arc<Failures>>);

impl Handshake {
    pub(super) async fn shake(
        &self,
        kind: Kind,
        connection: Connection,
    ) -> io::Result<(Far, Peer)> {
        let Connection { socket, mut peer } = connection;
        let Stream::Tcp(tcp) = Stream::try_from(socket)? else {
            return Err(io::Error::other("not accepted on a TCP address"));
        };
        let far = match kind {
            Kind::WebSocket => {
                let (socket, kind) = websocket::accept(tcp, &self.origins).await?;
                Far::WebSocket(Box::new(socket), kind)
            }
            Kind::Tls => Far::Tls(Box::new(self.tls(tcp, &mut peer).await?)),
            Kind::SecureWebSocket => {
                let tls = self.tls(tcp, &mut peer).await?;
                let (socket, kind) = websocket::accept(tls, &self.origins).await?;
                Far::SecureWebSocket(Box::new(socket), kind)
            }
            Kind::Plain => return Err(io::Error::other("plain connections have no handshake")),
        };
        Ok((far, peer))
    }

    async fn tls(&self, tcp: TcpStream, peer: &mut Peer) -> io::Result<TlsStream<TcpStream>> {
        let acceptor = self.acceptor.as_ref();
        let acceptor = acceptor.ok_or_else(|| io::Error::other("there is no certificate"))?;
        let (stream, certificate) = acceptor.accept(tcp).await?;
        peer.certificate = certificate.map(|certificate| certificate.0);
        Ok(stream)
    }
}

impl Far {
    /// Copies between it and the near end until both are done.
    pub(super) async fn run(self, near: UnixStream) {
        match self {
            Far::Tls(stream) => pump::run(BytesEnd(stream), near).await,
            Far::WebSocket(socket, kind) => pump::run(MessagesEnd::new(*socket, kind), near).await,
            Far::SecureWebSocket(socket, kind) => {
                pump::run(MessagesEnd::new(*socket, kind), near).await;
            }
        }
    }
}

impl Guard {
    pub(super) fn new(failures: Arc<Failures>) -> Guard {
        Guard(Some(failures))
    }

    pub(super) fn passed(mut self) {
        self.0 = None;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(failures) = &self.0 {
            failures.add();
        }
    }
}
