//! `PONG`: every line shows that the client is there; this one says nothing more.

use chat_proto::Message;

use crate::command::{Context, Refusal};

#[expect(clippy::unnecessary_wraps, reason = "the shape of all handlers")]
pub(crate) fn handle(_: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    Ok(())
}
