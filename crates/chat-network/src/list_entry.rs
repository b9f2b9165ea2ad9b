//! A mask in one of a channel's lists, sorted out when it is added.
//!
//! A channel may have a hundred bans, and each message of who has no rank is held against all of
//! them. What a mask is about and how it ends is found once; of most masks it then takes a look at
//! two numbers to see that they are not about somebody.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::Timestamp;
use crate::name::{Ending, matches};
use crate::subject::Act;

/// What makes a mask one of an account.
pub(crate) const ACCOUNT: &str = "a:";
/// What makes a mask one for speaking only.
pub(crate) const MUTE: &str = "m:";

/// A mask in one of a channel's lists.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct ListEntry {
    /// The mask in its full form: `nick!user@host`, `a:account`, or one of them behind `m:`.
    pub mask: SmolStr,
    /// `nick!user@host` of who added it; `None`: a server.
    pub by: Option<Arc<str>>,
    /// When it was added.
    pub at: Timestamp,
    #[serde(skip_serializing)]
    kind: Kind,
    #[serde(skip_serializing)]
    ending: Ending,
}

/// What is written of an entry; the rest follows from the mask.
#[derive(Deserialize)]
#[serde(rename = "ListEntry")]
struct Stored {
    mask: SmolStr,
    by: Option<Arc<str>>,
    at: Timestamp,
}

/// What a mask is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// `nick!user@host`.
    Prefix,
    /// `a:account`.
    Account,
    /// `m:nick!user@host`.
    MutedPrefix,
    /// `m:a:account`.
    MutedAccount,
}

impl From<Stored> for ListEntry {
    fn from(Stored { mask, by, at }: Stored) -> Self {
        Self::new(mask, by, at)
    }
}

impl ListEntry {
    /// A mask in its full form, with who added it when.
    #[must_use]
    pub fn new(mask: SmolStr, by: Option<Arc<str>>, at: Timestamp) -> Self {
        let muted = mask.strip_prefix(MUTE);
        let account = muted.unwrap_or(&mask).starts_with(ACCOUNT);
        let kind = match (muted.is_some(), account) {
            (false, false) => Kind::Prefix,
            (false, true) => Kind::Account,
            (true, false) => Kind::MutedPrefix,
            (true, true) => Kind::MutedAccount,
        };
        Self {
            ending: if account {
                Ending::ANY
            } else {
                Ending::of_mask(&mask)
            },
            mask,
            by,
            at,
            kind,
        }
    }

    /// Whether the mask may be about somebody whose `nick!user@host` ends so: nearly always this
    /// tells that it is not.
    #[inline]
    pub(crate) fn may_fit(&self, end: u64) -> bool {
        self.ending.may_be(end)
    }

    /// Whether the mask is about somebody in what they want to do: with this `nick!user@host`, and
    /// this account.
    pub(crate) fn fits(&self, prefix: &str, account: Option<&str>, act: Act) -> bool {
        let of_account =
            |mask: &str| account.is_some_and(|account| chat_proto::fold::fits(mask, account));
        match self.kind {
            Kind::Prefix => matches(&self.mask, prefix),
            Kind::Account => of_account(&self.mask[ACCOUNT.len()..]),
            _ if act == Act::Enter => false,
            Kind::MutedPrefix => matches(&self.mask[MUTE.len()..], prefix),
            Kind::MutedAccount => of_account(&self.mask[MUTE.len() + ACCOUNT.len()..]),
        }
    }
}
