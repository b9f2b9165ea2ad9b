//! `MARKREAD <target> [timestamp=…]`: tells or asks how far one has read.

use chat_network::{Action, Timestamp};
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
    let action = Action::MarkRead {
        target: target.into(),
        time: Timestamp(time),
    };
    context.request_as(action, Pending::Plain);
    Ok(())
}

/// Tells how far the session's user has read.
pub(crate) fn reply(context: &mut Context<'_>, target: &str) {
    let network = context.state.network.borrow();
    let user = network.user_of(context.session.id);
    let account = user.and_then(|user| network.account_of(user));
    let time = account.and_then(|account| network.read_marker(account, target));
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
