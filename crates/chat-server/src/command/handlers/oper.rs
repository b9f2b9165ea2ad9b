//! `OPER <name> [<password>]`: a user becomes an operator.

use std::time::{Duration, Instant};

use chat_network::{Action, OperatorAction};
use chat_proto::numeric::{ERR_NOOPERHOST, ERR_PASSWDMISMATCH};
use chat_proto::{CaseMapping, Message};

use crate::auth::is_of_hash;
use crate::command::{Context, Refusal};
use crate::config::Operator;
use crate::session::Tries;

/// How a password begins of which the configuration has only a hash.
const HASH: &str = "$argon2";
/// Failures of a connection before it has to wait, and how long from the last.
const TRIES: u8 = 3;
const WAIT: Duration = Duration::from_secs(30);

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let name = message.param(0).unwrap_or_default();
    let given = message.param(1).unwrap_or_default();
    let tries = context.session.oper_tries();
    let waits = tries.last.is_some_and(|last| last.elapsed() < WAIT);
    if tries.count >= TRIES && waits {
        let text = "Too many tries, wait a while before the next";
        context.numeric_text(ERR_NOOPERHOST, &[], text);
        return Ok(());
    }
    let settings = context.state.settings();
    let operators = &settings.config.operators;
    if !operators.iter().any(|operator| is_from(context, operator)) {
        return Err(Refusal::numeric(ERR_NOOPERHOST));
    }
    // Who does not know the name is told the same as who does not know the password.
    let found = operators
        .iter()
        .find(|operator| operator.name == name)
        .filter(|operator| is_from(context, operator) && has_certificate(context, operator));
    let Some(operator) = found else {
        return Err(failed(context));
    };
    if operator.password.starts_with(HASH) {
        hashed(context, operator.clone(), given);
    } else if same(&operator.password, given) {
        enter(context, operator);
    } else {
        return Err(failed(context));
    }
    Ok(())
}

/// A password of which only a hash is known: compared off the server's thread.
fn hashed(context: &mut Context<'_>, operator: Operator, given: &str) {
    let (hasher, given) = (context.state.auth.hasher.clone(), given.to_owned());
    let hash = operator.password.clone();
    let work = async move { hasher.run(move || is_of_hash(&hash, &given)).await };
    context.work(work, move |context, right| match right {
        Ok(true) => enter(context, &operator),
        Ok(false) => {
            let refusal = failed(context);
            context.refuse(&refusal);
        }
        Err(busy) => context.numeric_text(ERR_NOOPERHOST, &[], &busy.to_string()),
    });
}

/// One more failure, and what the client is told of it.
fn failed(context: &Context<'_>) -> Refusal {
    let tries = context.session.oper_tries();
    let waits = tries.last.is_some_and(|last| last.elapsed() < WAIT);
    context.session.oper.set(Some(Box::new(Tries {
        count: if waits { tries.count + 1 } else { 1 },
        last: Some(Instant::now()),
    })));
    Refusal::numeric(ERR_PASSWDMISMATCH)
}

/// Asks the network to make the user an operator.
fn enter(context: &mut Context<'_>, operator: &Operator) {
    context.session.oper.set(None);
    let action = OperatorAction::Enter(operator.to_network());
    context.request(Action::Operate(Box::new(action)));
}

/// Whether the session comes from where an operator may come from.
fn is_from(context: &Context<'_>, operator: &Operator) -> bool {
    let network = context.state.network.borrow();
    let Some(user) = network.user_of(context.session.id) else {
        return false;
    };
    let from = format!("{}@{}", user.username(), context.session.host);
    operator.hosts.is_empty()
        || operator
            .hosts
            .iter()
            .any(|mask| CaseMapping::Ascii.mask_matches(mask, &from))
}

/// Whether the session has the certificate that an operator needs, if it needs one.
fn has_certificate(context: &Context<'_>, operator: &Operator) -> bool {
    let own = context.session.certificate.as_ref();
    operator.certificate.is_empty()
        || own.is_some_and(|own| own.to_string() == operator.certificate)
}

/// Whether two passwords are the same; takes the same time wherever they differ.
fn same(wanted: &str, given: &str) -> bool {
    let (wanted, given) = (wanted.as_bytes(), given.as_bytes());
    let differing = given
        .iter()
        .zip(wanted)
        .fold(0, |differing, (one, other)| differing | (one ^ other));
    given.len() == wanted.len() && differing == 0
}
