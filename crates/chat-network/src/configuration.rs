//! What is set anew while the chat runs.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Limits, Operator, SessionId};

/// What came of reading the configuration again: the same for all servers, and known to who comes
/// later.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Configuration {
    /// What holds from now on; `None`: what was before, as the new one is wrong.
    pub change: Option<Box<Reconfiguration>>,
    /// The sessions of the operators who asked for it.
    pub askers: Vec<SessionId>,
    /// What they are told: what is wrong, or what takes a restart.
    pub notes: Vec<Arc<str>>,
}

/// What holds from now on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reconfiguration {
    /// The bounds of the chat.
    pub limits: Limits,
    /// Who may be an operator, and what each may do: who is one and is not among them is none any
    /// more.
    pub operators: Vec<Operator>,
    /// The rest, which concerns servers alone.
    pub settings: Settings,
}

/// What servers have to know and the network does not, as they write it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings(Arc<[u8]>);

impl Settings {
    /// The most bytes: they are part of one entry.
    pub const MAX: usize = 512 * 1024;

    /// Settings as servers write them; `None`: there are more than [`Self::MAX`] bytes of them.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() <= Self::MAX).then(|| Self(bytes.into()))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Settings {
    /// Without what is in them: there are passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({} bytes)", self.0.len())
    }
}
