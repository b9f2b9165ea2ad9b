//! What ChanServ does.

use chat_network::{
    Account, AccountId, Action, Channel, ChannelModeChange, ListKind, MemberPrefix, Network,
    Rejection, Timestamp,
};
use smol_str::SmolStr;

use super::{CHANSERV, NOT_LOGGED_IN, Told, confirmation, date, tell};
use crate::command::{Context, login};

const NOT_REGISTERED: &str = "That channel is not registered";

pub(super) fn register(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let channel = SmolStr::new(params[0]);
    let action = Action::RegisterChannel {
        channel: channel.clone(),
        founder: None,
    };
    ask(
        context,
        action,
        format!("{channel} is registered; you are its founder"),
    );
    Ok(())
}

pub(super) fn info(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (name, founder, since, own) = kept(context, params[0])?;
    let mut texts = vec![
        format!("Channel: {name}"),
        format!("Founder: {founder}"),
        format!("Registered: {}", date(since)),
    ];
    texts.extend(offered(context, &name, own));
    for text in texts {
        tell(context, &CHANSERV, &text);
    }
    Ok(())
}

/// To whom a channel is offered, for the two of it.
fn offered(context: &Context<'_>, name: &str, founder: bool) -> Option<String> {
    let network = context.state.network.borrow();
    let channel = network.channel_by_name(name)?;
    let to = channel.registration()?.offered?;
    let concerned = founder || login::account_of(context) == Some(to);
    let account = network.account(to).filter(|_| concerned)?;
    Some(format!("Offered to: {}", account.name()))
}

pub(super) fn op(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let action = Action::GrantRank {
        channel: params[0].into(),
        nick: params.get(1).map(SmolStr::new),
    };
    let own = params.len() == 1;
    context.ask(action, move |context, outcome| {
        let text = match outcome {
            Ok(()) => "Done".to_owned(),
            Err(Rejection::NotFounder(_)) if own => {
                "There is no rank kept for you in that channel".to_owned()
            }
            Err(rejection) => reason(&rejection),
        };
        tell(context, &CHANSERV, &text);
    });
    Ok(())
}

/// Takes all ranks that a member has; the network says whether the asker may.
pub(super) fn deop(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let nick = match params.get(1) {
        Some(nick) => SmolStr::new(nick),
        None => context.session.nick().clone(),
    };
    let changes: Vec<ChannelModeChange> = {
        let network = context.state.network.borrow();
        let channel = known(context, &network, params[0])?;
        let user = network.user_by_nick(&nick).ok_or("Nobody has that nick")?;
        let ranks = channel.member(user.id()).unwrap_or_default();
        ranks
            .iter()
            .map(|prefix| ChannelModeChange::Member(false, prefix, nick.clone()))
            .collect()
    };
    if changes.is_empty() {
        return Err("There is no rank to take away".into());
    }
    let channel = params[0].into();
    ask(
        context,
        Action::ChannelModes { channel, changes },
        "Done".to_owned(),
    );
    Ok(())
}

pub(super) fn amode(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let channel = SmolStr::new(params[0]);
    let Some(change) = params.get(1) else {
        return access(context, &channel);
    };
    let account = params
        .get(2)
        .ok_or("Usage: AMODE <#channel> +o <account>")?;
    let (on, letters) = match change.split_at_checked(1) {
        Some(("+", letters)) => (true, letters),
        Some(("-", letters)) => (false, letters),
        _ => (true, *change),
    };
    let mut letters = letters.chars();
    let prefix = match (
        letters.next().and_then(MemberPrefix::of_letter),
        letters.next(),
    ) {
        (Some(prefix), None) => prefix,
        _ => return Err("A change is + or - and the letter of one rank".into()),
    };
    let (account, prefix) = (SmolStr::new(account), on.then_some(prefix));
    let text = match prefix {
        Some(prefix) => format!(
            "{account} has +{} in {channel} from now on",
            prefix.letter()
        ),
        None => format!("{account} has no rank kept in {channel} any more"),
    };
    let action = Action::SetAccess {
        channel,
        account,
        prefix,
    };
    ask(context, action, text);
    Ok(())
}

/// Lists the ranks that are kept, for who has one.
fn access(context: &mut Context<'_>, name: &str) -> Result<(), Told> {
    let mut lines = Vec::new();
    {
        let network = context.state.network.borrow();
        let channel = known(context, &network, name)?;
        let registration = channel.registration().ok_or(NOT_REGISTERED)?;
        let own = login::account_of(context);
        let concerned =
            |own: &AccountId| registration.founder == *own || registration.access.contains_key(own);
        if !own.as_ref().is_some_and(concerned) {
            return Err("This is for who has a rank kept in that channel".into());
        }
        lines.push(format!(
            "Ranks kept in {}: {}",
            channel.name(),
            registration.access.len()
        ));
        for (account, prefix) in &registration.access {
            let name = network.account(*account).map(Account::name);
            let name = name.map_or("*", SmolStr::as_str);
            lines.push(format!("+{} {name}", prefix.letter()));
        }
    }
    for line in lines {
        tell(context, &CHANSERV, &line);
    }
    Ok(())
}

pub(super) fn transfer(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    if params[0].eq_ignore_ascii_case("ACCEPT") {
        let channel = SmolStr::new(params[1]);
        let done = format!("{channel} is yours now");
        ask(context, Action::AcceptChannel { channel }, done);
        return Ok(());
    }
    let (name, _, since, founder) = kept(context, params[0])?;
    let to = SmolStr::new(params[1]);
    if !founder {
        return Err("This is for the founder of the channel".into());
    }
    if context
        .state
        .network
        .borrow()
        .account_by_name(&to)
        .is_none()
    {
        return Err("There is no such account".into());
    }
    let own = login::account_of(context);
    let is_own = {
        let network = context.state.network.borrow();
        network.account_by_name(&to).map(Account::id) == own
    };
    let code = confirmation(&name, since.0);
    if !is_own && params.get(2) != Some(&code.as_str()) {
        let texts = [
            format!("This offers {name} to {to}: who accepts it is its founder, not you."),
            format!("If you mean it: /msg ChanServ TRANSFER {name} {to} {code}"),
        ];
        return confirm(context, &texts);
    }
    let text = if is_own {
        format!("{name} is not offered to anybody any more")
    } else {
        format!("{name} is {to}'s when they accept it")
    };
    let action = Action::TransferChannel { channel: name, to };
    ask(context, action, text);
    Ok(())
}

pub(super) fn drop(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (name, _, since, founder) = kept(context, params[0])?;
    if !founder {
        return Err("This is for the founder of the channel".into());
    }
    let code = confirmation(&name, since.0);
    if params.get(1) != Some(&code.as_str()) {
        let texts = [
            format!("This keeps {name} no longer: its founder and kept ranks are forgotten."),
            format!("If you mean it: /msg ChanServ DROP {name} {code}"),
        ];
        return confirm(context, &texts);
    }
    let text = format!("{name} is not registered any more");
    ask(context, Action::DropChannel { channel: name }, text);
    Ok(())
}

fn confirm(context: &mut Context<'_>, texts: &[String]) -> Result<(), Told> {
    for text in texts {
        tell(context, &CHANSERV, text);
    }
    Ok(())
}

pub(super) fn clear(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (name, _, _, founder) = kept(context, params[0])?;
    if !founder {
        return Err("This is for the founder of the channel".into());
    }
    match params[1].to_ascii_uppercase().as_str() {
        "USERS" => clear_users(context, &name),
        "ACCESS" => clear_access(context, &name),
        _ => return Err("What is to be cleared: USERS or ACCESS".into()),
    }
    tell(context, &CHANSERV, &format!("{name} is cleared"));
    Ok(())
}

fn clear_users(context: &mut Context<'_>, name: &SmolStr) {
    let nicks: Vec<SmolStr> = {
        let network = context.state.network.borrow();
        let own = context.session.user();
        let channel = network.channel_by_name(name);
        let members = channel.into_iter().flat_map(Channel::members);
        members
            .filter(|(user, _)| Some(*user) != own)
            .filter_map(|(user, _)| network.user(user).map(|user| user.nick().into()))
            .collect()
    };
    for nick in nicks {
        context.request(Action::Kick {
            channel: name.clone(),
            nick,
            reason: "Cleared by the founder".into(),
        });
    }
}

fn clear_access(context: &mut Context<'_>, name: &SmolStr) {
    let (changes, accounts) = {
        let network = context.state.network.borrow();
        let Some(channel) = network.channel_by_name(name) else {
            return;
        };
        let kinds = [
            ListKind::Ban,
            ListKind::BanException,
            ListKind::InviteException,
        ];
        let changes: Vec<ChannelModeChange> = kinds
            .into_iter()
            .flat_map(|kind| channel.list(kind).iter().map(move |entry| (kind, entry)))
            .map(|(kind, entry)| ChannelModeChange::List(false, kind, entry.mask.clone()))
            .collect();
        let kept = channel.registration().into_iter();
        let accounts: Vec<SmolStr> = kept
            .flat_map(|kept| kept.access.keys())
            .filter_map(|account| network.account(*account))
            .map(|account| account.name().clone())
            .collect();
        (changes, accounts)
    };
    if !changes.is_empty() {
        let channel = name.clone();
        context.request(Action::ChannelModes { channel, changes });
    }
    for account in accounts {
        context.request(Action::SetAccess {
            channel: name.clone(),
            account,
            prefix: None,
        });
    }
}

/// A registered channel: its name, its founder's, since when it is registered, and whether the asker
/// is its founder.
fn kept(context: &Context<'_>, name: &str) -> Result<(SmolStr, SmolStr, Timestamp, bool), Told> {
    let network = context.state.network.borrow();
    let channel = known(context, &network, name)?;
    let registration = channel.registration().ok_or(NOT_REGISTERED)?;
    let founder = network.account(registration.founder).map(Account::name);
    let own = login::account_of(context) == Some(registration.founder);
    let founder = founder.cloned().unwrap_or_default();
    Ok((channel.name().clone(), founder, registration.at, own))
}

/// A channel that the asker may know of: one that is secret is only known to who is in it, or has
/// something kept in it.
pub(super) fn known<'n>(
    context: &Context<'_>,
    network: &'n Network,
    name: &str,
) -> Result<&'n Channel, Told> {
    let own = login::account_of(context);
    network
        .channel_by_name(name)
        .filter(|channel| {
            context.sees_channel(channel) || channel.ranks_of_account(own) != Default::default()
        })
        .ok_or_else(|| "There is no such channel".into())
}

/// Asks the network; ChanServ tells how it went.
pub(super) fn ask(context: &mut Context<'_>, action: Action, done: String) {
    context.ask(action, move |context, outcome| {
        let text = match outcome {
            Ok(()) => done,
            Err(rejection) => reason(&rejection),
        };
        tell(context, &CHANSERV, &text);
    });
}

fn reason(rejection: &Rejection) -> String {
    match rejection {
        Rejection::NoChange => "It is so already",
        Rejection::NoSuchChannel(_) => "There is no such channel",
        Rejection::NoSuchNick(_) => "Nobody has that nick",
        Rejection::NoSuchAccount(_) => "There is no such account",
        Rejection::NotOnChannel(_) => "You are not in that channel",
        Rejection::UserNotInChannel { .. } => "That nick is not in that channel",
        Rejection::NotOperator(_) => "You must be an operator of that channel",
        Rejection::NotLoggedIn => NOT_LOGGED_IN,
        Rejection::ChannelRegistered(_) => "That channel is registered already",
        Rejection::ChannelNotRegistered(_) => NOT_REGISTERED,
        Rejection::NotOffered(_) => "That channel is not offered to you",
        Rejection::NotFounder(_) => "This is for the founder of the channel",
        Rejection::TooMany(_) => "That is more than there may be",
        _ => "That is not possible",
    }
    .to_owned()
}
