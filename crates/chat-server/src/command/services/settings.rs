//! What the owner of an account may change.

use chat_network::{AccountSetting, Action, Rejection};
use smol_str::SmolStr;

use super::{
    NICKSERV, NOT_LOGGED_IN, Told,
    accounts::{certificate, own_name},
    tell,
};
use crate::auth::{self, Secrets};
use crate::command::enrol::is_email;
use crate::command::{Context, login};

pub(super) fn set(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (name, value) = (params[0].to_ascii_uppercase(), params[1]);
    if matches!(name.as_str(), "PASSWORD" | "PASS" | "PASSWD") {
        return match params {
            [_, rest @ ..] if rest.len() >= 2 => passwd(context, rest),
            _ => Err("Usage: PASSWD <present password> <new password>".into()),
        };
    }
    if name == "EMAIL" {
        return set_email(context, value);
    }
    let on = truth(value).ok_or("A setting is on or off")?;
    let setting = match name.as_str() {
        "ALWAYS-ON" | "ALWAYSON" => AccountSetting::AlwaysOn(on),
        "AUTO-AWAY" | "AUTOAWAY" => AccountSetting::AutoAway(on),
        "MULTICLIENT" => AccountSetting::Multiclient(on),
        _ => return Err("There is no such setting; HELP SET names them".into()),
    };
    let action = Action::SetAccountSetting {
        account: None,
        setting,
    };
    context.ask(action, move |context, outcome| {
        let text = match outcome {
            Ok(()) | Err(Rejection::NoChange) => format!("{name} is {}", word(on)),
            Err(Rejection::NotLoggedIn) => NOT_LOGGED_IN.to_owned(),
            Err(Rejection::NickMustBeAccount(account)) => {
                format!("For that your nick must be {account}: change it with /NICK first")
            }
            Err(_) => "That is not possible at the moment".to_owned(),
        };
        tell(context, &NICKSERV, &text);
    });
    Ok(())
}

/// Where the owner can be reached. Nothing is sent there: what it is worth is for the operators.
fn set_email(context: &mut Context<'_>, value: &str) -> Result<(), Told> {
    let none = value.eq_ignore_ascii_case("none");
    if none && context.state.settings().config.accounts.require_email {
        return Err("An address is needed here".into());
    }
    if !none && !is_email(value) {
        return Err("This is no address".into());
    }
    let email = (!none).then(|| SmolStr::new(value));
    context.ask(Action::SetEmail { email }, move |context, outcome| {
        let text = match outcome {
            Ok(()) if none => "Your address is forgotten",
            Ok(()) => "Your address is changed",
            Err(Rejection::NotLoggedIn) => NOT_LOGGED_IN,
            Err(_) => "That is not possible at the moment",
        };
        tell(context, &NICKSERV, text);
    });
    Ok(())
}

pub(super) fn get(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let settings = {
        let network = context.state.network.borrow();
        let account = login::account_of(context).and_then(|account| network.account(account));
        account.ok_or(NOT_LOGGED_IN)?.settings()
    };
    let name = params[0].to_ascii_uppercase();
    let on = match name.as_str() {
        "ALWAYS-ON" | "ALWAYSON" => settings.always_on,
        "AUTO-AWAY" | "AUTOAWAY" => settings.auto_away,
        "MULTICLIENT" => settings.multiclient,
        _ => return Err("There is no such setting; HELP SET names them".into()),
    };
    tell(context, &NICKSERV, &format!("{name} is {}", word(on)));
    Ok(())
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "yes" | "enabled" | "1" => Some(true),
        "off" | "false" | "no" | "disabled" | "0" => Some(false),
        _ => None,
    }
}

fn word(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// Another password, for who knows the present one.
pub(super) fn passwd(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let (present, new) = (params[0], params[1].to_owned());
    if params.get(2).is_some_and(|again| *again != new) {
        return Err("The two new passwords differ".into());
    }
    let name = own_name(context).ok_or(NOT_LOGGED_IN)?;
    auth::check_password(&name, &new).map_err(|error| error.to_string())?;
    login::check_password(
        context,
        &name,
        present,
        move |context, account| match account {
            Ok(_) => set_password(context, None, new),
            Err(login::LoginError::Wrong) => {
                tell(context, &NICKSERV, "This is not the present password");
            }
            Err(error) => tell(context, &NICKSERV, &error.to_string()),
        },
    );
    Ok(())
}

/// Another password for an account; without a name: the session's own.
pub(super) fn set_password(context: &mut Context<'_>, account: Option<SmolStr>, password: String) {
    let hasher = context.state.auth.hasher.clone();
    let work = async move { hasher.run(move || Secrets::of_password(&password)).await };
    context.work(work, move |context, secrets| {
        let secrets = match secrets {
            Ok(secrets) => secrets.to_network(),
            Err(busy) => return tell(context, &NICKSERV, &busy.to_string()),
        };
        let action = Action::SetSecrets { account, secrets };
        context.ask(action, |context, outcome| {
            let text = match outcome {
                Ok(()) => "The password is changed",
                Err(Rejection::NoSuchAccount(_)) => "There is no such account",
                Err(_) => "That is not possible at the moment",
            };
            tell(context, &NICKSERV, text);
        });
    });
}

pub(super) fn cert(context: &mut Context<'_>, params: &[&str]) -> Result<(), Told> {
    let given = params
        .get(1)
        .map(|given| SmolStr::new(given.replace(':', "").to_ascii_lowercase()));
    let (fingerprint, add) = match params[0].to_ascii_uppercase().as_str() {
        "LIST" => return certificates(context),
        "ADD" => {
            let own = certificate(context);
            (given.or(own).ok_or("Usage: CERT ADD <fingerprint>")?, true)
        }
        "DEL" | "DELETE" | "REMOVE" => (given.ok_or("Usage: CERT DEL <fingerprint>")?, false),
        _ => {
            return Err(
                "Usage: CERT LIST, CERT ADD [<fingerprint>], CERT DEL <fingerprint>".into(),
            );
        }
    };
    let account = None;
    let action = if add {
        Action::AddCertificate {
            account,
            fingerprint,
        }
    } else {
        Action::RemoveCertificate {
            account,
            fingerprint,
        }
    };
    context.ask(action, move |context, outcome| {
        let text = match outcome {
            Ok(()) if add => "The certificate logs you in from now on",
            Ok(()) => "The certificate does not log you in any more",
            Err(Rejection::NoChange) if add => "That certificate logs you in already",
            Err(Rejection::NoChange) => "That certificate did not log you in",
            Err(Rejection::BadFingerprint(_)) => {
                "A fingerprint is a SHA-256: 64 hexadecimal digits"
            }
            Err(Rejection::FingerprintInUse(_)) => "That certificate is another account's",
            Err(Rejection::TooMany(_)) => "Your account has as many certificates as it may have",
            Err(_) => "That is not possible at the moment",
        };
        tell(context, &NICKSERV, text);
    });
    Ok(())
}

fn certificates(context: &mut Context<'_>) -> Result<(), Told> {
    let certificates = {
        let network = context.state.network.borrow();
        let account = login::account_of(context).and_then(|account| network.account(account));
        account.ok_or(NOT_LOGGED_IN)?.certificates().to_vec()
    };
    let count = certificates.len();
    tell(
        context,
        &NICKSERV,
        &format!("Certificates of your account: {count}"),
    );
    for certificate in certificates {
        tell(context, &NICKSERV, &certificate);
    }
    Ok(())
}

/// Where the user is connected.
pub(super) fn sessions(context: &mut Context<'_>, _: &[&str]) -> Result<(), Told> {
    let mut lines = Vec::new();
    {
        let network = context.state.network.borrow();
        let own = context.session.id;
        let user = network.user_of(own).ok_or(NOT_LOGGED_IN)?;
        lines.push(format!(
            "Connections of {}: {}",
            user.nick(),
            user.sessions().len()
        ));
        for (number, session) in user.sessions().iter().enumerate() {
            let server = context.state.label_of(session.id.server());
            let this = if session.id == own { ", this one" } else { "" };
            let secure = if session.secure { ", secure" } else { "" };
            lines.push(format!("{}: on {server}{secure}{this}", number + 1));
        }
    }
    for line in lines {
        tell(context, &NICKSERV, &line);
    }
    Ok(())
}
