//! A server, or who operates it, ends all sessions of a user.

use std::sync::Arc;

use smol_str::SmolStr;

use super::Decision;
use crate::{Actor, Event, Network};

pub(super) fn decide(network: &Network, by: Actor, nick: &SmolStr, reason: &Arc<str>) -> Decision {
    let user = network.existing_user(nick)?;
    Ok(Event::Disconnected {
        by,
        user: user.id(),
        reason: network.reason(reason),
    })
}
