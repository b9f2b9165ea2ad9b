//! `PONG`: every line shows that the client is there; this one says nothing more.

use chat_proto::Message;

use crate::command::{Context, Refusal};

pub(crate) fn handle(_: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    Ok(())
}
