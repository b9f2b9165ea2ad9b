//! `RATE <1-5>`: stars for the server that the client is on.

use chat_network::Action;
use chat_proto::Message;

use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let given = message.param(0).unwrap_or_default();
    let stars = match given.as_bytes() {
        [digit @ b'1'..=b'5'] => digit - b'0',
        _ => {
            return Err(Refusal::Fail(
                "RATE",
                "INVALID_RATING",
                Context::shown(given),
                "A rating is a number of stars from 1 to 5",
            ));
        }
    };
    context.request(Action::Rate { stars });
    Ok(())
}
