//! `VERSION`: the software, and what it supports.

use chat_proto::Message;
use chat_proto::numeric::RPL_VERSION;

use crate::command::handlers::isupport;
use crate::command::{Context, Refusal};
use crate::state::VERSION;

pub(crate) fn handle(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    let name = context.state.config.name.clone();
    let text = format!(
        "{}, on {}",
        context.state.settings().config.description,
        context.state.label
    );
    context.numeric_text(RPL_VERSION, &[VERSION, &name], &text);
    isupport::reply(context);
    Ok(())
}
