//! `LUSERS`: how many are here. A fleet is one server to its clients.

use chat_proto::Message;
use chat_proto::numeric as n;
use smol_str::format_smolstr;

use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    reply(context);
    Ok(())
}

/// The lines, also part of the welcome.
pub(crate) fn reply(context: &mut Context<'_>) {
    let network = context.state.network.borrow();
    let users = network.user_count();
    let invisible = network.invisible_count();
    let operators = format_smolstr!("{}", network.operator_count());
    let visible = users - invisible;
    let channels = format_smolstr!("{}", network.channel_count() - network.secret_count());
    let clients = format!("I have {} clients and 0 servers", network.session_count());
    drop(network);
    let most = context.state.most_users.get().max(users);
    let (now_text, most_text) = (format_smolstr!("{users}"), format_smolstr!("{most}"));
    let unknown = format_smolstr!("{}", context.state.unknown_connections());
    context.numeric_text(
        n::RPL_LUSERCLIENT,
        &[],
        &format!("There are {visible} users and {invisible} invisible on 1 servers"),
    );
    context.numeric(n::RPL_LUSEROP, &[&operators]);
    context.numeric(n::RPL_LUSERUNKNOWN, &[&unknown]);
    context.numeric(n::RPL_LUSERCHANNELS, &[&channels]);
    context.numeric_text(n::RPL_LUSERME, &[], &clients);
    for (code, what) in [(n::RPL_LOCALUSERS, "local"), (n::RPL_GLOBALUSERS, "global")] {
        let text = format!("Current {what} users {users}, max {most}");
        context.numeric_text(code, &[&now_text, &most_text], &text);
    }
}
