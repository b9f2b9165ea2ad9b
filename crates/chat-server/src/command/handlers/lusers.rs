//! `LUSERS`: how many are here. A fleet is one server to its clients.

use bytes::BytesMut;
use chat_proto::Message;
use chat_proto::numeric as n;

use crate::command::{Context, Refusal};
use crate::render::{Burst, Wire, numeric_of};
use crate::state::State;

pub(crate) fn handle(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    let nick = context.session.nick().clone();
    let mut lines = BytesMut::with_capacity(context.state.lusers.room(&nick));
    append(context.state, &nick, &mut lines);
    context.line(Wire::of_lines(lines));
    Ok(())
}

/// The lines, with gaps for the numbers in the order of [`append`].
pub(crate) fn lines(server: &str, nick: &str) -> Burst {
    let [
        visible,
        invisible,
        operators,
        unknown,
        channels,
        sessions,
        users,
        most,
    ] = Burst::NUMBERS;
    let numeric = |code, params: &[&str], text: &str| numeric_of(server, nick, code, params, text);
    let clients = format!("I have {sessions} clients and 0 servers");
    let all = format!("There are {visible} users and {invisible} invisible on 1 servers");
    let mut lines = vec![numeric(n::RPL_LUSERCLIENT, &[], &all)];
    for (code, count) in [
        (n::RPL_LUSEROP, operators),
        (n::RPL_LUSERUNKNOWN, unknown),
        (n::RPL_LUSERCHANNELS, channels),
    ] {
        lines.push(numeric(code, &[count], code.text()));
    }
    lines.push(numeric(n::RPL_LUSERME, &[], &clients));
    for (code, what) in [(n::RPL_LOCALUSERS, "local"), (n::RPL_GLOBALUSERS, "global")] {
        let text = format!("Current {what} users {users}, max {most}");
        lines.push(numeric(code, &[users, most], &text));
    }
    Burst::with_numbers(&lines, server, nick)
}

/// Appends the lines for a nick, also part of the welcome.
pub(crate) fn append(state: &State, nick: &str, out: &mut BytesMut) {
    let network = state.network.borrow();
    let (users, invisible) = (network.user_count(), network.invisible_count());
    let most = state.most_users.get().max(users);
    let numbers = [
        users - invisible,
        invisible,
        network.operator_count(),
        usize::try_from(state.unknown_connections()).unwrap_or(usize::MAX),
        network.channel_count() - network.secret_count(),
        network.session_count(),
        users,
        most,
    ];
    let numbers = numbers.map(|number| u64::try_from(number).unwrap_or(u64::MAX));
    state.lusers.append(nick, &numbers, out);
}
