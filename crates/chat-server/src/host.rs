//! What runs on the thread of a [`Server`](crate::Server): store, journal, books and the server.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use chat_journal::{Journal, Role, Setup};
use chat_store::Writer;
use chat_transport::Doors;
use tokio::sync::oneshot;

use crate::figures::Bookkeeper;
use crate::handle::Running;
use crate::incoming::{AtDoors, reject};
use crate::server::Builder;
use crate::{Error, Parts};

/// How often the figures go to the database, where they have changed.
const SAVE: Duration = Duration::from_secs(1);
/// How long the end may take to write what is left.
const CLOSE: Duration = Duration::from_secs(10);

/// Runs a server until it is stopped. `started` is told first whether it could be started.
pub(crate) async fn run(
    builder: Builder,
    started: SyncSender<Result<Running, Error>>,
    stopped: oneshot::Receiver<String>,
) -> Result<(), Error> {
    let host = match Host::new(builder).await {
        Ok(host) => host,
        Err(error) => {
            // The one who waits for it returns it.
            let _ = started.send(Err(error));
            return Ok(());
        }
    };
    let _ = started.send(Ok(host.running()));
    drop(started);
    host.run(stopped).await
}

/// All parts, ready to run.
struct Host {
    writer: Writer,
    books: Bookkeeper,
    journal: Journal,
    doors: Doors,
    parts: Parts,
}

impl Host {
    async fn new(builder: Builder) -> Result<Self, Error> {
        // First what fails most often, before anything is touched.
        let doors = Doors::open(&builder.doors)?;
        let (writer, reader) = chat_store::open(&builder.store)?;
        let board = builder.board_or_private();
        let (own, label) = (builder.server(), builder.config.label());
        let names = |server: chat_network::ServerId| {
            if server == own {
                label.to_string()
            } else {
                server.to_string()
            }
        };
        let books = Bookkeeper::restore(board.clone(), writer.clone(), names)?;
        let first = books.first_position();
        let limits = builder.network_limits_with_commons();
        let mut setup = Setup::restore(limits, writer.clone(), &reader, first)?;
        setup.keep = builder.keep.clone();
        setup.rereads = builder.rereads;
        if let Some(path) = &builder.journal_socket {
            setup = setup.hub_socket(path);
        }
        let journal = Journal::start(setup)?;
        let link = journal.attach(Role::Server(builder.server())).await?;
        let parts = Parts {
            config: builder.config,
            link,
            board,
            reader: Some(reader),
            courier: builder.courier,
            rendered: Arc::default(),
        };
        Ok(Self {
            writer,
            books,
            journal,
            doors,
            parts,
        })
    }

    fn running(&self) -> Running {
        Running {
            addresses: self.doors.addresses().to_vec(),
            identity: self.doors.identity().cloned(),
            board: self.parts.board.clone(),
            journal: self.journal.clone(),
            requests: self.parts.link.requests.clone(),
            rendered: Arc::clone(&self.parts.rendered),
            server: chat_network::ServerId(self.parts.config.server),
        }
    }

    async fn run(self, stopped: oneshot::Receiver<String>) -> Result<(), Error> {
        let Self {
            writer,
            books,
            journal,
            mut doors,
            parts,
        } = self;
        let server = parts.config.server;
        let slot = usize::from(server).checked_sub(1);
        let slot = slot.and_then(|index| parts.board.try_slot(index));
        let slot = slot.ok_or(Error::NoSlot(server))?;
        let stop = async {
            // The handle is gone without a word: that is the end as well.
            stopped
                .await
                .unwrap_or_else(|_| "Server shutting down".to_owned())
        };
        let (over, ended) = oneshot::channel::<()>();
        let serve = async {
            let at_doors = AtDoors::new(&mut doors, slot.clone());
            let result = crate::run(parts, at_doors, stop).await;
            reject(&slot, doors.finish().await);
            drop(over);
            result
        };
        let (result, ()) = tokio::join!(serve, books.run(SAVE, &journal, ended));
        journal.shutdown().await;
        books.save();
        let closed = writer.close(CLOSE).map_err(Error::Close);
        result.and(closed)
    }
}
