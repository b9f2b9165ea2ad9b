//! What clients can ask: the table, the checks that it stands for, and one handler per command.
//!
//! A handler looks at the message, the session and the replica, and answers with [`Steps`]: lines
//! to the client and requests to the network, in order. It waits for nothing and writes nothing
//! itself, so it can be tested without socket or runtime.

mod context;
mod enrol;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod handlers;
mod login;
mod refusal;
pub(crate) mod services;
mod steps;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use context::Context;
pub(crate) use handlers::account::terms;
pub(crate) use handlers::authenticate::mechanisms;
pub(crate) use handlers::{cap, isupport, lusers, markread, metadata, mode, names, topic};
pub(crate) use refusal::{Refusal, rejection_line};
pub(crate) use steps::{Step, Steps, Then, Work};
pub(crate) use table::{Allowed, Order, find};

use chat_proto::Message;
use chat_proto::numeric::{
    ERR_ALREADYREGISTERED, ERR_NEEDMOREPARAMS, ERR_NOTREGISTERED, ERR_UNKNOWNCOMMAND,
};

use crate::session::Stage;

/// What a handler is: it reads the message and adds to the steps, or refuses.
pub(crate) type Handler = fn(&mut Context<'_>, &Message) -> Result<(), Refusal>;

/// When a message may be handled: at once, or only after everything that the session asked before
/// is answered.
///
/// What only asks the network is handled at once, however much is on its way: the network answers
/// in order. Everything else (local questions, errors, and anything while the registration is on
/// its way) waits.
pub(crate) fn order(stage: Stage, message: &Message) -> Order {
    match (stage, find(message.command())) {
        (Stage::Registered(_), Some(command)) => (command.order)(message),
        _ => Order::Local,
    }
}

/// With these a request of HTTP begins. A browser can be made to send one to any address that it
/// reaches, with lines of IRC in its body: who begins so is no client.
const HTTP: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
];

/// Checks a message against the table and lets its handler answer. Whatever is refused ends as a
/// line to the client.
pub(crate) fn dispatch(context: &mut Context<'_>, message: &Message) {
    let registered = matches!(context.session.stage(), Stage::Registered(_));
    let Some(command) = find(message.command()) else {
        if !registered && HTTP.contains(&message.command()) {
            return context.close("This port speaks IRC, not HTTP");
        }
        let name = cut(message.command(), 32);
        context.numeric(ERR_UNKNOWNCOMMAND, &[name]);
        return;
    };
    match command.allowed {
        Allowed::After if !registered => {
            context.numeric(ERR_NOTREGISTERED, &[]);
        }
        Allowed::Before if registered => {
            context.numeric(ERR_ALREADYREGISTERED, &[]);
        }
        _ if message.param_count() < command.params => {
            context.numeric(ERR_NEEDMOREPARAMS, &[command.name]);
        }
        _ => {
            if let Err(refusal) = handle(context, command.handler, message) {
                context.refuse(&refusal);
            }
        }
    }
}

/// Lets a handler answer, unless the message belongs to a batch that is being sent.
fn handle(context: &mut Context<'_>, handler: Handler, message: &Message) -> Result<(), Refusal> {
    let plain = context.session.multiline.borrow().is_none() && message.tags().next().is_none();
    if !plain && handlers::batch::absorb(context, message)? {
        return Ok(());
    }
    handler(context, message)
}

/// The longest start of a text that is at most `max` bytes and whole characters.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}
