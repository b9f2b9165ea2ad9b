//! `WHOWAS <nick> [<count>]`: who had a nick before, latest first.

use chat_proto::numeric::{
    ERR_NONICKNAMEGIVEN, ERR_WASNOSUCHNICK, RPL_ENDOFWHOWAS, RPL_WHOISSERVER, RPL_WHOWASUSER,
};
use chat_proto::{Message, fold};
use jiff::tz::TimeZone;

use crate::command::handlers::targets;
use crate::command::{Context, Refusal};

/// Nicks of one WHOWAS; more are not looked at.
const NICKS: usize = 4;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let asked = message.param(0).unwrap_or_default();
    if asked.is_empty() {
        return Err(Refusal::numeric(ERR_NONICKNAMEGIVEN));
    }
    // What is no positive number means all.
    let count = message
        .param(1)
        .and_then(|count| count.parse().ok())
        .filter(|count| *count > 0)
        .unwrap_or(usize::MAX);
    for nick in targets(asked).take(NICKS) {
        if !of_nick(context, nick, count) {
            context.numeric(ERR_WASNOSUCHNICK, &[&Context::shown(nick)]);
        }
    }
    context.numeric(RPL_ENDOFWHOWAS, &[&Context::shown(asked)]);
    Ok(())
}

/// Whether there was anyone.
fn of_nick(context: &mut Context<'_>, nick: &str, count: usize) -> bool {
    let network = context.state.network.borrow();
    let name = context.state.config.name.clone();
    let mut any = false;
    for past in network
        .past_users()
        .filter(|past| fold::same(&past.nick, nick))
        .take(count)
    {
        any = true;
        let params = [&*past.nick, &*past.username, &*past.host, "*"];
        context.numeric_text(RPL_WHOWASUSER, &params, &past.realname);
        let until = jiff::Timestamp::from_millisecond(past.until.0).unwrap_or_default();
        let until = until.to_zoned(TimeZone::system());
        let until = until.strftime("%a %b %d %Y %H:%M:%S %:z");
        let text = format!("{until} ({})", context.state.label_of(past.server));
        context.numeric_text(RPL_WHOISSERVER, &[&past.nick, &name], &text);
        if context.is_full() {
            break;
        }
    }
    any
}
