//! `ACCEPT [-]<nick>{,[-]<nick>}`: lets somebody without an account write to one who has mode `R`.

use chat_network::Action;
use chat_proto::Message;
use chat_proto::numeric::ERR_TOOMANYTARGETS;

use crate::command::handlers::targets;
use crate::command::{Context, Refusal};
use crate::state::TARGETS;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let list = message.param(0).unwrap_or_default();
    if let Some(target) = targets(list).nth(TARGETS) {
        return Err(Refusal::about(ERR_TOOMANYTARGETS, target));
    }
    for target in targets(list) {
        let off = target.strip_prefix('-');
        context.request(Action::Accept {
            nick: off.unwrap_or(target).into(),
            on: off.is_none(),
        });
    }
    Ok(())
}
