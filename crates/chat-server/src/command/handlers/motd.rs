//! `MOTD`: the message of the day.

use chat_proto::Message;

use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    let lines = context.state.settings().motd.to(&context.session.nick());
    context.line(lines);
    Ok(())
}
