//! A life of a server has ended.

use std::sync::Arc;

use super::Decision;
use crate::{Event, Network, Rejection, ServerId};

/// Only the sequencer knows. It also sees to it that nothing which that life still had to ask is
/// decided later.
pub(super) fn decide(
    network: &Network,
    by: ServerId,
    server: ServerId,
    incarnation: u16,
    reason: &Arc<str>,
) -> Decision {
    if by != ServerId::HUB {
        return Err(Rejection::NotPermitted);
    }
    Ok(Event::ServerLost {
        server,
        incarnation,
        reason: network.reason(reason),
    })
}
