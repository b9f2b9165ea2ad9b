//! `SETNAME <real name>`: another real name.

use chat_network::Action;
use chat_proto::Message;
use smol_str::SmolStr;

use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let realname = message.param(0).unwrap_or_default();
    let limit = context.state.network.borrow().limits().realname;
    if realname.is_empty() || realname.len() > limit {
        return Err(Refusal::Fail(
            "SETNAME",
            "INVALID_REALNAME",
            SmolStr::default(),
            "A real name is not empty and not longer than NAMELEN",
        ));
    }
    context.request(Action::Realname {
        realname: realname.into(),
    });
    Ok(())
}
