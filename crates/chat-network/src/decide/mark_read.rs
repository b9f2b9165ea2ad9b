//! How far somebody has read.

use smol_str::SmolStr;

use super::Decision;
use crate::{Event, Network, Rejection, Stamp, Timestamp, User};

/// A marker only ever moves on, and not beyond now.
pub(super) fn decide(
    network: &Network,
    user: &User,
    target: &SmolStr,
    time: Timestamp,
    stamp: Stamp,
) -> Decision {
    let refuse = |known| Rejection::NotMarked {
        target: target.clone(),
        known,
    };
    let account = network.account_of(user).ok_or_else(|| refuse(None))?;
    let time = time.min(stamp.time);
    let known = network.read_marker(account, target);
    if known.is_some_and(|known| time <= known) || target.len() > network.limits.channel {
        return Err(refuse(known));
    }
    Ok(Event::ReadMarked {
        account: account.id(),
        user: user.id(),
        target: target.clone(),
        time,
    })
}
