//! `ISUPPORT`: what the server supports, told again or before the registration is complete.

use chat_proto::numeric::ERR_NOTREGISTERED;
use chat_proto::{Capability, Isupport, LineBuilder, Message, TagSection, WireLine};

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
    let settings = context.state.settings();
    if is_batched(context) {
        batch(context, &settings.supported);
    } else {
        let nick = context.session.nick().clone();
        context.line(settings.isupport.to(&nick));
    }
}

/// What has changed since it was told.
pub(crate) fn news(context: &mut Context<'_>, changed: &Isupport) {
    if changed.is_empty() {
        return;
    }
    if is_batched(context) {
        return batch(context, changed);
    }
    let nick = context.session.nick().clone();
    for line in changed.lines(&context.state.config.name, &nick) {
        context.line(line.into());
    }
}

/// Whether the lines come in a batch.
pub(crate) fn is_batched(context: &Context<'_>) -> bool {
    context.session.has(Capability::ExtendedIsupport) && context.session.has(Capability::Batch)
}

fn batch(context: &mut Context<'_>, supported: &Isupport) {
    let name = &context.state.config.name;
    let nick = context.session.nick().clone();
    let batch = |sign: char| -> LineBuilder {
        WireLine::builder()
            .source(name)
            .command("BATCH")
            .param(&format!("{sign}{REFERENCE}"))
    };
    let mut tags = TagSection::new();
    tags.push("batch", REFERENCE);
    let begin = Wire::from(batch('+').param("draft/isupport").finish());
    let lines = supported.bodies(name, &nick);
    let lines = lines
        .iter()
        .map(|body| Wire::from(WireLine::with_tags(&tags, body)));
    let end = Wire::from(batch('-').finish());
    context.line([begin].into_iter().chain(lines).chain([end]).collect());
}
