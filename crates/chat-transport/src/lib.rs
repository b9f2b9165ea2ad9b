//! A socket becomes a stream of lines, at both ends.
//!
//! # Layout
//!
//! - [`Socket`]: a connected socket and nothing else, as a server holds very many of;
//!   [`Socket::pair`] makes two that talk to each other inside one machine.
//! - [`Watch`]: tells of many sockets which of them there is something to do for.
//! - [`Stream`]: a socket that is waited for by itself, TCP or Unix, without boxing.
//! - [`Peer`] and [`Connection`] (`peer`): who is at the other end of an accepted socket.
//! - [`Listener`]: several listening addresses behind one `accept`.
//! - [`doors`]: listening addresses of every kind: plain, TLS, WebSocket and both; behind them there
//!   are only plain lines.
//! - [`tls`]: certificates, and how either end judges the other's.
//! - [`Endpoint`] and [`client`]: where a client connects to, and how.
//! - Inside: `websocket` (its handshakes), `pump` (what copies between such a connection and the
//!   end of a socket pair that everybody else sees).
//! - [`raise_descriptor_limit`]: room for many connections.
//!
//! What a line means, what a session is and when to reconnect are not known here.
//!
//! # Example
//!
//! ```
//! use chat_transport::{Listener, client};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut listener = Listener::bind(&["127.0.0.1:0".parse()?])?;
//! let endpoint = listener.local_addrs()[0].into();
//! let mut here = client::dial(&endpoint, &Default::default()).await?.stream;
//! let mut there = listener.accept().await?.into_stream()?;
//! here.write_all(b"PING 1\r\n").await?;
//! let mut line = [0; 8];
//! there.read_exact(&mut line).await?;
//! assert_eq!(&line, b"PING 1\r\n");
//! # Ok(())
//! # }
//! ```

pub mod client;
pub mod doors;
mod endpoint;
mod limit;
mod listener;
mod peer;
mod pump;
mod socket;
mod stream;
pub mod tls;
mod watch;
mod websocket;

pub use client::ConnectError;
pub use doors::Doors;
pub use endpoint::{DEFAULT_PORT, Endpoint, EndpointError, Transport};
pub use limit::raise_descriptor_limit;
pub use listener::{BACKLOG, BindError, Listener, bind_socket};
pub use peer::{Connection, Peer};
pub use socket::Socket;
pub use stream::Stream;
pub use watch::{Batch, News, Watch, watched};
