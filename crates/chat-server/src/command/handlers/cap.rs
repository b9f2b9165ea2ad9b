//! `CAP LS|LIST|REQ|END`: what client and server can do beyond the old protocol (IRCv3, 302).

use std::borrow::Cow;

use chat_proto::numeric::ERR_INVALIDCAPCMD;
use chat_proto::{Capability, CapabilitySet, Message, WireLine, limit};

use crate::capabilities;
use crate::command::handlers::register;
use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let subcommand = message.param(0).unwrap_or_default();
    match subcommand.to_ascii_uppercase().as_str() {
        "LS" => {
            negotiating(context, true);
            agree(context, message.param(1).unwrap_or_default());
            list(context, "LS", context.state.capabilities);
        }
        "LIST" => list(context, "LIST", context.session.capabilities()),
        "REQ" => {
            negotiating(context, true);
            request(context, message.param(1).unwrap_or_default());
        }
        "END" => {
            negotiating(context, false);
            register::when_complete(context)?;
        }
        _ => return Err(Refusal::about(ERR_INVALIDCAPCMD, subcommand)),
    }
    Ok(())
}

/// The client says which version of the negotiation it knows; it never unlearns one.
fn agree(context: &Context<'_>, version: &str) {
    if version.parse().unwrap_or(0) >= 302 {
        // From 302 on, cap-notify is part of the agreement, for good.
        context.session.agree_to_302();
        let mut enabled = context.session.capabilities();
        enabled.insert(Capability::CapNotify);
        context.session.set_capabilities(enabled);
    }
}

/// All of a set. Before 302 there is one line only and there are no values: what does not fit is
/// left out.
fn list(context: &mut Context<'_>, subcommand: &str, set: CapabilitySet) {
    let newer = context.session.agreed_to_302();
    let set = if newer {
        set
    } else {
        set.difference(CapabilitySet::of(&[Capability::Sts]))
    };
    let values = newer && subcommand == "LS";
    let room = room(context, subcommand) - if newer { "* ".len() } else { 0 };
    let mut lines = capabilities::lines((context.state, context.session), set, values, room);
    if !newer {
        lines.truncate(1);
    }
    let last = lines.len() - 1;
    for (at, line) in lines.iter().enumerate() {
        reply(context, subcommand, at < last, line);
    }
}

/// All of what is asked or nothing.
fn request(context: &mut Context<'_>, asked: &str) {
    match wanted(context, asked) {
        Some(enabled) => {
            answer(context, "ACK", asked);
            context.session.set_capabilities(enabled);
        }
        None => answer(context, "NAK", asked),
    }
}

/// What is on after a request that can be met.
fn wanted(context: &Context<'_>, asked: &str) -> Option<CapabilitySet> {
    let mut enabled = context.session.capabilities();
    for word in asked.split_ascii_whitespace() {
        let (on, name) = match word.strip_prefix('-') {
            Some(name) => (false, name),
            None => (true, word),
        };
        let capability = Capability::parse(name)?;
        let available = context.state.capabilities.contains(capability);
        let agreed = capability == Capability::CapNotify && context.session.agreed_to_302();
        if !available || capabilities::is_only_told(capability) || (agreed && !on) {
            return None;
        }
        if on {
            enabled.insert(capability);
        } else {
            enabled.remove(capability);
        }
    }
    Some(enabled)
}

/// ACK or NAK with what was asked, letter by letter; in several lines where one is too short.
fn answer(context: &mut Context<'_>, subcommand: &str, asked: &str) {
    let room = room(context, subcommand);
    if asked.len() <= room {
        return reply(context, subcommand, false, asked);
    }
    let words = asked.split_ascii_whitespace().map(Cow::from);
    for line in capabilities::wrap(words, room) {
        reply(context, subcommand, false, &line);
    }
}

/// Bytes that are left for the capabilities in a line.
fn room(context: &Context<'_>, subcommand: &str) -> usize {
    let frame = context.state.config.name.len() + context.session.nick().len() + subcommand.len();
    limit::BODY.saturating_sub(frame + ": CAP   :\r\n".len())
}

/// Registration waits while capabilities are negotiated.
fn negotiating(context: &Context<'_>, on: bool) {
    if let Some(registration) = context.session.registration.borrow_mut().as_mut() {
        registration.negotiating = on;
    }
}

/// One line; `more`: others follow.
fn reply(context: &mut Context<'_>, subcommand: &str, more: bool, text: &str) {
    let line = WireLine::builder()
        .source(&context.state.config.name)
        .command("CAP")
        .param(&context.session.nick())
        .param(subcommand);
    let line = if more { line.param("*") } else { line };
    context.line(line.trailing(text).finish().into());
}
