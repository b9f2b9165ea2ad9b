//! `KICK <channel>{,<channel>} <nick>{,<nick>} [<reason>]`: one channel and many nicks, or as many
//! of the one as of the other.

use std::sync::Arc;

use chat_network::Action;
use chat_proto::Message;
use chat_proto::numeric::{ERR_NEEDMOREPARAMS, ERR_TOOMANYTARGETS};

use crate::command::handlers::targets;
use crate::command::{Context, Refusal};
use crate::state::TARGETS;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let channels: Vec<&str> = targets(message.param(0).unwrap_or_default()).collect();
    let nicks: Vec<&str> = targets(message.param(1).unwrap_or_default()).collect();
    if nicks.len() > TARGETS {
        return Err(Refusal::about(ERR_TOOMANYTARGETS, nicks[TARGETS]));
    }
    if nicks.is_empty() || (channels.len() != 1 && channels.len() != nicks.len()) {
        return Err(Refusal::about(ERR_NEEDMOREPARAMS, "KICK"));
    }
    let reason: Arc<str> = match message.param(2) {
        Some(reason) if !reason.is_empty() => reason.into(),
        _ => context.session.nick().as_str().into(),
    };
    for (channel, nick) in channels.iter().cycle().zip(&nicks) {
        context.request(Action::Kick {
            channel: (*channel).into(),
            nick: (*nick).into(),
            reason: Arc::clone(&reason),
        });
    }
    Ok(())
}
