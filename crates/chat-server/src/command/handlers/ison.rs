//! `ISON <nick> …`: which of these are on?

use chat_proto::Message;
use chat_proto::numeric::RPL_ISON;

use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let network = context.state.network.borrow();
    let found: Vec<&str> = message
        .params()
        .flat_map(str::split_ascii_whitespace)
        .filter_map(|nick| network.user_by_nick(nick))
        .map(chat_network::User::nick)
        .collect();
    let found = found.join(" ");
    drop(network);
    // The text is the answer, so it is there even where it is empty.
    let text = if found.is_empty() { " " } else { &found };
    context.numeric_text(RPL_ISON, &[], text);
    Ok(())
}
