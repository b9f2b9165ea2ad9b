//! One task per connection: reads lines, lets them be handled, and sees the connection to its end.
//!
//! A read buffer is taken only when there is something to read and given back when all of it is
//! handled, so an idle client holds none. What the delivery task could not write is written here.

use std::future::poll_fn;
use std::io;
use std::ops::ControlFlow;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context as Task, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chat_network::{Action, Origin, Rejection, Request};
use chat_proto::numeric::ERR_INPUTTOOLONG;
use chat_proto::{BadLine, LineCodec, LineError, Message};
use smol_str::SmolStr;
use tokio::task::yield_now;
use tokio::time::sleep;
use tokio_util::codec::Decoder;

use crate::barrier;
use crate::client::Client;
use crate::closing;
use crate::command::{self, Context, Order, Step, Steps, Then, Work};
use crate::core::{Core, Guarded, READ};
use crate::history::{self, Answer, Question};
use crate::label::{self, Labeled};
use crate::render;
use crate::session::{Pending, Stage};

/// Go on, or the connection ends.
type Flow = ControlFlow<()>;

/// Serves one connection from the first byte to the last.
///
/// What is alive while this waits for something to read is what an idle connection costs. So what
/// handling and ending need is boxed, and buffers are taken elsewhere.
pub(crate) async fn run(core: Rc<Core>, client: Rc<Client>) {
    let mut codec = LineCodec::server();
    let mut held = None;
    let mut speaks = greet(&core, &client).await;
    loop {
        if !std::mem::take(&mut speaks) {
            wait(&client, |task| {
                client.lobby_due.get()
                    || client.missed_due.get()
                    || client.poll_readable(task).is_ready()
            })
            .await;
        }
        if client.is_ending()
            || (client.lobby_due.take() && Box::pin(lobby(&core, &client)).await.is_break())
            || (client.missed_due.get() && Box::pin(missed(&core, &client)).await.is_break())
        {
            break;
        }
        let Some(buffer) = fill(&core, &client, &mut held) else {
            continue;
        };
        match Box::pin(lines(&core, &client, &mut codec, buffer)).await {
            ControlFlow::Continue(rest) => held = rest,
            ControlFlow::Break(()) => break,
        }
    }
    Box::pin(finish(&core, &client)).await;
}

/// Tells a client where it is: at once, or before the first answer where it has spoken already, which
/// saves a write. Whether it has: the first that the runtime knows of a socket tells both.
async fn greet(core: &Core, client: &Client) -> bool {
    let Some(greeting) = core.state.settings().greeting.clone() else {
        return false;
    };
    let speaks = poll_fn(|task| {
        ready!(client.poll_writable(task));
        Poll::Ready(client.poll_readable(task).is_ready())
    })
    .await;
    client.greet(greeting, speaks);
    speaks
}

/// The beginning of a line that is not complete yet.
type Held = Option<Box<[u8]>>;

/// Reads what is there, behind what is held; `None` if nothing is or the connection is over.
fn fill(core: &Core, client: &Client, held: &mut Held) -> Option<BytesMut> {
    let mut buffer = core.take_buffer();
    if let Some(begun) = held.as_deref() {
        buffer.reserve(begun.len() + READ);
        buffer.extend_from_slice(begun);
    }
    match client.stream().try_read_all(&mut buffer) {
        Ok(0) => client.broken("Connection closed"),
        Ok(_) => {
            *held = None;
            return Some(buffer);
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
        Err(error) => client.broken(&format!("Read error: {}", error.kind())),
    }
    core.give_buffer(buffer);
    None
}

/// Handles the complete lines of a buffer and gives it back; what is left is kept in its own size.
async fn lines(
    core: &Core,
    client: &Client,
    codec: &mut LineCodec,
    mut buffer: BytesMut,
) -> ControlFlow<(), Held> {
    let handled = complete_lines(core, client, codec, &mut buffer).await;
    let held = (!buffer.is_empty()).then(|| Box::from(&buffer[..]));
    core.give_buffer(buffer);
    handled.map_continue(|()| held)
}

/// Handles the complete lines of a buffer.
async fn complete_lines(
    core: &Core,
    client: &Client,
    codec: &mut LineCodec,
    buffer: &mut BytesMut,
) -> Flow {
    loop {
        let line = match codec.decode(buffer) {
            Ok(None) => return Flow::Continue(()),
            Ok(Some(line)) => line,
            Err(error) => {
                settled(client).await?;
                client.close(&error.to_string());
                return Flow::Break(());
            }
        };
        client.heard.set(core.seconds());
        client.pinged.set(false);
        throttle(core, client).await?;
        match line {
            Ok(line) => handle(core, client, line).await?,
            Err(bad) => refuse(core, client, bad).await?,
        }
    }
}

/// Slows a client down that sends too fast; one that never stops is closed.
async fn throttle(core: &Core, client: &Client) -> Flow {
    let Some(flood) = core.state.settings().config.limits.flood else {
        return Flow::Continue(());
    };
    let mut now = core.millis();
    let mut slowed = client.bucket.slowed_since(now);
    while let Err(millis) = client.bucket.take(flood, now) {
        if now.saturating_sub(slowed)
            > u64::try_from(flood.patience.as_millis()).unwrap_or(u64::MAX)
        {
            client.close("Excess flood");
            return Flow::Break(());
        }
        // The answers so far must not wait with it.
        let nap = sleep(Duration::from_millis(millis));
        let mut nap = Box::pin(nap);
        wait(client, |task| nap.as_mut().poll(task).is_ready()).await;
        if client.is_ending() {
            return Flow::Break(());
        }
        now = core.millis();
        slowed = client.bucket.slowed_since(now);
    }
    Flow::Continue(())
}

/// Handles one line.
async fn handle(core: &Core, client: &Client, line: Bytes) -> Flow {
    let session = &client.session;
    // What is no message at all (a source and nothing else) is nothing to answer.
    let Ok(message) = Message::parse(line) else {
        return Flow::Continue(());
    };
    let label = label_of(client, &message);
    let on_their_way = session.pending.len();
    let must_wait = on_their_way >= core.state.settings().config.limits.requests_in_flight
        || (on_their_way > 0 && label.is_some())
        || (on_their_way > 0 && command::order(session.stage(), &message) == Order::Local);
    if must_wait {
        settled(client).await?;
        if client.lobby_due.take() {
            lobby(core, client).await?;
            settled(client).await?;
        }
        if client.missed_due.get() {
            Box::pin(missed(core, client)).await?;
        }
    }
    let labeled = label.is_some();
    if let Some(label) = label {
        client.begin_labeled(Labeled::new(&label, &core.state.config.name));
    }
    let mut steps = Steps::default();
    let mut context = Context {
        state: &core.state,
        session,
        steps: &mut steps,
    };
    command::dispatch(&mut context, &message);
    perform_all(core, client, &mut steps).await?;
    if labeled {
        settled(client).await?;
        if message.is("BATCH") && session.multiline.borrow().is_some() {
            client.postpone_labeled();
        } else {
            client.end_labeled();
        }
    }
    Flow::Continue(())
}

/// The label of a request. What the client asked before must be answered first, so that no answer is
/// taken for one of this request. The end of a batch answers what its beginning asked.
fn label_of(client: &Client, message: &Message) -> Option<SmolStr> {
    let open = client.session.multiline.borrow();
    match open.as_ref() {
        Some(batch) if message.is("BATCH") => batch.label.clone(),
        _ => label::of(&client.session, message),
    }
}

/// Does what a handler wanted, in order.
async fn perform_all(core: &Core, client: &Client, steps: &mut Steps) -> Flow {
    for step in steps.take() {
        perform(core, client, step).await?;
    }
    Flow::Continue(())
}

/// Does one thing that a handler wanted.
async fn perform(core: &Core, client: &Client, step: Step) -> Flow {
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
async fn missed(core: &Core, client: &Client) -> Flow {
    client.missed_due.set(false);
    let after = core.missed.borrow_mut().remove(&client.session.id);
    match after.and_then(|after| history::missed(&core.state, &client.session, after)) {
        Some(question) => consult(core, client, question).await,
        None => Flow::Continue(()),
    }
}

/// Has the database asked and gives the answer, once the client has taken most of what it has been
/// given before: an answer is long.
async fn consult(core: &Core, client: &Client, question: Question) -> Flow {
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
    core: &Core,
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
async fn work_and_go_on(core: &Core, client: &Client, mut work: Work) -> Flow {
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
async fn go_on<T>(core: &Core, client: &Client, then: Then<T>, outcome: T) -> Flow {
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
async fn ask(core: &Core, client: &Client, action: Action, pending: Pending) -> Flow {
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

async fn lobby(core: &Core, client: &Client) -> Flow {
    let channel = SmolStr::new(&core.state.settings().config.lobby);
    ask(
        core,
        client,
        Action::Join { channel, key: None },
        Pending::Plain,
    )
    .await
}

/// Answers a line that cannot be read.
async fn refuse(core: &Core, client: &Client, bad: BadLine) -> Flow {
    settled(client).await?;
    let text = match &bad.why {
        LineError::TooLong | LineError::TagsTooLong => None,
        LineError::NotUtf8 { command } => Some((
            &**command,
            "INVALID_UTF8",
            "Message rejected, it is not valid UTF-8",
        )),
        LineError::Nul => Some(("*", "INVALID_LINE", "Message rejected, it contains NUL")),
        LineError::BareCarriageReturn => Some((
            "*",
            "INVALID_LINE",
            "Message rejected, it contains a carriage return",
        )),
    };
    let line = match text {
        Some((command, code, text)) => render::fail(&core.state, command, code, "", text),
        None => {
            let code = ERR_INPUTTOOLONG;
            render::numeric(&core.state, &client.session.nick(), code, &[], code.text())
        }
    };
    if let Some(label) = label::of_bad_line(&client.session, &bad) {
        client.begin_labeled(Labeled::new(&label, &core.state.config.name));
    }
    client.answer(line);
    client.end_labeled();
    Flow::Continue(())
}

/// Waits until everything that the client asked is answered.
async fn settled(client: &Client) -> Flow {
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
async fn heard(core: &Core, client: &Client, guarded: &Guarded) -> Flow {
    let mut bound = Box::pin(sleep(barrier::BOUND));
    match guarded {
        Guarded::Here(fence) => {
            let mut passing = Box::pin(async {
                fence.passed().await;
                all_have_read().await;
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

/// Waits until the tasks of all clients have read what the system had for them.
pub(crate) async fn all_have_read() {
    // The news of the system is asked for in the first turn of others, and read in the next.
    for _ in 0..2 {
        yield_now().await;
    }
}

/// Waits until all other servers have rendered what the client asked for, within a bound: a server
/// that hangs must not look like a slow line.
async fn everywhere(core: &Core, client: &Client) -> Flow {
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
async fn wait(client: &Client, mut ready: impl FnMut(&mut Task<'_>) -> bool) {
    client.flush_unless_held();
    poll_fn(|task| {
        client.poll_writing(task);
        if client.is_ending() || ready(task) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// The end: the network is told, the client gets what is still queued, and nothing is left.
async fn finish(core: &Core, client: &Client) {
    let end = client.end();
    let (reason, told) = end.map_or_else(Default::default, |end| (end.reason, end.told));
    let session = &client.session;
    if session.stage() == Stage::Asked {
        answered(core, client).await;
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
        closing::last_words(client, core.state.settings().config.limits.drain).await;
    }
    answered(core, client).await;
    core.state.watchers.borrow_mut().clear(session.id);
    core.missed.borrow_mut().remove(&session.id);
    core.fanout.remove(session.id);
}

/// Waits for the answers to what was asked, also where the connection is over already.
async fn answered(core: &Core, client: &Client) {
    client.settling.set(true);
    poll_fn(|task| {
        client.poll_writing(task);
        if client.session.pending.is_empty() || core.link_over.get() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    client.settling.set(false);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Idle connections are many: what the task of one takes is watched here.
    #[test]
    fn the_task_of_an_idle_connection_is_small() {
        fn size<A, B, F: Future>(_: impl FnOnce(A, B) -> F) -> usize {
            size_of::<F>()
        }
        // With what the runtime adds, two times 128 bytes; and a size of the allocator with its counts.
        assert!(size(run) <= 144, "{} bytes", size(run));
        assert!(size_of::<Client>() <= 432, "{} bytes", size_of::<Client>());
    }
}
