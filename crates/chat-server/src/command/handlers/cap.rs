//! `CAP LS|LIST|REQ|END`: what client and server can do beyond the old protocol (IRCv3, 302).

use std::borrow::Cow;

use chat_proto::numeric::ERR_INVALIDCAPCMD;
use chat_proto::{Capability, CapabilitySet, Message, WireLine, capability, limit};

use crate::capabilities;
use crate::command::handlers::{account, register};
use crate::command::{Context, Refusal};
use crate::settings::Settings;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let subcommand = message.param(0).unwrap_or_default();
    match subcommand.to_ascii_uppercase().as_str() {
        "LS" => {
            negotiating(context, true);
            let newer = agree(context, message.param(1).unwrap_or_default());
            let all = context.state.settings().capabilities;
            list(context, "LS", all, newer);
        }
        "LIST" => {
            let newer = context.session.agreed_to_302();
            list(context, "LIST", context.session.capabilities(), newer);
        }
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

/// The client says which version of the negotiation it knows; it never unlearns one. Whether this
/// request is one of 302 or later, which is how it is answered.
fn agree(context: &Context<'_>, version: &str) -> bool {
    let newer = version.parse::<u64>().is_ok_and(|version| version >= 302);
    if newer {
        // From 302 on, cap-notify is part of the agreement, for good.
        context.session.agree_to_302();
        let mut enabled = context.session.capabilities();
        enabled.insert(Capability::CapNotify);
        context.session.set_capabilities(enabled);
    }
    newer
}

/// All of a set. Before 302 (`newer`) several lines and values are not to be sent: what does not fit
/// into one line, the last drafts, is left out. It can be asked for all the same.
fn list(context: &mut Context<'_>, subcommand: &str, set: CapabilitySet, newer: bool) {
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
    let available = context.state.settings().capabilities;
    let agreed_to_302 = context.session.agreed_to_302();
    capability::requested(asked, context.session.capabilities(), |capability, on| {
        // From 302 on, cap-notify is part of the agreement.
        let stays = capability == Capability::CapNotify && agreed_to_302 && !on;
        available.contains(capability) && !capabilities::is_only_told(capability) && !stays
    })
}

/// What has changed since the settings before, for who wants to know of it.
pub(crate) fn news(context: &mut Context<'_>, before: &Settings) {
    let settings = context.state.settings();
    let now = settings.capabilities;
    let mut added = now.difference(before.capabilities);
    let mut gone = before.capabilities.difference(now);
    if account::terms(&before.config) != account::terms(&settings.config) {
        added =
            added.union(now.intersection(CapabilitySet::of(&[Capability::AccountRegistration])));
    }
    if before.config.sts != settings.config.sts {
        added.insert(Capability::Sts);
    }
    // It cannot be taken back so, but by a value, told to who may have kept to it.
    gone.remove(Capability::Sts);
    if settings.config.sts.is_none() && !context.session.secure {
        added.remove(Capability::Sts);
    }
    let mut enabled = context.session.capabilities();
    enabled = enabled.difference(gone);
    context.session.set_capabilities(enabled);
    if !context.session.has(Capability::CapNotify) {
        return;
    }
    if !context.session.agreed_to_302() {
        added.remove(Capability::Sts);
    }
    for (subcommand, set) in [("NEW", added), ("DEL", gone)] {
        if set.is_empty() {
            continue;
        }
        let values = context.session.agreed_to_302() && subcommand == "NEW";
        let room = room(context, subcommand);
        let lines = capabilities::lines((context.state, context.session), set, values, room);
        for line in &lines {
            reply(context, subcommand, false, line);
        }
    }
}

/// ACK or NAK with what was asked, letter by letter; in several lines where one is too short.
fn answer(context: &mut Context<'_>, subcommand: &str, asked: &str) {
    let room = room(context, subcommand);
    if asked.len() <= room {
        return reply(context, subcommand, false, asked);
    }
    let words = asked.split_ascii_whitespace().map(Cow::from);
    for line in capability::wrap(words, room) {
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
