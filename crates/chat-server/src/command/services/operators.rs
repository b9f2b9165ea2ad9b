//! What operators of the chat may do with accounts and channels of others. It is an act of theirs like
//! any other: the network decides, and it can be listed.

use chat_network::{
    Account, Action, Channel, NetworkBan, NewAccount, OperatorAction, Rejection, Right,
};
use chat_proto::fold;
use smol_str::SmolStr;

use super::{CHANSERV, NICKSERV, Service, Told, confirmation, date, tell};
use crate::auth::{Secrets, check_password};
use crate::command::Context;

/// Lines of one list.
const LISTED: usize = 500;

/// Whether who asks is an operator with a right.
pub(super) fn has(context: &Context<'_>, right: Right) -> bool {
    let network = context.state.network.borrow();
    let own = network.user_of(context.session.id);
    own.and_then(|own| own.operator())
        .is_some_and(|operator| operator.rights.has(right))
}

pub(super) fn accounts(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let names: Vec<String> = {
        let network = context.state.network.borrow();
        network
            .accounts()
            .filter(|account| fits(params, account.name()))
            .map(|account| account.name().to_string())
            .collect()
    };
    list(context, &NICKSERV, "accounts", names);
    Ok(())
}

pub(super) fn channels(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let names: Vec<String> = {
        let network = context.state.network.borrow();
        network
            .channels()
            .filter(|channel| channel.registration().is_some() && fits(params, channel.name()))
            .map(|channel| channel.name().to_string())
            .collect()
    };
    list(context, &CHANSERV, "registered channels", names);
    Ok(())
}

fn fits(params: &[&str], name: &str) -> bool {
    params
        .first()
        .is_none_or(|mask| fold::fits(&fold::fold(mask), &fold::fold(name)))
}

fn list(context: &mut Context<'_>, service: &Service, what: &str, mut names: Vec<String>) {
    tell(
        context,
        service,
        &format!("There are {} {what}", names.len()),
    );
    names.sort();
    for name in names.iter().take(LISTED) {
        tell(context, service, name);
    }
    if names.len() > LISTED {
        tell(context, service, "… and more: ask with a mask");
    }
}

pub(super) fn register(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (name, password) = (SmolStr::new(params[0]), params[1].to_owned());
    with_secrets(context, &name.clone(), password, move |context, secrets| {
        let done = format!("The account {name} is made");
        let account = NewAccount {
            name,
            secrets,
            email: None,
            verified: true,
        };
        ask(
            context,
            &NICKSERV,
            Action::RegisterAccount(Box::new(account)),
            done,
        );
    })
}

pub(super) fn passwd(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (name, password) = (SmolStr::new(params[0]), params[1].to_owned());
    with_secrets(context, &name.clone(), password, move |context, secrets| {
        let done = format!("The password of {name} is changed");
        let account = Some(name);
        ask(
            context,
            &NICKSERV,
            Action::SetSecrets { account, secrets },
            done,
        );
    })
}

/// Hashes a password, and goes on.
fn with_secrets(
    context: &mut Context<'_>,
    name: &str,
    password: String,
    then: impl FnOnce(&mut Context<'_>, chat_network::Secrets) + 'static,
) -> Result<(), Told> {
    check_password(name, &password).map_err(|error| error.to_string())?;
    let hasher = context.state.auth.hasher.clone();
    let work = async move { hasher.run(move || Secrets::of_password(&password)).await };
    context.work(work, move |context, secrets| match secrets {
        Ok(secrets) => then(context, secrets.to_network()),
        Err(busy) => tell(context, &NICKSERV, &busy.to_string()),
    });
    Ok(())
}

pub(super) fn verify(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let account = SmolStr::new(params[0]);
    let done = format!("The account {account} is verified");
    ask(context, &NICKSERV, Action::VerifyAccount { account }, done);
    Ok(())
}

pub(super) fn drop_account(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (name, since) = {
        let network = context.state.network.borrow();
        let account = network.account_by_name(params[0]);
        let account = account.ok_or("There is no such account")?;
        (account.name().clone(), account.created())
    };
    let code = confirmation(&name, since.0);
    if params.get(1) != Some(&code.as_str()) {
        let text = format!("If you mean it: /msg NickServ SADROP {name} {code}");
        tell(context, &NICKSERV, &text);
        return Ok(());
    }
    let done = format!("The account {name} is deleted");
    let account = Some(name);
    ask(context, &NICKSERV, Action::DropAccount { account }, done);
    Ok(())
}

pub(super) fn suspend(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let usage = "Usage: SUSPEND LIST, SUSPEND ADD <account> [<reason>], SUSPEND DEL <account>";
    let account = params.get(1).map(SmolStr::new);
    match (params[0].to_ascii_uppercase().as_str(), account) {
        ("LIST", _) => suspended(context),
        ("ADD", Some(account)) => {
            let reason = match params.get(2..) {
                Some([]) | None => "No reason given".to_owned(),
                Some(words) => words.join(" "),
            };
            let done = format!("The account {account} is suspended");
            let reason = reason.into();
            ask(
                context,
                &NICKSERV,
                Action::SuspendAccount { account, reason },
                done,
            );
        }
        ("DEL" | "DELETE" | "REMOVE", Some(account)) => {
            let done = format!("The account {account} may be used again");
            ask(
                context,
                &NICKSERV,
                Action::UnsuspendAccount { account },
                done,
            );
        }
        _ => return Err(usage.into()),
    }
    Ok(())
}

fn suspended(context: &mut Context<'_>) {
    let names: Vec<String> = {
        let network = context.state.network.borrow();
        let line = |account: &Account| {
            let suspension = account.suspended()?;
            let (name, since) = (account.name(), date(suspension.since));
            Some(format!("{name}, since {since}: {}", suspension.reason))
        };
        network.accounts().filter_map(line).collect()
    };
    list(context, &NICKSERV, "suspended accounts", names);
}

pub(super) fn transfer(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (channel, to) = (SmolStr::new(params[0]), SmolStr::new(params[1]));
    let done = format!("{channel} is {to}'s now");
    ask(
        context,
        &CHANSERV,
        Action::TransferChannel { channel, to },
        done,
    );
    Ok(())
}

pub(super) fn drop_channel(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (channel, since) = {
        let network = context.state.network.borrow();
        let kept = |channel: &Channel| Some((channel.name().clone(), channel.registration()?.at));
        let channel = network.channel_by_name(params[0]).and_then(kept);
        channel.ok_or("That channel is not registered")?
    };
    let code = confirmation(&channel, since.0);
    if params.get(1) != Some(&code.as_str()) {
        let text = format!("If you mean it: /msg ChanServ SADROP {channel} {code}");
        tell(context, &CHANSERV, &text);
        return Ok(());
    }
    let done = format!("{channel} is not registered any more");
    ask(context, &CHANSERV, Action::DropChannel { channel }, done);
    Ok(())
}

/// Closes channels, lets them be made again, or lists them.
pub(super) fn purge(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let usage = "Usage: PURGE LIST, PURGE ADD <#channel> [<reason>], PURGE DEL <#channel>";
    let channel = params.get(1).map(SmolStr::new);
    let (action, done) = match (params[0].to_ascii_uppercase().as_str(), channel) {
        ("LIST", _) => {
            list_purged(context);
            return Ok(());
        }
        ("ADD", Some(channel)) => {
            let done = format!("{channel} is closed");
            let reason = Some(params.get(2..).unwrap_or_default().join(" ").into());
            (OperatorAction::Purge { channel, reason }, done)
        }
        ("DEL" | "DELETE" | "REMOVE", Some(channel)) => {
            let done = format!("{channel} may be made again");
            let reason = None;
            (OperatorAction::Purge { channel, reason }, done)
        }
        _ => return Err(usage.into()),
    };
    operate(context, &CHANSERV, action, done);
    Ok(())
}

fn list_purged(context: &mut Context<'_>) {
    let names: Vec<String> = {
        let network = context.state.network.borrow();
        let purged = network
            .network_bans()
            .iter()
            .filter(|ban| ban.is_of_channel());
        let line = |ban: &NetworkBan| {
            let text = format!("{} by {}: {}", ban.mask, ban.by, ban.reason);
            text.trim_end_matches([':', ' ']).to_owned()
        };
        purged.map(line).collect()
    };
    list(context, &CHANSERV, "closed channels", names);
}

/// Asks as an operator; the service tells how it went.
fn ask(context: &mut Context<'_>, service: &'static Service, action: Action, done: String) {
    operate(
        context,
        service,
        OperatorAction::Manage(Box::new(action)),
        done,
    );
}

fn operate(
    context: &mut Context<'_>,
    service: &'static Service,
    action: OperatorAction,
    done: String,
) {
    let action = Action::Operate(Box::new(action));
    context.ask(action, move |context, outcome| {
        let text = match outcome {
            Ok(()) => done,
            Err(Rejection::NotAnOperator | Rejection::LacksRight(_)) => {
                "This is for operators".to_owned()
            }
            Err(Rejection::NoChange) => "It is so already".to_owned(),
            Err(Rejection::NoSuchAccount(_)) => "There is no such account".to_owned(),
            Err(Rejection::AccountExists(_)) => "This name is taken".to_owned(),
            Err(Rejection::BadAccountName(_)) => "This cannot be the name of an account".to_owned(),
            Err(Rejection::NoSuchBan(_)) => "That channel is not closed".to_owned(),
            Err(Rejection::BadChannelName(_)) => "That channel cannot be closed".to_owned(),
            Err(Rejection::NoSuchChannel(_)) => "There is no such channel".to_owned(),
            Err(Rejection::ChannelNotRegistered(_)) => "That channel is not registered".to_owned(),
            Err(rejection) => rejection.to_string(),
        };
        tell(context, service, &text);
    });
}
