//! New accounts, by whatever way they are asked for: REGISTER, VERIFY and NickServ share it.

use chat_network::{Account, Action, NewAccount, Rejection};
use chat_proto::name;
use smol_str::SmolStr;
use thiserror::Error;

use crate::auth::{Busy, Letter, PasswordError, Secrets, Wait, check_password, random};
use crate::command::Context;
use crate::command::login::{self, LoginError};

/// What is wanted of a new account.
pub(super) struct Wanted {
    /// Its name.
    pub(super) name: SmolStr,
    /// Where its owner can be reached.
    pub(super) email: Option<SmolStr>,
    /// Its password.
    pub(super) password: String,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Enrolled {
    /// The session is logged in to it.
    LoggedIn,
    /// It waits to be verified, with a code that is on its way to its owner.
    CodeSent,
    /// It waits for an operator to verify it.
    Waits,
}

/// Why there is no new account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub(super) enum EnrolError {
    #[error("Accounts are made by the operators of this network")]
    Disabled,
    #[error("You are logged in already")]
    AlreadyLoggedIn,
    #[error("This cannot be the name of an account")]
    BadName,
    #[error("This name is taken")]
    Exists,
    #[error(transparent)]
    Password(PasswordError),
    #[error("An address at which you get mail is needed")]
    EmailNeeded,
    #[error("This is no address at which you get mail")]
    BadEmail,
    #[error("Too many accounts from your address, try again in {} seconds", .0.seconds())]
    TooOften(Wait),
    #[error(transparent)]
    Busy(Busy),
    #[error("The code could not be sent, try again later")]
    NotSent,
    #[error("No accounts can be made at the moment, try again later")]
    Unavailable,
}

/// Makes an account, and goes on with what became of it.
pub(super) fn enrol(
    context: &mut Context<'_>,
    wanted: Wanted,
    then: impl FnOnce(&mut Context<'_>, Result<Enrolled, EnrolError>) + 'static,
) {
    if let Err(error) = check(context, &wanted) {
        return then(context, Err(error));
    }
    let auth = &context.state.auth;
    let (hasher, letters) = (auth.hasher.clone(), auth.letters.clone());
    let courier = auth.courier.clone();
    let verified = !context.state.settings().config.accounts.require_email;
    let Wanted {
        name,
        email,
        password,
    } = wanted;
    let account = name.clone();
    let work = async move {
        let code = (!verified).then(random::code);
        let wanted = code.clone();
        let hashing = hasher.run(move || {
            let mut secrets = Secrets::of_password(&password);
            if let Some(code) = &wanted {
                secrets.set_code(code);
            }
            secrets
        });
        let secrets = hashing.await.map_err(EnrolError::Busy)?;
        let mut enrolled = Enrolled::LoggedIn;
        if let Some(code) = code {
            enrolled = Enrolled::Waits;
            if let Some(courier) = courier {
                let letter = Letter {
                    account: account.to_string(),
                    email: email.as_deref().unwrap_or_default().to_owned(),
                    code,
                };
                let bringing = letters.run(move || courier.bring(&letter));
                if let Err(error) = bringing.await.map_err(EnrolError::Busy)? {
                    tracing::warn!(%account, %error, "a code could not be sent");
                    return Err(EnrolError::NotSent);
                }
                enrolled = Enrolled::CodeSent;
            }
        }
        let new = NewAccount {
            name: account,
            secrets: secrets.to_network(),
            email,
            verified,
        };
        Ok((new, enrolled))
    };
    context.work(work, move |context, made| match made {
        Ok((new, enrolled)) => ask(context, new, enrolled, then),
        Err(error) => then(context, Err(error)),
    });
}

fn ask(
    context: &mut Context<'_>,
    new: NewAccount,
    enrolled: Enrolled,
    then: impl FnOnce(&mut Context<'_>, Result<Enrolled, EnrolError>) + 'static,
) {
    let name = new.name.clone();
    let action = Action::RegisterAccount(Box::new(new));
    context.ask(action, move |context, outcome| {
        if outcome.is_ok() && enrolled == Enrolled::LoggedIn {
            remember(context, &name);
        }
        let outcome = outcome.map(|()| enrolled);
        then(context, outcome.map_err(|rejection| reason(&rejection)));
    });
}

/// Checks the code of a new account, and goes on.
pub(super) fn verify(
    context: &mut Context<'_>,
    name: &str,
    code: &str,
    then: impl FnOnce(&mut Context<'_>, Result<(), LoginError>) + 'static,
) {
    let checked = match login::account_of(context) {
        Some(_) => Err(LoginError::AlreadyLoggedIn),
        None => login::attempt(context),
    };
    if let Err(error) = checked {
        return then(context, Err(error));
    }
    let account = {
        let network = context.state.network.borrow();
        let account = network.account_by_name(name);
        let waits = account.filter(|account| !account.is_verified());
        waits.map(|account| (account.id(), account.name().clone()))
    };
    let Some((account, name)) = account else {
        login::failed(context);
        return then(context, Err(LoginError::Wrong));
    };
    let auth = &context.state.auth;
    let (secrets, hasher) = (auth.secrets_of(account), auth.hasher.clone());
    let code = code.to_owned();
    let work = async move { Ok(hasher.run(move || Ok(secrets()?.is_code(&code))).await?) };
    context.work(work, move |context, right| {
        let right: Result<bool, LoginError> = right.and_then(std::convert::identity);
        match right {
            Ok(true) => {
                let account = name.clone();
                let action = Action::VerifyAccount { account };
                context.ask(action, move |context, outcome| {
                    if outcome.is_ok() {
                        remember(context, &name);
                    }
                    then(context, outcome.map_err(|_| LoginError::Unavailable));
                });
            }
            Ok(false) => {
                login::failed(context);
                then(context, Err(LoginError::Wrong));
            }
            Err(error) => then(context, Err(error)),
        }
    });
}

/// A session that is not a user's yet is logged in to its new account when it becomes one.
fn remember(context: &mut Context<'_>, name: &str) {
    if context.session.user().is_none() {
        let network = context.state.network.borrow();
        if let Some(account) = network.account_by_name(name).map(Account::id) {
            login::remember(context, account);
        }
    }
}

/// What can be told before any work is done.
fn check(context: &Context<'_>, wanted: &Wanted) -> Result<(), EnrolError> {
    let settings = context.state.settings();
    let accounts = &settings.config.accounts;
    if !accounts.registration {
        return Err(EnrolError::Disabled);
    }
    if login::account_of(context).is_some() {
        return Err(EnrolError::AlreadyLoggedIn);
    }
    {
        let network = context.state.network.borrow();
        let valid = name::is_valid_nick(&wanted.name, network.limits().nick);
        if !valid || name::is_like_service(&wanted.name) {
            return Err(EnrolError::BadName);
        }
        let own = network.user_of(context.session.id).map(|user| user.id());
        let holder = network.user_by_nick(&wanted.name).map(|user| user.id());
        let account = network.account_by_name(&wanted.name);
        if account.is_some_and(Account::is_verified) || (holder.is_some() && holder != own) {
            return Err(EnrolError::Exists);
        }
    }
    check_password(&wanted.name, &wanted.password).map_err(EnrolError::Password)?;
    match wanted.email.as_deref() {
        None if accounts.require_email => return Err(EnrolError::EmailNeeded),
        Some(email) if !is_email(email) => return Err(EnrolError::BadEmail),
        _ => {}
    }
    let registrations = &context.state.auth.registrations;
    let host = &context.session.host;
    registrations.check(host).map_err(EnrolError::TooOften)?;
    registrations.count(host);
    Ok(())
}

/// Whether a text looks like an address for mail. Whether it is one only a letter can tell.
pub(super) fn is_email(text: &str) -> bool {
    let fits = text.len() <= 254 && text.chars().all(|c| !c.is_control() && c != ' ');
    let parts = text.rsplit_once('@');
    fits && parts.is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    })
}

fn reason(rejection: &Rejection) -> EnrolError {
    match rejection {
        Rejection::AccountExists(_) => EnrolError::Exists,
        Rejection::BadAccountName(_) => EnrolError::BadName,
        Rejection::AlreadyLoggedIn => EnrolError::AlreadyLoggedIn,
        _ => EnrolError::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_look_like_addresses() {
        for good in ["a@b.c", "jörg+tag@exämple.org", "\"a@b\"@c.d"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "", "*", "a", "a@b", "@b.c", "a@.c", "a@c.", "a b@c.d", "a\n@b.c",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
