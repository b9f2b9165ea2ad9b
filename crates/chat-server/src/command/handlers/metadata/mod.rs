//! `METADATA <target> GET|LIST|SET|CLEAR|SUB|UNSUB|SUBS|SYNC`: what users and channels tell about
//! themselves (draft/metadata-2).

mod early;
mod told;

use chat_network::{
    Action, Channel, ChannelFlag, Metadata, MetadataChanges, MetadataWish, Network, Right, User,
    is_metadata_key,
};
use chat_proto::name::is_channel_like;
use chat_proto::numeric as n;
use chat_proto::{Message, fold};
use smol_str::SmolStr;

use crate::command::{Context, Refusal};
use crate::render;
use crate::session::Rare;

pub(crate) use told::{Told, arrival, current, joined, keyed, line, of_whois, put, watched};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let target = message.param(0).unwrap_or_default();
    let subcommand = message.param(1).unwrap_or_default().to_ascii_uppercase();
    let keys = || message.params().skip(2);
    let own = target == "*" || fold::same(target, &context.session.nick());
    match &*subcommand {
        "SUB" | "UNSUB" | "SUBS" if target != "*" && !own => {
            fail(context, "INVALID_TARGET", &[target], "Only your own");
        }
        "SUB" => subscribe(context, keys()),
        "UNSUB" => unsubscribe(context, keys()),
        "SUBS" => subscriptions(context),
        "SET" | "GET" if message.param(2).is_none() => {
            return Err(Refusal::about(n::ERR_NEEDMOREPARAMS, "METADATA"));
        }
        "GET" | "LIST" | "SYNC" | "SET" | "CLEAR" if context.session.user().is_none() => {
            early::handle(context, message, &subcommand);
        }
        "GET" => get(context, target, keys()),
        "LIST" => list(context, target),
        "SYNC" => sync(context, target),
        "SET" | "CLEAR" if !may_change(context, message) => {}
        "SET" | "CLEAR" => {
            let set = |key: &str| {
                let value = message.param(3).map(Into::into);
                MetadataChanges::from_iter([(SmolStr::new(key), value)])
            };
            let wish = MetadataWish {
                target: (!own).then(|| target.into()),
                changes: message.param(2).filter(|_| subcommand == "SET").map(set),
            };
            context.request(Action::Metadata(Box::new(wish)));
        }
        _ => fail(
            context,
            "SUBCOMMAND_INVALID",
            &[&subcommand],
            "Not a subcommand",
        ),
    }
    Ok(())
}

/// Whether the session may change something now; else it is told when.
fn may_change(context: &mut Context<'_>, message: &Message) -> bool {
    if context.state.settings().config.limits.flood.is_none() {
        return true;
    }
    let Err(seconds) = context.session.rare(Rare::change) else {
        return true;
    };
    let about = [
        message.param(0).unwrap_or("*"),
        message.param(2).unwrap_or("*"),
        &seconds.to_string(),
    ];
    fail(context, "RATE_LIMITED", &about, "Too many changes");
    false
}

/// A standard reply to METADATA.
fn fail(context: &mut Context<'_>, code: &str, about: &[&str], text: &str) {
    let line = render::fail_about(context.state, "METADATA", code, about, text);
    context.line(line);
}

fn invalid_key(context: &mut Context<'_>, key: &str) {
    fail(context, "KEY_INVALID", &[key], "Not a key");
}

// --- what is asked about ---

/// A user or a channel that the asker may ask about.
enum Target<'a> {
    User(&'a User),
    Channel(&'a Channel),
}

impl<'a> Target<'a> {
    fn name(&self) -> &'a str {
        match self {
            Self::User(user) => user.nick(),
            Self::Channel(channel) => channel.name(),
        }
    }

    fn metadata(&self) -> &'a Metadata {
        match self {
            Self::User(user) => user.metadata(),
            Self::Channel(channel) => channel.metadata(),
        }
    }
}

/// What is asked about; `None` after the asker was told why not.
fn find<'a>(context: &mut Context<'_>, network: &'a Network, name: &str) -> Option<Target<'a>> {
    let own = network.user_of(context.session.id);
    if name == "*" {
        return own.map(Target::User);
    }
    if !is_channel_like(name) {
        if let Some(user) = network.user_by_nick(name) {
            return Some(Target::User(user));
        }
        fail(context, "INVALID_TARGET", &[name], "There is no such user");
        return None;
    }
    let member = |channel: &Channel| own.is_some_and(|own| channel.has_member(own.id()));
    let operator = own.and_then(User::operator);
    let may_all = operator.is_some_and(|operator| operator.rights.has(Right::Metadata));
    match network.channel_by_name(name) {
        Some(channel) if may_all || member(channel) => Some(Target::Channel(channel)),
        Some(channel) if !channel.is(ChannelFlag::Secret) => {
            let text = "Only members see what the channel tells";
            fail(context, "KEY_NO_PERMISSION", &[name, "*"], text);
            None
        }
        _ => {
            fail(
                context,
                "INVALID_TARGET",
                &[name],
                "There is no such channel",
            );
            None
        }
    }
}

fn get<'k>(context: &mut Context<'_>, name: &str, keys: impl Iterator<Item = &'k str>) {
    let network = context.state.network.borrow();
    let Some(target) = find(context, &network, name) else {
        return;
    };
    let mut told = Told::new(context, Some(target.name()));
    for key in keys {
        if is_metadata_key(key) {
            let value = target.metadata().get(key);
            told.push(keyed(
                context,
                target.name(),
                key,
                value.map(|value| &**value),
            ));
        } else {
            told.push(told::invalid_key(context, key));
        }
    }
    told.finish(context, "metadata");
}

fn list(context: &mut Context<'_>, name: &str) {
    let network = context.state.network.borrow();
    let Some(target) = find(context, &network, name) else {
        return;
    };
    let mut told = Told::new(context, Some(target.name()));
    for (key, value) in target.metadata().iter() {
        told.push(keyed(context, target.name(), key, Some(value)));
    }
    told.finish(context, "metadata");
}

fn sync(context: &mut Context<'_>, name: &str) {
    let network = context.state.network.borrow();
    match find(context, &network, name) {
        Some(Target::Channel(channel)) => told::of_channel(context, &network, channel),
        Some(Target::User(user)) => {
            let mut told = Told::new(context, Some(user.nick()));
            told.subscribed(context, user.nick(), user.metadata());
            told.finish(context, "metadata");
        }
        None => {}
    }
}

// --- subscriptions ---

fn subscribe<'k>(context: &mut Context<'_>, keys: impl Iterator<Item = &'k str>) {
    let most = context
        .state
        .settings()
        .config
        .limits
        .metadata_subscriptions;
    let mut added = Vec::new();
    let mut refused = None;
    for key in keys {
        if !is_metadata_key(key) {
            invalid_key(context, key);
            continue;
        }
        let fits = context.session.rare(|rare| rare.subscribe(key, most));
        if !fits {
            refused = Some(key);
            break;
        }
        added.push(key);
    }
    if let Some(key) = refused {
        fail(context, "TOO_MANY_SUBS", &[key], "Too many subscriptions");
    }
    told::key_lines(context, n::RPL_METADATASUBOK, added.iter().copied());
    if context.session.user().is_some() {
        current(context, &added);
    }
}

fn unsubscribe<'k>(context: &mut Context<'_>, keys: impl Iterator<Item = &'k str>) {
    let mut removed = Vec::new();
    for key in keys {
        if is_metadata_key(key) {
            context.session.rare(|rare| rare.keys.remove(key));
            removed.push(key);
        } else {
            invalid_key(context, key);
        }
    }
    told::key_lines(context, n::RPL_METADATAUNSUBOK, removed.into_iter());
}

fn subscriptions(context: &mut Context<'_>) {
    let keys = context.session.rare(|rare| rare.keys.clone());
    let mut told = Told::new(context, None);
    for line in told::wrapped(context, keys.iter().map(SmolStr::as_str)) {
        told.push(told::numeric(context, n::RPL_METADATASUBS, &line));
    }
    told.finish(context, "metadata-subs");
}
