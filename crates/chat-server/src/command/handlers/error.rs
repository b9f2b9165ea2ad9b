//! `ERROR`: only servers have a use for it; ignored.

use chat_proto::Message;

use crate::command::{Context, Refusal};

#[expect(clippy::unnecessary_wraps, reason = "the shape of all handlers")]
pub(crate) fn handle(_: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    Ok(())
}
