//! Withdrawing a message.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{Identity, MemberPrefix, MessageId, Timestamp};

/// What is asked of who wants to withdraw a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Redaction {
    /// The channel or nick where it is.
    pub target: SmolStr,
    /// Its id, as the asker wrote it.
    pub id: SmolStr,
    /// What the database knows of it; `None`: no such message.
    pub message: Option<KnownMessage>,
    /// Why, if said.
    pub reason: Option<Arc<str>>,
}

/// What the database knows of a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownMessage {
    /// Its id.
    pub id: MessageId,
    /// Who sent it; `None`: a server, or nobody knows.
    pub sender: Option<Identity>,
    /// Who got it, where that is one person.
    pub recipient: Option<Identity>,
    /// The folded name of its channel; empty for what one person got.
    pub channel: SmolStr,
    /// The rank that it was for.
    pub rank: Option<MemberPrefix>,
    /// When it was sent.
    pub time: Timestamp,
}

/// Why a message is not withdrawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum RedactRefusal {
    /// There is no such target, or the asker is not in it.
    Target,
    /// There is no such message there.
    Unknown,
    /// It is not the asker's.
    Forbidden,
    /// It is older than so many seconds.
    Expired(u32),
}
