//! TLS and WebSocket, against doors of our own.

use chat_client::sts::Policies;
use chat_client::tls::{Identity, Judgement, Pins, Trust};
use chat_client::{Config, Endpoint, Transport, Update};
use chat_transport::Doors;
use chat_transport::doors::{Arrival, Plan};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use crate::support::{Server, connect, disconnected, wait};

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
    let mut stream = BufReader::new(connection.into_stream().unwrap());
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
    let (_client, mut updates) = connect(config(endpoint.clone(), Trust::FirstUse(pins.clone())));
    let changed = wait(&mut updates, |update| match update {
        Update::CertificateChanged { server, first, now } => Some((server, first, now)),
        _ => None,
    });
    let (server, first, now) = changed.await;
    assert_eq!((pins.get(&server), first == now), (Some(first), false));
    assert_eq!(now, identity.fingerprint());
    let (reason, _) = disconnected(&mut updates).await;
    assert!(
        reason.contains("not the one that it had the first time"),
        "{reason}"
    );
    let refused = doors.next().await.unwrap();
    assert!(matches!(refused, Arrival::Failed { .. }));
    pins.add(&server, now).unwrap();
    let (_client, mut updates) = connect(config(endpoint.clone(), Trust::FirstUse(pins)));
    serve(&mut doors).await;
    assert_eq!(disconnected(&mut updates).await.0, "seen enough");

    let (_client, mut updates) = connect(config(endpoint, Trust::Authorities));
    let (reason, _) = disconnected(&mut updates).await;
    assert!(
        reason.contains("no known authority vouches for it"),
        "{reason}"
    );
}

/// Lets the client in over TLS and tells it to stay there.
async fn serve_strictly(doors: &mut Doors) {
    let Arrival::Connection(connection) = doors.next().await.unwrap() else {
        panic!("the handshake failed");
    };
    let mut stream = BufReader::new(connection.into_stream().unwrap());
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    let told = b":s CAP * LS :sts=duration=600\r\n:s 001 ana :Welcome\r\nERROR :bye\r\n";
    stream.write_all(told).await.unwrap();
}

#[tokio::test]
async fn a_server_that_wants_tls_is_spoken_to_over_tls_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut doors = doors(folder.path());
    let secure = doors.addresses()[0].1;
    let plain = Server::start().await;
    let file = folder.path().join("policies");
    let policies = Policies::open(&file).unwrap();
    let pins = Pins::in_memory();
    let config = |trust: Trust, policies: &Policies| {
        let mut config = plain.config();
        config.tls.trust = trust;
        config.policies = policies.clone();
        config.reconnect = false;
        config
    };
    let sts = format!("sts=port={}", secure.port());

    // Nobody vouches for the certificate, and it is not one that was accepted before.
    let first_use = Trust::FirstUse(pins.clone());
    let (_client, mut updates) = connect(config(first_use.clone(), &policies));
    let mut there = plain.accept().await;
    there.until("USER").await;
    there.say(&format!(":s CAP * LS :{sts} sasl")).await;
    assert!(matches!(
        doors.next().await.unwrap(),
        Arrival::Failed { .. }
    ));
    let (reason, _) = disconnected(&mut updates).await;
    assert!(
        reason.contains("no known authority vouches for it"),
        "{reason}"
    );
    assert_eq!(
        there.hear().await,
        None,
        "nothing more was said in the open"
    );

    pins.add(&secure.to_string(), doors.identity().unwrap().fingerprint())
        .unwrap();
    let (_client, mut updates) = connect(config(first_use.clone(), &policies));
    let mut there = plain.accept().await;
    there.until("USER").await;
    there.say(&format!(":s CAP * LS :{sts}")).await;
    serve_strictly(&mut doors).await;
    assert_eq!(disconnected(&mut updates).await.0, "bye");

    // Also after a restart of the program there is no word in the open.
    let again = Policies::open(&file).unwrap();
    let (_client, mut updates) = connect(config(first_use, &again));
    serve_strictly(&mut doors).await;
    assert_eq!(disconnected(&mut updates).await.0, "bye");
    let (_client, mut updates) = connect(config(Trust::Anyone, &again));
    let (reason, _) = disconnected(&mut updates).await;
    assert!(
        reason.contains("no known authority"),
        "no way around: {reason}"
    );
}
