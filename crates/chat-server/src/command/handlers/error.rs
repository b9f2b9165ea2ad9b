//! `ERROR`: only servers have a use for it; ignored.

use chat_proto::Message;

use crate::command::{Context, Refusal};

pub(crate) fn handle(_: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    Ok(())
}
