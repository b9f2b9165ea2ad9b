//! The connecting end.

use std::io;
use std::time::Duration;

use chat_proto::LineCodec;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_util::codec::Framed;

use crate::{Endpoint, Stream};

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
    /// It took longer than [`CONNECT_TIMEOUT`].
    #[error("connecting to {0} took too long")]
    TimedOut(Endpoint),
}

/// Connects and speaks lines: the items are checked lines without their end, the sink takes
/// [`WireLine`](chat_proto::WireLine)s.
///
/// # Errors
/// As [`dial`].
pub async fn connect(endpoint: &Endpoint) -> Result<Framed<Stream, LineCodec>, ConnectError> {
    Ok(Framed::new(dial(endpoint).await?, LineCodec::client()))
}

/// Connects, trying the addresses of the host one after another.
///
/// # Errors
/// [`ConnectError`], at the latest after [`CONNECT_TIMEOUT`].
pub async fn dial(endpoint: &Endpoint) -> Result<Stream, ConnectError> {
    match timeout(CONNECT_TIMEOUT, dial_any(endpoint)).await {
        Ok(result) => result,
        Err(_elapsed) => Err(ConnectError::TimedOut(endpoint.clone())),
    }
}

async fn dial_any(endpoint: &Endpoint) -> Result<Stream, ConnectError> {
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
                return Ok(Stream::Tcp(stream));
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
        let stream = dial(&Endpoint::new("localhost", port).unwrap())
            .await
            .unwrap();
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
        let error = dial(&endpoint).await.unwrap_err();
        assert!(matches!(error, ConnectError::Connect { .. }), "{error:?}");
        assert!(error.to_string().contains(&endpoint.to_string()));
    }
}
