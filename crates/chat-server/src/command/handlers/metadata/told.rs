//! How metadata is told: numerics to who asks, METADATA to who wants to know, in batches.

use bytes::BytesMut;
use chat_network::{Channel, Metadata, Network, User};
use chat_proto::numeric::{
    Numeric, RPL_KEYNOTSET, RPL_KEYVALUE, RPL_METADATASYNCLATER, RPL_WHOISKEYVALUE,
};
use chat_proto::{Capability, LineBody, TagSection, WireLine};

use smol_str::SmolStr;

use crate::command::Context;
use crate::render::Wire;

/// The members of a channel up to which it is synchronised when it is joined; in a larger one the
/// client asks for it later.
const JOIN_MEMBERS: usize = 500;

/// The seconds after which it may.
const LATER: &str = "4";

/// The name of our batches: each is sent in one piece, so no two are open at the same time.
const REFERENCE: &str = "metadata";

/// Bytes of keys in one line.
const LINE: usize = 350;

/// A batch in the making.
pub(crate) struct Told {
    target: Option<String>,
    lines: Vec<LineBody>,
    bytes: usize,
    /// Bytes that one answer may have.
    room: usize,
}

impl Told {
    /// An empty one about a target.
    pub(crate) fn new(context: &Context<'_>, target: Option<&str>) -> Self {
        Self {
            target: target.map(str::to_owned),
            lines: Vec::new(),
            bytes: 0,
            room: context.state.settings().config.limits.sendq / 2,
        }
    }

    /// One more line; what would put the client over its SendQ is left out.
    pub(crate) fn push(&mut self, line: LineBody) {
        // A tag with the name of the batch comes to each.
        self.bytes += line.as_bytes().len() + 24;
        if self.bytes <= self.room {
            self.lines.push(line);
        }
    }

    /// What the session wants to know of somebody.
    pub(crate) fn subscribed(&mut self, context: &Context<'_>, name: &str, metadata: &Metadata) {
        if metadata.is_empty() {
            return;
        }
        context.session.rare(|rare| {
            for (key, value) in metadata.iter() {
                if rare.keys.contains(key) {
                    let source = &context.state.config.name;
                    self.push(line(source, name, key, Some(value)));
                }
            }
        });
    }

    /// Sends it as a batch of a kind; lines alone to who knows no batches.
    pub(crate) fn finish(self, context: &mut Context<'_>, kind: &str) {
        if !context.session.has(Capability::Batch) {
            return put(context, &self.lines);
        }
        let source = context.state.config.name.clone();
        let frame = |mark: char| {
            let reference = format!("{mark}{REFERENCE}");
            let line = WireLine::builder().source(&source).command("BATCH");
            line.param(&reference)
        };
        let begin = frame('+').param(kind).params(self.target.as_deref());
        let mut out = BytesMut::from(&begin.finish().into_bytes()[..]);
        let mut tags = TagSection::new();
        tags.push("batch", REFERENCE);
        for line in &self.lines {
            out.extend_from_slice(WireLine::with_tags(&tags, line).as_bytes());
        }
        out.extend_from_slice(frame('-').finish().as_bytes());
        context.line(Wire::of_lines(out));
    }

    fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// Lines without a batch.
pub(crate) fn put(context: &mut Context<'_>, lines: &[LineBody]) {
    if lines.is_empty() {
        return;
    }
    let mut out = BytesMut::new();
    for line in lines {
        out.extend_from_slice(WireLine::untagged(line).as_bytes());
    }
    context.line(Wire::of_lines(out));
}

/// METADATA.
pub(crate) fn line(source: &str, target: &str, key: &str, value: Option<&str>) -> LineBody {
    let line = WireLine::builder().source(source).command("METADATA");
    let line = line.param(target).param(key).param("*");
    match value {
        Some(value) => line.trailing(value).finish_body(),
        None => line.finish_body(),
    }
}

/// RPL_KEYVALUE, or RPL_KEYNOTSET.
pub(crate) fn keyed(
    context: &Context<'_>,
    target: &str,
    key: &str,
    value: Option<&str>,
) -> LineBody {
    let line = |code| {
        let line = WireLine::builder().source(&context.state.config.name);
        let line = line.numeric(code).param(&context.session.nick());
        line.param(target).param(key)
    };
    match value {
        Some(value) => line(RPL_KEYVALUE).param("*").trailing(value).finish_body(),
        None => line(RPL_KEYNOTSET)
            .trailing(RPL_KEYNOTSET.text())
            .finish_body(),
    }
}

/// A key that is none, within a batch.
pub(super) fn invalid_key(context: &Context<'_>, key: &str) -> LineBody {
    let line = WireLine::builder().source(&context.state.config.name);
    let line = line.command("FAIL").param("METADATA").param("KEY_INVALID");
    let key = Context::shown(key);
    line.param(&key).trailing("Not a key").finish_body()
}

/// A numeric whose parameters are keys.
pub(super) fn numeric(context: &Context<'_>, code: Numeric, keys: &[&str]) -> LineBody {
    let line = WireLine::builder().source(&context.state.config.name);
    let line = line.numeric(code).param(&context.session.nick());
    line.params(keys.iter().copied()).finish_body()
}

/// Keys in as many numerics as they need.
pub(super) fn key_lines<'k>(
    context: &mut Context<'_>,
    code: Numeric,
    keys: impl Iterator<Item = &'k str>,
) {
    let lines = wrapped(context, keys);
    let lines: Vec<_> = lines
        .iter()
        .map(|line| numeric(context, code, line))
        .collect();
    put(context, &lines);
}

/// Keys in as many lines as they need.
pub(super) fn wrapped<'k>(
    _context: &Context<'_>,
    keys: impl Iterator<Item = &'k str>,
) -> Vec<Vec<&'k str>> {
    let mut lines: Vec<Vec<&str>> = Vec::new();
    let mut length = LINE;
    for key in keys {
        length += key.len() + 1;
        match lines
            .last_mut()
            .filter(|line| length <= LINE && line.len() < 12)
        {
            Some(line) => line.push(key),
            None => {
                length = key.len() + 1;
                lines.push(vec![key]);
            }
        }
    }
    lines
}

/// In the burst of the registration: what is known of oneself.
pub(crate) fn arrival(context: &mut Context<'_>, user: &User) {
    if !context.session.has(Capability::Metadata) {
        return;
    }
    let mut own = user.metadata().clone();
    context.session.rare(|rare| {
        for (key, value) in rare.early.iter() {
            own.change(&[(key.clone(), Some(value.clone()))].into_iter().collect());
        }
    });
    let mut told = Told::new(context, Some(user.nick()));
    for (key, value) in own.iter() {
        told.push(line(
            &context.state.config.name,
            user.nick(),
            key,
            Some(value),
        ));
    }
    told.finish(context, "metadata");
}

/// A channel was joined: what the session wants to know of it and of who is in it.
pub(crate) fn joined(context: &mut Context<'_>, network: &Network, channel: &Channel) {
    if !wants(context) {
        return;
    }
    if channel.member_count() > JOIN_MEMBERS {
        context.numeric(RPL_METADATASYNCLATER, &[channel.name(), LATER]);
        return;
    }
    let told = gathered(context, network, channel);
    if !told.is_empty() {
        told.finish(context, "metadata");
    }
}

/// The same, asked for.
pub(super) fn of_channel(context: &mut Context<'_>, network: &Network, channel: &Channel) {
    gathered(context, network, channel).finish(context, "metadata");
}

fn gathered(context: &Context<'_>, network: &Network, channel: &Channel) -> Told {
    let mut told = Told::new(context, Some(channel.name()));
    told.subscribed(context, channel.name(), channel.metadata());
    let viewer = context.session.user();
    for (member, _) in channel.members() {
        if let Some(user) = network
            .user(member)
            .filter(|_| channel.shows(member, viewer))
        {
            told.subscribed(context, user.nick(), user.metadata());
        }
    }
    told
}

/// The session has subscribed to these keys: their values, of everything that it is told about.
pub(crate) fn current(context: &mut Context<'_>, keys: &[&str]) {
    if !wants(context) {
        return;
    }
    let network = context.state.network.borrow();
    let Some(own) = network.user_of(context.session.id) else {
        return;
    };
    let mut told = Told::new(context, None);
    let mut seen = hashbrown::HashSet::new();
    let source = context.state.config.name.clone();
    let mut tell = |name: &str, metadata: &Metadata| {
        for key in keys {
            if let Some(value) = metadata.get(key) {
                told.push(line(&source, name, key, Some(value)));
            }
        }
    };
    tell(own.nick(), own.metadata());
    seen.insert(own.id());
    let channels = own.channels().iter();
    for channel in channels.filter_map(|channel| network.channel(*channel)) {
        tell(channel.name(), channel.metadata());
        for (member, _) in channel.members() {
            let shown = channel.shows(member, Some(own.id())) && seen.insert(member);
            if let Some(user) = network.user(member).filter(|_| shown) {
                tell(user.nick(), user.metadata());
            }
        }
    }
    let watchers = context.state.watchers.borrow();
    for nick in watchers.nicks(context.session.id) {
        if let Some(user) = network
            .user_by_nick(nick)
            .filter(|user| seen.insert(user.id()))
        {
            tell(user.nick(), user.metadata());
        }
    }
    drop((watchers, network));
    put(context, &told.lines);
}

/// The session monitors these from now on: what it wants to know of those who are on.
pub(crate) fn watched(context: &mut Context<'_>, nicks: &[SmolStr]) {
    if !wants(context) {
        return;
    }
    let network = context.state.network.borrow();
    let mut told = Told::new(context, None);
    for user in nicks.iter().filter_map(|nick| network.user_by_nick(nick)) {
        told.subscribed(context, user.nick(), user.metadata());
    }
    drop(network);
    put(context, &told.lines);
}

/// What WHOIS tells of it.
pub(crate) fn of_whois(context: &mut Context<'_>, user: &User) {
    if !context.session.has(Capability::Metadata) {
        return;
    }
    for (key, value) in user.metadata().iter() {
        context.numeric_text(RPL_WHOISKEYVALUE, &[user.nick(), key, "*"], value);
    }
}

fn wants(context: &Context<'_>) -> bool {
    context.session.has(Capability::Metadata) && context.session.rare(|rare| !rare.keys.is_empty())
}
