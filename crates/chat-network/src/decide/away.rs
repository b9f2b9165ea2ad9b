//! Somebody goes away from a session or comes back to it.

use std::sync::Arc;

use super::cut_text;
use crate::{Event, Network, SessionId, User};

/// Said again it happens again: AWAY is always answered. An empty message is a return, as an absent
/// one.
pub(super) fn decide(
    network: &Network,
    session: SessionId,
    user: &User,
    message: Option<&Arc<str>>,
) -> Event {
    Event::AwayChanged {
        user: user.id(),
        session,
        message: said(network, message),
    }
}

/// What somebody says of being away, within the limit.
pub(super) fn said(network: &Network, message: Option<&Arc<str>>) -> Option<Arc<str>> {
    let message = message.filter(|message| !message.is_empty());
    message.map(|message| cut_text(message, network.limits.away))
}
