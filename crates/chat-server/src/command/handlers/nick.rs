//! `NICK <nick>`: take a nick, or another.

use chat_network::{Action, Rejection};
use chat_proto::numeric::ERR_NONICKNAMEGIVEN;
use chat_proto::{Message, name};
use smol_str::SmolStr;

use crate::command::handlers::register;
use crate::command::{Context, Refusal};
use crate::session::Stage;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let nick = message.param(0).unwrap_or_default();
    if nick.is_empty() {
        return Err(Refusal::numeric(ERR_NONICKNAMEGIVEN));
    }
    if matches!(context.session.stage(), Stage::Registered(_)) {
        context.request(Action::Nick { nick: nick.into() });
        return Ok(());
    }
    {
        let network = context.state.network.borrow();
        if !name::is_valid_nick(nick, network.limits().nick) || name::is_like_service(nick) {
            return Err(Rejection::ErroneousNick(nick.into()).into());
        }
        let mut negotiating = false;
        if let Some(registration) = context.session.registration.borrow_mut().as_mut() {
            registration.wanted = Some(SmolStr::new(nick));
            negotiating = registration.negotiating;
        }
        // The network has the last word, but a client likes to know early. Who still negotiates may
        // log in to the account that has the nick.
        if !negotiating && network.user_like_nick(nick, None).is_some() {
            return Err(Rejection::NickInUse(nick.into()).into());
        }
    }
    if let Some(registration) = context.session.registration.borrow_mut().as_mut() {
        registration.nick = Some(SmolStr::new(nick));
    }
    context.session.set_nick(nick.into());
    register::when_complete(context)
}
