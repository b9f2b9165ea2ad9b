//! What else may come to a hub's socket.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    time::Duration,
};

use chat_journal::{ConnectError, Link, Role, VERSION};
use chat_network::ServerId;
use tokio::task::spawn_blocking;

use crate::support::{Bench, Dice, say, soon};

/// A frame as `wire` describes it.
fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(body.len() + 1)
        .unwrap()
        .to_be_bytes()
        .to_vec();
    out.push(kind);
    out.extend_from_slice(body);
    out
}

fn hello(version: u16, role: &[u8]) -> Vec<u8> {
    let mut body = b"chatjrnl".to_vec();
    body.extend_from_slice(&version.to_le_bytes());
    body.extend_from_slice(role);
    frame(1, &body)
}

/// Sends this and answers what comes back until the hub closes.
async fn sends(bench: &Bench, bytes: Vec<u8>) -> Vec<u8> {
    let path = bench.socket();
    let exchange = spawn_blocking(move || {
        let mut socket = UnixStream::connect(path).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        // May fail halfway, when the hub has had enough.
        let _ = socket.write_all(&bytes);
        let mut answer = Vec::new();
        match socket.read_to_end(&mut answer) {
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            other => drop(other.unwrap()),
        }
        answer
    });
    soon(exchange).await.unwrap()
}

#[tokio::test]
async fn garbage_ends_its_own_link_and_nothing_else() {
    let bench = Bench::new();
    let mut one = bench.remote(1).await;
    let alice = one.enter(1, "alice").await;
    let server_two = hello(VERSION, &[0, 2]);
    let then = |more: &[u8]| [&server_two[..], more].concat();
    let mut dice = Dice(7);
    let noise: Vec<u8> = (0..100_000).map(|_| dice.byte()).collect();
    let cases = [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![0; 64],
        vec![0xff; 64],
        noise.clone(),
        frame(2, &[1, 2, 3]),
        frame(99, b"what"),
        hello(VERSION, &[7]),
        hello(VERSION, &[]),
        then(&frame(2, &[0xff; 300])),
        then(&frame(2, &noise[..5000])),
        then(&frame(3, &[0xff, 0xff, 0xff, 0xff, 0x7f])),
        then(&frame(3, &[])),
        then(&frame(18, &[])),
        then(&frame(99, &[])),
        then(&[0x7f, 0xff, 0xff, 0xff, 2]),
        then(&noise),
    ];
    for (number, bytes) in cases.into_iter().enumerate() {
        let answer = sends(&bench, bytes).await;
        assert!(
            !answer.windows(5).any(|bytes| bytes == b"chatj"),
            "case {number}"
        );
        one.does(alice, say("#lobby", &number.to_string()))
            .await
            .unwrap();
    }
    assert_eq!(bench.journal.lag().len(), 1);
}

#[tokio::test]
async fn another_version_is_told_so() {
    let bench = Bench::new();
    let answer = sends(&bench, hello(VERSION + 1, &[0, 2])).await;
    let text = String::from_utf8_lossy(&answer[5..]).into_owned();
    assert_eq!(
        (answer[4], text.contains("the hub speaks version")),
        (21, true),
        "{text}"
    );
}

#[tokio::test]
async fn a_socket_that_is_no_hub_is_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.sock");
    let welcome = |snapshot: &[u8]| frame(16, &[&[1, 0][..], snapshot].concat());
    let answers = [
        Vec::new(),
        b"220 mail.example.org\r\n".to_vec(),
        frame(21, b"not you"),
        frame(18, &[]),
        frame(16, &[1]),
        // More than any snapshot has, one that ends early, one that makes no sense.
        welcome(&[0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
        [welcome(&[9]), frame(17, &[0; 4])].concat(),
        [welcome(&[9]), frame(17, &[])].concat(),
        [welcome(&[4]), frame(17, &[0xff; 4])].concat(),
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        let _ = std::fs::remove_file(&path);
        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        let serve = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = stream.into_std().unwrap();
            stream.set_nonblocking(false).unwrap();
            stream.write_all(&answer).unwrap();
        });
        let link = soon(Link::connect(&path, Role::Server(ServerId(1)))).await;
        match link {
            Err(ConnectError::Refused(reason)) => {
                assert_eq!((number, reason.as_str()), (2, "not you"))
            }
            Err(ConnectError::Protocol(_) | ConnectError::Io(_)) => assert_ne!(number, 2),
            Ok(_) => panic!("case {number} is no hub"),
        }
        serve.await.unwrap();
    }
}
