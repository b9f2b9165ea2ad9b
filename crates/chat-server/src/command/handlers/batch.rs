//! `BATCH +<reference> draft/multiline <target>`, `BATCH -<reference>`: a message of several lines
//! ([client-batch](https://ircv3.net/specs/extensions/client-batch),
//! [multiline](https://ircv3.net/specs/extensions/multiline)).

use std::sync::Arc;

use chat_network::{Action, MessageKind};
use chat_proto::{Capability, Message, multiline};
use smol_str::{SmolStr, format_smolstr};

use crate::command::handlers::privmsg;
use crate::command::{Context, Refusal, cut};
use crate::label;
use crate::session::{Fault, Multiline, Pending};
use crate::state::{MULTILINE_BYTES, MULTILINE_LINES};

const NO_BATCH: &str = "There is no such batch";
/// Bytes of a reference; a longer one is none.
const REFERENCE: usize = 64;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let tag = message.param(0).unwrap_or_default();
    let (begins, reference) = match (tag.strip_prefix('+'), tag.strip_prefix('-')) {
        (Some(reference), _) => (true, reference),
        (_, Some(reference)) => (false, reference),
        _ => return Err(bad_reference(tag)),
    };
    let fits = !reference.is_empty() && reference.len() <= REFERENCE;
    if !fits
        || !reference
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return Err(bad_reference(reference));
    }
    if begins {
        begin(context, message, reference)
    } else {
        end(context, reference)
    }
}

fn begin(context: &mut Context<'_>, message: &Message, reference: &str) -> Result<(), Refusal> {
    let kind = message.param(1).unwrap_or_default();
    let before = context.session.multiline.take();
    let known = kind == multiline::BATCH && context.session.has(Capability::Multiline);
    let refused = || Some(Box::new(Multiline::refused(reference)));
    if !known {
        context.session.multiline.replace(refused());
        let what = format_smolstr!("{reference} {}", cut(kind, REFERENCE));
        let text = "Batches of this type are not known";
        return Err(Refusal::Fail("BATCH", "UNKNOWN_TYPE", what, text));
    }
    let target = message.param(2).filter(|target| !target.is_empty());
    let (Some(target), false) = (target, before.is_some_and(|before| !before.has_failed())) else {
        context.session.multiline.replace(refused());
        return Err(refusal("", &Fault::Invalid("Not the beginning of a batch")));
    };
    let label = label::of(context.session, message);
    let mut batch = Multiline::new(reference, target, label);
    batch.tags = privmsg::client_only_tags(context, message);
    context.session.multiline.replace(Some(Box::new(batch)));
    Ok(())
}

fn end(context: &mut Context<'_>, reference: &str) -> Result<(), Refusal> {
    let Some(batch) = context.session.multiline.take() else {
        return Err(refusal("", &Fault::Invalid(NO_BATCH)));
    };
    if batch.has_failed() {
        return Ok(());
    }
    if !batch.is(reference) {
        return Err(refusal("", &Fault::Invalid("This is another batch")));
    }
    let (kind, text) = batch
        .finish()
        .map_err(|fault| refusal(&batch.target, &fault))?;
    let text: Arc<str> = text.into();
    let pending = match kind {
        MessageKind::Privmsg => Pending::Plain,
        MessageKind::Notice | MessageKind::Tagmsg => Pending::Silent,
    };
    let action = Action::Message {
        kind,
        target: batch.target.clone(),
        text,
        tags: batch.tags.clone(),
    };
    context.request_as(action, pending);
    Ok(())
}

/// Takes a message that belongs to a batch, or to none while one is open. `true`: there is nothing
/// more to be done with it.
pub(crate) fn absorb(context: &mut Context<'_>, message: &Message) -> Result<bool, Refusal> {
    let mut open = context.session.multiline.borrow_mut();
    let reference = message.tag("batch");
    let kind = match message.command_upper().as_ref() {
        "PRIVMSG" => Some(MessageKind::Privmsg),
        "NOTICE" => Some(MessageKind::Notice),
        // What keeps the connection alive is no part of the talk.
        "BATCH" | "PING" | "PONG" | "QUIT" => return Ok(false),
        _ => None,
    };
    let Some(batch) = open.as_mut() else {
        return match (reference, kind) {
            (Some(_), Some(_)) => Err(refusal("", &Fault::Invalid(NO_BATCH))),
            _ => Ok(false),
        };
    };
    if batch.has_failed() {
        if reference.as_deref().is_some_and(|own| batch.is(own)) {
            return Ok(true);
        }
        // The client has noticed, and goes on with something else.
        *open = None;
        return match (reference, kind) {
            (Some(_), Some(_)) => Err(refusal("", &Fault::Invalid(NO_BATCH))),
            _ => Ok(false),
        };
    }
    let added = match (kind, reference) {
        (Some(kind), Some(reference)) if batch.is(&reference) => {
            let target = message.param(0).unwrap_or_default();
            let text = message.param(1).unwrap_or_default();
            let concat = message.tag(multiline::CONCAT).is_some();
            batch.add(kind, target, text, concat)
        }
        (Some(_), _) => Err(Fault::Invalid("This is another batch")),
        (None, _) => Err(Fault::Invalid("This is not possible within a batch")),
    };
    if let Err(fault) = added {
        batch.fail();
        return Err(refusal(&batch.target, &fault));
    }
    Ok(true)
}

fn bad_reference(reference: &str) -> Refusal {
    let text = "A reference is made of letters, digits and hyphens";
    let what = if reference.is_empty() { "*" } else { reference };
    let what = cut(what, REFERENCE).replace(' ', "_").into();
    Refusal::Fail("BATCH", "INVALID_REFTAG", what, text)
}

fn refusal(target: &str, fault: &Fault) -> Refusal {
    let (code, what, text) = match fault {
        Fault::Bytes => (
            "MULTILINE_MAX_BYTES",
            format_smolstr!("{MULTILINE_BYTES}"),
            "The message has too many bytes",
        ),
        Fault::Lines => (
            "MULTILINE_MAX_LINES",
            format_smolstr!("{MULTILINE_LINES}"),
            "The message has too many lines",
        ),
        Fault::Target(other) => (
            "MULTILINE_INVALID_TARGET",
            format_smolstr!("{} {}", cut(target, 64), cut(other, 64)),
            "All lines of a message go to one target",
        ),
        Fault::Invalid(text) => ("MULTILINE_INVALID", SmolStr::default(), *text),
    };
    Refusal::Fail("BATCH", code, what, text)
}
