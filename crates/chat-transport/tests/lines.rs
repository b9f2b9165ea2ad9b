//! Both ends of a connection talk in lines.

use bytes::Bytes;
use chat_proto::{BadLine, LineCodec, LineError, WireLine};
use chat_transport::{Endpoint, Listener, Stream, client};
use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio_util::codec::Framed;

type Lines = Framed<Stream, LineCodec>;

async fn item(lines: &mut Lines) -> Option<Result<Bytes, BadLine>> {
    Some(lines.next().await?.expect("the stream is not broken"))
}

#[tokio::test]
async fn lines_go_both_ways_over_tcp() {
    let mut listener = Listener::bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
    let endpoint = Endpoint::from(listener.local_addrs()[0]);
    let mut near = client::connect(&endpoint, &Default::default())
        .await
        .unwrap();
    let accepted = listener.accept().await.unwrap();
    let mut far = Framed::new(accepted.into_stream().unwrap(), LineCodec::server());

    let line = |text: &str| WireLine::builder().command("PING").trailing(text).finish();
    for number in 0..100 {
        near.send(line(&format!("there {number}"))).await.unwrap();
        far.send(line(&format!("back {number}"))).await.unwrap();
    }
    for number in 0..100 {
        let there = item(&mut far).await.unwrap().unwrap();
        assert_eq!(there, format!("PING :there {number}"));
        let back = item(&mut near).await.unwrap().unwrap();
        assert_eq!(back, format!("PING :back {number}"));
    }

    // A bad line is one item; the stream goes on, and its end is an end.
    near.get_mut()
        .write_all(b"NICK \xff\r\nQUIT\r\n")
        .await
        .unwrap();
    near.get_mut().shutdown().await.unwrap();
    let bad = item(&mut far).await.unwrap().unwrap_err();
    assert_eq!(
        bad.why,
        LineError::NotUtf8 {
            command: "NICK".into()
        }
    );
    assert_eq!(item(&mut far).await, Some(Ok("QUIT".into())));
    assert_eq!(item(&mut far).await, None);
}
