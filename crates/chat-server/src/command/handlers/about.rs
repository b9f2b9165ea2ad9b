//! `INFO`, `ADMIN` and `LINKS`: what the server says of itself.

use chat_proto::Message;
use chat_proto::numeric::{ERR_NOADMININFO, RPL_ENDOFINFO, RPL_ENDOFLINKS, RPL_INFO, RPL_LINKS};

use crate::command::{Context, Refusal};
use crate::state::VERSION;

/// `INFO`: the software, and since when it runs.
pub(crate) fn info(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    let state = context.state;
    let lines = [
        VERSION.to_owned(),
        state.config.description.clone(),
        format!("{} is up since {}", state.label, state.created),
    ];
    for line in lines.iter().filter(|line| !line.is_empty()) {
        context.numeric_text(RPL_INFO, &[], line);
    }
    context.numeric(RPL_ENDOFINFO, &[]);
    Ok(())
}

/// `ADMIN`: there is nothing that the operator could have set.
pub(crate) fn admin(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    Err(Refusal::about(ERR_NOADMININFO, &context.state.config.name))
}

/// `LINKS`: a fleet is one server to its clients.
pub(crate) fn links(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    let name = context.state.config.name.clone();
    let text = format!("0 {}", context.state.config.description);
    context.numeric_text(RPL_LINKS, &[&name, &name], &text);
    context.numeric(RPL_ENDOFLINKS, &["*"]);
    Ok(())
}
