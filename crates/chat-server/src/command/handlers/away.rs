//! `AWAY [<message>]`: be away, or come back.

use chat_network::Action;
use chat_proto::Message;

use crate::command::{Context, Refusal};
use crate::session::Pending;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let text = message.param(0).filter(|text| !text.is_empty());
    let action = Action::Away {
        message: text.map(Into::into),
    };
    context.request_as(action, Pending::Away(text.is_some()));
    Ok(())
}
