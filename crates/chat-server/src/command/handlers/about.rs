//! `INFO`, `ADMIN`, `LINKS` and `MAP`: what the server says of itself.

use chat_network::ServerId;
use chat_proto::Message;
use chat_proto::numeric::{
    ERR_NOADMININFO, RPL_ADMINEMAIL, RPL_ADMINLOC1, RPL_ADMINLOC2, RPL_ADMINME, RPL_ENDOFINFO,
    RPL_ENDOFLINKS, RPL_INFO, RPL_MAP, RPL_MAPEND,
};

use crate::command::{Context, Refusal};
use crate::state::VERSION;

/// `INFO`: the software, and since when it runs.
pub(crate) fn info(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    let state = context.state;
    let lines = [
        VERSION.to_owned(),
        state.settings().config.description.clone(),
        format!("{} is up since {}", state.label, state.created),
    ];
    for line in lines.iter().filter(|line| !line.is_empty()) {
        context.numeric_text(RPL_INFO, &[], line);
    }
    context.numeric(RPL_ENDOFINFO, &[]);
    Ok(())
}

/// `ADMIN`: who runs the place, in the words of the configuration.
pub(crate) fn admin(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    let state = context.state;
    let name = state.config.name.as_str();
    let settings = state.settings();
    let admin = &settings.config.admin;
    if admin.is_empty() {
        return Err(Refusal::about(ERR_NOADMININFO, name));
    }
    context.numeric(RPL_ADMINME, &[name]);
    let codes = [RPL_ADMINLOC1, RPL_ADMINLOC2, RPL_ADMINEMAIL];
    for (code, line) in codes.into_iter().zip(admin) {
        context.numeric_text(code, &[], line);
    }
    Ok(())
}

/// `LINKS [[<server>] <mask>]`: no server is linked; a fleet is one server to its clients.
pub(crate) fn links(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let mask = message.param(1).or(message.param(0));
    let mask = mask.filter(|mask| !mask.is_empty()).unwrap_or("*");
    context.numeric(RPL_ENDOFLINKS, &[&Context::shown(mask)]);
    Ok(())
}

/// `MAP`: the one name, and the servers behind it with who is on each.
pub(crate) fn map(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    let state = context.state;
    let snapshot = state.board.snapshot();
    let name = &state.config.name;
    context.numeric_text(
        RPL_MAP,
        &[],
        &format!("{name} [{} users]", snapshot.totals.now),
    );
    let last = snapshot.servers.len().saturating_sub(1);
    for (at, server) in snapshot.servers.iter().enumerate() {
        let number = u16::try_from(server.index + 1).unwrap_or(u16::MAX);
        let label = state.label_of(ServerId(number));
        let branch = if at == last { '`' } else { '|' };
        let line = format!("{branch}- {label} [{} users]", server.now);
        context.numeric_text(RPL_MAP, &[], &line);
    }
    context.numeric(RPL_MAPEND, &[]);
    Ok(())
}
