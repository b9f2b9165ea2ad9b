//! `QUIT [<reason>]`: answered by ERROR, also before registration.

use chat_network::Action;
use chat_proto::Message;

use crate::command::{Context, Refusal};
use crate::session::{Pending, Stage};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let reason = match message.param(0) {
        Some(reason) if !reason.is_empty() => format!("Quit: {reason}"),
        _ => "Quit".to_owned(),
    };
    if matches!(context.session.stage(), Stage::Registered(_)) {
        context.request_as(
            Action::Quit {
                reason: reason.into(),
            },
            Pending::Quit,
        );
    } else {
        context.close(&reason);
    }
    Ok(())
}
