//! `TIME`: the local time of the server.

use chat_proto::Message;
use chat_proto::numeric::RPL_TIME;

use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    let now = jiff::Zoned::now()
        .strftime("%A %B %d %Y -- %H:%M:%S %:z")
        .to_string();
    let name = context.state.config.name.clone();
    context.numeric_text(RPL_TIME, &[&name], &now);
    Ok(())
}
