//! Servers for tests.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chat_network::Rights;
use chat_server::config::{Limits, Operator};
use chat_server::{Builder, Server, ServerHandle};

use crate::client::Client;

/// Limits that do not get into a test's way.
pub(crate) fn limits() -> Limits {
    Limits {
        flood: None,
        ..Limits::default()
    }
}

/// A server for a test.
pub(crate) fn builder() -> Builder {
    Server::builder()
        .name("irc.test")
        .network("Test")
        .limits(limits())
}

/// An operator with these rights, whose password is `secret`.
pub(crate) fn operator(name: &str, rights: Rights) -> Operator {
    Operator {
        name: name.to_owned(),
        password: "secret".to_owned(),
        certificate: String::new(),
        hosts: Vec::new(),
        title: String::new(),
        rights,
        vhost: String::new(),
        hidden: false,
    }
}

/// Makes a client the [`operator`] of that name.
pub(crate) fn become_operator(client: &mut Client, name: &str) {
    let answer = client.ask(&format!("OPER {name} secret"));
    assert!(
        answer.iter().any(|line| line.contains(" 381 ")),
        "{answer:?}"
    );
}

/// A running server for a test.
pub(crate) struct Running {
    handle: Option<ServerHandle>,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// With the defaults of tests.
    pub(crate) fn new() -> Self {
        Self::of(builder())
    }

    /// Without a lobby, where nobody hears who comes.
    pub(crate) fn quiet() -> Self {
        Self::of(builder().lobby(""))
    }

    pub(crate) fn of(builder: Builder) -> Self {
        let handle = builder.start().unwrap();
        let address = handle.local_addrs()[0];
        Self {
            handle: Some(handle),
            address,
        }
    }

    pub(crate) fn handle(&self) -> &ServerHandle {
        self.handle.as_ref().unwrap()
    }

    /// A client that has registered and is in the lobby.
    pub(crate) fn join(&self, nick: &str) -> Client {
        Client::join(self.address, nick)
    }

    pub(crate) fn join_with(&self, nick: &str, capabilities: &str) -> Client {
        Client::join_with(self.address, nick, capabilities)
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// Ends the server.
    pub(crate) fn stop(mut self, reason: &str) {
        self.handle
            .take()
            .unwrap()
            .shutdown_blocking(reason)
            .unwrap();
    }
}

/// Waits until something holds, within a bound.
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "{what} never came true");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits for the next millisecond, so that what comes has a later time than what was.
pub(crate) fn next_millisecond() {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let before = now().as_millis();
    while now().as_millis() == before {
        std::thread::yield_now();
    }
}
