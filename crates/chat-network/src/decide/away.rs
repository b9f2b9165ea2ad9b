//! A user goes away or comes back.

use std::sync::Arc;

use super::cut_text;
use crate::{Event, Network, User};

/// Said again it happens again: AWAY is always answered. An empty message is a return, as an absent
/// one.
pub(super) fn decide(network: &Network, user: &User, message: Option<&Arc<str>>) -> Event {
    let message = message.filter(|message| !message.is_empty());
    let message = message.map(|message| cut_text(message, network.limits.away));
    Event::AwayChanged {
        user: user.id(),
        message,
    }
}
