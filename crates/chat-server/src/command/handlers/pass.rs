//! `PASS <password>`: looked at when the registration is complete.

use chat_proto::Message;

use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    if let Some(registration) = context.session.registration.borrow_mut().as_mut() {
        registration.password = message.param(0).map(Into::into);
    }
    Ok(())
}
