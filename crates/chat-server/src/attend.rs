//! One task that attends to all clients: it hears the news of their sockets, and has those served
//! for whom there is something to do.
//!
//! An idle client has no task and is not known to the runtime; what it costs is in `client`. The turn
//! of a client ([`serve::turn`]) is made here as far as it goes at once, which is the whole of it for
//! nearly all lines; what has to wait for something goes on in a task of its own.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use chat_network::SessionId;
use chat_transport::{Batch, News};
use tokio::task::{spawn_local, yield_now};

use crate::client::Client;
use crate::core::Core;
use crate::{closing, serve};

/// Attends to all clients for ever.
pub(crate) async fn run(core: Rc<Core>) {
    let mut batch = Batch::default();
    loop {
        let mut roused = Vec::new();
        let taken = poll_fn(|task| {
            roused = core.home.take_roused(task);
            match core.home.watch.poll_take(task, &mut batch) {
                Poll::Pending if !roused.is_empty() => Poll::Ready(Ok(())),
                taken => taken,
            }
        });
        if let Err(error) = taken.await {
            tracing::error!(%error, "clients cannot be watched any more");
            return;
        }
        for session in roused {
            attend(&core, session);
        }
        for news in batch.iter() {
            if let Some(client) = heard(&core, news) {
                begin(&core, client);
            }
        }
        if batch.is_full() {
            // There is more; others have their turn first.
            yield_now().await;
        }
    }
}

/// Hears all the news that there is now, for one of the clients themselves: the others are served in
/// tasks of their own, which come next.
pub(crate) fn now(core: &Rc<Core>) {
    let mut batch = Batch::default();
    loop {
        if core.home.watch.take(&mut batch).is_err() {
            return;
        }
        for news in batch.iter() {
            if let Some(client) = heard(core, news) {
                client.set_served();
                spawn_local(whole(Rc::clone(core), client));
            }
        }
        if !batch.is_full() {
            return;
        }
    }
}

/// Notes the news of a client's socket; the client, if it rests and has something to do now.
fn heard(core: &Core, news: News) -> Option<Rc<Client>> {
    let serial = u32::try_from(news.key).ok()?;
    // It may be gone: see `Watch`.
    let client = core.fanout.get(core.session_of(serial))?;
    client.hear(news);
    (!client.is_served() && client.has_work()).then_some(client)
}

/// Serves a client that was roused, if nobody does.
fn attend(core: &Rc<Core>, session: SessionId) {
    if let Some(client) = core.fanout.get(session)
        && !client.is_served()
    {
        begin(core, client);
    }
}

/// Begins the turn of a client.
fn begin(core: &Rc<Core>, client: Rc<Client>) {
    client.set_served();
    let mut turn = Box::pin(whole(Rc::clone(core), client));
    // Whatever it waits for is told in the task who to wake: it is asked again there.
    let mut nobody = Context::from_waker(Waker::noop());
    if turn.as_mut().poll(&mut nobody).is_pending() {
        spawn_local(turn);
    }
}

/// A turn to its end. Should it panic, that is the end of this client alone.
async fn whole(core: Rc<Core>, client: Rc<Client>) {
    let mut turn = pin!(serve::turn(&core, &client));
    let ended = poll_fn(|task| {
        let polled = catch_unwind(AssertUnwindSafe(|| turn.as_mut().poll(task)));
        match polled {
            Ok(polled) => polled.map(|()| true),
            Err(_panic) => Poll::Ready(false),
        }
    });
    if !ended.await {
        client.broken("Internal error");
        closing::finish(&core, &client).await;
    }
}
