//! The turn of one client: reads lines, lets them be handled, and sees the connection to its end.
//!
//! A turn begins when there is something to do for the client and ends when nothing is left: then the
//! client rests, and costs no task. What the delivery could not write is written when there is news
//! of room, by the one that attends to all clients.

mod perform;
mod wait;

use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chat_proto::numeric::ERR_INPUTTOOLONG;
use chat_proto::{BadLine, LineCodec, LineError, Message};
use smol_str::SmolStr;
use tokio::task::yield_now;
use tokio::time::sleep;
use tokio_util::codec::Decoder;

use crate::client::Client;
use crate::closing;
use crate::command::{self, Context, Order, Steps};
use crate::core::Core;
use crate::label::{self, Labeled};
use crate::render;
use perform::{lobby, missed, perform_all};
use wait::{settled, wait};

pub(crate) use wait::{all_have_read, answered};

/// Go on, or the connection ends.
type Flow = ControlFlow<()>;

/// Serves a client until there is nothing to do for it, or to its end.
pub(crate) async fn turn(core: &Rc<Core>, client: &Client) {
    while !client.is_ending() {
        if client.greeting_due.take() {
            greet(core, client);
        }
        if (client.lobby_due.take() && Box::pin(lobby(core, client)).await.is_break())
            || (client.missed_due.get() && Box::pin(missed(core, client)).await.is_break())
        {
            break;
        }
        if client.is_readable() {
            if Box::pin(listen(core, client)).await.is_break() {
                break;
            }
        } else if client.rest() {
            return;
        }
    }
    Box::pin(closing::finish(core, client)).await;
}

/// Tells a client where it is: at once, or before the first answer where it has spoken already, which
/// saves a write.
fn greet(core: &Core, client: &Client) {
    if let Some(greeting) = core.state.settings().greeting.clone() {
        client.greet(greeting, client.is_readable());
    }
}

/// Reads once and handles the complete lines; what is left is kept.
async fn listen(core: &Rc<Core>, client: &Client) -> Flow {
    let Some((mut buffer, may_be_more)) = core.read(client) else {
        return Flow::Continue(());
    };
    let mut codec = LineCodec::server();
    let handled = complete_lines(core, client, &mut codec, &mut buffer).await;
    client.keep_begun(&buffer);
    core.give_buffer(buffer);
    // Before more is read: that may be the end, and then nothing is written any more.
    client.flush_unless_held();
    if handled.is_continue() && may_be_more {
        // It sends faster than it is read: others have their turn first.
        yield_now().await;
    }
    handled
}

/// Handles the complete lines of a buffer.
async fn complete_lines(
    core: &Rc<Core>,
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
async fn handle(core: &Rc<Core>, client: &Client, line: Bytes) -> Flow {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_client_is_small() {
        // With the counts of its owners it fills a size of the allocator.
        assert!(size_of::<Client>() <= 400, "{} bytes", size_of::<Client>());
    }
}
