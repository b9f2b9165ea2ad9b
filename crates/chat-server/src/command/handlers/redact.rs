//! `REDACT <target> <msgid> [<reason>]`: withdraws a message.

use chat_network::{Action, MessageId, Redaction};
use chat_proto::Message;

use crate::command::{Context, Refusal, Step};
use crate::history::Question;

/// The database tells what is known of the message; whether it may be withdrawn is decided by the
/// network.
pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let id = message.param(1).unwrap_or_default();
    let reason = message.param(2).filter(|reason| !reason.is_empty());
    let wanted = Box::new(Redaction {
        target: message.param(0).unwrap_or_default().into(),
        id: id.into(),
        message: None,
        reason: reason.map(Into::into),
    });
    match id.parse::<MessageId>() {
        Ok(id) => {
            let question = Question::Redact(id, wanted);
            context.steps.push(Step::Ask(Box::new(question)));
        }
        Err(()) => context.request(Action::Redact(wanted)),
    }
    Ok(())
}
