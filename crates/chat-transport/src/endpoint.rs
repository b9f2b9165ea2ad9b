//! Where a client connects to.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// The port of IRC without TLS, used when none is given.
pub const DEFAULT_PORT: u16 = 6667;

/// A host and a port, as people write them: `irc.example.org`, `192.0.2.1:7000`, `[::1]:6667`,
/// `irc://irc.example.org:6667`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    host: String,
    port: u16,
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
    /// A scheme other than `irc://`.
    #[error("`{0}://` is not supported, only irc://")]
    Scheme(String),
}

impl Endpoint {
    /// An endpoint of a host (name or address, without brackets) and a port.
    ///
    /// # Errors
    /// If `host` cannot be a host.
    pub fn new(host: &str, port: u16) -> Result<Endpoint, EndpointError> {
        check_host(host)?;
        let host = host.to_ascii_lowercase();
        Ok(Endpoint { host, port })
    }

    /// Reads what a person wrote; [`DEFAULT_PORT`] where no port is given.
    ///
    /// # Errors
    /// [`EndpointError`] says which part is wrong.
    pub fn parse(text: &str) -> Result<Endpoint, EndpointError> {
        let text = text.trim();
        let rest = match text.split_once("://") {
            None => text,
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("irc") => {
                rest.strip_suffix('/').unwrap_or(rest)
            }
            Some((scheme, _)) => return Err(EndpointError::Scheme(scheme.to_owned())),
        };
        // An IPv6 address without brackets has colons of its own and so cannot carry a port.
        if rest.parse::<Ipv6Addr>().is_ok() {
            return Endpoint::new(rest, DEFAULT_PORT);
        }
        let (host, port) = match rest.strip_prefix('[') {
            Some(inner) => {
                let wrong = || EndpointError::Host(rest.to_owned());
                let (host, after) = inner.split_once(']').ok_or_else(wrong)?;
                host.parse::<Ipv6Addr>().map_err(|_| wrong())?;
                match after {
                    "" => (host, None),
                    _ => (host, Some(after.strip_prefix(':').ok_or_else(wrong)?)),
                }
            }
            None => match rest.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let port = port.map_or(Ok(DEFAULT_PORT), parse_port)?;
        Endpoint::new(host, port)
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
            host: address.ip().to_string(),
            port: address.port(),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
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
            ("ircs://host", EndpointError::Scheme("ircs".to_owned())),
        ] {
            assert_eq!(Endpoint::parse(text), Err(error), "{text}");
        }
    }
}
