//! `PING <token>`: answered after everything that the client asked before, and after all servers
//! have it.

use chat_proto::numeric::ERR_NOORIGIN;
use chat_proto::{Message, WireLine};

use crate::command::{Context, Refusal, Step};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let token = message.param(0).unwrap_or_default();
    if token.is_empty() {
        return Err(Refusal::numeric(ERR_NOORIGIN));
    }
    let name = &context.state.config.name;
    let line = WireLine::builder()
        .source(name)
        .command("PONG")
        .param(name)
        .trailing(token);
    context.steps.push(Step::Barrier);
    context.line(line.finish().into());
    Ok(())
}
