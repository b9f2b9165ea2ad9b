//! Who was there before.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{ServerId, Timestamp, User};

/// Who had a nick and has left or taken another (WHOWAS).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PastUser {
    /// The nick.
    pub nick: SmolStr,
    /// The user name.
    pub username: SmolStr,
    /// The host as others saw it.
    pub host: SmolStr,
    /// The real name.
    pub realname: SmolStr,
    /// The server of the first session.
    pub server: ServerId,
    /// When the nick was given up.
    pub until: Timestamp,
}

impl PastUser {
    /// A user as it is, on `server`, before it gives its nick up.
    pub(crate) fn new(user: &User, server: ServerId, until: Timestamp) -> Self {
        Self {
            nick: user.nick().into(),
            username: user.username().into(),
            host: user.host().into(),
            realname: user.realname().into(),
            server,
            until,
        }
    }
}
