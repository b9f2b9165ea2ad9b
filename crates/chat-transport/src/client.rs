//! The connecting end.

use std::io;
use std::time::Duration;

use chat_proto::LineCodec;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_util::codec::Framed;

use crate::pump::{self, BytesEnd, FarEnd, MessagesEnd};
use crate::tls::{self, Fingerprint, Judgement, TlsError};
use crate::{Endpoint, Stream, Transport, websocket};

/// How long all of connecting may take, name look-up included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// How long one of several addresses may keep the others waiting.
const ADDRESS_TIMEOUT: Duration = Duration::from_secs(5);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The name could not be looked up.
    #[error("cannot find {host}: {source}")]
    Lookup {
        /// The host that was asked for.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// The host is known under no address.
    #[error("{0} has no address")]
    NoAddress(String),
    /// No address answered; the error is that of the last one.
    #[error("cannot connect to {endpoint}: {source}")]
    Connect {
        /// Where to.
        endpoint: Endpoint,
        /// What the system said.
        source: io::Error,
    },
    /// The server was reached, but there is no TLS connection that could be trusted.
    #[error("cannot connect to {endpoint}: {source}")]
    Tls {
        /// Where to.
        endpoint: Endpoint,
        /// Why not.
        source: Box<TlsError>,
    },
    /// The server was reached, but it does not speak WebSocket there.
    #[error("cannot connect to {endpoint}: no WebSocket: {source}")]
    WebSocket {
        /// Where to.
        endpoint: Endpoint,
        /// What the other end said.
        source: io::Error,
    },
    /// It took longer than [`CONNECT_TIMEOUT`].
    #[error("connecting to {0} took too long")]
    TimedOut(Endpoint),
}

/// A connection to a server.
#[derive(Debug)]
pub struct Dialled {
    /// Plain lines, whatever carries them.
    pub stream: Stream,
    /// Why the server's certificate was trusted, and which one it is; `None` without TLS.
    pub certificate: Option<(Judgement, Fingerprint)>,
}

/// Connects and speaks lines: the items are checked lines without their end, the sink takes
/// [`WireLine`](chat_proto::WireLine)s.
///
/// # Errors
/// As [`dial`].
pub async fn connect(
    endpoint: &Endpoint,
    tls: &tls::Client,
) -> Result<Framed<Stream, LineCodec>, ConnectError> {
    let dialled = dial(endpoint, tls).await?;
    Ok(Framed::new(dialled.stream, LineCodec::client()))
}

/// Connects, trying the addresses of the host one after another. Where the endpoint wants TLS or
/// WebSocket, a task of this runtime carries the lines over it.
///
/// # Errors
/// [`ConnectError`], at the latest after [`CONNECT_TIMEOUT`].
pub async fn dial(endpoint: &Endpoint, tls: &tls::Client) -> Result<Dialled, ConnectError> {
    match timeout(CONNECT_TIMEOUT, dial_in_time(endpoint, tls)).await {
        Ok(result) => result,
        Err(_elapsed) => Err(ConnectError::TimedOut(endpoint.clone())),
    }
}

async fn dial_in_time(endpoint: &Endpoint, tls: &tls::Client) -> Result<Dialled, ConnectError> {
    let tcp = dial_any(endpoint).await?;
    let transport = endpoint.transport();
    let mut certificate = None;
    let stream = match transport {
        Transport::Plain => Stream::Tcp(tcp),
        Transport::WebSocket => messages(endpoint, tcp).await?,
        Transport::Tls | Transport::SecureWebSocket => {
            let (host, server) = (endpoint.host(), endpoint.server());
            let connected = tls::connect(tls, host, server, tcp).await;
            let (secure, kept) = connected.map_err(|source| ConnectError::Tls {
                endpoint: endpoint.clone(),
                source: Box::new(source),
            })?;
            certificate = Some((kept.judgement, kept.fingerprint));
            match transport {
                Transport::Tls => carried(endpoint, BytesEnd(secure))?,
                _ => messages(endpoint, secure).await?,
            }
        }
    };
    Ok(Dialled {
        stream,
        certificate,
    })
}

async fn messages<S>(endpoint: &Endpoint, stream: S) -> Result<Stream, ConnectError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connected = websocket::connect(&endpoint.url(), stream).await;
    let (socket, kind) = connected.map_err(|source| ConnectError::WebSocket {
        endpoint: endpoint.clone(),
        source,
    })?;
    carried(endpoint, MessagesEnd::new(socket, kind))
}

/// A pair whose one end is carried by `far`, in a task.
fn carried<F: FarEnd + Send + 'static>(
    endpoint: &Endpoint,
    far: F,
) -> Result<Stream, ConnectError> {
    let pair = || {
        let (near, other) = pump::pair()?;
        Ok((near, Stream::try_from(other)?))
    };
    let (near, stream) = pair().map_err(|source| ConnectError::Connect {
        endpoint: endpoint.clone(),
        source,
    })?;
    tokio::spawn(pump::run(far, near));
    Ok(stream)
}

async fn dial_any(endpoint: &Endpoint) -> Result<TcpStream, ConnectError> {
    let (host, port) = (endpoint.host(), endpoint.port());
    let addresses = lookup_host((host, port)).await;
    let addresses = addresses.map_err(|source| ConnectError::Lookup {
        host: host.to_owned(),
        source,
    })?;
    let mut last = None;
    for address in addresses {
        let attempt = timeout(ADDRESS_TIMEOUT, TcpStream::connect(address)).await;
        match attempt.unwrap_or_else(|_elapsed| Err(io::ErrorKind::TimedOut.into())) {
            Ok(stream) => {
                // Lines are small and people wait for them; a refusal only costs speed.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => {
                tracing::debug!(%address, %error, "no connection");
                last = Some(error);
            }
        }
    }
    Err(match last {
        None => ConnectError::NoAddress(host.to_owned()),
        Some(source) => ConnectError::Connect {
            endpoint: endpoint.clone(),
            source,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Listener;

    #[tokio::test]
    async fn a_listener_is_reached_by_name() {
        let mut listener = Listener::bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let port = listener.local_addrs()[0].port();
        // "localhost" may stand for ::1 first, where nobody listens: the next address is tried.
        let endpoint = Endpoint::new("localhost", port).unwrap();
        let dialled = dial(&endpoint, &tls::Client::default()).await.unwrap();
        assert_eq!(dialled.certificate, None);
        let stream = dialled.stream;
        let Stream::Tcp(tcp) = &stream else {
            panic!("{stream:?} should be TCP");
        };
        assert!(tcp.nodelay().unwrap());
        let peer = listener.accept().await.unwrap().peer;
        assert_eq!(peer.address, stream.local_addr());
    }

    #[tokio::test]
    async fn a_refusal_says_where() {
        let listener = Listener::bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let endpoint = Endpoint::from(listener.local_addrs()[0]);
        drop(listener);
        let error = dial(&endpoint, &tls::Client::default()).await.unwrap_err();
        assert!(matches!(error, ConnectError::Connect { .. }), "{error:?}");
        assert!(error.to_string().contains(&endpoint.to_string()));
    }
}
