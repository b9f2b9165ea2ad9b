//! METADATA before the registration is complete: a session tells of itself alone, and the network
//! learns of it with the registration.

use chat_network::{MetadataChanges, is_metadata_key};
use chat_proto::Message;
use chat_proto::numeric as n;
use smol_str::SmolStr;

use super::told::{self, Told, keyed};
use super::{fail, invalid_key};
use crate::command::Context;

/// GET, LIST, SYNC, SET and CLEAR.
pub(super) fn handle(context: &mut Context<'_>, message: &Message, subcommand: &str) {
    let target = message.param(0).unwrap_or_default();
    if target != "*" {
        let text = "Before the registration only your own";
        return fail(context, "KEY_NO_PERMISSION", &[target, "*"], text);
    }
    match subcommand {
        "GET" => {
            let early = context.session.rare(|rare| rare.early.clone());
            let mut told = Told::new(context, Some("*"));
            for key in message.params().skip(2) {
                if is_metadata_key(key) {
                    let value = early.get(key).map(|value| &**value);
                    told.push(keyed(context, "*", key, value));
                } else {
                    told.push(told::invalid_key(context, key));
                }
            }
            told.finish(context, "metadata");
        }
        "LIST" => list(context),
        "CLEAR" => {
            let early = context.session.rare(|rare| std::mem::take(&mut rare.early));
            let mut told = Told::new(context, Some("*"));
            for (key, _) in early.iter() {
                told.push(keyed(context, "*", key, None));
            }
            told.finish(context, "metadata");
        }
        "SYNC" => context.numeric(n::RPL_METADATASYNCLATER, &["*"]),
        _ => set(context, message),
    }
}

fn list(context: &mut Context<'_>) {
    let early = context.session.rare(|rare| rare.early.clone());
    let mut told = Told::new(context, Some("*"));
    for (key, value) in early.iter() {
        told.push(keyed(context, "*", key, Some(value)));
    }
    told.finish(context, "metadata");
}

fn set(context: &mut Context<'_>, message: &Message) {
    let key = message.param(2).unwrap_or_default();
    let value = message.param(3);
    if !is_metadata_key(key) {
        return invalid_key(context, key);
    }
    let (most, longest) = {
        let network = context.state.network.borrow();
        (
            network.limits().metadata_keys,
            network.limits().metadata_value,
        )
    };
    if value.is_some_and(|value| value.len() > longest) {
        return fail(context, "VALUE_INVALID", &[], "The value is too long");
    }
    let (known, count) = context
        .session
        .rare(|rare| (rare.early.get(key).is_some(), rare.early.len()));
    if value.is_none() && !known {
        return fail(context, "KEY_NOT_SET", &["*", key], "The key is not set");
    }
    if value.is_some() && !known && count >= most {
        return fail(context, "LIMIT_REACHED", &["*"], "There are too many keys");
    }
    let change = MetadataChanges::from_iter([(SmolStr::new(key), value.map(Into::into))]);
    context.session.rare(|rare| rare.early.change(&change));
    let body = keyed(context, "*", key, value);
    told::put(context, &[body]);
}
