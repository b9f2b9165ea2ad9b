//! What NickServ does for people: accounts come, are logged in to, and go.

use chat_network::{Account, Action, Rejection};
use chat_proto::fold;
use chat_proto::numeric::RPL_LOGGEDOUT;
use smol_str::SmolStr;

use super::{NICKSERV, NOT_LOGGED_IN, Told, confirmation, date, tell};
use crate::command::enrol::{self, Enrolled, Wanted};
use crate::command::handlers::authenticate;
use crate::command::login::{self, LoginError};
use crate::command::{Context, cut};

pub(super) fn register(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (password, email) = (params[0], params.get(1));
    let wanted = Wanted {
        name: context.session.nick().clone(),
        email: email.filter(|email| **email != "*").map(SmolStr::new),
        password: password.to_owned(),
    };
    enrol::enrol(context, wanted, |context, outcome| match outcome {
        Ok(Enrolled::LoggedIn) => {
            tell(context, &NICKSERV, "Account created");
            welcome(context);
        }
        Ok(Enrolled::CodeSent) => {
            let text =
                "Account created. A code was sent to you: confirm it with VERIFY <account> <code>";
            tell(context, &NICKSERV, text);
        }
        Ok(Enrolled::Waits) => {
            let text = "Account created. It can be used when an operator has verified it";
            tell(context, &NICKSERV, text);
        }
        Err(error) => tell(context, &NICKSERV, &error.to_string()),
    });
    Ok(())
}

pub(super) fn verify(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    enrol::verify(
        context,
        params[0],
        params[1],
        |context, outcome| match outcome {
            Ok(()) => {
                tell(context, &NICKSERV, "Account verified");
                welcome(context);
            }
            Err(LoginError::Wrong) => tell(context, &NICKSERV, "This is not the code"),
            Err(error) => tell(context, &NICKSERV, &error.to_string()),
        },
    );
    Ok(())
}

pub(super) fn identify(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    if login::account_of(context).is_some() {
        return Err(LoginError::AlreadyLoggedIn.to_string().into());
    }
    let nick = context.session.nick().clone();
    let (name, password) = match params {
        [] => return by_certificate(context, None),
        [name] if context.session.certificate.is_some() && names_account(context, name) => {
            return by_certificate(context, Some(name));
        }
        [password] => (nick.as_str(), *password),
        [name, password, ..] => (*name, *password),
    };
    login::check_password(context, name, password, |context, account| match account {
        Ok(account) => login::enter(context, account, outcome),
        Err(error) => outcome(context, Err(error)),
    });
    Ok(())
}

/// The certificate of the connection says who it is.
fn by_certificate(context: &mut Context<'_>, name: Option<&str>) -> Result<(), Told> {
    let Some(certificate) = certificate(context) else {
        return Err("Usage: IDENTIFY [<account>] <password>".into());
    };
    login::attempt(context).map_err(|error| error.to_string())?;
    let account = {
        let network = context.state.network.borrow();
        let account = network.account_by_certificate(&certificate);
        let named = |account: &&Account| name.is_none_or(|name| fold::same(account.name(), name));
        account.filter(named).map(Account::id)
    };
    match account {
        Some(account) => login::enter(context, account, outcome),
        None => {
            login::failed(context);
            return Err("Your certificate does not log in to that".into());
        }
    }
    Ok(())
}

/// The fingerprint of the connection's certificate, if it has one.
pub(super) fn certificate(context: &Context<'_>) -> Option<SmolStr> {
    let certificate = context.session.certificate.as_ref()?;
    Some(smol_str::format_smolstr!("{certificate}"))
}

fn names_account(context: &Context<'_>, name: &str) -> bool {
    context
        .state
        .network
        .borrow()
        .account_by_name(name)
        .is_some()
}

fn outcome(context: &mut Context<'_>, outcome: Result<(), LoginError>) {
    match outcome {
        Ok(()) => welcome(context),
        Err(error) => tell(context, &NICKSERV, &error.to_string()),
    }
}

fn welcome(context: &mut Context<'_>) {
    authenticate::logged_in(context);
    let name = own_name(context).unwrap_or_default();
    tell(
        context,
        &NICKSERV,
        &format!("You're now logged in as {name}"),
    );
    authenticate::notify(context);
}

pub(super) fn logout(context: &mut Context<'_>, _: &[&str]) -> Result<(), Told> {
    context.ask(Action::Logout, |context, outcome| {
        if outcome.is_err() {
            return tell(context, &NICKSERV, NOT_LOGGED_IN);
        }
        let mask = login::mask(context);
        context.numeric(RPL_LOGGEDOUT, &[&mask]);
        tell(context, &NICKSERV, "You are logged out");
        authenticate::notify(context);
    });
    Ok(())
}

pub(super) fn info(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let name = match params.first() {
        Some(name) => SmolStr::new(name),
        None => own_name(context).ok_or(NOT_LOGGED_IN)?,
    };
    let mut lines = Vec::new();
    {
        let network = context.state.network.borrow();
        let account = network
            .account_by_name(&name)
            .filter(|account| account.is_verified())
            .ok_or("There is no such account")?;
        lines.push(format!("Account: {}", account.name()));
        lines.push(format!("Registered: {}", date(account.created())));
        if let Some(suspension) = account.suspended() {
            let since = date(suspension.since);
            lines.push(format!("Suspended since {since}: {}", suspension.reason));
        }
        if login::account_of(context) == Some(account.id()) {
            for channel in network.channels() {
                let registration = channel.registration();
                if registration.is_some_and(|kept| kept.founder == account.id()) {
                    lines.push(format!("Channel: {}", channel.name()));
                }
            }
            let certificates = account.certificates().len();
            lines.push(format!("Certificates: {certificates}"));
        }
    }
    for line in lines {
        tell(context, &NICKSERV, &line);
    }
    Ok(())
}

pub(super) fn ghost(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    ask_ghost(context, params[0], |context, nick| {
        let text = format!("{nick} is free");
        tell(context, &NICKSERV, &text);
    });
    Ok(())
}

/// Takes the nick back, and takes it.
pub(super) fn regain(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let nick = SmolStr::new(params[0]);
    if context.state.network.borrow().user_by_nick(&nick).is_none() {
        context.request(Action::Nick { nick });
        return Ok(());
    }
    ask_ghost(context, params[0], |context, nick| {
        context.request(Action::Nick { nick: nick.into() });
    });
    Ok(())
}

fn ask_ghost(context: &mut Context<'_>, nick: &str, then: fn(&mut Context<'_>, &str)) {
    let reason = format!("GHOST command used by {}", context.session.nick());
    let nick = SmolStr::new(cut(nick, 64));
    let action = Action::Ghost {
        nick: nick.clone(),
        reason: reason.into(),
    };
    context.ask(action, move |context, outcome| match outcome {
        Ok(()) => then(context, &nick),
        Err(Rejection::NoSuchNick(_)) => tell(context, &NICKSERV, "Nobody has that nick"),
        Err(Rejection::NotLoggedIn) => tell(context, &NICKSERV, NOT_LOGGED_IN),
        Err(_) => tell(context, &NICKSERV, "You cannot do that to this nick"),
    });
}

pub(super) fn drop(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (code, own) = {
        let network = context.state.network.borrow();
        let account = login::account_of(context).and_then(|account| network.account(account));
        let account = account.ok_or(NOT_LOGGED_IN)?;
        let code = confirmation(account.name(), account.created().0);
        (code, account.name().clone())
    };
    if params
        .first()
        .is_some_and(|name| !fold::same(name, &own) && *name != code)
    {
        return Err("This is not your account".into());
    }
    if params.last().is_none_or(|given| *given != code) {
        let lines = [
            format!("This deletes the account {own}, its settings and its registered channels."),
            "Who wants to keep a channel gives it to somebody before (ChanServ TRANSFER)."
                .to_owned(),
            format!("If you mean it: /msg NickServ DROP {own} {code}"),
        ];
        for line in lines {
            tell(context, &NICKSERV, &line);
        }
        return Ok(());
    }
    let action = Action::DropAccount { account: None };
    context.ask(action, move |context, outcome| {
        if outcome.is_err() {
            return tell(context, &NICKSERV, "That is not possible at the moment");
        }
        let mask = login::mask(context);
        context.numeric(RPL_LOGGEDOUT, &[&mask]);
        tell(context, &NICKSERV, &format!("The account {own} is deleted"));
        authenticate::notify(context);
    });
    Ok(())
}

/// The name of the account that the session is logged in to.
pub(super) fn own_name(context: &Context<'_>) -> Option<SmolStr> {
    let network = context.state.network.borrow();
    let account = network.account(login::account_of(context)?)?;
    Some(account.name().clone())
}
