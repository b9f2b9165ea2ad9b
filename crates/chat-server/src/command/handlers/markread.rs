//! `MARKREAD <target> [timestamp=…]`: tells or asks how far one has read.

use chat_network::{Action, Timestamp};
use chat_proto::name::CHANNELLEN;
use chat_proto::{Message, WireLine};
use smol_str::SmolStr;

use crate::command::{Context, Order, Refusal};
use crate::history::selector;
use crate::render::{self, Wire};
use crate::session::Pending;
use crate::state::State;

const COMMAND: &str = "MARKREAD";

/// A question is answered here; a mark is for the network.
pub(crate) fn order(message: &Message) -> Order {
    if message.param_count() > 1 {
        Order::Request
    } else {
        Order::Local
    }
}

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let Some(target) = message.param(0).filter(|target| !target.is_empty()) else {
        let code = "NEED_MORE_PARAMS";
        return Err(Refusal::Fail(
            COMMAND,
            code,
            SmolStr::default(),
            "Missing parameters",
        ));
    };
    let Some(given) = message.param(1) else {
        reply(context, target);
        return Ok(());
    };
    let time = given.strip_prefix("timestamp=").and_then(selector::time);
    let Some(time) = time else {
        let text = "Invalid parameters";
        let line = render::fail_about(context.state, COMMAND, "INVALID_PARAMS", &[given], text);
        context.line(line);
        return Ok(());
    };
    if !is_of_account(context) {
        return mark_here(context, target, Timestamp(time));
    }
    let action = Action::MarkRead {
        target: target.into(),
        time: Timestamp(time),
    };
    context.request_as(action, Pending::Plain);
    Ok(())
}

/// Whether there is an account that keeps the marks.
fn is_of_account(context: &Context<'_>) -> bool {
    let network = context.state.network.borrow();
    let user = network.user_of(context.session.id);
    user.is_some_and(|user| user.account().is_some())
}

/// A mark of who has no account: as long as the session lasts, and for it alone. It only ever moves
/// on, and not beyond now, as those of accounts do.
fn mark_here(context: &mut Context<'_>, target: &str, time: Timestamp) -> Result<(), Refusal> {
    if target.len() > CHANNELLEN {
        let text = "The read timestamp could not be set: there is no such target";
        let line = render::fail_about(context.state, COMMAND, "INTERNAL_ERROR", &[target], text);
        context.line(line);
        return Ok(());
    }
    let now = Timestamp(jiff::Timestamp::now().as_millisecond());
    let place = context.state.network.borrow().place_of(target);
    let time = time.min(now);
    let known = context.session.read_marker(&place);
    if known.is_none_or(|known| known < time) {
        context.session.mark_read(&place, time);
    }
    reply(context, target);
    Ok(())
}

/// Tells how far the session's user has read.
pub(crate) fn reply(context: &mut Context<'_>, target: &str) {
    let network = context.state.network.borrow();
    let user = network.user_of(context.session.id);
    let time = match user.and_then(|user| network.account_of(user)) {
        Some(account) => network.read_marker(account, target),
        None => context.session.read_marker(&network.place_of(target)),
    };
    drop(network);
    let line = line(context.state, target, time);
    context.line(line);
}

/// The line that tells it; `*`: nobody knows.
pub(crate) fn line(state: &State, target: &str, time: Option<Timestamp>) -> Wire {
    let time = match time {
        Some(time) => format!("timestamp={}", render::server_time(time).as_str()),
        None => "*".to_owned(),
    };
    WireLine::builder()
        .source(&state.config.name)
        .command(COMMAND)
        .param(crate::command::cut(target, 64))
        .param(&time)
        .finish()
        .into()
}
