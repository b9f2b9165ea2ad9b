//! Accounts: who may use a name, and what is theirs.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::dense::Keyed;
use crate::marker::Markers;
use crate::{AccountId, MarkerRecord, Metadata, MetadataChanges, Timestamp};

/// An account: owns the nick that is its name, and channels that are registered by it.
///
/// Secrets (what a password is held against) are not in here: the events that bring them are read
/// by the database alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    pub(crate) id: AccountId,
    pub(crate) name: SmolStr,
    pub(crate) created: Timestamp,
    pub(crate) verified: bool,
    pub(crate) suspended: Option<Box<Suspension>>,
    /// Oldest first.
    pub(crate) certificates: SmallVec<[SmolStr; 1]>,
    pub(crate) settings: AccountSettings,
    pub(crate) markers: Markers,
    /// What its users have told about themselves; who comes with it tells that too.
    pub(crate) metadata: Option<Box<Metadata>>,
}

impl Keyed for Account {
    fn key(&self) -> u64 {
        self.id.0
    }
}

/// An account was taken out of use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Suspension {
    /// Why.
    pub reason: Arc<str>,
    /// Since when.
    pub since: Timestamp,
}

/// What the owner of an account has chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountSettings {
    /// The user of the account's nick stays on when its last session ends.
    pub always_on: bool,
    /// Without a session the user is shown as away.
    pub auto_away: bool,
    /// A further session joins the user that is on; otherwise it is refused the nick.
    pub multiclient: bool,
}

/// One change of [`AccountSettings`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AccountSetting {
    /// [`AccountSettings::always_on`].
    AlwaysOn(bool),
    /// [`AccountSettings::auto_away`].
    AutoAway(bool),
    /// [`AccountSettings::multiclient`].
    Multiclient(bool),
}

/// What is wanted of a new account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NewAccount {
    /// Its name, which becomes its nick.
    pub name: SmolStr,
    /// What its password will be held against.
    pub secrets: Secrets,
    /// Where its owner can be reached, if told. For the database only.
    pub email: Option<SmolStr>,
    /// It may be used at once; otherwise only after [`Action::VerifyAccount`](crate::Action).
    pub verified: bool,
}

/// What a password is held against, made and understood by who checks passwords. Opaque here, and
/// never part of a replica: entries carry it as far as the database, and links get none.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Secrets(Arc<[u8]>);

impl Secrets {
    /// From bytes that only their maker understands.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} bytes)", self.0.len())
    }
}

impl Default for AccountSettings {
    fn default() -> Self {
        Self {
            always_on: false,
            auto_away: true,
            multiclient: true,
        }
    }
}

impl AccountSettings {
    /// These with one change.
    #[must_use]
    pub fn with(mut self, change: AccountSetting) -> Self {
        match change {
            AccountSetting::AlwaysOn(on) => self.always_on = on,
            AccountSetting::AutoAway(on) => self.auto_away = on,
            AccountSetting::Multiclient(on) => self.multiclient = on,
        }
        self
    }
}

impl Account {
    pub(crate) fn new(id: AccountId, new: &NewAccount, created: Timestamp) -> Self {
        Self {
            id,
            name: new.name.clone(),
            created,
            verified: new.verified,
            suspended: None,
            certificates: SmallVec::new(),
            settings: AccountSettings::default(),
            markers: Markers::default(),
            metadata: None,
        }
    }

    /// One of its users tells something else. Not more keys than that are remembered.
    pub(crate) fn remember(&mut self, changes: &MetadataChanges, most: usize) {
        let mut metadata = self.metadata.take().unwrap_or_default();
        for (key, value) in changes {
            if value.is_none() || metadata.get(key).is_some() || metadata.len() < most {
                metadata.change(&MetadataChanges::from_iter([(key.clone(), value.clone())]));
            }
        }
        self.metadata = (!metadata.is_empty()).then_some(metadata);
    }

    pub(crate) fn marker_records(&self) -> impl Iterator<Item = MarkerRecord> {
        self.markers.records(self.id)
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> AccountId {
        self.id
    }

    /// The name, which is also its nick.
    #[must_use]
    pub fn name(&self) -> &SmolStr {
        &self.name
    }

    /// When it was registered.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// Its owner has shown to be reachable, or that was not asked for.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.verified
    }

    /// Why and since when it is out of use, if it is.
    #[must_use]
    pub fn suspended(&self) -> Option<&Suspension> {
        self.suspended.as_deref()
    }

    /// Fingerprints of the client certificates that log in, oldest first.
    #[must_use]
    pub fn certificates(&self) -> &[SmolStr] {
        &self.certificates
    }

    /// What its owner has chosen.
    #[must_use]
    pub fn settings(&self) -> AccountSettings {
        self.settings
    }
}
