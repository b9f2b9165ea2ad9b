//! The capabilities that this server has, and what it says of them.
//!
//! What is always there stands in [`ALWAYS`]; what depends on the configuration is added in
//! [`available`]; what a capability's value is (from version 302 of the negotiation on) is told by
//! [`value`].

use std::borrow::Cow;

use chat_proto::capability::{Capability, CapabilitySet, wrap};

use crate::command;
use crate::config::{Config, Sts};
use crate::session::Session;
use crate::state::{MULTILINE_BYTES, MULTILINE_LINES, State};

/// The capabilities that are there whatever the configuration.
const ALWAYS: CapabilitySet = CapabilitySet::of(&[
    Capability::MessageTags,
    Capability::ServerTime,
    Capability::EchoMessage,
    Capability::MultiPrefix,
    Capability::CapNotify,
    Capability::AwayNotify,
    Capability::ExtendedJoin,
    Capability::InviteNotify,
    Capability::UserhostInNames,
    Capability::StandardReplies,
    Capability::Setname,
    Capability::ExtendedIsupport,
    Capability::PreAway,
    Capability::Chghost,
    Capability::Batch,
    Capability::LabeledResponse,
    Capability::NoImplicitNames,
    Capability::ExtendedMonitor,
    Capability::Chathistory,
    Capability::EventPlayback,
    Capability::AccountNotify,
    Capability::AccountTag,
    Capability::Multiline,
    Capability::ChannelRename,
    Capability::Relaymsg,
    Capability::MessageRedaction,
    Capability::Sasl,
    Capability::ReadMarker,
    Capability::Search,
    Capability::Metadata,
]);

/// The capabilities of a server with a configuration.
pub(crate) fn available(config: &Config) -> CapabilitySet {
    let mut set = ALWAYS;
    if config.sts.is_some() {
        set.insert(Capability::Sts);
    }
    if config.accounts.registration {
        set.insert(Capability::AccountRegistration);
    }
    if !config.history.search {
        set.remove(Capability::Search);
    }
    set
}

/// Whether a capability is only told and never agreed upon.
pub(crate) fn is_only_told(capability: Capability) -> bool {
    capability == Capability::Sts
}

/// The value of a capability, for who negotiates by version 302; `None`: it has none.
pub(crate) fn value(
    state: &State,
    session: &Session,
    capability: Capability,
) -> Option<Cow<'static, str>> {
    match capability {
        Capability::Sts => Some({
            // Who is told at all where there is none keeps to it no more.
            let none = Sts {
                port: 0,
                seconds: 0,
            };
            let sts = state.settings().config.sts.unwrap_or(none);
            let part = if session.secure {
                format!("duration={}", sts.seconds)
            } else {
                format!("port={}", sts.port)
            };
            Cow::Owned(part)
        }),
        Capability::Metadata => {
            let network = state.network.borrow();
            let (keys, value) = (
                network.limits().metadata_keys,
                network.limits().metadata_value,
            );
            let subs = state.settings().config.limits.metadata_subscriptions;
            let limits = format!("max-subs={subs},max-keys={keys},max-value-bytes={value}");
            Some(format!("before-connect,{limits}").into())
        }
        // What marks a nick from elsewhere.
        Capability::Relaymsg => Some("/".into()),
        Capability::Multiline => {
            Some(format!("max-bytes={MULTILINE_BYTES},max-lines={MULTILINE_LINES}").into())
        }
        Capability::Sasl => Some(command::mechanisms(session).into()),
        Capability::AccountRegistration => command::terms(&state.settings().config).map(Cow::from),
        _ => None,
    }
}

/// The names of a set, in lines of at most `room` bytes; with their values if `values` are told.
pub(crate) fn lines(
    (state, session): (&State, &Session),
    set: CapabilitySet,
    values: bool,
    room: usize,
) -> Vec<String> {
    let tokens = set.iter().map(|capability| {
        let value = values.then(|| value(state, session, capability)).flatten();
        match value {
            Some(value) => Cow::Owned(format!("{}={value}", capability.name())),
            None => Cow::Borrowed(capability.name()),
        }
    });
    wrap(tokens, room)
}
