//! `RELAYMSG <channel> <nick> <text>`: a bridge speaks for somebody from elsewhere, whose nick has a
//! `/` in it.

use chat_network::{Action, Relay};
use chat_proto::Message;
use smol_str::SmolStr;

use crate::command::handlers::privmsg;
use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let text = message.param(2).unwrap_or_default();
    if text.trim().is_empty() {
        let why = "The message must not be blank";
        return Err(Refusal::Fail(
            "RELAYMSG",
            "BLANK_MSG",
            SmolStr::default(),
            why,
        ));
    }
    let tags = privmsg::client_only_tags(context, message);
    context.request(Action::Relay(Box::new(Relay {
        channel: message.param(0).unwrap_or_default().into(),
        nick: message.param(1).unwrap_or_default().into(),
        text: text.into(),
        tags,
    })));
    Ok(())
}
