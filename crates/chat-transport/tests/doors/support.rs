//! Certificates, doors and clients for the tests.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chat_transport::client::dial;
use chat_transport::doors::{Arrival, Kind, Plan};
use chat_transport::tls::{Client, Identity, Trust};
use chat_transport::{Connection, Doors, Endpoint, Stream, Transport};

/// Longer than anything here takes; only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    pub(crate) fn new() -> Files {
        let folder = tempfile::tempdir().unwrap();
        Files { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A new self-signed certificate and its key.
    pub(crate) fn pair(&self, name: &str, hosts: &[&str]) -> (PathBuf, PathBuf) {
        let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(hosts).unwrap();
        let certificate = self.path(&format!("{name}.pem"));
        let key = self.path(&format!("{name}.key"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        (certificate, key)
    }

    pub(crate) fn identity(&self, name: &str) -> Arc<Identity> {
        let (certificate, key) = self.pair(name, &["localhost"]);
        Identity::load(&certificate, &key).unwrap()
    }
}

pub(crate) fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// One door of each kind, in the order of [`Kind`].
pub(crate) fn open(files: &Files) -> Doors {
    let plan = Plan {
        plain: vec![loopback()],
        tls: vec![loopback()],
        websocket: vec![loopback()],
        secure_websocket: vec![loopback()],
        identity: Some(files.identity("server")),
        ..Plan::default()
    };
    Doors::open(&plan).unwrap()
}

pub(crate) fn endpoint(kind: Kind, address: SocketAddr) -> Endpoint {
    Endpoint::from(address).over(match kind {
        Kind::Plain => Transport::Plain,
        Kind::Tls => Transport::Tls,
        Kind::WebSocket => Transport::WebSocket,
        Kind::SecureWebSocket => Transport::SecureWebSocket,
    })
}

pub(crate) fn anyone() -> Client {
    Client {
        trust: Trust::Anyone,
        identity: None,
    }
}

pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("in time")
}

pub(crate) async fn arrival(doors: &mut Doors) -> Arrival {
    in_time(doors.next()).await.unwrap()
}

/// A client's end and the server's.
pub(crate) async fn through(
    doors: &mut Doors,
    at: &Endpoint,
    tls: &Client,
) -> (Stream, Connection) {
    let (dialled, arrival) = tokio::join!(in_time(dial(at, tls)), arrival(doors));
    match arrival {
        Arrival::Connection(connection) => (dialled.unwrap().stream, connection),
        Arrival::Failed(_) => panic!("{at}: {:?}", dialled.map(|_| ())),
    }
}

/// How many descriptors this process has open.
pub(crate) fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Waits until something has happened that nobody tells.
pub(crate) async fn until(mut happened: impl FnMut() -> bool) {
    while !happened() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
