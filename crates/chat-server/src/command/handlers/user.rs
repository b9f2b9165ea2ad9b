//! `USER <name> <mode> * <real name>`.

use chat_proto::numeric::ERR_NEEDMOREPARAMS;
use chat_proto::{Message, name};
use smol_str::SmolStr;

use crate::command::handlers::register;
use crate::command::{Context, Refusal, cut};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let (username, realname) = (message.param(0), message.param(3));
    if [username, realname]
        .iter()
        .any(|text| text.is_none_or(str::is_empty))
    {
        return Err(Refusal::about(ERR_NEEDMOREPARAMS, "USER"));
    }
    let limits = context.state.network.borrow().limits().clone();
    let username = name::clean_username(
        username.unwrap_or_default(),
        limits.username.saturating_sub(1),
    );
    let realname = cut(realname.unwrap_or_default(), limits.realname);
    if let Some(registration) = context.session.registration.borrow_mut().as_mut() {
        registration.user = Some((SmolStr::new(username), SmolStr::new(realname)));
    }
    register::when_complete(context)
}
