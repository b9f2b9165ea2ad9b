//! `RENAME <channel> <name> [<reason>]`: another name for a channel
//! ([channel-rename](https://ircv3.net/specs/extensions/channel-rename)).

use chat_network::Action;
use chat_proto::Message;

use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let reason = message.param(2).filter(|reason| !reason.is_empty());
    context.request(Action::Rename {
        channel: message.param(0).unwrap_or_default().into(),
        wanted: message.param(1).unwrap_or_default().into(),
        reason: reason.map(Into::into),
    });
    Ok(())
}
