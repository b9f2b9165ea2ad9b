//! `CAP LS|LIST|REQ|END`: what client and server can do beyond the old protocol (IRCv3, 302).

use chat_proto::numeric::ERR_INVALIDCAPCMD;
use chat_proto::{Capability, CapabilitySet, Message, WireLine};

use crate::command::handlers::register;
use crate::command::{Context, Refusal};
use crate::state::CAPABILITIES;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let subcommand = message.param(0).unwrap_or_default();
    match subcommand.to_ascii_uppercase().as_str() {
        "LS" => {
            negotiating(context, true);
            if message
                .param(1)
                .and_then(|version| version.parse().ok())
                .unwrap_or(0)
                >= 302
            {
                // From 302 on, cap-notify is part of the agreement, for good.
                context.session.agree_to_302();
                let mut enabled = context.session.capabilities();
                enabled.insert(Capability::CapNotify);
                context.session.set_capabilities(enabled);
            }
            reply(context, "LS", &listed(CAPABILITIES));
        }
        "LIST" => {
            let enabled = listed(context.session.capabilities());
            reply(context, "LIST", &enabled);
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

/// All of what is asked or nothing.
fn request(context: &mut Context<'_>, asked: &str) {
    let mut enabled = context.session.capabilities();
    for word in asked.split_ascii_whitespace() {
        let (on, name) = match word.strip_prefix('-') {
            Some(name) => (false, name),
            None => (true, word),
        };
        match Capability::parse(name).filter(|capability| CAPABILITIES.contains(*capability)) {
            Some(capability) if on => enabled.insert(capability),
            Some(Capability::CapNotify) if context.session.agreed_to_302() => {
                return reply(context, "NAK", asked);
            }
            Some(capability) => enabled.remove(capability),
            None => return reply(context, "NAK", asked),
        }
    }
    context.session.set_capabilities(enabled);
    reply(context, "ACK", asked);
}

/// Registration waits while capabilities are negotiated.
fn negotiating(context: &Context<'_>, on: bool) {
    if let Some(registration) = context.session.registration.borrow_mut().as_mut() {
        registration.negotiating = on;
    }
}

fn listed(set: CapabilitySet) -> String {
    let names: Vec<&str> = set.iter().map(Capability::name).collect();
    names.join(" ")
}

fn reply(context: &mut Context<'_>, subcommand: &str, text: &str) {
    let line = WireLine::builder()
        .source(&context.state.config.name)
        .command("CAP")
        .param(&context.session.nick())
        .param(subcommand)
        .trailing(text)
        .finish();
    context.line(line.into());
}
