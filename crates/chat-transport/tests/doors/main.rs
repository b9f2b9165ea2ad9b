//! Doors of every kind, with real handshakes on loopback.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of these tests panic as the tests do"
)]

mod support;
mod websocket;

use std::time::Duration;

use chat_transport::client::dial;
use chat_transport::doors::{Arrival, Kind, MAX_HANDSHAKES, Plan};
use chat_transport::tls::{Client, Identity, Judgement, Pins, TlsError, Trust};
use chat_transport::{ConnectError, Doors, Endpoint, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use support::{
    Files, anyone, arrival, descriptors, endpoint, in_time, loopback, open, through, until,
};

fn of_tls(error: &ConnectError) -> &TlsError {
    match error {
        ConnectError::Tls { source, .. } => source,
        error => panic!("{error:?} is not about TLS"),
    }
}

#[tokio::test]
async fn lines_go_both_ways_through_every_door() {
    let files = Files::new();
    let mut doors = open(&files);
    for (index, (kind, address)) in doors.addresses().to_vec().into_iter().enumerate() {
        let endpoint = endpoint(kind, address);
        let (mut client, connection) = through(&mut doors, &endpoint, &anyone()).await;
        assert_eq!(connection.peer.secure, kind.is_secure(), "{kind:?}");
        assert_eq!(usize::from(connection.peer.listener), index);
        assert_eq!(connection.peer.local, Some(address));
        assert!(connection.peer.address.unwrap().ip().is_loopback());
        assert_eq!(connection.peer.certificate, None);
        let mut server = connection.into_stream().unwrap();
        client.write_all(b"PING one\r\nPING two\r\n").await.unwrap();
        let mut heard = [0; 20];
        in_time(server.read_exact(&mut heard)).await.unwrap();
        assert_eq!(&heard, b"PING one\r\nPING two\r\n", "{kind:?}");
        // Also where a line comes in pieces.
        for piece in [b":s PONG ".as_slice(), b"one\r\n:s PO", b"NG two\r\n"] {
            server.write_all(piece).await.unwrap();
            server.flush().await.unwrap();
        }
        let mut heard = [0; 26];
        in_time(client.read_exact(&mut heard)).await.unwrap();
        assert_eq!(&heard, b":s PONG one\r\n:s PONG two\r\n", "{kind:?}");
    }
}

#[tokio::test]
async fn much_goes_through_both_ways_at_the_same_time() {
    let files = Files::new();
    let mut doors = open(&files);
    for (kind, address) in doors.addresses().to_vec() {
        let (client, connection) = through(&mut doors, &endpoint(kind, address), &anyone()).await;
        let lines: Vec<u8> = (0..20_000)
            .flat_map(|n| format!("line {n}\r\n").into_bytes())
            .collect();
        let (mut up, mut down) = (vec![0; lines.len()], vec![0; lines.len()]);
        let (mut client_reads, mut client_writes) = tokio::io::split(client);
        let (mut server_reads, mut server_writes) =
            tokio::io::split(connection.into_stream().unwrap());
        let all = async {
            tokio::try_join!(
                client_writes.write_all(&lines),
                server_writes.write_all(&lines),
                client_reads.read_exact(&mut down),
                server_reads.read_exact(&mut up),
            )
        };
        in_time(all).await.unwrap();
        assert!(up == lines && down == lines, "{kind:?}");
    }
}

#[tokio::test]
async fn when_one_side_closes_the_other_hears_it() {
    let files = Files::new();
    let mut doors = open(&files);
    for (kind, address) in doors.addresses().to_vec() {
        let endpoint = endpoint(kind, address);
        let (client, connection) = through(&mut doors, &endpoint, &anyone()).await;
        let mut server = connection.into_stream().unwrap();
        drop(client);
        let mut rest = Vec::new();
        in_time(server.read_to_end(&mut rest)).await.unwrap();
        assert_eq!(rest, b"", "{kind:?}");

        let (mut client, connection) = through(&mut doors, &endpoint, &anyone()).await;
        let mut server = connection.into_stream().unwrap();
        client.write_all(b"never read\r\n").await.unwrap();
        server.write_all(b"ERROR :bye\r\n").await.unwrap();
        server.shutdown().await.unwrap();
        let mut last = Vec::new();
        in_time(client.read_to_end(&mut last)).await.unwrap();
        assert_eq!(last, b"ERROR :bye\r\n", "{kind:?}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_the_writer_back_and_is_given_up_with_it() {
    let files = Files::new();
    let mut doors = open(&files);
    for (kind, address) in doors.addresses().to_vec() {
        if kind == Kind::Plain {
            continue;
        }
        let (client, connection) = through(&mut doors, &endpoint(kind, address), &anyone()).await;
        let mut server = connection.into_stream().unwrap();
        let line = [vec![b'x'; 500], b"\r\n".to_vec()].concat();
        let mut written = 0;
        // Nobody reads from the client's end, so in the end nobody takes anything here.
        while let Ok(taken) =
            tokio::time::timeout(Duration::from_secs(1), server.write(&line)).await
        {
            written += taken.unwrap();
            assert!(written < 64 << 20, "every buffer on the way has a bound");
        }
        assert!(written > 0, "{kind:?}");
        let count = descriptors();
        drop(server);
        // The thread sees that there is nobody left to write for, and lets go of the client.
        in_time(until(|| descriptors() <= count - 3)).await;
        drop(client);
    }
}

#[tokio::test]
async fn a_clients_certificate_is_asked_for_and_known_by_its_fingerprint() {
    let files = Files::new();
    let mut doors = open(&files);
    let (certificate, key) = files.pair("client", &["ana"]);
    let identity = Identity::load(&certificate, &key).unwrap();
    let tls = Client {
        identity: Some(identity.clone()),
        ..anyone()
    };
    for (kind, address) in doors.addresses().to_vec() {
        // Twice, as the second handshake may build on the first.
        for _ in 0..2 {
            let (_client, connection) = through(&mut doors, &endpoint(kind, address), &tls).await;
            let expected = kind.is_secure().then(|| identity.fingerprint().0);
            assert_eq!(connection.peer.certificate, expected, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_pinned_and_another_one_refused() {
    let files = Files::new();
    let plan = Plan {
        tls: vec![loopback()],
        identity: Some(files.identity("server")),
        ..Plan::default()
    };
    let mut doors = Doors::open(&plan).unwrap();
    let at = endpoint(Kind::Tls, doors.addresses()[0].1);
    let refusal = dial(&at, &Client::default()).await.unwrap_err();
    let TlsError::Untrusted { fingerprint, .. } = of_tls(&refusal) else {
        panic!("{refusal:?}");
    };
    assert_eq!(*fingerprint, doors.identity().unwrap().fingerprint());
    assert!(
        refusal
            .to_string()
            .contains("no known authority vouches for it"),
        "{refusal}"
    );
    assert!(matches!(arrival(&mut doors).await, Arrival::Failed(1)));

    let file = files.path("pins");
    for judgement in [Judgement::New, Judgement::Known] {
        let tls = Client {
            trust: Trust::FirstUse(Pins::open(&file).unwrap()),
            identity: None,
        };
        let dialled = dial(&at, &tls).await.unwrap();
        assert_eq!(dialled.certificate, Some((judgement, *fingerprint)));
    }

    files.pair("server", &["localhost"]);
    doors.identity().unwrap().reload().unwrap();
    let tls = Client {
        trust: Trust::FirstUse(Pins::open(&file).unwrap()),
        identity: None,
    };
    let refusal = dial(&at, &tls).await.unwrap_err().to_string();
    for word in [&fingerprint.to_string(), "not the one", "pins"] {
        assert!(refusal.contains(word), "{refusal}");
    }
}

#[tokio::test]
async fn what_is_no_handshake_is_counted_as_failed() {
    let files = Files::new();
    let mut doors = open(&files);
    for (kind, address) in doors.addresses().to_vec() {
        if kind == Kind::Plain {
            continue;
        }
        let mut garbage = TcpStream::connect(address).await.unwrap();
        garbage
            .write_all(b"NICK ann\r\nUSER ann 0 * :Ann\r\n\r\n")
            .await
            .unwrap();
        let mut answer = Vec::new();
        let _ = in_time(garbage.read_to_end(&mut answer)).await;
        assert!(
            matches!(arrival(&mut doors).await, Arrival::Failed(1)),
            "{kind:?}"
        );

        drop(TcpStream::connect(address).await.unwrap());
        assert!(
            matches!(arrival(&mut doors).await, Arrival::Failed(1)),
            "{kind:?}"
        );
    }
    // A door of lines does not take TLS, and says so to the one who wants it.
    let plain = doors.addresses()[0].1;
    let at = Endpoint::from(plain).over(Transport::Tls);
    let client = tokio::spawn(async move { dial(&at, &anyone()).await });
    let Arrival::Connection(connection) = arrival(&mut doors).await else {
        panic!("a plain door has no handshake");
    };
    let mut stream = connection.into_stream().unwrap();
    stream
        .write_all(b"NOTICE * :*** You are on Server-1\r\n")
        .await
        .unwrap();
    let refusal = client.await.unwrap().unwrap_err();
    assert!(matches!(of_tls(&refusal), TlsError::NotTls), "{refusal:?}");
}

#[tokio::test]
async fn who_is_too_slow_in_the_handshake_is_given_up() {
    let files = Files::new();
    let plan = Plan {
        tls: vec![loopback()],
        websocket: vec![loopback()],
        identity: Some(files.identity("server")),
        handshake_timeout: Duration::from_millis(50),
        ..Plan::default()
    };
    let mut doors = Doors::open(&plan).unwrap();
    for (_, address) in doors.addresses().to_vec() {
        let mut silent = TcpStream::connect(address).await.unwrap();
        assert!(matches!(arrival(&mut doors).await, Arrival::Failed(1)));
        assert_eq!(
            in_time(silent.read(&mut [0; 8])).await.unwrap(),
            0,
            "closed"
        );
    }
}

#[tokio::test]
async fn silent_ones_do_not_keep_others_out() {
    let files = Files::new();
    let plan = Plan {
        tls: vec![loopback()],
        identity: Some(files.identity("server")),
        ..Plan::default()
    };
    let mut doors = Doors::open(&plan).unwrap();
    let address = doors.addresses()[0].1;
    let mut silent = Vec::new();
    for _ in 0..MAX_HANDSHAKES {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    // All room is taken, for less time than those who fill it would like.
    let at = endpoint(Kind::Tls, address);
    let client = tokio::spawn(async move { dial(&at, &anyone()).await });
    assert!(matches!(arrival(&mut doors).await, Arrival::Failed(_)));
    while !matches!(arrival(&mut doors).await, Arrival::Connection(_)) {}
    in_time(client).await.unwrap().unwrap();
}

#[tokio::test]
async fn tls_needs_a_certificate_to_be_open() {
    let plan = Plan {
        tls: vec![loopback()],
        ..Plan::default()
    };
    assert!(Doors::open(&plan).is_err());
}

#[tokio::test]
async fn closed_doors_let_nobody_in_and_keep_who_is_in() {
    let files = Files::new();
    let mut doors = open(&files);
    let (kind, address) = doors.addresses()[1];
    assert_eq!(kind, Kind::Tls);
    let at = endpoint(kind, address);
    let (mut client, connection) = through(&mut doors, &at, &anyone()).await;
    let _untaken = dial(&at, &anyone()).await.unwrap();
    let slow = TcpStream::connect(address).await.unwrap();
    let left = doors.close();
    let mut server = connection.into_stream().unwrap();
    server
        .write_all(b"ERROR :The chat is stopped\r\n")
        .await
        .unwrap();
    let finishing = tokio::spawn(doors.finish());
    server.shutdown().await.unwrap();
    let mut last = String::new();
    in_time(client.read_to_string(&mut last)).await.unwrap();
    assert_eq!(last, "ERROR :The chat is stopped\r\n");
    drop(client);
    // The one that came through is counted once, either way; the one that never said anything is if
    // it was accepted.
    let failed = in_time(finishing).await.unwrap();
    let counted = failed + u64::try_from(left.len()).unwrap();
    assert!((1..=2).contains(&counted), "{failed} failed, {left:?}");
    drop(slow);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens");
}

#[tokio::test]
async fn descriptors_do_not_leak() {
    let files = Files::new();
    let mut doors = open(&files);
    let before = descriptors();
    for _ in 0..3 {
        for (kind, address) in doors.addresses().to_vec() {
            let pair = through(&mut doors, &endpoint(kind, address), &anyone()).await;
            drop(pair);
            if kind != Kind::Plain {
                drop(TcpStream::connect(address).await.unwrap());
                assert!(matches!(arrival(&mut doors).await, Arrival::Failed(1)));
            }
        }
    }
    in_time(until(|| descriptors() <= before)).await;
    drop(doors);
}
