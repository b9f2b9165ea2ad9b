//! A message through sequencer and database and back, within the process and over a hub's socket.

use std::sync::Arc;

use chat_journal::{Delivery, Journal, Link, Role, Setup};
use chat_network::{
    Action, Event, Limits, MessageKind, NewUser, Origin, Position, Request, ServerId, SessionId,
};
use tokio::runtime::Builder;

/// Sends messages, each when the last one has come back.
pub(crate) fn messages(socket: bool, times: u32) {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime
        .expect("a runtime")
        .block_on(sent_and_followed(socket, times));
}

async fn sent_and_followed(socket: bool, times: u32) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = chat_store::Config {
        search: false,
        ..chat_store::Config::at(folder.path().join("storage.db"))
    };
    let (writer, _reader) = chat_store::open(&config).expect("a new database");
    let hub = folder.path().join("hub.sock");
    let setup = Setup::new(Limits::default(), writer, Position(1)).hub_socket(&hub);
    let journal = Journal::start(setup).expect("a new hub");
    let role = Role::Server(ServerId(1));
    let mut link = if socket {
        Link::connect(&hub, role).await.expect("the hub listens")
    } else {
        journal.attach(role).await.expect("the sequencer runs")
    };
    let session = SessionId::new(ServerId(1), link.incarnation, 0);
    let new = NewUser {
        nick: "somebody".into(),
        username: "~somebody".into(),
        host: "host.example.org".into(),
        realname: "Somebody".into(),
        secure: false,
        certificate: None,
        account: None,
        away: None,
    };
    there_and_back(&mut link, session, Action::Register(Box::new(new))).await;
    let channel = "#room".into();
    there_and_back(&mut link, session, Action::Join { channel, key: None }).await;
    let text: Arc<str> = "What everyone in the channel has been waiting for".into();
    for _ in 0..times {
        let message = Action::Message {
            kind: MessageKind::Privmsg,
            target: "#room".into(),
            text: Arc::clone(&text),
            tags: Vec::new(),
        };
        let event = there_and_back(&mut link, session, message).await;
        assert!(matches!(event, Event::Message { .. }), "{event:?}");
    }
    drop(link);
    journal.shutdown().await;
}

/// Asks, and waits for what comes of it.
async fn there_and_back(link: &mut Link, session: SessionId, action: Action) -> Event {
    let request = Request {
        origin: Origin::Session(session),
        action,
    };
    let sent = link.requests.send(request).await;
    sent.expect("the link stands");
    let mut deliveries = Vec::new();
    loop {
        let next = link.deliveries.next(&mut deliveries).await;
        next.expect("the link stands");
        for delivery in deliveries.drain(..) {
            match delivery {
                Delivery::Entry(entry) => return entry.event.clone(),
                Delivery::Rejected { rejection, .. } => panic!("{rejection}"),
                Delivery::Reached(_) | Delivery::Turn(_) | Delivery::Gathered(_) => {}
            }
        }
    }
}
