//! `USERHOST <nick> …`: the hosts of up to five nicks.

use chat_proto::Message;
use chat_proto::numeric::RPL_USERHOST;

use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let network = context.state.network.borrow();
    let found: Vec<String> = message
        .params()
        .take(5)
        .filter_map(|nick| network.user_by_nick(nick))
        .map(|user| {
            let here = if user.away().is_some() { '-' } else { '+' };
            let mark = if context.sees_operator(user) { "*" } else { "" };
            let (nick, username, host) = (user.nick(), user.username(), user.host());
            format!("{nick}{mark}={here}{username}@{host}")
        })
        .collect();
    drop(network);
    let text = if found.is_empty() {
        " ".to_owned()
    } else {
        found.join(" ")
    };
    context.numeric_text(RPL_USERHOST, &[], &text);
    Ok(())
}
