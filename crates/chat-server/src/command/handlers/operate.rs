//! `KILL`, `WALLOPS`, `SAJOIN`, `CHGHOST` and `REHASH`: what only operators may do. The network knows who is
//! one and what each may.

use chat_network::{Action, OperatorAction};
use chat_proto::Message;

use crate::command::{Context, Refusal};

/// `KILL <nick> [<reason>]`: ends all sessions of a user.
pub(crate) fn kill(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let action = OperatorAction::Kill {
        nick: message.param(0).unwrap_or_default().into(),
        reason: message.param(1).unwrap_or_default().into(),
    };
    operate(context, action)
}

/// `WALLOPS <text>`: to all who have the mode `w`.
pub(crate) fn wallops(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let text = message.param(0).unwrap_or_default().into();
    operate(context, OperatorAction::Wallops { text })
}

/// `SAJOIN [<nick>] <channel>`: into a channel, whatever its modes.
pub(crate) fn sajoin(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let (nick, channel) = match (message.param(0), message.param(1)) {
        (Some(nick), Some(channel)) => (Some(nick.into()), channel),
        (channel, _) => (None, channel.unwrap_or_default()),
    };
    let channel = channel.into();
    operate(context, OperatorAction::Join { nick, channel })
}

/// `CHGHOST <nick> <host>`: others see another host of a user.
pub(crate) fn chghost(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let nick = message.param(0).unwrap_or_default().into();
    let host = message.param(1).unwrap_or_default().into();
    operate(context, OperatorAction::Host { nick, host })
}

/// `REHASH`: the configuration is read again, for all servers.
pub(crate) fn rehash(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    operate(context, OperatorAction::Rehash)
}

fn operate(context: &mut Context<'_>, action: OperatorAction) -> Result<(), Refusal> {
    context.request(Action::Operate(Box::new(action)));
    Ok(())
}
