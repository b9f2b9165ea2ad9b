//! A session ends.

use std::sync::Arc;

use crate::{Departure, Event, Network, SessionId, User};

pub(super) fn decide(
    network: &Network,
    session: SessionId,
    user: &User,
    reason: &Arc<str>,
) -> Event {
    Event::Quit(Departure {
        session,
        user: user.id(),
        reason: network.reason(reason),
    })
}
