//! The server as a whole: accepts, delivers, sweeps, and ends.

use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use chat_journal::{Deliveries, Link};
use chat_stats::{Board, Place, Slot, State as SlotState};
use chat_store::Reader;
use chat_transport::Connection;
use chat_transport::tls::Fingerprint;
use smol_str::SmolStr;
use tokio::task::{LocalSet, spawn_local, unconstrained};
use tokio::time::{sleep, timeout};

use crate::auth::{Auth, Courier};
use crate::client::Client;
use crate::config::Config;
use crate::core::{Core, Guarded};
use crate::fanout::Fanout;
use crate::history::Archive;
use crate::home::Home;
use crate::incoming::{Accepted, Incoming, PlaceTaken};
use crate::session::Session;
use crate::state::State;
use crate::{Error, attend, closing, deliver, sweep};

/// What a server is made of, besides its connections.
#[derive(Debug)]
pub struct Parts {
    /// What was set.
    pub config: Config,
    /// The link to the journal, as the server of that number.
    pub link: Link,
    /// The numbers of all servers; slot `config.server - 1` is this one's.
    pub board: Board,
    /// The database, for what was said before; `None`: there is no history.
    pub reader: Option<Reader>,
    /// Brings the codes that verify new accounts; without it an operator verifies them.
    pub courier: Option<Arc<dyn Courier>>,
    /// Counts the lines of events that are rendered: one per variant, however many get it.
    pub rendered: Arc<AtomicU64>,
}

/// Runs one server until `shutdown` is ready with the reason that clients are told.
///
/// All its work is done on the calling thread: call it inside a tokio runtime, best a
/// current-thread one of its own. When it returns, every client was told or given up, and the link
/// is closed, so that no session of this server is left anywhere.
///
/// # Errors
///
/// The board has no slot for this server, or the link broke. Clients are told then as well.
pub async fn run(
    parts: Parts,
    incoming: impl Incoming,
    shutdown: impl Future<Output = String>,
) -> Result<(), Error> {
    let guarded = guarded(&incoming);
    let (core, deliveries) = open(parts, guarded)?;
    LocalSet::new()
        .run_until(serve(&core, deliveries, incoming, shutdown))
        .await
}

/// All that a server needs before its first client.
fn open(parts: Parts, guarded: Option<Guarded>) -> Result<(Rc<Core>, Deliveries), Error> {
    let Parts {
        config,
        link,
        board,
        reader,
        courier,
        rendered,
    } = parts;
    let home = Home::new(slot_of(&board, config.server)?)?;
    let Link {
        incarnation,
        position,
        network,
        requests,
        deliveries,
        ..
    } = link;
    let mut state = State::new(config, network, position, board);
    state.auth = Auth::new(reader.clone(), courier);
    let core = Core::new(
        state,
        Fanout::new(rendered),
        home,
        requests,
        Archive::new(reader),
        incarnation,
        guarded,
    );
    Ok((Rc::new(core), deliveries))
}

/// Serves until it is time to end, and ends.
async fn serve(
    core: &Rc<Core>,
    deliveries: Deliveries,
    incoming: impl Incoming,
    shutdown: impl Future<Output = String>,
) -> Result<(), Error> {
    let mut delivering = spawn_local({
        let core = Rc::clone(core);
        async move { deliver::run(&core, deliveries).await }
    });
    // It is never kept from going on: what it does is bounded, and then it lets others go first.
    let mut attending = spawn_local(unconstrained(attend::run(Rc::clone(core))));
    let sweeping = spawn_local(sweep::run(Rc::clone(core)));
    core.slot().set_state(SlotState::Running);
    let ended = tokio::select! {
        closed = &mut delivering => Err(closed.map_or(Error::Panicked, Error::LinkOver)),
        _ = &mut attending => Err(Error::Panicked),
        reason = accept(core, incoming, shutdown) => Ok(reason),
    };
    core.slot().set_state(SlotState::Draining);
    let result = match ended {
        Ok(reason) => {
            drain(core, &reason).await;
            Ok(())
        }
        Err(error) => {
            core.link_over.set(true);
            drain(core, "The chat is not available at the moment").await;
            Err(error)
        }
    };
    attending.abort();
    sweeping.abort();
    delivering.abort();
    result
}

/// Where bytes of clients may lie before they can be read here.
fn guarded(incoming: &impl Incoming) -> Option<Guarded> {
    match incoming.fence() {
        Some(fence) => Some(Guarded::Here(fence)),
        None => incoming.guarded_elsewhere().then_some(Guarded::Elsewhere),
    }
}

/// The slot of a server on the board.
fn slot_of(board: &Board, server: u16) -> Result<Slot, Error> {
    usize::from(server)
        .checked_sub(1)
        .and_then(|index| board.try_slot(index))
        .ok_or(Error::NoSlot(server))
}

/// Takes connections until it is time to end.
async fn accept(
    core: &Rc<Core>,
    mut incoming: impl Incoming,
    shutdown: impl Future<Output = String>,
) -> String {
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            reason = &mut shutdown => return reason,
            accepted = incoming.accept() => match accepted {
                Some(accepted) => welcome(core, accepted),
                None => return shutdown.await,
            },
        }
    }
}

/// Serves a connection, if there is a place for it.
fn welcome(core: &Rc<Core>, accepted: Accepted) {
    let place = match accepted.place {
        PlaceTaken::ByEdge => None,
        PlaceTaken::NotYet => match core.slot().take() {
            Some(place) => Some(place),
            None => return closing::turn_away(core, accepted.connection.socket),
        },
    };
    let client = Rc::new(client(core, accepted.connection, place));
    core.fanout.insert(&client);
    core.count_unregistered(true);
    sweep::enrol(core, &client);
    // Its first news, which comes at once, begins its first turn.
    let key = client.session.id.serial().into();
    if let Err(error) = core.home.watch.add(client.socket(), key) {
        tracing::warn!(%error, "a connection cannot be watched");
        client.broken("Internal error");
    }
}

fn client(core: &Core, connection: Connection, place: Option<Place>) -> Client {
    let Connection { socket, peer } = connection;
    let host = match peer.address {
        Some(address) => host_of(&address.ip().to_string()),
        None => SmolStr::new_static("localhost"),
    };
    let mut session = Session::new(core.next_session(), host, peer.secure);
    session.certificate = peer.certificate.map(|digest| Box::new(Fingerprint(digest)));
    let sendq = core.state.settings().config.limits.sendq;
    Client::new(
        session,
        socket,
        sendq,
        core.seconds(),
        Rc::clone(&core.home),
        place,
    )
}

/// An address as a host in a prefix: one that begins with a colon would end the parameters.
fn host_of(address: &str) -> SmolStr {
    if address.starts_with(':') {
        smol_str::format_smolstr!("0{address}")
    } else {
        SmolStr::new(address)
    }
}

/// Ends all connections and waits for the last of them, within bounds.
async fn drain(core: &Rc<Core>, reason: &str) {
    for client in core.fanout.all() {
        client.close(reason);
    }
    // Each ends within its own bound; one second more for the answers of the network.
    let bound = core.state.settings().config.limits.drain + Duration::from_secs(1);
    let _ = timeout(bound, async {
        while core.fanout.len() > 0 {
            sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_never_begins_with_a_colon() {
        assert_eq!(host_of("::1"), "0::1");
        assert_eq!(host_of("192.0.2.1"), "192.0.2.1");
    }
}
