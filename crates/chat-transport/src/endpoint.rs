//! Where a client connects to.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// The port of IRC without TLS, used when none is given.
pub const DEFAULT_PORT: u16 = 6667;

/// How lines travel to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Transport {
    /// As they are.
    #[default]
    Plain,
    /// Over TLS.
    Tls,
    /// As messages of a WebSocket.
    WebSocket,
    /// As messages of a WebSocket over TLS.
    SecureWebSocket,
}

/// Where a server is and how to speak to it, as people write it: `irc.example.org`,
/// `192.0.2.1:7000`, `[::1]:6667`, `irc://irc.example.org:6667`, `ircs://irc.example.org`,
/// `wss://irc.example.org/chat`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    transport: Transport,
    host: String,
    port: u16,
    /// What is asked for; of WebSocket only.
    path: String,
}

/// Why a text is not an [`Endpoint`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// There is no host in it.
    #[error("no host given")]
    NoHost,
    /// The host holds something that no host name or address has.
    #[error("`{0}` is not a host name or an address")]
    Host(String),
    /// The port is not a number from 1 to 65535.
    #[error("`{0}` is not a port number (1 to 65535)")]
    Port(String),
    /// The path holds something that no path has.
    #[error("`{0}` is not the path of an address")]
    Path(String),
    /// A scheme that is not known.
    #[error("`{0}://` is not supported, only irc://, ircs://, ws:// and wss://")]
    Scheme(String),
}

impl Transport {
    /// Whether nobody on the way can read along.
    #[must_use]
    pub fn is_secure(self) -> bool {
        matches!(self, Transport::Tls | Transport::SecureWebSocket)
    }

    /// The port where none is given.
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Transport::Plain => DEFAULT_PORT,
            Transport::Tls => crate::tls::TLS_PORT,
            Transport::WebSocket => 80,
            Transport::SecureWebSocket => 443,
        }
    }

    fn scheme(self) -> &'static str {
        match self {
            Transport::Plain => "irc",
            Transport::Tls => "ircs",
            Transport::WebSocket => "ws",
            Transport::SecureWebSocket => "wss",
        }
    }

    fn of_scheme(scheme: &str) -> Option<Transport> {
        let all = [
            Transport::Plain,
            Transport::Tls,
            Transport::WebSocket,
            Transport::SecureWebSocket,
        ];
        let named = |transport: &Transport| scheme.eq_ignore_ascii_case(transport.scheme());
        all.into_iter().find(named)
    }

    fn has_path(self) -> bool {
        matches!(self, Transport::WebSocket | Transport::SecureWebSocket)
    }
}

impl Endpoint {
    /// A plain endpoint of a host (name or address, without brackets) and a port.
    ///
    /// # Errors
    /// If `host` cannot be a host.
    pub fn new(host: &str, port: u16) -> Result<Endpoint, EndpointError> {
        check_host(host)?;
        Ok(Endpoint {
            transport: Transport::Plain,
            host: host.to_ascii_lowercase(),
            port,
            path: String::new(),
        })
    }

    /// The same place by another transport.
    #[must_use]
    pub fn over(mut self, transport: Transport) -> Endpoint {
        self.transport = transport;
        match (transport.has_path(), self.path.is_empty()) {
            (true, true) => "/".clone_into(&mut self.path),
            (true, false) => {}
            (false, _) => self.path.clear(),
        }
        self
    }

    /// The same host and transport at another port.
    #[must_use]
    pub fn at_port(mut self, port: u16) -> Endpoint {
        self.port = port;
        self
    }

    /// Reads what a person wrote; the [usual port](Transport::default_port) where none is given.
    ///
    /// # Errors
    /// [`EndpointError`] says which part is wrong.
    pub fn parse(text: &str) -> Result<Endpoint, EndpointError> {
        let text = text.trim();
        let (transport, rest) = match text.split_once("://") {
            None => (Transport::Plain, text),
            Some((scheme, rest)) => match Transport::of_scheme(scheme) {
                Some(transport) => (transport, rest),
                None => return Err(EndpointError::Scheme(scheme.to_owned())),
            },
        };
        let (rest, path) = match rest.split_once('/') {
            Some((rest, path)) if transport.has_path() => (rest, check_path(path)?),
            // A slash at the end means nothing to the others.
            Some((rest, "")) if text.contains("://") => (rest, ""),
            _ => (rest, ""),
        };
        let (host, port) = host_and_port(rest)?;
        let port = port.map_or(Ok(transport.default_port()), parse_port)?;
        let mut endpoint = Endpoint::new(host, port)?.over(transport);
        endpoint.path.push_str(path);
        Ok(endpoint)
    }

    /// How to speak to it.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// The host name or address, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// As a URL, which the WebSocket handshake wants.
    pub(crate) fn url(&self) -> String {
        let (scheme, server, path) = (self.transport.scheme(), self.server(), &self.path);
        format!("{scheme}://{server}{path}")
    }

    /// Host and port alone, as in a list of known servers.
    #[must_use]
    pub fn server(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// Takes `host`, `host:port`, `[address]` or `[address]:port` apart.
fn host_and_port(text: &str) -> Result<(&str, Option<&str>), EndpointError> {
    // An IPv6 address without brackets has colons of its own and so cannot carry a port.
    if text.parse::<Ipv6Addr>().is_ok() {
        return Ok((text, None));
    }
    let Some(inner) = text.strip_prefix('[') else {
        return Ok(match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        });
    };
    let wrong = || EndpointError::Host(text.to_owned());
    let (host, after) = inner.split_once(']').ok_or_else(wrong)?;
    host.parse::<Ipv6Addr>().map_err(|_| wrong())?;
    match after {
        "" => Ok((host, None)),
        _ => Ok((host, Some(after.strip_prefix(':').ok_or_else(wrong)?))),
    }
}

fn check_path(path: &str) -> Result<&str, EndpointError> {
    let fits = path.len() <= 1024 && path.bytes().all(|byte| byte.is_ascii_graphic());
    if fits && !path.contains('#') {
        Ok(path)
    } else {
        Err(EndpointError::Path(path.to_owned()))
    }
}

fn parse_port(text: &str) -> Result<u16, EndpointError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if port > 0 && digits => Ok(port),
        _ => Err(EndpointError::Port(text.to_owned())),
    }
}

fn check_host(host: &str) -> Result<(), EndpointError> {
    if host.is_empty() {
        return Err(EndpointError::NoHost);
    }
    let name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let fits = host.len() <= 253 && host.bytes().all(name);
    if fits || host.parse::<Ipv6Addr>().is_ok() {
        return Ok(());
    }
    Err(EndpointError::Host(host.to_owned()))
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::parse(text)
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Endpoint {
        Endpoint {
            transport: Transport::Plain,
            host: address.ip().to_string(),
            port: address.port(),
            path: String::new(),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Plain addresses are shown as they are mostly typed.
        if self.transport != Transport::Plain {
            write!(f, "{}://", self.transport.scheme())?;
        }
        f.write_str(&self.server())?;
        f.write_str(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        for (text, shown) in [
            ("irc.example.org", "irc.example.org:6667"),
            (" irc.example.org:7000 ", "irc.example.org:7000"),
            ("IRC.Example.org", "irc.example.org:6667"),
            ("192.0.2.1", "192.0.2.1:6667"),
            ("192.0.2.1:1", "192.0.2.1:1"),
            ("::1", "[::1]:6667"),
            ("[::1]", "[::1]:6667"),
            ("[::1]:65535", "[::1]:65535"),
            ("irc://localhost:6668", "localhost:6668"),
            ("IRC://localhost/", "localhost:6667"),
            ("irc://[2001:db8::1]:6668", "[2001:db8::1]:6668"),
            ("ircs://Example.org", "ircs://example.org:6697"),
            ("IRCS://[::1]:7000/", "ircs://[::1]:7000"),
            ("ws://localhost:8080", "ws://localhost:8080/"),
            ("wss://example.org", "wss://example.org:443/"),
            ("wss://example.org:1/a/b?c=d", "wss://example.org:1/a/b?c=d"),
        ] {
            let endpoint = Endpoint::parse(text).unwrap();
            assert_eq!(endpoint.to_string(), shown, "{text}");
            assert_eq!(Endpoint::parse(shown).unwrap(), endpoint, "{shown}");
        }
    }

    #[test]
    fn each_mistake_is_named() {
        let host = |text: &str| EndpointError::Host(text.to_owned());
        let port = |text: &str| EndpointError::Port(text.to_owned());
        for (text, error) in [
            ("", EndpointError::NoHost),
            ("irc://", EndpointError::NoHost),
            (":6667", EndpointError::NoHost),
            ("a b", host("a b")),
            ("a/b", host("a/b")),
            ("1:2:3", host("1:2")),
            ("[::1", host("[::1")),
            ("[::1]6667", host("[::1]6667")),
            ("[localhost]:1", host("[localhost]:1")),
            ("host:", port("")),
            ("host:0", port("0")),
            ("host:+80", port("+80")),
            ("host:65536", port("65536")),
            ("http://host", EndpointError::Scheme("http".to_owned())),
            ("ws://host/a b", EndpointError::Path("a b".to_owned())),
            ("wss://:1/", EndpointError::NoHost),
            ("ircs://host/path", host("host/path")),
        ] {
            assert_eq!(Endpoint::parse(text), Err(error), "{text}");
        }
    }
}
