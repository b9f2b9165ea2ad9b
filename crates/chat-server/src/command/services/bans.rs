//! What ChanServ knows of bans.

use chat_network::{Action, Channel, ChannelModeChange, ListKind, MemberPrefix, Network, User};
use smol_str::SmolStr;

use super::channels::{ask, known};
use super::{CHANSERV, Told, tell};
use crate::command::Context;

/// Tells the masks that keep somebody out.
pub(super) fn how_to_ban(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let lines = {
        let network = context.state.network.borrow();
        let (channel, user) = of_operator(context, &network, params)?;
        let (name, nick) = (channel.name(), user.nick());
        let mut lines = vec![format!("By address: /mode {name} +b *!*@{}", user.host())];
        if let Some(account) = network.account_of(user) {
            let account = account.name();
            lines.push(format!(
                "By account, wherever they come from: /mode {name} +b a:{account}"
            ));
        }
        lines.push("With m: before the mask they may enter and not speak".to_owned());
        lines.push(format!(
            "Who is in the channel goes with: /kick {name} {nick}"
        ));
        if channel.is_banned(&network, user) {
            lines.push(format!("{nick} is banned already"));
        } else if channel.is_silenced(&network, user) {
            lines.push(format!("{nick} is muted already"));
        }
        lines
    };
    for line in lines {
        tell(context, &CHANSERV, &line);
    }
    Ok(())
}

/// Takes away the bans that are about somebody; the network says whether the asker may.
pub(super) fn unban(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (channel, masks) = {
        let network = context.state.network.borrow();
        let (channel, user) = of_operator(context, &network, params)?;
        let masks = channel.masks_on(&network, user);
        let masks: Vec<SmolStr> = masks.map(|entry| entry.mask.clone()).collect();
        (channel.name().clone(), masks)
    };
    if masks.is_empty() {
        return Err("No ban is about that nick".into());
    }
    let done = format!("Taken away: {}", masks.join(" "));
    let taken = |mask| ChannelModeChange::List(false, ListKind::Ban, mask);
    let changes = masks.into_iter().map(taken).collect();
    ask(context, Action::ChannelModes { channel, changes }, done);
    Ok(())
}

/// A channel that the asker is an operator of, and somebody who is on.
fn of_operator<'n>(
    context: &Context<'_>,
    network: &'n Network,
    params: &[&str],
) -> Result<(&'n Channel, &'n User), Told> {
    let channel = known(context, network, params[0])?;
    let ranks = context.session.user().and_then(|own| channel.member(own));
    if !ranks.is_some_and(|own| own.reaches(MemberPrefix::Operator)) {
        return Err("You must be an operator of that channel".into());
    }
    let user = network.user_by_nick(params[1]);
    Ok((channel, user.ok_or("Nobody has that nick")?))
}
