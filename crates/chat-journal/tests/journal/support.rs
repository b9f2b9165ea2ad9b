//! What the tests have in common: a journal with its database, and servers that follow it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use chat_journal::{Closed, Deliveries, Delivery, Journal, Link, Requests, Role, Setup};
use chat_network::{
    Action, Entry, Event, Limits, MessageKind, Network, NewUser, Origin, Position, Rejection,
    Request, ServerId, SessionId,
};
use chat_store::{Config, Reader, Writer};
use tempfile::TempDir;

/// Nothing here takes as long; whoever waits longer waits for ever.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it never happens")
}

/// A journal with a hub on a file of its own.
pub(crate) struct Bench {
    pub(crate) journal: Journal,
    pub(crate) writer: Writer,
    pub(crate) reader: Reader,
    pub(crate) folder: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(|setup| setup, |config| config)
    }

    pub(crate) fn with(
        change: impl FnOnce(Setup) -> Setup,
        config: impl FnOnce(Config) -> Config,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(Config::at(folder.path().join("storage.db")));
        let (writer, reader) = chat_store::open(&config).unwrap();
        let first = Position(writer.start_state("2026-01-01").unwrap().position);
        let setup = Setup::new(Limits::default(), writer.clone(), first)
            .hub_socket(folder.path().join("hub.sock"));
        let journal = Journal::start(change(setup)).unwrap();
        Self {
            journal,
            writer,
            reader,
            folder,
        }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("hub.sock")
    }

    pub(crate) async fn local(&self, server: u16) -> Follower {
        let link = soon(self.journal.attach(Role::Server(ServerId(server))))
            .await
            .unwrap();
        Follower::new(ServerId(server), link)
    }

    pub(crate) async fn remote(&self, server: u16) -> Follower {
        let role = Role::Server(ServerId(server));
        Follower::new(
            ServerId(server),
            soon(Link::connect(&self.socket(), role)).await.unwrap(),
        )
    }

    pub(crate) async fn either(&self, server: u16, remote: bool) -> Follower {
        if remote {
            self.remote(server).await
        } else {
            self.local(server).await
        }
    }
}

/// A server that keeps its replica and what it was given.
pub(crate) struct Follower {
    pub(crate) server: ServerId,
    pub(crate) incarnation: u16,
    pub(crate) start: Position,
    pub(crate) network: Network,
    pub(crate) requests: Requests,
    pub(crate) deliveries: Deliveries,
    pub(crate) seen: Vec<Delivery>,
}

impl Follower {
    pub(crate) fn new(server: ServerId, link: Link) -> Self {
        Self {
            server,
            incarnation: link.incarnation,
            start: link.position,
            network: link.network,
            requests: link.requests,
            deliveries: link.deliveries,
            seen: Vec::new(),
        }
    }

    pub(crate) fn session(&self, serial: u32) -> SessionId {
        SessionId::new(self.server, self.incarnation, serial)
    }

    pub(crate) async fn ask(&self, session: SessionId, action: Action) {
        let request = Request {
            origin: Origin::Session(session),
            action,
        };
        soon(self.requests.send(request)).await.unwrap();
    }

    /// One more round of deliveries, applied and kept.
    pub(crate) async fn step(&mut self) -> Result<(), Closed> {
        let from = self.seen.len();
        let next = soon(self.deliveries.next(&mut self.seen)).await;
        for delivery in &self.seen[from..] {
            if let Delivery::Entry(entry) = delivery {
                self.network.apply(entry);
            }
        }
        next
    }

    pub(crate) async fn until(&mut self, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            self.step().await.unwrap();
        }
    }

    /// Follows until the link is over.
    pub(crate) async fn follow_to_the_end(&mut self) -> Closed {
        loop {
            if let Err(reason) = self.step().await {
                return reason;
            }
        }
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn does(
        &mut self,
        session: SessionId,
        action: Action,
    ) -> Result<Arc<Entry>, Rejection> {
        let before = self.answers(session).len();
        self.ask(session, action).await;
        self.until(|own| own.answers(session).len() > before).await;
        self.answers(session).remove(before)
    }

    /// What the session's requests have led to, in order.
    pub(crate) fn answers(&self, of: SessionId) -> Vec<Result<Arc<Entry>, Rejection>> {
        let answer = |delivery: &Delivery| match delivery {
            Delivery::Entry(entry) => {
                (entry.origin == Origin::Session(of)).then(|| Ok(Arc::clone(entry)))
            }
            Delivery::Rejected { session, rejection } => {
                (*session == of).then(|| Err(rejection.clone()))
            }
            Delivery::Reached(_) | Delivery::Turn(_) | Delivery::Gathered(_) => None,
        };
        self.seen.iter().filter_map(answer).collect()
    }

    pub(crate) fn entries(&self) -> Vec<Arc<Entry>> {
        let entry = |delivery: &Delivery| match delivery {
            Delivery::Entry(entry) => Some(Arc::clone(entry)),
            Delivery::Rejected { .. }
            | Delivery::Reached(_)
            | Delivery::Turn(_)
            | Delivery::Gathered(_) => None,
        };
        self.seen.iter().filter_map(entry).collect()
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        let text = |entry: Arc<Entry>| match &entry.event {
            Event::Message { text, .. } => Some(text.to_string()),
            _ => None,
        };
        self.entries().into_iter().filter_map(text).collect()
    }

    /// Registers a session under a nick and brings it into `#lobby`.
    pub(crate) async fn enter(&mut self, serial: u32, nick: &str) -> SessionId {
        let session = self.session(serial);
        self.does(session, register(nick)).await.unwrap();
        self.does(session, join("#lobby")).await.unwrap();
        session
    }
}

pub(crate) fn register(nick: &str) -> Action {
    Action::Register(Box::new(NewUser {
        nick: nick.into(),
        username: format!("~{nick}").into(),
        host: "localhost".into(),
        realname: nick.into(),
        secure: false,
        certificate: None,
        account: None,
        away: None,
    }))
}

pub(crate) fn join(channel: &str) -> Action {
    Action::Join {
        channel: channel.into(),
        key: None,
    }
}

pub(crate) fn say(target: &str, text: &str) -> Action {
    message(MessageKind::Privmsg, target, text)
}

pub(crate) fn message(kind: MessageKind, target: &str, text: &str) -> Action {
    Action::Message {
        kind,
        target: target.into(),
        text: text.into(),
        tags: Default::default(),
    }
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// Below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// An index below `length`.
    pub(crate) fn index(&mut self, length: u64) -> usize {
        usize::try_from(self.roll(length)).unwrap()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        u8::try_from(self.roll(256)).unwrap()
    }
}

/// Waits for what another task does.
pub(crate) async fn comes_true(done: impl Fn() -> bool) {
    soon(async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

/// Keeps the store's thread busy until it is dropped.
pub(crate) struct Stuck(Option<std::sync::mpsc::SyncSender<()>>);

impl Stuck {
    pub(crate) fn new(writer: &Writer) -> Self {
        let (release, stuck) = std::sync::mpsc::sync_channel::<()>(1);
        let (began, begin) = std::sync::mpsc::sync_channel(1);
        writer.commit(chat_store::Batch::default(), move |_| {
            let _ = began.send(());
            let _ = stuck.recv();
        });
        begin.recv().unwrap();
        Self(Some(release))
    }
}

impl Drop for Stuck {
    fn drop(&mut self) {
        self.0.take();
    }
}
