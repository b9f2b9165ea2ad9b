//! What the turn of a client waits for.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context as Task, Poll};

use chat_network::Action;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::Flow;
use super::perform::ask;
use crate::client::Client;
use crate::core::{Core, Guarded};
use crate::session::Pending;
use crate::{attend, barrier};

/// Waits until everything that the client asked is answered.
pub(super) async fn settled(client: &Client) -> Flow {
    if !client.session.pending.is_empty() {
        client.settling.set(true);
        wait(client, |_| client.session.pending.is_empty()).await;
        client.settling.set(false);
    }
    if client.is_ending() {
        Flow::Break(())
    } else {
        Flow::Continue(())
    }
}

/// Waits until what others have written before, and lies at a guarded door, has happened: it is
/// handed on, read here, and asked of the network, which then answers a question of this client
/// that changes nothing. Within a bound.
pub(super) async fn heard(core: &Rc<Core>, client: &Client, guarded: &Guarded) -> Flow {
    let mut bound = Box::pin(sleep(barrier::BOUND));
    match guarded {
        Guarded::Here(fence) => {
            let mut passing = Box::pin(async {
                fence.passed().await;
                all_have_read(core).await;
            });
            wait(client, |task| {
                passing.as_mut().poll(task).is_ready() || bound.as_mut().poll(task).is_ready()
            })
            .await;
        }
        Guarded::Elsewhere => {
            let wish = core.requests.gather();
            core.barrier.enter(client.session.id);
            wait(client, |task| {
                core.barrier.has_gathered(wish) || bound.as_mut().poll(task).is_ready()
            })
            .await;
            core.barrier.leave(client.session.id);
        }
    }
    if client.is_ending() {
        return Flow::Break(());
    }
    if client.session.user().is_some() {
        ask(core, client, Action::Nothing, Pending::Silent).await?;
        settled(client).await?;
    }
    Flow::Continue(())
}

/// Waits until what the system had for all clients is read.
pub(crate) async fn all_have_read(core: &Rc<Core>) {
    attend::now(core);
    // Those who have something new are served in tasks that come before this one does again, and
    // the one that attends to all has come to the end of what it had in hand.
    yield_now().await;
    yield_now().await;
}

/// Waits until all other servers have rendered what the client asked for, within a bound: a server
/// that hangs must not look like a slow line.
pub(super) async fn everywhere(core: &Rc<Core>, client: &Client) -> Flow {
    let position = client.asked.take();
    if core.is_everywhere(position) {
        return Flow::Continue(());
    }
    let mut bound = Box::pin(sleep(barrier::BOUND));
    core.barrier.enter(client.session.id);
    wait(client, |task| {
        core.barrier.has_reached(position) || bound.as_mut().poll(task).is_ready()
    })
    .await;
    core.barrier.leave(client.session.id);
    if client.is_ending() {
        Flow::Break(())
    } else {
        Flow::Continue(())
    }
}

/// Waits until `ready` or the connection ends; what is queued is written meanwhile.
pub(super) async fn wait(client: &Client, mut ready: impl FnMut(&mut Task<'_>) -> bool) {
    client.flush_unless_held();
    poll_fn(|task| {
        client.set_waker(task);
        if client.is_ending() || ready(task) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Waits for the answers to what was asked, also where the connection is over already.
pub(crate) async fn answered(core: &Core, client: &Client) {
    client.settling.set(true);
    poll_fn(|task| {
        client.set_waker(task);
        if client.session.pending.is_empty() || core.link_over.get() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    client.settling.set(false);
}
