//! Logging in, by whatever way: SASL, NickServ and the registration of accounts share it.
//!
//! What takes its time (hashing, the database) is done off the server's thread; the command goes on
//! with the result. The network has the last word: an account may have been suspended meanwhile.

use chat_network::{AccountId, Action, Network, Rejection};
use thiserror::Error;

use crate::auth::{Busy, Secrets, Unreadable, Wait};
use crate::command::Context;

/// Why somebody is not let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub(crate) enum LoginError {
    /// There is no such account, or it is not the password: which of the two is not told.
    #[error("Invalid account name or password")]
    Wrong,
    /// The account is out of use.
    #[error("This account is suspended")]
    Suspended,
    /// The account waits for its verification.
    #[error("This account is not verified yet")]
    Unverified,
    /// The session has an account.
    #[error("You are logged in already")]
    AlreadyLoggedIn,
    /// Too many tries.
    #[error("Too many attempts, try again in {} seconds", .0.seconds())]
    TooOften(Wait),
    /// Too many people log in.
    #[error(transparent)]
    Busy(Busy),
    /// The database fails, or the network refuses for a reason that should not be.
    #[error("Logging in is not possible at the moment")]
    Unavailable,
}

impl From<Busy> for LoginError {
    fn from(busy: Busy) -> Self {
        Self::Busy(busy)
    }
}

impl From<Unreadable> for LoginError {
    fn from(_: Unreadable) -> Self {
        Self::Unavailable
    }
}

impl From<Wait> for LoginError {
    fn from(wait: Wait) -> Self {
        Self::TooOften(wait)
    }
}

/// The account that a session is logged in to: that of its user, or the one that it has proved to
/// be before it became a user.
pub(super) fn account_of(context: &Context<'_>) -> Option<AccountId> {
    let network = context.state.network.borrow();
    match network.user_of(context.session.id) {
        Some(user) => user.account(),
        None => {
            let registration = context.session.registration.borrow();
            registration.as_ref().and_then(|said| said.account)
        }
    }
}

/// Counts a try to prove something; refuses it where there were too many.
pub(super) fn attempt(context: &Context<'_>) -> Result<(), LoginError> {
    context.state.auth.failures.check(&context.session.host)?;
    Ok(context.session.login.attempt()?)
}

/// A try failed.
pub(super) fn failed(context: &Context<'_>) {
    let host = &context.session.host;
    context.state.auth.failures.count(host);
    tracing::info!(%host, "a login failed");
}

/// Checks a password, and goes on with the account that it is of.
pub(super) fn check_password(
    context: &mut Context<'_>,
    name: &str,
    password: &str,
    then: impl FnOnce(&mut Context<'_>, Result<AccountId, LoginError>) + 'static,
) {
    if let Err(error) = attempt(context) {
        return then(context, Err(error));
    }
    let network = context.state.network.borrow();
    let account = network.account_by_name(name).map(chat_network::Account::id);
    drop(network);
    let auth = &context.state.auth;
    let secrets = account.map(|account| auth.secrets_of(account));
    let (hasher, password) = (auth.hasher.clone(), password.to_owned());
    let work = async move {
        let check = move || match secrets {
            Some(secrets) => Ok(secrets()?.is_password(&password)),
            None => {
                Secrets::work_for_nothing(&password);
                Ok(false)
            }
        };
        hasher.run(check).await.map_err(LoginError::from)?
    };
    context.work(work, move |context, right: Result<bool, LoginError>| {
        let right = right.and_then(|right| account.filter(|_| right).ok_or(LoginError::Wrong));
        if right == Err(LoginError::Wrong) {
            failed(context);
        }
        then(context, right);
    });
}

/// Logs a session in to an account that it has proved to be.
pub(super) fn enter(
    context: &mut Context<'_>,
    account: AccountId,
    then: impl FnOnce(&mut Context<'_>, Result<(), LoginError>) + 'static,
) {
    if account_of(context).is_some() {
        return then(context, Err(LoginError::AlreadyLoggedIn));
    }
    if context.session.user().is_some() {
        return context.ask(Action::Login { account }, move |context, outcome| {
            then(context, outcome.map_err(|rejection| reason(&rejection)));
        });
    }
    let usable = usable(&context.state.network.borrow(), account);
    if usable.is_ok() {
        remember(context, account);
    }
    then(context, usable);
}

/// A session that is not a user's yet is logged in when it becomes one.
pub(super) fn remember(context: &Context<'_>, account: AccountId) {
    if let Some(said) = context.session.registration.borrow_mut().as_mut() {
        said.account = Some(account);
    }
}

/// Whether an account may be logged in to.
fn usable(network: &Network, account: AccountId) -> Result<(), LoginError> {
    let account = network.account(account).ok_or(LoginError::Wrong)?;
    if account.suspended().is_some() {
        Err(LoginError::Suspended)
    } else if account.is_verified() {
        Ok(())
    } else {
        Err(LoginError::Unverified)
    }
}

/// Why the network does not let somebody in.
fn reason(rejection: &Rejection) -> LoginError {
    match rejection {
        Rejection::NoSuchAccount(_) => LoginError::Wrong,
        Rejection::AccountSuspended(_) => LoginError::Suspended,
        Rejection::AccountUnverified(_) => LoginError::Unverified,
        Rejection::AlreadyLoggedIn => LoginError::AlreadyLoggedIn,
        _ => LoginError::Unavailable,
    }
}

/// `nick!user@host` of a session, with `*` for what is not said yet.
pub(super) fn mask(context: &Context<'_>) -> String {
    let network = context.state.network.borrow();
    if let Some(user) = network.user_of(context.session.id) {
        return user.prefix().to_string();
    }
    let registration = context.session.registration.borrow();
    let said = registration.as_ref().and_then(|said| said.user.as_ref());
    let username = said.map_or("*".to_owned(), |(username, _)| format!("~{username}"));
    format!(
        "{}!{username}@{}",
        context.session.nick(),
        context.session.host
    )
}
