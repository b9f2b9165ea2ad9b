//! `AUTHENTICATE <mechanism>`, `AUTHENTICATE <response>`, `AUTHENTICATE *`: who somebody is (SASL).

use chat_network::{Account, AccountId, Timestamp};
use chat_proto::fold;
use chat_proto::numeric as n;
use chat_proto::sasl::scram::{self, ClientFirst};
use chat_proto::sasl::{Plain, SaslError, pieces};
use chat_proto::{Capability, Message, WireLine};

use crate::auth::{Challenged, random};
use crate::command::login::{self, LoginError};
use crate::command::{Context, Refusal};
use crate::render::{Rendered, event};
use crate::session::{Exchange, SaslStage, Session};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let given = message.param(0).unwrap_or_default();
    let exchange = context.session.login.take_exchange();
    if given == "*" {
        return Err(Refusal::numeric(n::ERR_SASLABORTED));
    }
    if login::account_of(context).is_some() {
        return Err(Refusal::numeric(n::ERR_SASLALREADY));
    }
    match exchange {
        None => begin(context, given),
        Some(exchange) => go_on(context, exchange, given),
    }
    Ok(())
}

/// The mechanisms that a session may use, as the value of the capability has them.
pub(crate) fn mechanisms(session: &Session) -> &'static str {
    if session.certificate.is_some() {
        "PLAIN,SCRAM-SHA-256,EXTERNAL"
    } else {
        "PLAIN,SCRAM-SHA-256"
    }
}

/// The registration is complete before the exchange is: it goes on without.
pub(crate) fn abort(context: &mut Context<'_>) {
    if context.session.login.take_exchange().is_some() {
        context.numeric(n::ERR_SASLABORTED, &[]);
    }
}

fn begin(context: &mut Context<'_>, mechanism: &str) {
    let stage = match mechanism.to_ascii_uppercase().as_str() {
        "PLAIN" => SaslStage::Plain,
        scram::NAME => SaslStage::ScramFirst,
        "EXTERNAL" if context.session.certificate.is_some() => SaslStage::External,
        _ => {
            let mechanisms = mechanisms(context.session);
            context.numeric(n::RPL_SASLMECHS, &[mechanisms]);
            return context.numeric(n::ERR_SASLFAIL, &[]);
        }
    };
    context.session.login.begin(stage);
    say(context, b"");
}

/// Takes one piece; a whole response is looked at.
fn go_on(context: &mut Context<'_>, mut exchange: Exchange, piece: &str) {
    match exchange.collector.push(piece) {
        Ok(None) => context.session.login.put_back(exchange),
        Ok(Some(response)) => respond(context, exchange.stage, &response),
        Err(SaslError::NotBase64) => fail(context, "The response is not base64"),
        Err(SaslError::PieceTooLong | SaslError::ResponseTooLong) => {
            context.numeric(n::ERR_SASLTOOLONG, &[]);
        }
    }
}

fn respond(context: &mut Context<'_>, stage: SaslStage, response: &[u8]) {
    match stage {
        SaslStage::Plain => plain(context, response),
        SaslStage::External => external(context, response),
        SaslStage::ScramFirst => scram_first(context, response),
        SaslStage::ScramProof(account, challenge) => match challenge.finish(response) {
            Ok(message) if account.is_some() => {
                say(context, message.as_bytes());
                let stage = account.map_or(SaslStage::Plain, SaslStage::ScramEnd);
                context.session.login.begin(stage);
            }
            _ => {
                login::failed(context);
                outcome(context, Err(LoginError::Wrong));
            }
        },
        // What the client says to the server's proof is nothing.
        SaslStage::ScramEnd(account) => enter(context, account),
    }
}

fn plain(context: &mut Context<'_>, response: &[u8]) {
    let Some(said) = Plain::parse(response) else {
        return fail(context, "The response is not one of PLAIN");
    };
    if !acts_as_itself(said.authzid, said.authcid) {
        return fail(context, "You cannot act as somebody else");
    }
    let name = without_device(said.authcid);
    login::check_password(
        context,
        name,
        said.password,
        |context, account| match account {
            Ok(account) => enter(context, account),
            Err(error) => outcome(context, Err(error)),
        },
    );
}

/// The certificate of the connection says who it is.
fn external(context: &mut Context<'_>, response: &[u8]) {
    if let Err(error) = login::attempt(context) {
        return outcome(context, Err(error));
    }
    let authzid = std::str::from_utf8(response).unwrap_or("*");
    let certificate = context.session.certificate.as_ref();
    let certificate = certificate.map(ToString::to_string).unwrap_or_default();
    let account = {
        let network = context.state.network.borrow();
        let account = network.account_by_certificate(&certificate);
        account
            .filter(|account| acts_as_itself(authzid, account.name()))
            .map(Account::id)
    };
    match account {
        Some(account) => enter(context, account),
        None => {
            login::failed(context);
            fail(context, "Your certificate belongs to no account");
        }
    }
}

/// Reads the keys of the account that the client says to be, and challenges it.
fn scram_first(context: &mut Context<'_>, response: &[u8]) {
    let Ok(first) = ClientFirst::parse(response) else {
        return fail(context, "The response is not one of SCRAM-SHA-256");
    };
    if !acts_as_itself(&first.authzid, &first.username) {
        return fail(context, "You cannot act as somebody else");
    }
    if let Err(error) = login::attempt(context) {
        return outcome(context, Err(error));
    }
    let name = without_device(&first.username).to_owned();
    let account = {
        let network = context.state.network.borrow();
        network.account_by_name(&name).map(Account::id)
    };
    let auth = &context.state.auth;
    let (keys, hasher) = (auth.keys_of(account, &name), auth.hasher.clone());
    let work = async move { Ok(hasher.run(keys).await??) };
    context.work(
        work,
        move |context, challenged: Result<Challenged, LoginError>| {
            let Challenged { account, keys } = match challenged {
                Ok(challenged) => challenged,
                Err(error) => return outcome(context, Err(error)),
            };
            let (message, challenge) = first.challenge(keys, &random::nonce());
            say(context, message.as_bytes());
            let stage = SaslStage::ScramProof(account, Box::new(challenge));
            context.session.login.begin(stage);
        },
    );
}

fn enter(context: &mut Context<'_>, account: AccountId) {
    login::enter(context, account, outcome);
}

/// The last words of an exchange.
fn outcome(context: &mut Context<'_>, outcome: Result<(), LoginError>) {
    match outcome {
        Ok(()) => {
            logged_in(context);
            context.numeric(n::RPL_SASLSUCCESS, &[]);
            notify(context);
        }
        Err(error @ LoginError::Suspended) => {
            context.numeric_text(n::ERR_NICKLOCKED, &[], &error.to_string());
        }
        Err(LoginError::AlreadyLoggedIn) => context.numeric(n::ERR_SASLALREADY, &[]),
        Err(error) => fail(context, &error.to_string()),
    }
}

/// RPL_LOGGEDIN, with the account that the session has now.
pub(crate) fn logged_in(context: &mut Context<'_>) {
    let name = {
        let network = context.state.network.borrow();
        let account = login::account_of(context).and_then(|account| network.account(account));
        account.map(|account| account.name().clone())
    };
    let name = name.unwrap_or_default();
    let (mask, text) = (
        login::mask(context),
        format!("You are now logged in as {name}"),
    );
    context.numeric_text(n::RPL_LOGGEDIN, &[&mask, &name], &text);
}

/// ACCOUNT, as the others who want to know get it: for the session itself it comes after the words
/// that answer its command.
pub(crate) fn notify(context: &mut Context<'_>) {
    if !context.session.has(Capability::AccountNotify) {
        return;
    }
    let line = {
        let network = context.state.network.borrow();
        network.user_of(context.session.id).map(|user| {
            let account = network.account_of(user).map(Account::name);
            let now = Timestamp(jiff::Timestamp::now().as_millisecond());
            let body = event::account(user, account.map_or("*", |account| account));
            let mut line = Rendered::new(body, now)
                .account(account)
                .bot(user.modes().bot);
            line.line(context.session.variant())
        })
    };
    if let Some(line) = line {
        context.line(line);
    }
}

fn fail(context: &mut Context<'_>, why: &str) {
    let text = format!("SASL authentication failed: {why}");
    context.numeric_text(n::ERR_SASLFAIL, &[], &text);
}

/// Sends what the server has to say in the exchange.
fn say(context: &mut Context<'_>, response: &[u8]) {
    for piece in pieces(response) {
        let line = WireLine::builder()
            .source(&context.state.config.name)
            .command("AUTHENTICATE")
            .param(&piece)
            .finish();
        context.line(line.into());
    }
}

/// Whether who logs in wants to act as itself.
fn acts_as_itself(authzid: &str, authcid: &str) -> bool {
    let device = without_device(authzid);
    device.is_empty() || fold::same(device, without_device(authcid))
}

/// The name of an account without the name of a device, which some clients put behind an `@`.
fn without_device(name: &str) -> &str {
    name.split_once('@').map_or(name, |(account, _)| account)
}
