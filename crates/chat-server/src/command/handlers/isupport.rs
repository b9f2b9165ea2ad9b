//! `ISUPPORT`: what the server supports, told again or before the registration is complete.

use chat_proto::numeric::ERR_NOTREGISTERED;
use chat_proto::{Capability, LineBuilder, Message, TagSection, WireLine};

use crate::command::{Context, Refusal};
use crate::render::Wire;
use crate::session::Stage;

/// Names the batch. Nothing else in a connection has this name, and it ends where it begins.
const REFERENCE: &str = "isupport";

pub(crate) fn handle(context: &mut Context<'_>, _: &Message) -> Result<(), Refusal> {
    let registered = matches!(context.session.stage(), Stage::Registered(_));
    if !registered && !context.session.has(Capability::ExtendedIsupport) {
        return Err(Refusal::numeric(ERR_NOTREGISTERED));
    }
    reply(context);
    Ok(())
}

/// The lines of 005: in a batch for who knows that.
pub(crate) fn reply(context: &mut Context<'_>) {
    let state = context.state;
    let nick = context.session.nick().clone();
    let batched =
        context.session.has(Capability::ExtendedIsupport) && context.session.has(Capability::Batch);
    if !batched {
        context.line(state.isupport.to(&nick));
        return;
    }
    let batch = |sign: char| -> LineBuilder {
        WireLine::builder()
            .source(&state.config.name)
            .command("BATCH")
            .param(&format!("{sign}{REFERENCE}"))
    };
    let mut tags = TagSection::new();
    tags.push("batch", REFERENCE);
    let begin = Wire::from(batch('+').param("draft/isupport").finish());
    let lines = state.isupport_bodies(&nick);
    let lines = lines
        .iter()
        .map(|body| Wire::from(WireLine::with_tags(&tags, body)));
    let end = Wire::from(batch('-').finish());
    context.line([begin].into_iter().chain(lines).chain([end]).collect());
}
