//! Accounts: who may use which, and what of them may change.

use std::sync::Arc;

use chat_proto::name::{is_like_service, is_valid_nick};
use smol_str::SmolStr;

use super::{Decision, cut_text};
use crate::{
    Account, AccountId, AccountSetting, Actor, Event, Network, NewAccount, Rejection, Secrets,
    Stamp, User, UserId, name,
};

/// Who asks about accounts.
#[derive(Clone, Copy)]
pub(super) enum Holder<'a> {
    /// A session that is not a user's (yet).
    Stranger,
    /// A user, logged in or not.
    User(&'a User),
    /// Who operates the chat.
    Operator,
}

impl Holder<'_> {
    fn user(self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(user.id()),
            Self::Stranger | Self::Operator => None,
        }
    }

    fn require_operator(self) -> Result<(), Rejection> {
        match self {
            Self::Operator => Ok(()),
            Self::Stranger | Self::User(_) => Err(Rejection::NotPermitted),
        }
    }

    fn is_logged_in(self) -> bool {
        matches!(self, Self::User(user) if user.account().is_some())
    }
}

pub(super) fn register(
    network: &Network,
    by: Holder<'_>,
    new: &NewAccount,
    stamp: Stamp,
) -> Decision {
    if by.is_logged_in() {
        return Err(Rejection::AlreadyLoggedIn);
    }
    if !is_valid_nick(&new.name, network.limits.nick) || is_like_service(&new.name) {
        return Err(Rejection::BadAccountName(new.name.clone()));
    }
    let taken = network
        .account_like_name(&new.name, None)
        .is_some_and(|account| {
            let waited = stamp.time.0.saturating_sub(account.created().0);
            account.is_verified()
                || waited < network.limits.verification_ms
                || !name::same(account.name(), &new.name)
        });
    let held = network.user_like_nick(&new.name, by.user()).is_some();
    if taken || (held && !matches!(by, Holder::Operator)) {
        return Err(Rejection::AccountExists(new.name.clone()));
    }
    if network.accounts.len() >= network.limits.accounts {
        return Err(Rejection::TooMany("accounts".into()));
    }
    Ok(Event::AccountRegistered {
        account: Box::new(new.clone()),
        user: by.user(),
    })
}

pub(super) fn verify(network: &Network, by: Holder<'_>, name: &SmolStr) -> Decision {
    if by.is_logged_in() {
        return Err(Rejection::AlreadyLoggedIn);
    }
    let account = network.named_account(name)?;
    if account.is_verified() {
        return Err(Rejection::NoChange);
    }
    let (account, user) = (account.id(), by.user());
    Ok(Event::AccountVerified { account, user })
}

pub(super) fn login(network: &Network, user: &User, account: AccountId) -> Decision {
    if user.account().is_some() {
        return Err(Rejection::AlreadyLoggedIn);
    }
    let account = network.usable_account(account)?.id();
    let user = user.id();
    Ok(Event::LoggedIn { user, account })
}

pub(super) fn logout(user: &User) -> Decision {
    user.account().ok_or(Rejection::NotLoggedIn)?;
    Ok(Event::LoggedOut { user: user.id() })
}

/// Where the owner of the asker's own account can be reached.
pub(super) fn set_email(user: &User, email: Option<&SmolStr>) -> Decision {
    Ok(Event::EmailSet {
        account: user.account().ok_or(Rejection::NotLoggedIn)?,
        email: email.cloned(),
    })
}

pub(super) fn set_secrets(
    network: &Network,
    by: Holder<'_>,
    name: Option<&SmolStr>,
    secrets: &Secrets,
) -> Decision {
    let account = network.managed_account(by, name)?.id();
    let secrets = secrets.clone();
    Ok(Event::SecretsSet { account, secrets })
}

pub(super) fn set(
    network: &Network,
    by: Holder<'_>,
    name: Option<&SmolStr>,
    setting: AccountSetting,
) -> Decision {
    let account = network.managed_account(by, name)?;
    // Who is on under another nick is not who would stay on.
    if let (Holder::User(user), AccountSetting::AlwaysOn(true)) = (by, setting)
        && !name::same(user.nick(), account.name())
    {
        return Err(Rejection::NickMustBeAccount(account.name().clone()));
    }
    if account.settings().with(setting) == account.settings() {
        return Err(Rejection::NoChange);
    }
    let account = account.id();
    Ok(Event::AccountSettingChanged { account, setting })
}

pub(super) fn certificate(
    network: &Network,
    by: Holder<'_>,
    name: Option<&SmolStr>,
    (fingerprint, added): (&SmolStr, bool),
) -> Decision {
    let account = network.managed_account(by, name)?;
    let valid = fingerprint.len() == 64 && fingerprint.bytes().all(|b| b.is_ascii_hexdigit());
    if !valid {
        return Err(Rejection::BadFingerprint(fingerprint.clone()));
    }
    let holder = network.account_by_certificate(fingerprint);
    let own = holder.is_some_and(|holder| holder.id() == account.id());
    if own == added {
        return Err(Rejection::NoChange);
    }
    if added && holder.is_some() {
        return Err(Rejection::FingerprintInUse(fingerprint.clone()));
    }
    if added && account.certificates().len() >= network.limits.certificates {
        return Err(Rejection::TooMany("certificates".into()));
    }
    Ok(Event::CertificateChanged {
        account: account.id(),
        fingerprint: fingerprint.to_ascii_lowercase().into(),
        added,
    })
}

pub(super) fn drop_account(network: &Network, by: Holder<'_>, name: Option<&SmolStr>) -> Decision {
    let account = network.managed_account(by, name)?.id();
    Ok(Event::AccountDropped { account })
}

pub(super) fn suspend(
    network: &Network,
    by: Holder<'_>,
    name: &SmolStr,
    reason: &Arc<str>,
) -> Decision {
    by.require_operator()?;
    let account = network.named_account(name)?;
    if account.suspended().is_some() {
        return Err(Rejection::NoChange);
    }
    Ok(Event::AccountSuspended {
        account: account.id(),
        reason: cut_text(reason, network.limits.kick),
    })
}

pub(super) fn unsuspend(network: &Network, by: Holder<'_>, name: &SmolStr) -> Decision {
    by.require_operator()?;
    let account = network.named_account(name)?;
    if account.suspended().is_none() {
        return Err(Rejection::NoChange);
    }
    let account = account.id();
    Ok(Event::AccountUnsuspended { account })
}

pub(super) fn ghost(network: &Network, by: &User, nick: &SmolStr, reason: &Arc<str>) -> Decision {
    let own = by.account().ok_or(Rejection::NotLoggedIn)?;
    let user = network.existing_user(nick)?;
    let owner = network.owner_of_nick(user.nick()).map(Account::id);
    let theirs = owner == Some(own) || user.account() == Some(own);
    if !theirs || user.id() == by.id() {
        return Err(Rejection::NotPermitted);
    }
    Ok(Event::Disconnected {
        by: Actor::User(by.id()),
        user: user.id(),
        reason: network.reason(reason),
    })
}

impl Network {
    /// An account by name.
    pub(super) fn named_account(&self, name: &SmolStr) -> Result<&Account, Rejection> {
        self.account_by_name(name)
            .ok_or_else(|| Rejection::NoSuchAccount(name.clone()))
    }

    /// An account that may be logged in to.
    pub(super) fn usable_account(&self, account: AccountId) -> Result<&Account, Rejection> {
        let account = self
            .account(account)
            .ok_or_else(|| Rejection::NoSuchAccount(SmolStr::default()))?;
        if account.suspended().is_some() {
            return Err(Rejection::AccountSuspended(account.name().clone()));
        }
        if !account.is_verified() {
            return Err(Rejection::AccountUnverified(account.name().clone()));
        }
        Ok(account)
    }

    /// The account that is meant, if who asks may change it: their own; for operators any.
    fn managed_account(
        &self,
        by: Holder<'_>,
        name: Option<&SmolStr>,
    ) -> Result<&Account, Rejection> {
        let own = match by {
            Holder::Operator => None,
            Holder::Stranger => return Err(Rejection::NotRegistered),
            Holder::User(user) => Some(self.account_of(user).ok_or(Rejection::NotLoggedIn)?),
        };
        match (own, name) {
            (None, Some(name)) => self.named_account(name),
            (None, None) => Err(Rejection::NotLoggedIn),
            (Some(own), Some(name)) if !name::same(own.name(), name) => {
                Err(Rejection::NotPermitted)
            }
            (Some(own), _) => Ok(own),
        }
    }

    /// ERR_NICKNAMEINUSE if a nick belongs to another account.
    pub(super) fn require_own_nick(
        &self,
        nick: &SmolStr,
        account: Option<AccountId>,
    ) -> Result<(), Rejection> {
        match self.account_like_name(nick, account) {
            Some(_) => Err(Rejection::NickReserved(nick.clone())),
            None => Ok(()),
        }
    }
}
