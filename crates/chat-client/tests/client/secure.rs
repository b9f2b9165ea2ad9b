//! TLS and WebSocket, against doors of our own.

use chat_client::tls::{Identity, Judgement, Pins, Trust};
use chat_client::{Config, Endpoint, Transport, Update};
use chat_transport::Doors;
use chat_transport::doors::{Arrival, Plan};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use crate::support::{connect, disconnected, wait};

fn identity(folder: &std::path::Path) -> std::sync::Arc<Identity> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    Identity::load(&certificate, &key).unwrap()
}

fn doors(folder: &std::path::Path) -> Doors {
    let loopback = "127.0.0.1:0".parse().unwrap();
    let plan = Plan {
        tls: vec![loopback],
        secure_websocket: vec![loopback],
        identity: Some(identity(folder)),
        ..Plan::default()
    };
    Doors::open(&plan).unwrap()
}

fn config(endpoint: Endpoint, trust: Trust) -> Config {
    let mut config = Config::new(endpoint, "ana");
    config.tls.trust = trust;
    config.reconnect = false;
    config
}

/// Lets the client in as far as its first word.
async fn serve(doors: &mut Doors) {
    let Arrival::Connection(connection) = doors.next().await.unwrap() else {
        panic!("the handshake failed");
    };
    let mut stream = BufReader::new(connection.stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    assert_eq!(line, "CAP LS 302\r\n");
    stream
        .write_all(b":s 001 ana :Welcome\r\nERROR :seen enough\r\n")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_certificate_is_remembered_and_another_one_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut doors = doors(folder.path());
    let pins = Pins::in_memory();
    for (index, transport) in [Transport::Tls, Transport::SecureWebSocket]
        .into_iter()
        .enumerate()
    {
        let endpoint = Endpoint::from(doors.addresses()[index].1).over(transport);
        for expected in [Judgement::New, Judgement::Known] {
            let config = config(endpoint.clone(), Trust::FirstUse(pins.clone()));
            let (_client, mut updates) = connect(config);
            serve(&mut doors).await;
            let found = wait(&mut updates, |update| match update {
                Update::Secured { judgement, .. } => Some(judgement),
                _ => None,
            });
            assert_eq!(found.await, expected, "{endpoint}");
            assert_eq!(disconnected(&mut updates).await.0, "seen enough");
        }
    }
    let identity = doors.identity().unwrap().clone();
    self::identity(folder.path());
    identity.reload().unwrap();
    let endpoint = Endpoint::from(doors.addresses()[0].1).over(Transport::Tls);
    let (_client, mut updates) = connect(config(endpoint.clone(), Trust::FirstUse(pins)));
    let (reason, _) = disconnected(&mut updates).await;
    assert!(
        reason.contains("not the one that it had the first time"),
        "{reason}"
    );

    let (_client, mut updates) = connect(config(endpoint, Trust::Authorities));
    let (reason, _) = disconnected(&mut updates).await;
    assert!(
        reason.contains("no known authority vouches for it"),
        "{reason}"
    );
}
