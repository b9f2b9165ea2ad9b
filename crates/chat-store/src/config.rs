//! What can be set.

use std::path::PathBuf;

use crate::{Folding, Retention};

/// How and where to store.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database file, made where there is none (its folder must exist); `None` keeps
    /// everything in memory, and it is gone with the last [`crate::Writer`] and
    /// [`crate::Reader`].
    pub path: Option<PathBuf>,
    /// What a commit outlives.
    pub durability: Durability,
    /// Messages can be searched: an index of their words is kept.
    pub search: bool,
    /// How long what was said is kept.
    pub retention: Retention,
    /// How many bytes of rows may wait in memory (for their turn, or for a failing disk to
    /// recover) before [`crate::Writer::accepting`] says no.
    pub held_bytes: usize,
    /// How names are folded, where keys of older rules are to be made again.
    pub folding: Option<Folding>,
}

/// What a commit outlives.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Durability {
    /// Any crash of the programs; a power loss may cost the last commits (`synchronous=NORMAL`).
    #[default]
    Normal,
    /// Power loss too (`synchronous=FULL`: one disk flush per transaction).
    Full,
}

impl Default for Config {
    /// In memory, `Normal`, 64 MiB.
    fn default() -> Self {
        Self {
            path: None,
            durability: Durability::Normal,
            search: true,
            retention: Retention::default(),
            held_bytes: 64 << 20,
            folding: None,
        }
    }
}

impl Config {
    /// The database at `path`, otherwise as [`Config::default`].
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: Some(path.into()),
            ..Self::default()
        }
    }
}

impl Durability {
    pub(crate) fn pragma(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::Full => "FULL",
        }
    }
}
