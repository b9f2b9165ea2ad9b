//! No descriptor left: accepting pauses and goes on afterwards. Alone in its file, because the
//! limit belongs to the whole process.

use chat_transport::Listener;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::TcpStream;
use std::time::Duration;
use tokio::time::timeout;

#[tokio::test]
async fn accepting_outlives_a_lack_of_descriptors() {
    let old = getrlimit(Resource::Nofile);
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(64),
            maximum: old.maximum,
        },
    )
    .unwrap();
    let mut listener = Listener::bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
    let address = listener.local_addrs()[0];
    let client = TcpStream::connect(address).unwrap();
    let mut hogs = Vec::new();
    while let Ok(hog) = std::fs::File::open("/dev/null") {
        hogs.push(hog);
        assert!(hogs.len() <= 64, "the limit holds");
    }

    // Nothing can be accepted, and the future may be dropped and made again without spinning: each
    // call ends in the pause, so the clock is nearly all that this costs.
    for _ in 0..3 {
        let waited = timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(waited.is_err(), "no descriptor, no connection");
    }

    hogs.clear();
    let connection = listener.accept().await.unwrap();
    assert_eq!(connection.peer.address, client.local_addr().ok());
}
