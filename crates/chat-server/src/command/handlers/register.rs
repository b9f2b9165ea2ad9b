//! The step from a connection to a user.

use std::sync::Arc;

use chat_network::{Action, NewUser};
use chat_proto::numeric::ERR_PASSWDMISMATCH;

use crate::command::handlers::authenticate;
use crate::command::{Context, Refusal};
use crate::session::{Pending, Stage};

/// Asks the network to make the session a user, once all is said that is needed.
pub(super) fn when_complete(context: &mut Context<'_>) -> Result<(), Refusal> {
    if context.session.stage() != Stage::Opening {
        return Ok(());
    }
    let registration = context.session.registration.borrow();
    let Some(registration) = registration.as_ref().filter(|said| said.is_complete()) else {
        return Ok(());
    };
    if !registration.may_enter(&context.state.settings().config.password) {
        context.refuse(&Refusal::numeric(ERR_PASSWDMISMATCH));
        context.close("Bad password");
        return Ok(());
    }
    let (username, realname) = registration.user.clone().unwrap_or_default();
    let certificate = context.session.certificate.as_ref();
    let user = NewUser {
        nick: registration.nick.clone().unwrap_or_default(),
        // Not verified, as the tilde says.
        username: smol_str::format_smolstr!("~{username}"),
        host: context.session.host.clone(),
        realname,
        secure: context.session.secure,
        certificate: certificate.map(|shown| shown.to_string().into()),
        account: registration.account,
        away: registration.away.clone(),
    };
    authenticate::abort(context);
    context.session.asked();
    context.request_as(Action::Register(Box::new(user)), Pending::Register);
    if let Some(away) = &registration.away {
        let message = Some(Arc::clone(away));
        // It is so already, and this is its answer. Where the registration is refused, that is said.
        context.request_as(Action::Away { message }, Pending::Silent);
    }
    Ok(())
}
