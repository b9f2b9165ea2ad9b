//! A user lets somebody without an account write to it, although it hears those with one only (R).

use smol_str::SmolStr;

use super::Decision;
use crate::{Event, Network, Rejection, User};

pub(super) fn decide(network: &Network, user: &User, nick: &SmolStr, on: bool) -> Decision {
    let other = network.existing_user(nick)?;
    if user.accepts(other.id()) == on {
        return Err(Rejection::NoChange);
    }
    Ok(Event::Accepted {
        user: user.id(),
        other: other.id(),
        on,
    })
}
