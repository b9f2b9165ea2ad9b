//! `AWAY [<message>]`: be away, or come back; before the registration is complete for who has agreed
//! to that.

use chat_network::Action;
use chat_proto::numeric::ERR_NOTREGISTERED;
use chat_proto::{Capability, Message};

use crate::command::{Context, Refusal};
use crate::session::Stage;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let text = message.param(0).filter(|text| !text.is_empty());
    if matches!(context.session.stage(), Stage::Registered(_)) {
        context.request(Action::Away {
            message: text.map(Into::into),
        });
        return Ok(());
    }
    if !context.session.has(Capability::PreAway) {
        return Err(Refusal::numeric(ERR_NOTREGISTERED));
    }
    if let Some(registration) = context.session.registration.borrow_mut().as_mut() {
        registration.away = text.map(Into::into);
    }
    Ok(())
}
