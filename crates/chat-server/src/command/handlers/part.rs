//! `PART <channel>{,<channel>} [<reason>]`.

use std::sync::Arc;

use chat_network::Action;
use chat_proto::Message;

use crate::command::handlers::targets;
use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let reason: Option<Arc<str>> = message
        .param(1)
        .filter(|reason| !reason.is_empty())
        .map(Into::into);
    for channel in targets(message.param(0).unwrap_or_default()) {
        context.request(Action::Part {
            channel: channel.into(),
            reason: reason.clone(),
        });
    }
    Ok(())
}
