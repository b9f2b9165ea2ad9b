//! `INVITE <nick> <channel>`.

use chat_network::Action;
use chat_proto::Message;

use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    if let (Some(nick), Some(channel)) = (message.param(0), message.param(1)) {
        context.request(Action::Invite {
            channel: channel.into(),
            nick: nick.into(),
        });
    }
    Ok(())
}
