//! A user takes another real name.

use smol_str::SmolStr;

use super::Decision;
use crate::{Event, Network, Rejection, User};

/// The server refuses what is empty or too long with a reply of its own; nothing that it lets
/// through becomes longer than the limit.
pub(super) fn decide(network: &Network, user: &User, realname: &SmolStr) -> Decision {
    if realname.is_empty() || realname.len() > network.limits.realname {
        return Err(Rejection::NotPermitted);
    }
    Ok(Event::RealnameChanged {
        user: user.id(),
        realname: realname.clone(),
    })
}
