//! `REGISTER <account> <email> <password>` and `VERIFY <account> <code>`: a new account
//! (draft/account-registration).

use chat_proto::{Message, WireLine};
use smol_str::SmolStr;

use crate::auth::PasswordError;
use crate::command::enrol::{self, EnrolError, Enrolled, Wanted};
use crate::command::handlers::authenticate::{logged_in, notify};
use crate::command::login::LoginError;
use crate::command::{Context, Refusal};
use crate::config::Config;

pub(crate) fn register(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let param = |at| message.param(at).unwrap_or_default();
    let (asked, email, password) = (param(0), param(1), param(2));
    may_ask(context, "REGISTER", asked)?;
    let nick = nick(context)
        .ok_or_else(|| Refusal::Fail("REGISTER", "NEED_NICK", "*".into(), "Send a NICK first"))?;
    let name = if asked == "*" { nick } else { asked.into() };
    let wanted = Wanted {
        name: name.clone(),
        email: (email != "*").then(|| email.into()),
        password: password.to_owned(),
    };
    enrol::enrol(context, wanted, move |context, outcome| {
        let (state, text) = match outcome {
            Ok(Enrolled::LoggedIn) => ("SUCCESS", "Account successfully registered"),
            Ok(Enrolled::CodeSent) => (
                "VERIFICATION_REQUIRED",
                "Account created, a code was sent to you: confirm it with VERIFY",
            ),
            Ok(Enrolled::Waits) => (
                "VERIFICATION_REQUIRED",
                "Account created, an operator has to verify it",
            ),
            Err(error) => {
                return refuse(
                    context,
                    "REGISTER",
                    code_of(error),
                    &name,
                    &error.to_string(),
                );
            }
        };
        answer(context, "REGISTER", state, &name, text);
        if outcome == Ok(Enrolled::LoggedIn) {
            logged_in(context);
            notify(context);
        }
    });
    Ok(())
}

pub(crate) fn verify(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let param = |at| message.param(at).unwrap_or_default();
    let (name, code) = (SmolStr::new(param(0)), param(1));
    may_ask(context, "VERIFY", &name)?;
    enrol::verify(context, &name.clone(), code, move |context, outcome| {
        let (code, text) = match outcome {
            Ok(()) => {
                answer(
                    context,
                    "VERIFY",
                    "SUCCESS",
                    &name,
                    "Account successfully registered",
                );
                logged_in(context);
                return notify(context);
            }
            Err(LoginError::Wrong) => ("INVALID_CODE", "This is not the code".to_owned()),
            Err(error @ LoginError::AlreadyLoggedIn) => {
                ("ALREADY_AUTHENTICATED", error.to_string())
            }
            Err(error) => ("TEMPORARILY_UNAVAILABLE", error.to_string()),
        };
        refuse(context, "VERIFY", code, &name, &text);
    });
    Ok(())
}

/// What the value of the capability says; `None`: nobody may register an account.
pub(crate) fn terms(config: &Config) -> Option<String> {
    let accounts = &config.accounts;
    let terms = [
        ("before-connect", may_before_connect(config)),
        ("custom-account-name", true),
        ("email-required", accounts.require_email),
    ];
    let told: Vec<&str> = terms
        .iter()
        .filter(|(_, on)| *on)
        .map(|(term, _)| *term)
        .collect();
    accounts.registration.then(|| told.join(","))
}

/// Who must know a password to enter has not shown to know it before it has entered.
fn may_before_connect(config: &Config) -> bool {
    config.accounts.before_connect && config.password.is_empty()
}

fn may_ask(context: &Context<'_>, command: &'static str, name: &str) -> Result<(), Refusal> {
    if context.session.user().is_some() || may_before_connect(&context.state.settings().config) {
        return Ok(());
    }
    let name = Context::shown(name);
    let text = "Complete the connection first";
    Err(Refusal::Fail(
        command,
        "COMPLETE_CONNECTION_REQUIRED",
        name,
        text,
    ))
}

/// The nick that the session has or has asked for.
fn nick(context: &Context<'_>) -> Option<SmolStr> {
    match context.session.registration.borrow().as_ref() {
        Some(said) => said.wanted.clone(),
        None => Some(context.session.nick().clone()),
    }
}

fn code_of(error: EnrolError) -> &'static str {
    match error {
        EnrolError::Disabled => "DISALLOWED",
        EnrolError::AlreadyLoggedIn => "ALREADY_AUTHENTICATED",
        EnrolError::BadName => "BAD_ACCOUNT_NAME",
        EnrolError::Exists => "ACCOUNT_EXISTS",
        EnrolError::Password(PasswordError::Weak) => "WEAK_PASSWORD",
        EnrolError::Password(PasswordError::Unacceptable) => "UNACCEPTABLE_PASSWORD",
        EnrolError::EmailNeeded | EnrolError::BadEmail => "INVALID_EMAIL",
        EnrolError::TooOften(_)
        | EnrolError::Busy(_)
        | EnrolError::NotSent
        | EnrolError::Unavailable => "TEMPORARILY_UNAVAILABLE",
    }
}

fn answer(context: &mut Context<'_>, command: &str, state: &str, name: &str, text: &str) {
    let line = WireLine::builder()
        .source(&context.state.config.name)
        .command(command)
        .param(state)
        .param(name)
        .trailing(text)
        .finish();
    context.line(line.into());
}

fn refuse(context: &mut Context<'_>, command: &str, code: &str, name: &str, text: &str) {
    let line = crate::render::fail(context.state, command, code, &Context::shown(name), text);
    context.line(line);
}
