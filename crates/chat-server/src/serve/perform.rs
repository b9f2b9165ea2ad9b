//! Doing what the handlers of commands want, in order.

use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use chat_network::{Action, Origin, Rejection, Request};
use smol_str::SmolStr;

use super::Flow;
use super::wait::{everywhere, heard, settled, wait};
use crate::client::Client;
use crate::command::{Context, Step, Steps, Then, Work};
use crate::core::Core;
use crate::history::{self, Answer, Question};
use crate::session::Pending;

/// Does what a handler wanted, in order.
pub(super) async fn perform_all(core: &Rc<Core>, client: &Client, steps: &mut Steps) -> Flow {
    for step in steps.take() {
        perform(core, client, step).await?;
    }
    Flow::Continue(())
}

/// Does one thing that a handler wanted.
async fn perform(core: &Rc<Core>, client: &Client, step: Step) -> Flow {
    match step {
        Step::Line(line) => {
            settled(client).await?;
            client.answer(line);
            Flow::Continue(())
        }
        Step::Request(action, pending) => {
            ask(core, client, action, pending).await?;
            if pending == Pending::Quit {
                client.has_quit.set(true);
                // The delivery of it ends the connection; nothing is read any more.
                wait(client, |_| false).await;
                return Flow::Break(());
            }
            Flow::Continue(())
        }
        Step::Barrier => {
            settled(client).await?;
            if let Some(guarded) = core.guarded.as_ref().filter(|at| at.matters()) {
                Box::pin(heard(core, client, guarded)).await?;
            }
            Box::pin(everywhere(core, client)).await
        }
        Step::Ask(question) => Box::pin(consult(core, client, *question)).await,
        // Boxed, because they are rare, and because what follows from them may want the same again.
        Step::RequestThen(action, then) => {
            Box::pin(ask_and_go_on(core, client, *action, then)).await
        }
        Step::Work(work) => Box::pin(work_and_go_on(core, client, work)).await,
        Step::Close(reason) => {
            settled(client).await?;
            client.close(&reason);
            Flow::Break(())
        }
    }
}

/// Shows what the client's user has missed while it had no connection.
pub(super) async fn missed(core: &Rc<Core>, client: &Client) -> Flow {
    client.missed_due.set(false);
    let after = core.missed.borrow_mut().remove(&client.session.id);
    match after.and_then(|after| history::missed(&core.state, &client.session, after)) {
        Some(question) => consult(core, client, question).await,
        None => Flow::Continue(()),
    }
}

/// Has the database asked and gives the answer, once the client has taken most of what it has been
/// given before: an answer is long.
async fn consult(core: &Rc<Core>, client: &Client, question: Question) -> Flow {
    settled(client).await?;
    wait(client, |_| client.queued() <= client.sendq() / 4).await;
    let failed = question.failure();
    let mut asking = pin!(core.archive.ask(question));
    let mut answer = None;
    wait(client, |task| match asking.as_mut().poll(task) {
        Poll::Ready(found) => {
            answer = found;
            true
        }
        Poll::Pending => false,
    })
    .await;
    if client.is_ending() {
        return Flow::Break(());
    }
    match answer {
        Some(Answer::Redact(wanted)) => {
            return ask(core, client, Action::Redact(wanted), Pending::Plain).await;
        }
        Some(answer) => {
            let reference = client.next_batch();
            for line in history::answer(&core.state, &client.session, reference, answer) {
                client.answer(line);
            }
        }
        None => client.answer(failed.line(&core.state)),
    }
    Flow::Continue(())
}

/// Asks the network, waits for the answer, and does what follows from it.
async fn ask_and_go_on(
    core: &Rc<Core>,
    client: &Client,
    action: Action,
    then: Then<Result<(), Rejection>>,
) -> Flow {
    settled(client).await?;
    ask(core, client, action, Pending::Outcome).await?;
    settled(client).await?;
    let outcome = client.session.login.take_refusal().map_or(Ok(()), Err);
    go_on(core, client, then, outcome).await
}

/// Waits for what is done elsewhere, and does what follows from it. Nothing is read meanwhile, so
/// every answer keeps its place.
async fn work_and_go_on(core: &Rc<Core>, client: &Client, mut work: Work) -> Flow {
    settled(client).await?;
    let mut done = None;
    wait(client, |task| match work.poll(task) {
        Poll::Ready(then) => {
            done = Some(then);
            true
        }
        Poll::Pending => false,
    })
    .await;
    match done.filter(|_| !client.is_ending()) {
        Some(then) => go_on(core, client, then, ()).await,
        None => Flow::Break(()),
    }
}

/// Does what follows from an outcome.
async fn go_on<T>(core: &Rc<Core>, client: &Client, then: Then<T>, outcome: T) -> Flow {
    let mut steps = Steps::default();
    let mut context = Context {
        state: &core.state,
        session: &client.session,
        steps: &mut steps,
    };
    then.run(&mut context, outcome);
    perform_all(core, client, &mut steps).await
}

/// Asks the network in the client's name; waits while too much is on its way from this server.
pub(super) async fn ask(
    core: &Rc<Core>,
    client: &Client,
    action: Action,
    pending: Pending,
) -> Flow {
    let origin = Origin::Session(client.session.id);
    client.session.pending.push(pending);
    match core.requests.send(Request { origin, action }).await {
        Ok(()) => Flow::Continue(()),
        Err(error) => {
            client.session.pending.unpush();
            client.close(&error.to_string());
            Flow::Break(())
        }
    }
}

pub(super) async fn lobby(core: &Rc<Core>, client: &Client) -> Flow {
    let channel = SmolStr::new(&core.state.settings().config.lobby);
    ask(
        core,
        client,
        Action::Join { channel, key: None },
        Pending::Plain,
    )
    .await
}
