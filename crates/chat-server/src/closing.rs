//! The end of a connection, and its last words.
//!
//! A socket that is closed while something of the client is unread takes back what was written to
//! it; so, after the last line, the client is read from for a moment, until it has closed too.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use chat_network::{Action, Origin, Request};
use chat_transport::{Socket, Stream};
use tokio::io::AsyncReadExt;
use tokio::task::spawn_local;
use tokio::time::timeout;

use crate::client::Client;
use crate::core::Core;
use crate::session::{Pending, Stage};
use crate::{render, serve};

/// What clients are told that find no place.
const FULL: &str = "All servers are full, please try again later";
/// What is read and thrown away, and for how long.
const LINGER: usize = 4 << 20;
const LINGER_TIME: Duration = Duration::from_millis(250);
/// So much of it at once.
const SCRATCH: usize = 4096;
/// Connections that are being told that there is no place; more are closed without a word.
const TURNED_AWAY: usize = 128;

/// The end: the network is told, the client gets what is still queued, and nothing is left.
pub(crate) async fn finish(core: &Core, client: &Client) {
    let end = client.end();
    let (reason, told) = end.map_or_else(Default::default, |end| (end.reason, end.told));
    let session = &client.session;
    if session.stage() == Stage::Asked {
        serve::answered(core, client).await;
    }
    let registered = session.user().is_some();
    if registered && !core.link_over.get() {
        let origin = Origin::Session(session.id);
        let action = Action::Quit {
            reason: reason.into(),
        };
        session.pending.push(Pending::Quit);
        if core
            .requests
            .send(Request { origin, action })
            .await
            .is_err()
        {
            session.pending.unpush();
        }
    }
    // Who is only told goodbye is no connection any more that may register.
    if matches!(session.stage(), Stage::Opening | Stage::Asked) {
        core.count_unregistered(false);
        client.leaves();
    }
    if told {
        last_words(core, client, core.state.settings().config.limits.drain).await;
    }
    serve::answered(core, client).await;
    core.state.watchers.borrow_mut().clear(session.id);
    core.missed.borrow_mut().remove(&session.id);
    core.fanout.remove(session.id);
}

/// Writes what is queued for a client, within a bound, and sees it off.
async fn last_words(core: &Core, client: &Client, bound: Duration) {
    let flushed = async {
        client.flush();
        poll_fn(|task| {
            client.set_waker(task);
            if client.is_flushed() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    };
    // Whoever does not take its last words in time does not get them.
    let taken = timeout(bound, flushed).await.is_ok();
    // Who has said QUIT says nothing more: it is closed at once.
    if taken && !client.has_quit.get() && client.shutdown_write().is_ok() {
        let _ = timeout(LINGER_TIME, see_off(core, client)).await;
    }
}

/// Reads and throws away until the client has closed, within bounds.
async fn see_off(core: &Core, client: &Client) {
    let mut discarded = 0;
    poll_fn(|task| {
        client.set_waker(task);
        while client.is_readable() && discarded < LINGER {
            match core.discard(client) {
                Ok(0) => return Poll::Ready(()),
                Ok(count) => discarded += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Poll::Ready(()),
            }
        }
        if discarded < LINGER {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

/// Tells a connection that there is no place for it, and reads until it has closed, in a task of its
/// own.
pub(crate) fn turn_away(core: &Rc<Core>, socket: Socket) {
    core.slot().lost();
    let guard = TurnedAway(Rc::clone(core));
    let count = guard.count();
    count.set(count.get() + 1);
    if count.get() > TURNED_AWAY {
        return;
    }
    // A fresh socket has room for one line.
    let told = socket.try_send(render::error(FULL).as_bytes());
    if told.is_err() || socket.shutdown_write().is_err() {
        return;
    }
    let Ok(mut stream) = Stream::try_from(socket) else {
        return;
    };
    spawn_local(async move {
        let discard = async {
            let mut scratch = [0; SCRATCH];
            let mut discarded = 0;
            while discarded < LINGER {
                match stream.read(&mut scratch).await {
                    Ok(0) | Err(_) => return,
                    Ok(count) => discarded += count,
                }
            }
        };
        let _ = timeout(LINGER_TIME, discard).await;
        drop(guard);
    });
}

/// Counts a connection that is being turned away, as long as that takes.
struct TurnedAway(Rc<Core>);

impl TurnedAway {
    fn count(&self) -> &Cell<usize> {
        &self.0.turned_away
    }
}

impl Drop for TurnedAway {
    fn drop(&mut self) {
        self.count().set(self.count().get().saturating_sub(1));
    }
}
