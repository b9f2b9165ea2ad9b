//! What users and channels tell about themselves, key by key.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::{ChannelId, UserId};

/// Length of a key, in bytes.
pub const METADATA_KEY: usize = 48;

/// Values by key, in the order of the keys.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<SmolStr, Arc<str>>);

/// Keys and their new values; `None`: no longer set.
pub type MetadataChanges = SmallVec<[(SmolStr, Option<Arc<str>>); 1]>;

/// A wish to change the metadata of a user or a channel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MetadataWish {
    /// A channel or a nick; `None`: the user of the session itself.
    pub target: Option<SmolStr>,
    /// What is to change; `None`: nothing is to be left.
    pub changes: Option<MetadataChanges>,
}

/// Whose metadata it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum MetadataOwner {
    /// A user's.
    User(UserId),
    /// A channel's.
    Channel(ChannelId),
}

/// Why metadata is not changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum MetadataRefusal {
    /// There is no such user or channel, as far as the asker may know.
    Target,
    /// It is none of the asker's.
    Permission,
    /// Not a key.
    Key,
    /// The value is too long.
    Value,
    /// What is to be removed is not there.
    NotSet,
    /// There would be too many keys.
    Limit,
}

impl Metadata {
    /// Nothing.
    pub const NONE: Self = Self(BTreeMap::new());

    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many keys are set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Arc<str>> {
        self.0.get(key)
    }

    /// All keys and values, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&SmolStr, &Arc<str>)> {
        self.0.iter()
    }

    /// Makes changes true.
    pub fn change(&mut self, changes: &MetadataChanges) {
        for (key, value) in changes {
            match value {
                Some(value) => self.0.insert(key.clone(), Arc::clone(value)),
                None => self.0.remove(key),
            };
        }
    }
}

/// Whether a text can be a key: small letters, digits, `_`, `.`, `/`, `-`.
#[must_use]
pub fn is_metadata_key(text: &str) -> bool {
    let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'/' | b'-');
    (1..=METADATA_KEY).contains(&text.len()) && text.bytes().all(fits)
}
