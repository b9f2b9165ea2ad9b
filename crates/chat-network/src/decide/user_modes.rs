//! A user's own modes.

use super::Decision;
use crate::{Event, Rejection, User, UserModeChange};

pub(super) fn decide(user: &User, changes: &[UserModeChange]) -> Decision {
    let before = user.modes();
    let mut after = before;
    for change in changes {
        match change {
            UserModeChange::Invisible(on) => after.invisible = *on,
            UserModeChange::Bot(on) => after.bot = *on,
            UserModeChange::Operator(on) => after.operator &= *on,
            UserModeChange::Wallops(on) => after.wallops = *on,
            UserModeChange::AccountsOnly(on) => after.accounts_only = *on,
            UserModeChange::NoCtcp(on) => after.no_ctcp = *on,
        }
    }
    if after == before {
        return Err(Rejection::NoChange);
    }
    let (added, removed) = (after.without(before), before.without(after));
    Ok(Event::UserModes {
        user: user.id(),
        added,
        removed,
    })
}
