//! What only WebSocket has: sub-protocols, messages, pings, closing.

use std::net::SocketAddr;

use chat_transport::doors::{Arrival, Plan};
use chat_transport::{Doors, Stream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::support::{arrival, in_time, loopback};

type Socket = WebSocketStream<TcpStream>;

fn open(origins: &[&str]) -> (Doors, SocketAddr) {
    let plan = Plan {
        websocket: vec![loopback()],
        origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        ..Plan::default()
    };
    let doors = Doors::open(&plan).unwrap();
    let address = doors.addresses()[0].1;
    (doors, address)
}

/// Connects with these headers; the agreed sub-protocol comes back.
async fn connect(
    address: SocketAddr,
    headers: &[(&'static str, &'static str)],
) -> Result<(Socket, Option<String>), Error> {
    let mut request = format!("ws://{address}/").into_client_request().unwrap();
    for (name, value) in headers {
        request
            .headers_mut()
            .append(*name, HeaderValue::from_static(value));
    }
    let stream = TcpStream::connect(address).await.unwrap();
    let (socket, response) = in_time(client_async(request, stream)).await?;
    let agreed = response.headers().get("sec-websocket-protocol");
    let agreed = agreed.map(|agreed| agreed.to_str().unwrap().to_owned());
    Ok((socket, agreed))
}

async fn accept(doors: &mut Doors) -> Stream {
    match arrival(doors).await {
        Arrival::Connection(connection) => connection.into_stream().unwrap(),
        Arrival::Failed(_) => panic!("the handshake failed"),
    }
}

/// A client that asked for one sub-protocol, and the server's end.
async fn pair(protocol: &'static str) -> (Doors, Socket, Stream) {
    let (mut doors, address) = open(&[]);
    let headers = [("sec-websocket-protocol", protocol)];
    let (socket, agreed) = connect(address, &headers).await.unwrap();
    assert_eq!(agreed.as_deref(), Some(protocol));
    let server = accept(&mut doors).await;
    (doors, socket, server)
}

async fn heard(server: &mut Stream, expected: &[u8]) {
    let mut heard = vec![0; expected.len()];
    in_time(server.read_exact(&mut heard)).await.unwrap();
    assert_eq!(heard, expected, "{}", String::from_utf8_lossy(&heard));
}

async fn next(socket: &mut Socket) -> Message {
    in_time(socket.next()).await.unwrap().unwrap()
}

#[tokio::test]
async fn exactly_one_sub_protocol_is_agreed_upon_in_the_clients_order() {
    let (mut doors, address) = open(&[]);
    for (offers, agreed, binary) in [
        (&["text.ircv3.net"][..], Some("text.ircv3.net"), false),
        (&["binary.ircv3.net"], Some("binary.ircv3.net"), true),
        (
            &["text.ircv3.net, binary.ircv3.net"],
            Some("text.ircv3.net"),
            false,
        ),
        (
            &["binary.ircv3.net,text.ircv3.net"],
            Some("binary.ircv3.net"),
            true,
        ),
        (&["chat,binary.ircv3.net"], Some("binary.ircv3.net"), true),
        (&[], None, false),
    ] {
        let headers: Vec<_> = offers
            .iter()
            .map(|offer| ("sec-websocket-protocol", *offer))
            .collect();
        let (mut socket, found) = connect(address, &headers).await.unwrap();
        assert_eq!(found.as_deref(), agreed, "{offers:?}");
        let mut server = accept(&mut doors).await;
        server.write_all("grüße\r\n".as_bytes()).await.unwrap();
        let message = next(&mut socket).await;
        assert_eq!(message.is_binary(), binary, "{offers:?}");
        assert_eq!(message.into_data(), "grüße".as_bytes());
    }
}

#[tokio::test]
async fn a_message_is_a_line_and_a_line_is_a_message() {
    let (_doors, mut socket, mut server) = pair("text.ircv3.net").await;
    for text in ["NICK ann", "USER ann 0 * :Ann  ", "", "PING 1\r\n"] {
        socket.send(Message::text(text)).await.unwrap();
    }
    // Bytes are taken from them too; what is no UTF-8 the server refuses.
    socket
        .send(Message::binary(b"PRIVMSG a :caf\xe9".to_vec()))
        .await
        .unwrap();
    let lines = b"NICK ann\r\nUSER ann 0 * :Ann  \r\nPING 1\r\nPRIVMSG a :caf\xe9\r\n";
    heard(&mut server, lines).await;

    server
        .write_all(b":s 001 ann :Hi\r\n:s 002 ann :caf\xe9\n:s 003")
        .await
        .unwrap();
    server.write_all(b" ann\r\n").await.unwrap();
    assert_eq!(next(&mut socket).await, Message::text(":s 001 ann :Hi"));
    assert_eq!(
        next(&mut socket).await,
        Message::text(":s 002 ann :caf\u{fffd}")
    );
    assert_eq!(next(&mut socket).await, Message::text(":s 003 ann"));
}

#[tokio::test]
async fn pings_are_answered_also_of_who_says_nothing_else() {
    let (_doors, mut socket, _server) = pair("binary.ircv3.net").await;
    socket.send(Message::Ping("there?".into())).await.unwrap();
    assert_eq!(next(&mut socket).await, Message::Pong("there?".into()));
}

#[tokio::test]
async fn what_is_too_large_or_no_text_closes_with_the_reason() {
    let (_doors, mut socket, mut server) = pair("text.ircv3.net").await;
    let largest = "x".repeat(16 * 1024);
    socket.send(Message::text(largest.clone())).await.unwrap();
    heard(&mut server, format!("{largest}\r\n").as_bytes()).await;
    socket
        .send(Message::text(format!("{largest}x")))
        .await
        .unwrap();
    assert_eq!(
        in_time(server.read(&mut [0; 8])).await.unwrap(),
        0,
        "nothing of it"
    );
    drop(server);
    let Message::Close(Some(frame)) = next(&mut socket).await else {
        panic!("no reason");
    };
    assert_eq!(frame.code, CloseCode::Size);
}

#[tokio::test]
async fn the_close_handshake_is_done_from_either_side() {
    let (_doors, mut socket, mut server) = pair("text.ircv3.net").await;
    server.write_all(b"ERROR :bye\r\n").await.unwrap();
    drop(server);
    assert_eq!(next(&mut socket).await, Message::text("ERROR :bye"));
    let Message::Close(Some(frame)) = next(&mut socket).await else {
        panic!("no close frame");
    };
    assert_eq!(frame.code, CloseCode::Normal);
    assert!(in_time(socket.next()).await.is_none());

    let (_doors, mut socket, mut server) = pair("text.ircv3.net").await;
    socket.close(None).await.unwrap();
    assert_eq!(in_time(server.read(&mut [0; 8])).await.unwrap(), 0);
    drop(server);
    while let Some(message) = in_time(socket.next()).await {
        assert!(message.unwrap().is_close());
    }
}

#[tokio::test]
async fn pages_from_elsewhere_are_kept_out() {
    let (mut doors, address) = open(&["https://*.example.org"]);
    for (origin, enters) in [
        ("https://chat.example.org", true),
        ("https://example.com", false),
        ("http://chat.example.org", false),
    ] {
        let connected = connect(address, &[("origin", origin)]).await;
        assert_eq!(connected.is_ok(), enters, "{origin}");
        let entered = matches!(arrival(&mut doors).await, Arrival::Connection(_));
        assert_eq!(entered, enters, "{origin}");
        if let Err(Error::Http(response)) = connected {
            assert_eq!(response.status(), 403);
        }
    }
    // No browser, no origin.
    connect(address, &[]).await.unwrap();
    assert!(matches!(arrival(&mut doors).await, Arrival::Connection(_)));
}
