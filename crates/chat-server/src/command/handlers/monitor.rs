//! `MONITOR + <nicks>`, `- <nicks>`, `C`, `L`, `S`: who of these is on, now and whenever it changes
//! (IRCv3).

use chat_proto::numeric::{
    ERR_MONLISTFULL, ERR_NEEDMOREPARAMS, Numeric, RPL_ENDOFMONLIST, RPL_MONLIST, RPL_MONOFFLINE,
    RPL_MONONLINE,
};
use chat_proto::{Message, name};
use smol_str::{SmolStr, format_smolstr};

use crate::command::handlers::{metadata, targets};
use crate::command::{Context, Refusal};
use crate::state::MONITORED;

/// Bytes of nicks or prefixes in one line.
const LINE: usize = 350;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let what = message.param(0).unwrap_or_default();
    let list = message.param(1).unwrap_or_default();
    let session = context.session.id;
    match what {
        "+" | "-" if list.is_empty() => {
            return Err(Refusal::about(ERR_NEEDMOREPARAMS, "MONITOR"));
        }
        "+" => add(context, list),
        "-" => {
            let mut watchers = context.state.watchers.borrow_mut();
            targets(list).for_each(|nick| watchers.remove(session, nick));
        }
        "C" | "c" => context.state.watchers.borrow_mut().clear(session),
        "L" | "l" => {
            let nicks = context.state.watchers.borrow().nicks(session).to_vec();
            lines(context, RPL_MONLIST, nicks.iter().map(SmolStr::as_str));
            context.numeric(RPL_ENDOFMONLIST, &[]);
        }
        "S" | "s" => {
            let nicks = context.state.watchers.borrow().nicks(session).to_vec();
            status(context, &nicks);
        }
        // The specification has no answer to anything else.
        _ => {}
    }
    Ok(())
}

fn add(context: &mut Context<'_>, list: &str) {
    let longest = context.state.network.borrow().limits().nick;
    let mut added = Vec::new();
    let mut nicks = targets(list).filter(|nick| name::is_valid_nick(nick, longest));
    while let Some(nick) = nicks.next() {
        let result = context
            .state
            .watchers
            .borrow_mut()
            .add(context.session.id, nick);
        if result.is_err() {
            let rest: Vec<&str> = std::iter::once(nick).chain(nicks).collect();
            let limit = format_smolstr!("{MONITORED}");
            context.numeric(ERR_MONLISTFULL, &[&limit, &rest.join(",")]);
            break;
        }
        added.push(SmolStr::new(nick));
    }
    status(context, &added);
    metadata::watched(context, &added);
}

/// RPL_MONONLINE of those who are on, RPL_MONOFFLINE of the others.
fn status(context: &mut Context<'_>, nicks: &[SmolStr]) {
    let network = context.state.network.borrow();
    let mut online = Vec::new();
    let mut offline = Vec::new();
    for nick in nicks {
        match network.user_by_nick(nick) {
            Some(user) => online.push(SmolStr::new(user.prefix())),
            None => offline.push(nick.as_str()),
        }
    }
    drop(network);
    lines(
        context,
        RPL_MONONLINE,
        online.iter().map(|prefix| &**prefix),
    );
    lines(context, RPL_MONOFFLINE, offline.into_iter());
}

/// Names joined by commas, in as many lines as they need.
fn lines<'a>(context: &mut Context<'_>, code: Numeric, names: impl Iterator<Item = &'a str>) {
    let mut line = String::new();
    for name in names {
        if line.len() + name.len() > LINE {
            context.numeric_text(code, &[], &line);
            line.clear();
        }
        if !line.is_empty() {
            line.push(',');
        }
        line.push_str(name);
    }
    if !line.is_empty() {
        context.numeric_text(code, &[], &line);
    }
}
