//! A port of a server's own.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use chat_transport::{BindError, bind_socket};

/// The listening socket that is passed to a server each time it starts. The launcher keeps it open
/// so that who connects while the server is started again waits and is not refused.
#[derive(Debug)]
pub(crate) struct Direct {
    address: SocketAddr,
    socket: Option<OwnedFd>,
}

impl Direct {
    pub(crate) fn bind(address: SocketAddr) -> Result<Direct, BindError> {
        let socket = bind_socket(address)?;
        let bound = rustix::net::getsockname(&socket)
            .ok()
            .and_then(|bound| SocketAddr::try_from(bound).ok());
        Ok(Direct {
            address: bound.unwrap_or(address),
            socket: Some(socket),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A copy for a server that starts; the port is taken again if it was closed.
    pub(crate) fn copy(&mut self) -> io::Result<OwnedFd> {
        if let Some(socket) = &self.socket {
            return socket.try_clone();
        }
        let socket = bind_socket(self.address).map_err(|error| error.source)?;
        let copy = socket.try_clone()?;
        self.socket = Some(socket);
        Ok(copy)
    }

    /// Nobody will serve the port for now: who connects is refused and does not wait in vain.
    pub(crate) fn close(&mut self) {
        self.socket = None;
    }
}
