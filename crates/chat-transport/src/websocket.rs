//! IRC over WebSocket: the handshakes of both ends.
//!
//! One message is one line without its end
//! ([specification](https://ircv3.net/specs/extensions/websocket)). What the messages carry is
//! turned into plain lines in `pump`.

use std::io;

use chat_proto::CaseMapping;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, error::CapacityError};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config, client_async_with_config};

/// Text messages.
pub(crate) const TEXT: &str = "text.ircv3.net";
/// Binary messages.
pub(crate) const BINARY: &str = "binary.ircv3.net";

/// The largest frame and the largest message. A line with all its tags is half of it.
pub(crate) const MAX_MESSAGE: usize = 16 * 1024;

/// How large a read buffer may be and how much may wait to be written, per connection.
const READ_BUFFER: usize = 1024;
const WRITE_BUFFER: usize = 16 * 1024;
const MAX_WRITE_BUFFER: usize = 64 * 1024;

/// How messages are told apart from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Binary,
}

impl Kind {
    /// The kind of an agreed sub-protocol; text where none was agreed.
    fn of(protocol: Option<&str>) -> Kind {
        match protocol {
            Some(BINARY) => Kind::Binary,
            _ => Kind::Text,
        }
    }
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE))
}

/// The server's half. The first sub-protocol of the client's list that is known is agreed upon; a
/// client that names none gets text messages and no answer about it. `origins` are masks of the
/// pages that may connect; none: all.
pub(crate) async fn accept<S>(
    stream: S,
    origins: &[String],
) -> io::Result<(WebSocketStream<S>, Kind)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut kind = Kind::Text;
    // The error's type is the library's.
    #[expect(
        clippy::result_large_err,
        reason = "the type of the library's callback"
    )]
    let callback = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
        if !is_allowed(request, origins) {
            let text = Some("This page may not connect here".to_owned());
            let mut refusal = ErrorResponse::new(text);
            *refusal.status_mut() = StatusCode::FORBIDDEN;
            return Err(refusal);
        }
        if let Some(agreed) = agree(request) {
            kind = Kind::of(Some(agreed));
            let value = HeaderValue::from_static(agreed);
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, value);
        }
        Ok(response)
    };
    let accepted = accept_hdr_async_with_config(stream, callback, Some(config())).await;
    let accepted = accepted.map_err(into_io)?;
    Ok((accepted, kind))
}

/// Browsers tell which page wants to connect; other programs tell nothing.
fn is_allowed(request: &Request, origins: &[String]) -> bool {
    let Some(origin) = request.headers().get(ORIGIN) else {
        return true;
    };
    let origin = origin.to_str().unwrap_or_default();
    let fits = |mask: &String| CaseMapping::Ascii.mask_matches(mask, origin);
    origins.is_empty() || origins.iter().any(fits)
}

/// The first that is known of what the client offers.
fn agree(request: &Request) -> Option<&'static str> {
    let offers = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let offers = offers.filter_map(|offer| offer.to_str().ok());
    let mut names = offers.flat_map(|offer| offer.split(',')).map(str::trim);
    names.find_map(|name| [TEXT, BINARY].into_iter().find(|known| *known == name))
}

/// The client's half. A server that agrees to neither sub-protocol does not speak IRC there.
pub(crate) async fn connect<S>(url: &str, stream: S) -> io::Result<(WebSocketStream<S>, Kind)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut request = url.into_client_request().map_err(into_io)?;
    let offers = HeaderValue::from_static("text.ircv3.net,binary.ircv3.net");
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, offers);
    let connected = client_async_with_config(request, stream, Some(config())).await;
    let (stream, response) = connected.map_err(into_io)?;
    let agreed = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
    let kind = Kind::of(agreed.and_then(|agreed| agreed.to_str().ok()));
    Ok((stream, kind))
}

pub(crate) fn into_io(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        error => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
    }
}

/// Whether what came was too large, rather than wrong.
pub(crate) fn is_too_large(error: &Error) -> bool {
    matches!(error, Error::Capacity(CapacityError::MessageTooLong { .. }))
}

/// A line as a message of its kind. Text must be UTF-8, so bytes that are not are replaced.
pub(crate) fn message(kind: Kind, line: bytes::Bytes) -> Message {
    match kind {
        Kind::Binary => Message::Binary(line),
        Kind::Text => match tokio_tungstenite::tungstenite::Utf8Bytes::try_from(line.clone()) {
            Ok(text) => Message::Text(text),
            Err(_) => Message::text(String::from_utf8_lossy(&line).into_owned()),
        },
    }
}
