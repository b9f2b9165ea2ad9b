//! `AWAY [<message>]`: be away, or come back.

use chat_network::Action;
use chat_proto::Message;

use crate::command::{Context, Refusal};

#[expect(clippy::unnecessary_wraps, reason = "the shape of all handlers")]
pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let text = message.param(0).filter(|text| !text.is_empty());
    context.request(Action::Away {
        message: text.map(Into::into),
    });
    Ok(())
}
